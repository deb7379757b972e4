/**
 * Takes what is known of a run and its data; gives what to do next, the most likely cause of wrong answers first. Knows no
 * words.
 */
import type { Report } from "../../src/index.ts";
import { type MixedUp, mixedUp, neverSaid } from "./mixed-up.ts";
import { FEW_TEXTS } from "./wilson.ts";

export type NextStep =
  /** Share of the tokens that the model does not know. */
  | { kind: "unknown-words"; share: number }
  /** Labels that texts have, and that no text was given. */
  | { kind: "never-said"; labels: readonly string[] }
  /** Labels with few training rows. */
  | { kind: "few-rows"; labels: readonly string[] }
  /** Wrong answers of which it was sure: the label of the text may be the slip. */
  | { kind: "sure-but-wrong"; count: number }
  /** Two labels that are taken for each other, in both directions. */
  | { kind: "ambiguous"; pair: MixedUp }
  | { kind: "few-held"; texts: number }
  | { kind: "all-right" };

interface Known {
  report: Report;
  labels: readonly string[];
  texts: number;
  /** Training rows of each label. */
  rows: ReadonlyMap<string, number>;
  /** Of the data report, where it is there. */
  unknownShare?: number | undefined;
  /** Scores of the wrong answers. */
  wrongScores: readonly number[];
}

/** Over it, most texts hold a word that the model cannot read. */
const UNKNOWN = 0.1;
/** As the data report's finding. */
const FEW_ROWS = 8;
export const SURE = 0.9;
/** Texts in each direction, at least. */
const AMBIGUOUS = 2;

export function nextSteps({ report, labels, texts, rows, unknownShare = 0, wrongScores }: Known): NextStep[] {
  const steps: NextStep[] = [];
  const all = report.accuracy === 1;
  if (unknownShare >= UNKNOWN && !all) steps.push({ kind: "unknown-words", share: unknownShare });
  const never = neverSaid(report.confusion, labels);
  if (never.length > 0) steps.push({ kind: "never-said", labels: never });
  const few = labels.filter((label) => (rows.get(label) ?? FEW_ROWS) < FEW_ROWS && !never.includes(label));
  if (few.length > 0 && !all) steps.push({ kind: "few-rows", labels: few });
  const sure = wrongScores.filter((score) => score >= SURE).length;
  if (sure > 0) steps.push({ kind: "sure-but-wrong", count: sure });
  const pairs = mixedUp(report.confusion, labels);
  const pair = pairs.find(
    (each) =>
      each.count >= AMBIGUOUS &&
      pairs.some(
        (back) => back.truth === each.predicted && back.predicted === each.truth && back.count >= AMBIGUOUS,
      ),
  );
  if (pair) steps.push({ kind: "ambiguous", pair });
  if (texts < FEW_TEXTS) steps.push({ kind: "few-held", texts });
  if (all) steps.push({ kind: "all-right" });
  return steps;
}
