// Makes small weights in several files, with their index, as transformers saves large models.

/** A safetensors file of f32 tensors by name, each of one row. */
export function safetensors(tensors: Record<string, number[]>): Uint8Array {
  let at = 0;
  const entries = Object.entries(tensors).map(([name, { length }]) => {
    const entry = { dtype: "F32", shape: [length], data_offsets: [at, at + 4 * length] };
    at += 4 * length;
    return [name, entry] as const;
  });
  const header = { __metadata__: { format: "pt" }, ...Object.fromEntries(entries) };
  const data = new Uint8Array(Float32Array.from(Object.values(tensors).flat()).buffer);
  return withHeader(JSON.stringify(header), data);
}

export function withHeader(header: string, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.byteLength + data.byteLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.byteLength);
  return bytes;
}

/** The tensors of a safetensors file, each as f32 values. */
export function tensorsOf(bytes: Uint8Array): Record<string, number[]> {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const tensors = Object.entries(header).filter(([name]) => name !== "__metadata__");
  return Object.fromEntries(
    tensors.map(([name, entry]) => {
      const [begin, end] = (entry as { data_offsets: [number, number] }).data_offsets;
      const data = bytes.slice(8 + length + begin, 8 + length + end);
      return [name, [...new Float32Array(data.buffer)]];
    }),
  );
}

/** The index of shards by the tensors in them. */
export function indexOf(weightMap: Record<string, string>, totalSize?: number): Uint8Array {
  const index = { metadata: { total_size: totalSize }, weight_map: weightMap };
  return new TextEncoder().encode(JSON.stringify(index));
}

/** Splits a safetensors file into `count` shards; gives them and their index. */
export function shardsOf(
  file: Uint8Array,
  count: number,
): { index: Uint8Array; shards: Record<string, Uint8Array> } {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const data = file.subarray(8 + length);
  const names = Object.keys(header).filter((name) => name !== "__metadata__");
  const weightMap: Record<string, string> = {};
  const shards: Record<string, Uint8Array> = {};
  for (let shard = 0; shard < count; shard++) {
    const number = (value: number) => String(value).padStart(5, "0");
    const own = names.filter((_, at) => at % count === shard);
    const name = `model-${number(shard + 1)}-of-${number(count)}.safetensors`;
    const entries: Record<string, unknown> = {};
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const tensor of own) {
      const [begin, end] = header[tensor].data_offsets;
      entries[tensor] = { ...header[tensor], data_offsets: [at, at + end - begin] };
      parts.push(data.subarray(begin, end));
      at += end - begin;
      weightMap[tensor] = name;
    }
    shards[name] = withHeader(JSON.stringify(entries), new Uint8Array(Buffer.concat(parts)));
  }
  return { index: indexOf(weightMap, data.byteLength), shards };
}
