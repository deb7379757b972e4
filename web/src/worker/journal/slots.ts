// A run's state as one file: its values in pieces, then a description with the SHA-256 of each, then the description's own. A run
// has two such files in turn, so that one is whole at any moment.

import { digested, hexOf, type Piece, sha256 } from "../storage/digest.ts";
import { bytesOf } from "../storage/open-store.ts";
import type { Store } from "../storage/store.ts";

/** What a slot says beside its values. Plain JSON. */
export interface SlotHead {
  /** Counts a run's states, from 1: the higher one is the later. */
  version: number;
  /** As of Date.now(). */
  savedAt: number;
  /** Training steps done, of so many where that is known. */
  step: number;
  steps?: number;
  /** Milliseconds that the run has taken, pauses excluded. */
  elapsedMs: number;
  /** What the run itself knows: its step, its epoch so far, its best epoch, its finished folds or trials. */
  progress: unknown;
}

export interface Slot {
  head: SlotHead;
  /** The values, in order. */
  pieces: Float32Array[];
}

interface Description extends SlotHead {
  format: 1;
  parts: Piece[];
}

const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;
/** A description lists some hundred parts. */
const MOST_DESCRIPTION_BYTES = 16 * 2 ** 20;

/** Writes a slot over what was there. */
export async function writeSlot(
  store: Store,
  name: string,
  head: SlotHead,
  pieces: AsyncIterable<Float32Array>,
): Promise<void> {
  async function* chunks(): AsyncIterable<Uint8Array> {
    const parts: Piece[] = [];
    yield* digested(bytesOfEach(pieces), parts);
    const description: Description = { format: 1, ...head, parts };
    const json = new TextEncoder().encode(JSON.stringify(description));
    const end = new Uint8Array(LENGTH_BYTES + DIGEST_BYTES);
    new DataView(end.buffer).setUint32(0, json.byteLength, true);
    end.set(await sha256(json), LENGTH_BYTES);
    yield json;
    yield end;
  }
  await store.write(name, chunks());
}

async function* bytesOfEach(pieces: AsyncIterable<Float32Array>): AsyncIterable<Uint8Array> {
  for await (const { buffer, byteOffset, byteLength } of pieces) {
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
}

/** What a slot says of itself; undefined where it is missing, or was not written to its end. */
export async function readHead(store: Store, name: string): Promise<SlotHead | undefined> {
  const file = await store.read(name);
  return file && (await describe(file));
}

/** The slot with every byte checked; undefined where one is not as it was written. */
export async function readSlot(store: Store, name: string): Promise<Slot | undefined> {
  const file = await store.read(name);
  const description = file && (await describe(file));
  if (file === undefined || description === undefined) return undefined;
  const pieces: Float32Array[] = [];
  let at = 0;
  for (const { bytes, sha256: expected } of description.parts) {
    const found = await bytesOf(file.slice(at, at + bytes));
    at += bytes;
    if (found.byteLength !== bytes || hexOf(await sha256(found)) !== expected) return undefined;
    pieces.push(new Float32Array(found.buffer));
  }
  const { format: _, parts: __, ...head } = description;
  return { head, pieces };
}

async function describe(file: Blob): Promise<Description | undefined> {
  const endBytes = LENGTH_BYTES + DIGEST_BYTES;
  if (file.size < endBytes) return undefined;
  const { buffer: end } = await bytesOf(file.slice(file.size - endBytes));
  const length = new DataView(end).getUint32(0, true);
  if (length > Math.min(file.size - endBytes, MOST_DESCRIPTION_BYTES)) return undefined;
  const from = file.size - endBytes - length;
  const json = await bytesOf(file.slice(from, from + length));
  if (hexOf(await sha256(json)) !== hexOf(new Uint8Array(end, LENGTH_BYTES))) return undefined;
  const description = JSON.parse(new TextDecoder().decode(json)) as Description;
  return description.format === 1 ? description : undefined;
}
