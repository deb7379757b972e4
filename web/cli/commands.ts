// The commands: each reads its files, calls the library, and gives what --json writes and what a person reads.

import type {
  ChosenRecipe,
  EpochEvent,
  Explanation,
  FinetuneOptions,
  Method,
  Prediction,
  QuantizeOptions,
  Report,
  SaveOptions,
  TextPair,
} from "../bertlet.d.ts";
import type { Classifier } from "../src/node/index.ts";
import { FINETUNE, INFERENCE } from "../src/shared/defaults.ts";
import { dataOf, hasText, type Parts } from "../studio/data/parts.ts";
import { resultRows, resultsCsv, resultsJsonl } from "../studio/data/results.ts";
import { type Arguments, Misuse, needed, type Value } from "./arguments.ts";
import { configOf } from "./config.ts";
import { openModel, withLabels } from "./model.ts";
import type { Command } from "./options.ts";
import { ADAPTER, outFile, outFolder, writeFiles, writeOne } from "./out.ts";
import { BadInput, readParts, readUnlabelled, tellLeakage } from "./rows.ts";
import { progress, say, warn } from "./say.ts";

export interface Outcome {
  /** Plain data, for --json. */
  result: unknown;
  /** Lines for a person. */
  lines: string[];
  /** What --fail-under is held against. */
  accuracy?: number | undefined;
  /** The run was ended by Ctrl+C; what it had learned is saved. */
  stopped?: boolean;
}

/** What stops a run: the first Ctrl+C. */
type Stop = AbortSignal;
type Does = (given: Arguments, stop: Stop) => Promise<Outcome>;

export const DO: Record<Command, Does> = {
  finetune,
  classify,
  evaluate,
  explain,
  inspect,
  quantize,
  convert,
  "take-away": takeAway,
};

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
const onProgress = ({ stage, loaded, total }: { stage: string; loaded: number; total: number }) =>
  progress(`${stage} ${loaded} of ${total}`);

function linesOf({ loss, accuracy, macroF1, perLabel }: Report): string[] {
  const head = `accuracy ${percent(accuracy)}, macro F1 ${macroF1.toFixed(4)}, loss ${loss.toFixed(4)}`;
  const each = perLabel.map(
    ({ label, precision, recall, f1, support }) =>
      `  ${label}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, F1 ${f1.toFixed(3)} of ${support}`,
  );
  return [head, ...each];
}

/** Methods whose adapter is not a part of a model: it is saved beside it. */
const WITH_ADAPTER: readonly Method[] = ["prompt", "prefix"];

/** The rows in parts, the model with their labels, and the options of the run. */
async function prepare(asked: Arguments, kind: "a folder" | "a file", stop: Stop) {
  const { files, given } = asked;
  const { options, model } = await configOf(given);
  const withAdapter = WITH_ADAPTER.includes(options.method ?? FINETUNE.method);
  const out = kind === "a folder" ? outFolder(asked, withAdapter) : outFile(asked);
  const { dev, test } = given as Record<string, string | undefined>;
  const others = { ...(dev !== undefined && { dev }), ...(test !== undefined && { test }) };
  const split = { split: given["no-split"] !== true, seed: (options.seed ?? FINETUNE.seed) as number };
  const parts = await readParts(files, others, given, split);
  tellLeakage(parts);
  const several = { problemType: "multi_label_classification" } as const;
  const classifier = await openModel(given, stop, { ...model, ...(parts.multiLabel && several) });
  await withLabels(classifier, parts.labels);
  say(
    `${parts.train.length} rows to train on, ${parts.dev.length} dev, ${parts.test.length} test; ${parts.labels.length} labels`,
  );
  return { out, parts, classifier, options: options as FinetuneOptions };
}

async function finetune(asked: Arguments, signal: Stop): Promise<Outcome> {
  const { out, parts, classifier, options } = await prepare(asked, "a folder", signal);
  if (asked.given.failUnder !== undefined && parts.test.length === 0) throw noTest();
  const run = classifier.finetune(dataOf(parts), { ...options, onProgress });
  signal.addEventListener("abort", () => run.stop());
  // It may have come while the model was loaded.
  if (signal.aborted) run.stop();
  const epochs: EpochEvent[] = [];
  let steps = 0;
  let recipe: ChosenRecipe | undefined;
  for await (const event of run) {
    if (event.type === "start") {
      steps = event.steps;
      recipe = event.recipe;
      if (recipe !== undefined) say(recipe.why);
    }
    if (event.type === "step") progress(`step ${event.step} of ${steps}, loss ${event.loss.toFixed(4)}`);
    if (event.type !== "epoch") continue;
    epochs.push(event);
    const dev = event.dev && `, dev ${event.dev.loss.toFixed(4)}, ${percent(event.dev.accuracy)} right`;
    say(`epoch ${event.epoch}: loss ${event.trainLoss.toFixed(4)}${dev ?? ""}`);
  }
  const end = await run.result;
  if (signal.aborted && end.steps === 0) throw new Stopped("stopped before its first step; nothing is saved");
  const result = { ...end, ...(recipe && { recipe }), epochs, labels: classifier.info.labels, out };
  await writeFiles(out, {
    ...(await filesOf(classifier)),
    "report.json": `${JSON.stringify(result, null, 1)}\n`,
  });
  await classifier.dispose();
  const lines = [
    `${end.reason} after ${end.steps} steps; saved in ${out}`,
    ...(end.test ? linesOf(end.test) : []),
  ];
  return { result, lines, accuracy: end.test?.accuracy, stopped: signal.aborted };
}

