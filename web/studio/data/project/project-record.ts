/**
 * A project as it is kept and as a .bertlet file holds it: plain JSON, checked when it is read, and files by their paths.
 * Knows no storage.
 */
import { LIST, SEPARATORS } from "../reading/separator.ts";
import {
  between,
  type Check,
  type Checked,
  count,
  either,
  fields,
  flag,
  list,
  measured,
  number,
  oneOf,
  optional,
  plain,
  ShapeError,
  text,
  tuple,
} from "../shape.ts";

/** Milliseconds since 1970, as far as dates go. */
const time = between(0, 8.64e15);
/** Relative to the page, or on a host: nothing is loaded from an address of another kind. */
const address: Check<string> = plain("a relative address or one of http or https", (value) => {
  const page = "https://page.invalid/";
  if (typeof value !== "string" || !URL.canParse(value, page)) return false;
  return /^https?:$/.test(new URL(value, page).protocol);
});

const interval = tuple(number, number);
const report = fields({
  loss: measured,
  accuracy: number,
  microF1: number,
  macroF1: number,
  perLabel: list(fields({ label: text, precision: number, recall: number, f1: number, support: number })),
  confusion: list(list(count)),
  threshold: optional(number),
  intervals: fields({
    accuracy: interval,
    microF1: interval,
    macroF1: interval,
    loss: tuple(measured, measured),
  }),
});

const recipe = fields({
  method: oneOf(
    ...([
      "full",
      "head",
      "bitfit",
      "lora",
      "adalora",
      "adapter",
      "prompt",
      "prefix",
      "contrastive",
      "centroid",
    ] as const),
  ),
  epochs: number,
  batchSize: count,
  learningRate: number,
  maxLength: count,
  pooling: oneOf("pooler", "cls", "mean", "max", "checkpoint"),
  schedule: oneOf("linear", "constant", "cosine"),
  warmupRatio: number,
  weightDecay: number,
  dropout: either(number, oneOf("config")),
  seed: count,
  rank: count,
  alpha: number,
  targets: oneOf("attention", "all"),
  adapterSize: count,
  virtualTokens: count,
  freezeLayers: count,
  layerDecay: number,
  accumulate: count,
  labelSmoothing: number,
  classWeights: oneOf("none", "balanced"),
  patience: count,
});

/** The curves and the outcome of a run. */
const training = fields({
  phase: oneOf("done"),
  step: count,
  steps: count,
  epoch: number,
  epochs: number,
  trainedParameters: count,
  truncatedRows: count,
  stepNumbers: list(count),
  losses: list(measured),
  epochResults: list(
    fields({ epoch: number, step: count, trainLoss: measured, dev: optional(report), milliseconds: number }),
  ),
  reason: optional(oneOf("finished", "stopped", "early-stopping", "diverged")),
  restoredEpoch: optional(number),
  threshold: optional(number),
  why: optional(oneOf("few-rows", "enough-rows", "pairs", "no-time", "fewer-epochs")),
  milliseconds: number,
});

/** Where a model comes from: an address, or files of the project in the form that they were given. */
const base = fields({
  name: text,
  address: optional(address),
  form: optional(oneOf("zip", "folder", "parts")),
  /** The path of each file, by its name or its part. */
  files: optional(list(tuple(text, text))),
  ownLabels: optional(list(text)),
  maskedLmHead: optional(flag),
});

const labels = either(text, list(text));
const runFields = fields({
  number: count,
  when: time,
  base,
  recipe,
  training,
  rows: fields({
    train: count,
    truth: list(labels),
    part: optional(oneOf("dev", "test")),
    trainKey: text,
    heldKey: text,
    learned: optional(text),
    pairs: flag,
  }),
  labels: list(text),
  report: optional(report),
  predictions: list(fields({ label: text, labels: optional(list(text)), score: optional(number) })),
  environment: optional(
    fields({ bertlet: text, device: text, adapter: optional(text), threads: count, browser: text }),
  ),
  kept: optional(
    fields({
      maxLength: count,
      maskedLm: flag,
      ownHead: flag,
      adapter: optional(fields({ name: text, kind: text })),
      bytes: count,
    }),
  ),
});

const run: Check<Checked<typeof runFields>> = (value, where) => {
  const checked = runFields(value, where);
  const { report: measured, ...unmeasured } = checked;
  const [size, lines] = [checked.labels.length, measured?.confusion ?? []];
  // Multi-label runs have none.
  if (lines.length > 0 && [lines, ...lines].some(({ length }) => length !== size))
    throw new ShapeError(`${where}.report.confusion`, `${size} lists of ${size}`, lines);
  // What was measured on other rows, as where a new measurement was broken off, is to be measured again.
  return checked.predictions.length === checked.rows.truth.length
    ? checked
    : { ...unmeasured, predictions: [] };
};

