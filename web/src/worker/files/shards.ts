// Takes the index of weights in several files (model.safetensors.index.json of transformers), and the files; gives
// one safetensors buffer. Errors name the shard. Decides nothing about tensors but where their bytes lie.

import type { ErrorCode } from "../../../bertlet.d.ts";
import { BertletError, describe } from "../../shared/errors.ts";
import { WEIGHTS, WEIGHTS_INDEX } from "../downloads/file-kinds.ts";
import { GrowingBuffer } from "../downloads/growing-buffer.ts";

/** The largest header that the safetensors format allows. */
const MOST_HEADER_BYTES = 100_000_000;
const MOST_SHARDS = 1000;
/** What a tensor's entry takes in a header beside its name: data type, up to 8 dimensions, two offsets. */
const ENTRY_BYTES = 192;

interface Index {
  /** The shard of each tensor. */
  shardOf: Map<string, string>;
  /** Bytes of all tensors, where the index says it. */
  totalBytes: number;
}

/** A tensor's entry in a header; the engine checks the rest of it. */
interface Entry {
  data_offsets: [begin: number, end: number];
}

/** The file names of the shards, in their order. */
export function shardsOf(index: Uint8Array): string[] {
  return namesOf(readIndex(index));
}

/** Reads the shards one after another; beside the result, one of them is in memory at a time. */
export async function joinShards(
  indexBytes: Uint8Array,
  read: (name: string) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const index = readIndex(indexBytes);
  const reserved = headerRoom(index);
  const buffer = new GrowingBuffer(WEIGHTS, 8 + reserved + index.totalBytes);
  buffer.push(new Uint8Array(8 + reserved));
  const joined = new Map<string, Entry>();
  const from = new Map<string, string>();
  for (const name of namesOf(index)) {
    const bytes = await read(name);
    const { entries, data } = readShard(name, bytes);
    const start = buffer.length - 8 - reserved;
    for (const [tensor, entry] of entries) {
      const before = from.get(tensor);
      if (before !== undefined) {
        throw bad(name, `expected each tensor in one shard, found ${describe(tensor)} also in ${before}`);
      }
      const [begin, end] = entry.data_offsets;
      from.set(tensor, name);
      joined.set(tensor, { ...entry, data_offsets: [begin + start, end + start] });
    }
    buffer.push(data);
  }
  for (const [tensor, name] of index.shardOf) {
    if (from.get(tensor) === name) continue;
    const message = `${WEIGHTS_INDEX.name} has ${describe(tensor)} in this shard, which lacks it`;
    throw bad(name, message, "missing-tensor");
  }
  return withHeader(buffer, reserved, joined);
}

function namesOf({ shardOf }: Index): string[] {
  return [...new Set(shardOf.values())].sort();
}

function readIndex(bytes: Uint8Array): Index {
  const value = jsonOf(WEIGHTS_INDEX.name, bytes);
  const { weight_map: map, metadata } = value as Record<"weight_map" | "metadata", unknown>;
  if (typeof map !== "object" || map === null || Array.isArray(map) || Object.keys(map).length === 0) {
    throw bad(WEIGHTS_INDEX.name, `expected a weight_map of a file for each tensor, found ${describe(map)}`);
  }
  const shardOf = new Map<string, string>();
  for (const [tensor, shard] of Object.entries(map as Record<string, unknown>)) {
    // A name that leaves the folder is refused, whatever it leads to.
    if (typeof shard !== "string" || !/^[\w-][\w .-]*\.safetensors$/.test(shard)) {
      const found = `${describe(tensor)} in ${describe(shard)}`;
      throw bad(
        WEIGHTS_INDEX.name,
        `expected each shard to be a .safetensors file of the folder, found ${found}`,
      );
    }
    shardOf.set(tensor, shard);
  }
  const shards = new Set(shardOf.values()).size;
  if (shards > MOST_SHARDS) {
    throw bad(WEIGHTS_INDEX.name, `expected at most ${MOST_SHARDS} shards, found ${shards}`);
  }
  const total = (metadata as { total_size?: unknown } | null | undefined)?.total_size;
  return {
    shardOf,
    totalBytes: Number.isSafeInteger(total) && (total as number) > 0 ? (total as number) : 0,
  };
}

function readShard(name: string, bytes: Uint8Array): { entries: [string, Entry][]; data: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength < 8 ? Number.POSITIVE_INFINITY : Number(view.getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES || 8 + length > bytes.byteLength) {
    throw bad(
      name,
      `its header does not fit into its ${bytes.byteLength} bytes: it is truncated, or not safetensors`,
    );
  }
  const header = jsonOf(name, bytes.subarray(8, 8 + length));
  const data = bytes.subarray(8 + length);
  const entries = Object.entries(header).filter(([tensor]) => tensor !== "__metadata__") as [string, Entry][];
  for (const [tensor, entry] of entries) {
    const [begin, end, ...others] = Array.isArray(entry?.data_offsets) ? entry.data_offsets : [];
    const whole = Number.isSafeInteger(begin) && Number.isSafeInteger(end) && others.length === 0;
    if (!whole || 0 > (begin as number) || (begin as number) > (end as number)) {
      throw bad(name, `${describe(tensor)} has no data_offsets of its begin and end`);
    }
  }
  // Each tensor begins where the one before it ends, and the last one ends with the file.
  const spans = entries
    .map(([, { data_offsets }]) => data_offsets)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let at = 0;
  for (const [begin, end] of spans) {
    if (begin !== at) throw bad(name, `its tensors overlap, or leave a gap, at byte ${Math.min(begin, at)}`);
    at = end;
  }
  if (at !== data.byteLength) {
    throw bad(name, `expected ${at} bytes of tensors, found ${data.byteLength}: it is truncated`);
  }
  return { entries, data };
}

/** Room for the joined header, rounded up to 8 bytes. */
function headerRoom({ shardOf }: Index): number {
  let room = 2;
  for (const tensor of shardOf.keys()) room += utf8(JSON.stringify(tensor)).byteLength + ENTRY_BYTES;
  return 8 * Math.ceil(room / 8);
}

/** Writes the header into its reserved room, followed by spaces, as the format allows. */
function withHeader(buffer: GrowingBuffer, reserved: number, entries: Map<string, Entry>): Uint8Array {
  // A map's entries, since a tensor may be called "__proto__".
  const members = [...entries].map(([tensor, entry]) => `${JSON.stringify(tensor)}:${JSON.stringify(entry)}`);
  const header = utf8(`{${members.join(",")}}`);
  let whole = buffer.filled();
  let room = reserved;
  if (header.byteLength > reserved) {
    // The shards have tensors that the index does not name.
    const data = whole.subarray(8 + reserved);
    room = 8 * Math.ceil(header.byteLength / 8);
    const larger = new GrowingBuffer(WEIGHTS, 8 + room + data.byteLength);
    larger.push(new Uint8Array(8 + room));
    larger.push(data);
    whole = larger.filled();
  }
  new DataView(whole.buffer, whole.byteOffset).setBigUint64(0, BigInt(room), true);
  whole.subarray(8, 8 + room).fill(0x20);
  whole.set(header, 8);
  return whole;
}

function jsonOf(name: string, bytes: Uint8Array): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw bad(name, `expected JSON, found something else: ${error}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw bad(name, `expected a JSON object, found ${describe(value)}`);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function bad(name: string, message: string, code: ErrorCode = "bad-weights"): BertletError {
  return new BertletError(
    code,
    `${name}: ${message}`,
    "take all files from one checkpoint, or download them again",
  );
}
