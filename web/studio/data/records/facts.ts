/**
 * What the records of a run are made of: the run as the project keeps it. No record holds a text of the person's.
 */
import type { Prediction, Report } from "../../../src/index.ts";
import type { Answer } from "../certainty.ts";

/** Where a run was computed. */
export interface Environment {
  /** The library's version. */
  bertlet: string;
  device: string;
  adapter?: string | undefined;
  threads: number;
  /** As the browser names itself. */
  browser: string;
}

interface EpochFacts {
  epoch: number;
  step: number;
  trainLoss: number;
  dev?: Report | undefined;
  milliseconds: number;
}

type Labels = string | readonly string[];

export interface RunFacts {
  number: number;
  /** When it ended, in milliseconds since 1970. */
  when: number;
  base: { name: string };
  /** Its options by their names, each a number or a word. */
  recipe: object;
  training: {
    step: number;
    steps: number;
    epochs: number;
    trainedParameters: number;
    truncatedRows: number;
    stepNumbers: readonly number[];
    losses: readonly number[];
    epochResults: readonly EpochFacts[];
    reason?: string | undefined;
    restoredEpoch?: number | undefined;
    threshold?: number | undefined;
    milliseconds: number;
  };
  rows: {
    train: number;
    truth: readonly Labels[];
    part?: "dev" | "test" | undefined;
    heldKey: string;
    pairs: boolean;
  };
  labels: readonly string[];
  report?: Report | undefined;
  predictions: readonly (Pick<Prediction, "label" | "labels"> & { score?: number | undefined })[];
  environment?: Environment | undefined;
}

/** Options that only some methods take; `recipe` has a value for each all the same. */
const ONLY_FOR: Readonly<Record<string, readonly string[]>> = {
  rank: ["lora", "adalora"],
  alpha: ["lora", "adalora"],
  targets: ["lora", "adalora"],
  adapterSize: ["adapter"],
  virtualTokens: ["prompt", "prefix"],
};

/** The options of the run, without those that its method does not take. */
export function recipeOf({ recipe }: RunFacts): [option: string, value: string | number][] {
  const options = Object.entries(recipe);
  const method = options.find(([option]) => option === "method")?.[1];
  return options.filter(([option]) => ONLY_FOR[option]?.includes(method) !== false);
}

/** The scores of a report that are one number each, by the names that records use. */
export function scoresOf(report: Report): [name: string, value: number][] {
  return NAMES.map(([own, name]) => [name, report[own]]);
}

/** Both ends of the scores' intervals, by the same names. */
export function intervalsOf({ intervals }: Report): [name: string, ends: readonly [number, number]][] {
  return NAMES.map(([own, name]) => [name, intervals[own]]);
}

/** The library's name of each, and the records' own. */
const NAMES = [
  ["accuracy", "accuracy"],
  ["microF1", "micro_f1"],
  ["macroF1", "macro_f1"],
  ["loss", "loss"],
] as const;

/** How many of its texts a run answered right. */
export function rightOf({ report, rows }: RunFacts): { right: number; of: number } {
  const of = rows.truth.length;
  return { right: Math.round((report?.accuracy ?? 0) * of), of };
}

/** The answers with their certainty; [] where scores were not kept, and for rows of several labels. */
export function answersOf({ rows, predictions }: RunFacts): Answer[] {
  const answers: Answer[] = [];
  predictions.forEach(({ label, labels, score }, row) => {
    if (labels === undefined && score !== undefined)
      answers.push({ score, right: label === rows.truth[row] });
  });
  return answers;
}