/** A model in torch's form; with virtual tokens, the adapter beside the model that it is for. */
async function filesOf(classifier: Classifier): Promise<object> {
  const { activeAdapter: active } = classifier.info;
  try {
    return await classifier.save();
  } catch (error) {
    if ((error as { code?: string }).code !== "bad-state" || active === undefined) throw error;
    const adapter = await classifier.saveAdapter();
    await classifier.useAdapter(null);
    const inFolder = Object.entries(adapter).map(([name, file]) => [`${ADAPTER}/${name}`, file]);
    return { ...(await classifier.save()), ...Object.fromEntries(inFolder) };
  }
}

async function classify(asked: Arguments, signal: Stop): Promise<Outcome> {
  const { files, given } = asked;
  const out = given.out as string | undefined;
  if (files.length !== 1)
    throw new Misuse(`classify: expected one file of texts, or -, found ${files.length}`);
  if (out !== undefined && !/\.(csv|jsonl)$/i.test(out)) {
    throw new Misuse(`--out ${out}: expected a name that ends in .csv or .jsonl`);
  }
  if (out !== undefined) outFile(asked);
  const { texts, table } = await readUnlabelled(files[0] as string, given);
  const places = answerable(texts);
  const classifier = await openModel(given, signal);
  const {
    threshold,
    topK,
    inferenceBatch: batchSize = INFERENCE.batchSize,
  } = given as Record<string, number>;
  const more = { ...(threshold !== undefined && { threshold }), ...(topK !== undefined && { topK }) };
  const all = { ...more, batchSize, signal, onProgress };
  const answers = await classifier.classify(
    places.map((row) => texts[row] ?? ""),
    all,
  );
  const found = new Array<Prediction | undefined>(texts.length).fill(undefined);
  for (const [at, row] of places.entries()) found[row] = answers[at];
  const { labels } = classifier.info;
  await classifier.dispose();
  const rows = texts.map((text, at) => ({ ...asRow(text), ...found[at] }));
  if (out !== undefined) {
    await writeOne(out, await resultText(out, rows, found, labels, table));
    return { result: { rows: rows.length, out }, lines: [`${places.length} texts; saved in ${out}`] };
  }
  const said = ({ label, labels, score }: Prediction) => `${labels?.join("|") ?? label}\t${score.toFixed(4)}`;
  const lineOf = (text: string, answer: Prediction | undefined) =>
    `${answer === undefined ? "\t" : said(answer)}\t${text}`;
  return { result: rows, lines: rows.map(({ text }, at) => lineOf(text, found[at])) };
}

/** The places of the texts. As in the studio, what has no text has no answer. */
function answerable(texts: readonly (string | TextPair)[]): number[] {
  const asked = [...texts.keys()].filter((row) => hasText(texts[row] ?? ""));
  const blank = texts.length - asked.length;
  if (blank > 0) warn(`${blank} ${blank === 1 ? "row" : "rows"} without text: no answer`);
  return asked;
}

async function explain({ files, given }: Arguments, signal: Stop): Promise<Outcome> {
  if (files.length !== 1)
    throw new Misuse(`explain: expected one file of texts, or -, found ${files.length}`);
  const {
    forLabel: label,
    occlusion,
    steps,
  } = given as { forLabel?: string; occlusion?: true; steps?: number };
  if (occlusion && steps !== undefined) throw new Misuse("--steps goes without --occlusion");
  const { texts } = await readUnlabelled(files[0] as string, given);
  const asked = answerable(texts);
  const classifier = await openModel(given, signal);
  const more = { ...(label !== undefined && { label }), ...(steps !== undefined && { steps }) };
  const method = occlusion ? ("occlusion" as const) : ("integrated-gradients" as const);
  const found = new Array<Explanation | undefined>(texts.length).fill(undefined);
  for (const [at, row] of asked.entries()) {
    found[row] = await classifier.explain(texts[row] ?? "", { ...more, method, signal });
    progress(`text ${at + 1} of ${asked.length}`);
  }
  await classifier.dispose();
  const lines = found.map((answer) => {
    if (answer === undefined) return "\t\t";
    const { label, score, words } = answer;
    const each = words.map(
      ({ word, attribution }) => `${word} ${attribution >= 0 ? "+" : ""}${attribution.toFixed(3)}`,
    );
    return `${label}\t${score.toFixed(4)}\t${each.join(", ")}`;
  });
  return { result: texts.map((text, at) => ({ ...asRow(text), ...found[at] })), lines };
}

const asRow = (text: string | TextPair) => (typeof text === "string" ? { text } : text);