/** What was typed and changed in the bench. Changed rows are named by the place of their file, and their number in it. */
const edits = fields({
  own: list(
    fields({
      text,
      textPair: optional(text),
      label: labels,
      origin: oneOf("typed", "pasted", "file", "sample", "corrected", "confirmed"),
      part: oneOf("train", "dev", "test"),
    }),
  ),
  changed: list(
    fields({
      file: count,
      line: count,
      /** Left out for a row that was taken out. */
      label: optional(labels),
    }),
  ),
  renamed: list(tuple(text, text)),
  cards: list(text),
});

const examples = fields({
  files: list(
    fields({
      path: text,
      name: text,
      role: oneOf("train", "dev", "test"),
      hasHeader: flag,
      reading: fields({ encoding: optional(text), delimiter: optional(text), sheet: optional(text) }),
      /** The labels that were given by hand, one a row. */
      byHand: optional(list(text)),
    }),
  ),
  sample: flag,
  textColumn: optional(text),
  pairColumn: optional(text),
  labelColumn: optional(text),
  separator: optional(oneOf(...SEPARATORS, LIST)),
  joins: list(tuple(text, text)),
  splitSeed: count,
  edits: optional(edits),
});

const projectFields = fields({
  name: text,
  /** When it last changed. */
  when: time,
  device: oneOf("auto", "webgpu", "wasm"),
  recipe,
  /** The model in hand, where no run's is. */
  base: optional(base),
  /** Left out of a file that is saved without the examples. */
  examples: optional(examples),
  labels: count,
  rows: count,
  runs: list(run),
  /** The run whose model is in hand. */
  run: optional(count),
  /** The run that is under way: its options, and its curves so far. */
  unfinished: optional(fields({ recipe, curves: training })),
  /** The score under which an answer is left open. */
  leaveOpen: optional(between(0, 1)),
});

export const checkProject: Check<Checked<typeof projectFields>> = (value, where) => {
  const checked = projectFields(value, where);
  const numbers = new Set<number>();
  for (const [at, { number }] of checked.runs.entries()) {
    if (numbers.has(number))
      throw new ShapeError(`${where}.runs[${at}].number`, "a number of its own", number);
    numbers.add(number);
  }
  if (checked.run !== undefined && !numbers.has(checked.run))
    throw new ShapeError(`${where}.run`, "the number of one of its runs", checked.run);
  return checked;
};

export type ProjectRecord = Checked<typeof checkProject>;
export type RunRecord = Checked<typeof run>;
export type BaseRecord = Checked<typeof base>;
export type EditsRecord = Checked<typeof edits>;
export type ExamplesRecord = Checked<typeof examples>;

/** A line of the list of projects. */
export interface ProjectSummary {
  id: string;
  name: string;
  labels: number;
  rows: number;
  /** Of the run in hand, or of the latest. */
  accuracy?: number | undefined;
  when: number;
}

/** The files of a project by their paths, such as "runs/2/model/config.json". */
export type ProjectFiles = ReadonlyMap<string, Blob>;

export function folderOfRun(number: number): string {
  return `runs/${number}/`;
}

/** The files without which the model of a run cannot be loaded. */
export function modelPaths(number: number, adapted: boolean): string[] {
  const model = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"];
  const adapter = adapted ? ["adapter_config.json", "adapter_model.safetensors"] : [];
  const inside = [...model.map((name) => `model/${name}`), ...adapter.map((name) => `adapter/${name}`)];
  return inside.map((name) => folderOfRun(number) + name);
}

/** The files without which a project cannot be opened. */
export function neededPaths({ runs, base, examples }: ProjectRecord): string[] {
  const bases = [base, ...runs.map((run) => run.base)].flatMap((each) => each?.files ?? []);
  return [
    ...runs.flatMap(({ number, kept }) => (kept ? modelPaths(number, kept.adapter !== undefined) : [])),
    ...bases.map(([, path]) => path),
    ...(examples?.files ?? []).map(({ path }) => path),
  ];
}

export function summaryOf(
  id: string,
  { name, labels, rows, when, runs, run }: ProjectRecord,
): ProjectSummary {
  const shown = runs.find(({ number }) => number === run) ?? runs.at(-1);
  return { id, name, labels, rows, when, accuracy: shown?.report?.accuracy };
}
