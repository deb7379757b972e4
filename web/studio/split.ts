/**
 * Takes labelled rows and a seed; gives train, dev and test parts in which every label keeps its share.
 * The same rows and seed give the same parts. May not touch the page.
 */
import type { LabelledText as Row } from "../src/index.ts";

export interface Parts {
  train: readonly Row[];
  dev: readonly Row[];
  test: readonly Row[];
  /** Labels in the order they are shown and learned: by name. */
  labels: readonly string[];
}

/** The share of a single file that goes to dev, and the same again to test. */
export const HELD_OUT = 0.1;

/**
 * Splits 80/10/10 label by label. A label with fewer than three rows stays in train:
 * there would be nothing to learn it from otherwise.
 */
export function stratifiedSplit(rows: readonly Row[], seed: number): Omit<Parts, "labels"> {
  const byLabel = new Map<string, number[]>();
  rows.forEach((row, index) => {
    const indices = byLabel.get(row.label);
    if (indices) indices.push(index);
    else byLabel.set(row.label, [index]);
  });
  const random = randomFrom(seed);
  const part = new Uint8Array(rows.length);
  for (const label of [...byLabel.keys()].sort()) {
    const indices = byLabel.get(label) ?? [];
    shuffle(indices, random);
    const held = indices.length < 3 ? 0 : Math.max(1, Math.round(indices.length * HELD_OUT));
    indices.slice(0, held).forEach((index) => {
      part[index] = 1;
    });
    indices.slice(held, 2 * held).forEach((index) => {
      part[index] = 2;
    });
  }
  const of = (which: number): Row[] => rows.filter((_, index) => part[index] === which);
  return { train: of(0), dev: of(1), test: of(2) };
}

/** Fisher and Yates' shuffle, in place. */
function shuffle(items: number[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const held = items[last] as number;
    items[last] = items[other] as number;
    items[other] = held;
  }
}

/** The xorshift32 generator (Marsaglia 2003), from 0 up to 1. Its state may not be zero, hence the mixing. */
function randomFrom(seed: number): () => number {
  let state = Math.imul(Math.trunc(seed) ^ 0x9e3779b9, 0x85ebca6b) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}