async function resultText(
  out: string,
  rows: object[],
  found: readonly (Prediction | undefined)[],
  labels: readonly string[],
  table: Parameters<typeof resultRows>[0] | undefined,
): Promise<string> {
  const outcome = { results: found, labels, leaveOpen: 0, checked: new Map<number, string>() };
  if (/\.jsonl$/i.test(out)) {
    if (table !== undefined) return resultsJsonl(resultRows(table, outcome)).text();
    return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  }
  const lines = rows.map((row) => [(row as { text: string }).text]);
  const own = {
    columns: ["text"],
    kind: "keyed",
    hasHeader: false,
    records: lines,
    lines: lines.map((_, at) => at + 1),
  };
  return resultsCsv(resultRows(table ?? (own as never), outcome)).text();
}

async function evaluate(asked: Arguments, signal: Stop): Promise<Outcome> {
  const { parts, classifier } = await scored(asked, signal);
  const { threshold, inferenceBatch: batchSize = INFERENCE.batchSize } = asked.given as Record<
    string,
    number
  >;
  const more = threshold !== undefined && { threshold };
  const report = await classifier.evaluate(parts.train, { ...more, batchSize, signal, onProgress });
  await classifier.dispose();
  return { result: report, lines: linesOf(report), accuracy: report.accuracy };
}

/** The model as it is, and all rows of the files, which are read as rows for it. */
async function scored(
  { files, given }: Arguments,
  stop: Stop,
): Promise<{ parts: Parts; classifier: Classifier }> {
  const classifier = await openModel(given, stop);
  const multiLabel = classifier.info.problemType === "multi_label_classification";
  const how = { split: false, seed: FINETUNE.seed, fewest: 1, multiLabel };
  return { parts: await readParts(files, {}, given, how), classifier };
}

async function inspect(asked: Arguments, signal: Stop): Promise<Outcome> {
  const { parts, classifier } = await scored(asked, signal);
  const report = await classifier.inspect({ train: parts.train }, { signal, onProgress });
  await classifier.dispose();
  const lines = report.findings.map(({ severity, code, message }) => `${severity}: ${code}: ${message}`);
  return { result: report, lines: [...lines, `${report.rows.train} rows, ${lines.length} findings`] };
}

async function quantize(asked: Arguments, signal: Stop): Promise<Outcome> {
  const { dtype = "int8", maxDrop } = asked.given as { dtype?: string; maxDrop?: number };
  if (dtype === "f32") throw new Misuse("--dtype: expected f16 or int8 with quantize, found f32");
  const out = outFolder(asked);
  const { parts, classifier } = await scored(asked, signal);
  const options = { dtype, ...(maxDrop !== undefined && { maxDrop }) } as Pick<
    QuantizeOptions,
    "dtype" | "maxDrop"
  >;
  const receipt = await classifier.quantize({ ...options, data: parts.train, signal, onProgress });
  const saved = await classifier.save({ dtype } as SaveOptions);
  unlessStopped(signal);
  await writeFiles(out, saved);
  await classifier.dispose();
  const { before, after, agreement } = receipt;
  const lines = [
    `accuracy ${percent(before.accuracy)} before, ${percent(after.accuracy)} after; ${percent(agreement)} of answers the same`,
    `weights ${before.weightBytes} bytes before, ${after.weightBytes} after; saved in ${out}`,
  ];
  return { result: { ...receipt, out }, lines };
}

async function convert(asked: Arguments, signal: Stop): Promise<Outcome> {
  const { files, given } = asked;
  if (files.length > 0)
    throw new Misuse(`convert: expected no files beside --model, found ${files.join(", ")}`);
  const { as = "classifier", dtype = "f32" } = given as Record<string, Value>;
  const out = outFolder(asked);
  const classifier = await openModel(given, signal);
  const saved = await (as === "onnx"
    ? classifier.save({ as, dtype } as never)
    : classifier.save({ dtype } as SaveOptions));
  unlessStopped(signal);
  await writeFiles(out, saved);
  await classifier.dispose();
  const sizes = Object.fromEntries(Object.entries(saved).map(([name, file]) => [name, (file as Blob).size]));
  return { result: { as, dtype, out, files: sizes }, lines: [`saved in ${out} as ${as}, ${dtype}`] };
}

async function takeAway(asked: Arguments, signal: Stop): Promise<Outcome> {
  const name = needed(asked.given, "out");
  if (!/\.zip$/i.test(name)) throw new Misuse(`--out ${name}: expected a name that ends in .zip`);
  const { out, parts, classifier, options } = await prepare(asked, "a file", signal);
  const zip = await classifier.takeAway(dataOf(parts), { ...options, signal, onProgress });
  await writeOne(out, zip);
  await classifier.dispose();
  return { result: { bytes: zip.size, out }, lines: [`saved in ${out}; README.md in it says how to go on`] };
}

export function noTest(): Misuse {
  return new Misuse("--fail-under: there are no test rows to measure the accuracy on");
}

/** Ctrl+C came before there was anything to save. */
export class Stopped extends Error {}

/** Saving has no signal of its own. */
function unlessStopped({ aborted }: Stop): void {
  if (aborted) throw new Stopped("stopped; nothing is saved");
}

export { BadInput };
