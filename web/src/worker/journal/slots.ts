// A run's state as one file: its values in pieces, then a description with the SHA-256 of each, then the description's own. A run
// has two such files in turn, so that one is whole at any moment.

import { digested, hexOf, type Piece, sha256 } from "../storage/digest.ts";
import { bytesOf } from "../storage/open-store.ts";
import { readFile } from "../storage/read-file.ts";
import {
  type Flaw,
  has,
  isCount,
  isListOf,
  isNumber,
  isOneOf,
  isText,
  maybe,
  parsed,
  shaped,
} from "../storage/shape.ts";
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

/** A slot as it is found; undefined where there is none. */
type Found<T> = T | Flaw | undefined;

const SLOTS = ["slot-0", "slot-1"] as const;
const VALUE_BYTES = Float32Array.BYTES_PER_ELEMENT;
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;
/** A description lists some hundred parts. */
const MOST_DESCRIPTION_BYTES = 16 * 2 ** 20;

const isDescription = has<Description>({
  format: isOneOf(1),
  version: (value) => isCount(value) && value !== 0,
  savedAt: isNumber,
  step: isCount,
  steps: maybe(isCount),
  elapsedMs: isNumber,
  progress: (value) => value !== undefined,
  parts: isListOf(
    has<Piece>({
      bytes: (value) => isCount(value) && (value as number) % VALUE_BYTES === 0,
      sha256: isText,
    }),
  ),
});

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

/** The slot of a run's state of this version: each is written over the older one. */
export function slotName(prefix: string, version: number): string {
  return `${prefix}/${SLOTS[version % 2]}`;
}

/** What the later state of a run says of itself, with the description checked alone. */
export async function newestHead(store: Store, prefix: string): Promise<Found<SlotHead>> {
  const heads = await Promise.all(SLOTS.map((slot) => readHead(store, `${prefix}/${slot}`)));
  return laterFirst(heads)[0]?.found ?? flawOf(heads);
}

/** The later state of a run that is whole, with every byte checked, and is what the run can go on from. */
export async function newestSlot(
  store: Store,
  prefix: string,
  isUsable: (slot: Slot) => boolean,
): Promise<Found<Slot>> {
  const names = SLOTS.map((slot) => `${prefix}/${slot}`);
  const found: Found<SlotHead | Slot>[] = await Promise.all(names.map((name) => readHead(store, name)));
  for (const { at } of laterFirst(found as Found<SlotHead>[])) {
    const slot = await readSlot(store, names[at] as string);
    if (isWhole(slot) && isUsable(slot)) return slot;
    found[at] = isWhole(slot) ? "damaged" : slot;
  }
  return flawOf(found);
}

function laterFirst(heads: Found<SlotHead>[]): { at: number; found: SlotHead }[] {
  return heads
    .flatMap((found, at) => (isWhole(found) ? [{ at, found }] : []))
    .sort((one, other) => other.found.version - one.found.version);
}

/** What is wrong with a run's states, of which none is whole; undefined where it has come to none. */
function flawOf(found: Found<unknown>[]): Flaw | undefined {
  if (found.includes("other-version")) return "other-version";
  // The first state may be torn, where its worker or page has ended. Of two, one is whole.
  return found.includes("damaged") || found.every((each) => each === "torn") ? "damaged" : undefined;
}

function isWhole<T extends object>(found: Found<T>): found is T {
  return typeof found === "object";
}

/** What a slot says of itself. */
function readHead(store: Store, name: string): Promise<Found<SlotHead>> {
  return readFile(store, name, describe, "torn");
}

/** The slot with every byte checked. */
export function readSlot(store: Store, name: string): Promise<Found<Slot>> {
  return readFile(store, name, slotOf, "torn");
}

async function slotOf(file: Blob): Promise<Slot | Flaw> {
  const description = await describe(file);
  if (!isWhole(description)) return description;
  const pieces: Float32Array[] = [];
  let at = 0;
  for (const { bytes, sha256: expected } of description.parts) {
    const found = await bytesOf(file.slice(at, at + bytes));
    at += bytes;
    if (found.byteLength !== bytes || hexOf(await sha256(found)) !== expected) return "damaged";
    pieces.push(new Float32Array(found.buffer));
  }
  const { format: _, parts: __, ...head } = description;
  return { head, pieces };
}

async function describe(file: Blob): Promise<Description | Flaw> {
  const endBytes = LENGTH_BYTES + DIGEST_BYTES;
  if (file.size < endBytes) return "torn";
  const { buffer: end } = await bytesOf(file.slice(file.size - endBytes));
  const length = new DataView(end).getUint32(0, true);
  if (length > Math.min(file.size - endBytes, MOST_DESCRIPTION_BYTES)) return "torn";
  const from = file.size - endBytes - length;
  const json = await bytesOf(file.slice(from, from + length));
  if (hexOf(await sha256(json)) !== hexOf(new Uint8Array(end, LENGTH_BYTES))) return "torn";
  return shaped<Description>(parsed(json), isDescription);
}
