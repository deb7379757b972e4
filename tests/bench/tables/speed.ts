// Measures one shape, forward and training: every contender in turn, what its wasm memory grew to, and how an answer
// of 8-bit weights differs from that of 32-bit ones.

import type { Size } from "../page/contender.ts";
import { answersOf, type Entry, type Field, openAll, type Pace, type Samples, takeTurns } from "./turns.ts";

/**
 * 12 samples after 3 repetitions where one takes up to 5 seconds; fewer where it takes longer; and where it
 * takes longer than a turn, one after one.
 */
export const FULL: Pace = { rounds: 3, warmUps: 3, samples: 4, turnMs: 15_000 };
/** To see that everything runs. */
export const QUICK: Pace = { rounds: 1, warmUps: 1, samples: 1, turnMs: 1 };

export type Row = Pick<Field, "task"> &
  Omit<Entry, "page"> &
  Samples & {
    /** What the contender's wasm memory had grown to in the end. */
    wasmBytes?: number | undefined;
    /** With 8-bit weights. */
    agreement?: Agreement | undefined;
  };

/** Answers of 8-bit weights beside those of 32-bit weights. */
export interface Agreement {
  texts: number;
  /** With the same label. */
  same: number;
  /** The largest difference of the first label's probability. */
  worst: number;
  /** What that is of 32-bit weights, from the lowest to the highest. */
  between: [number, number];
}

/** `batches`: how many are held against the 32-bit answers. */
export async function measure(field: Field, pace: Pace, batches: number): Promise<Row[]> {
  const entries = await openAll(field);
  const samples = await takeTurns(entries, pace);
  const agreements = field.task === "forward" ? await agreementsOf(entries, batches) : new Map();
  const rows: Row[] = [];
  for (const entry of entries) {
    const { page, ...of } = entry;
    const wasmBytes = entry.failure === undefined ? await page.wasmBytes() : undefined;
    const measured = samples.get(entry) as Samples;
    rows.push({ task: field.task, ...of, ...measured, wasmBytes, agreement: agreements.get(entry) });
  }
  for (const { page } of entries) await page.close();
  return rows;
}

/** Each entry with 8-bit weights beside the 32-bit one on the CPU with the most threads, bertlet's where it is there. */
export async function agreementsOf(
  entries: readonly Entry[],
  batches: number,
  size?: Size,
): Promise<Map<Entry, Agreement>> {
  const found = new Map<Entry, Agreement>();
  const eightBits = entries.filter(({ variant }) => variant.form === "int8");
  const full = entries.filter(({ variant, failure }) => variant.form === undefined && failure === undefined);
  const [reference] = full.toSorted((a, b) => rank(b) - rank(a));
  if (reference === undefined || eightBits.length === 0) return found;
  const expected = await answersOf(reference, batches, size);
  for (const entry of eightBits) {
    const answers = await answersOf(entry, batches, size);
    if (answers.length === 0) continue;
    const same = answers.filter((answer, i) => answer > 0.5 === (expected[i] as number) > 0.5).length;
    const worst = Math.max(...answers.map((answer, i) => Math.abs(answer - (expected[i] as number))));
    const between: [number, number] = [Math.min(...expected), Math.max(...expected)];
    found.set(entry, { texts: answers.length, same, worst, between });
  }
  return found;
}

function rank({ contender, variant }: Entry): number {
  return (contender.name === "bertlet" ? 100 : 0) + (variant.threads ?? 0);
}
