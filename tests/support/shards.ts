// Makes small weights in several files, with their index, as transformers saves large models.

import { parseSafetensors, type Safetensors, withHeader, writeSafetensors } from "./checkpoints.ts";

/** A safetensors file of f32 tensors by name, each of one row. */
export function safetensors(tensors: Record<string, number[]>): Uint8Array {
  let at = 0;
  const entries = Object.entries(tensors).map(([name, { length }]) => {
    const entry = { dtype: "F32", shape: [length], data_offsets: [at, at + 4 * length] };
    at += 4 * length;
    return [name, entry] as const;
  });
  const header = { __metadata__: { format: "pt" }, ...Object.fromEntries(entries) };
  const data = Buffer.from(Float32Array.from(Object.values(tensors).flat()).buffer);
  return withHeader(Buffer.from(JSON.stringify(header)), data);
}

/** The tensors of a safetensors file, each as f32 values. */
export function tensorsOf(bytes: Uint8Array): Record<string, number[]> {
  const { header, data } = parseSafetensors(Buffer.from(bytes));
  const tensors = Object.entries(header).map(
    ([
      name,
      {
        data_offsets: [begin, end],
      },
    ]) => {
      return [name, [...new Float32Array(new Uint8Array(data.subarray(begin, end)).buffer)]];
    },
  );
  return Object.fromEntries(tensors);
}

/** The index of shards by the tensors in them. */
export function indexOf(weightMap: Record<string, string>, totalSize?: number): Uint8Array {
  const index = { metadata: { total_size: totalSize }, weight_map: weightMap };
  return new TextEncoder().encode(JSON.stringify(index));
}

/** Splits a safetensors file into `count` shards; gives them and their index. */
export function splitIntoShards(
  file: Uint8Array,
  count: number,
): { index: Uint8Array; shards: Record<string, Buffer> } {
  const { header, data } = parseSafetensors(Buffer.from(file));
  const five = (value: number) => String(value).padStart(5, "0");
  const weightMap: Record<string, string> = {};
  const shards: Record<string, Buffer> = {};
  for (let shard = 0; shard < count; shard++) {
    const name = `model-${five(shard + 1)}-of-${five(count)}.safetensors`;
    const own: Safetensors["header"] = {};
    const parts: Buffer[] = [];
    let at = 0;
    const tensors = Object.entries(header).filter((_, index) => index % count === shard);
    for (const [tensor, { data_offsets, ...rest }] of tensors) {
      const [begin, end] = data_offsets;
      own[tensor] = { ...rest, data_offsets: [at, at + end - begin] };
      parts.push(data.subarray(begin, end));
      at += end - begin;
      weightMap[tensor] = name;
    }
    shards[name] = writeSafetensors({ header: own, data: Buffer.concat(parts) });
  }
  return { index: indexOf(weightMap, data.byteLength), shards };
}
