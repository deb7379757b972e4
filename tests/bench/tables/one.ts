// One text at a time, as most people classify: the time from the call to the answer by its length, the CPU's time,
// and what it is beside its share of a batch of 32.

import type { Size } from "../page/contender.ts";
import {
  AGREEMENT,
  agreementOf,
  alike,
  cellOf,
  cpuOf,
  figure,
  isOwn,
  markdown,
  median,
  nameOf,
} from "./markdown.ts";
import { agreementsOf } from "./speed.ts";
import { type Field, openAll, type Pace, takeTurns } from "./turns.ts";

export interface OnePace extends Pace {
  lengths: readonly number[];
  /** Batches of 32 in each round; a contender that would take longer than `batchMs` for one is left out. */
  batches: number;
  batchMs: number;
  /** How many texts of 8-bit answers are held against 32-bit ones. */
  texts: number;
}

export const FULL: OnePace = {
  lengths: [8, 16, 64, 256],
  rounds: 3,
  warmUps: 3,
  // So many that hundredths of a CPU second tell.
  samples: 24,
  turnMs: 5_000,
  batches: 2,
  batchMs: 10_000,
  texts: 32,
};
export const QUICK: OnePace = {
  lengths: [8, 64],
  rounds: 1,
  warmUps: 1,
  samples: 1,
  turnMs: 1,
  batches: 1,
  batchMs: 500,
  texts: 2,
};
const BATCH = 32;

/** A table for each length. */
export async function* oneTables(
  field: Field,
  versions: Record<string, string>,
  pace: OnePace,
): AsyncGenerator<string> {
  const seqLen = Math.max(...pace.lengths);
  const entries = await openAll({ ...field, shape: { ...field.shape, batch: 1, seqLen } });
  for (const seqLen of pace.lengths) {
    console.error(`one: ${seqLen} tokens`);
    const size: Size = { batch: 1, seqLen };
    const samples = await takeTurns(entries, pace, size);
    const medians = new Map([...samples].map(([entry, { milliseconds }]) => [entry, median(milliseconds)]));
    const able = entries.filter((entry) => (medians.get(entry) ?? Number.NaN) * BATCH <= pace.batchMs);
    const batchPace = { ...pace, warmUps: 1, samples: pace.batches, turnMs: pace.batchMs * 2 };
    const ofBatch = await takeTurns(able, batchPace, { batch: BATCH, seqLen });
    const agreements = await agreementsOf(entries, pace.texts, size);
    const rows = entries.map((entry) => {
      const measured = { ...entry, milliseconds: [], cpuMs: Number.NaN, ...samples.get(entry) };
      const own = entries.find((other) => isOwn(other) && alike(other.variant, entry.variant));
      const milliseconds = medians.get(entry) as number;
      const batch = median(ofBatch.get(entry)?.milliseconds ?? []);
      const beside = isOwn(entry) ? undefined : own && samples.get(own)?.milliseconds;
      return [
        nameOf(entry, versions),
        cellOf(measured),
        ratioOf(median(beside ?? []) / milliseconds),
        ratioOf(Math.min(...(beside ?? [])) / Math.min(...measured.milliseconds)),
        cpuOf(measured),
        Number.isNaN(batch) ? "" : figure(batch / BATCH),
        ratioOf(milliseconds / (batch / BATCH)),
        agreementOf(agreements.get(entry)),
      ];
    });
    const { name, layers, hidden } = field.shape;
    yield [
      `One text of ${seqLen} tokens, ${name}: ${layers} layers x ${hidden}. Milliseconds from the call to the answer: median (least-most), of the number of samples in brackets. bertlet tokenizes and sends messages to its worker; its peers' tokenizers are left out.`,
      "",
      markdown(
        [
          "",
          "one text",
          "bertlet / it",
          "least / least",
          "CPU, ms",
          `a text in a batch of ${BATCH}`,
          "one / its share",
          AGREEMENT,
        ],
        rows,
      ),
    ].join("\n");
  }
  for (const { page } of entries) await page.close();
}

function ratioOf(ratio: number): string {
  return Number.isFinite(ratio) ? ratio.toFixed(2) : "";
}
