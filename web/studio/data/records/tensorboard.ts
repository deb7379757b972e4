/**
 * Takes a run; gives it as TensorBoard's event file: losses and scores as scalars; options, scores of each label, confusion
 * and environment as texts; certain answers as a precision-recall curve. Fields have the numbers of event.proto, summary.proto,
 * tensor.proto and the curves' plugin_data.proto.
 */
import { PbfWriter } from "pbf";
import type { Answer } from "../certainty.ts";
import { answersOf, type RunFacts, recipeOf, scoresOf } from "./facts.ts";
import { tfRecords } from "./tf-record.ts";

/** DataTypes of tensors, and DataClass of summaries that are tensors. */
const DT_FLOAT = 1;
const DT_STRING = 7;
const DATA_CLASS_TENSOR = 2;
/** Thresholds of the precision-recall curve: 0, 0.01, up to 1. */
const THRESHOLDS = 101;
/** Its numbers at each: right and wrong ones that are kept, wrong and right ones that are not, precision, recall. */
const COUNTS = 6;
/** Labels in the table of a confusion matrix, at most: TensorBoard shows each text whole. */
const MOST_CONFUSION = 30;

/** TensorBoard finds event files by this part of their names. */
export function eventFileName({ number, when }: RunFacts): string {
  return `run-${number}/events.out.tfevents.${Math.floor(when / 1000)}.bertlet`;
}

export function eventFile(run: RunFacts): Blob {
  const { training, when } = run;
  const last = training.stepNumbers.at(-1) ?? training.step;
  const begun = when - training.milliseconds;
  // Steps take about as long as one another.
  const secondsAt = (step: number): number =>
    (begun + (last > 0 ? step / last : 1) * training.milliseconds) / 1000;
  const events: Uint8Array[] = [event(begun / 1000, 0, (pbf) => pbf.writeStringField(3, "brain.Event:2"))];
  const scalar = (tag: string, step: number, value: number): void => {
    const write = (pbf: PbfWriter): void => pbf.writeFloatField(2, value);
    events.push(event(secondsAt(step), step, summaryOf(tag, write)));
  };
  const text = (tag: string, markdown: string): void => {
    events.push(
      event(
        when / 1000,
        0,
        summaryOf(tag, (pbf) => writeText(pbf, markdown)),
      ),
    );
  };
  text("recipe", table(["option", "value"], [["base", run.base.name], ...recipeOf(run)]));
  if (run.environment) text("environment", table(["what", "value"], Object.entries(run.environment)));
  training.stepNumbers.forEach((step, at) => {
    scalar("train/loss", step, training.losses[at] ?? Number.NaN);
  });
  for (const { epoch, step, trainLoss, dev } of training.epochResults) {
    scalar("train/epoch_loss", step, trainLoss);
    scalar("train/epoch", step, epoch);
    for (const [name, value] of dev ? scoresOf(dev) : []) scalar(`dev/${name}`, step, value);
  }
  const { report } = run;
  if (report) {
    const part = run.rows.part === "test" ? "test" : "dev_final";
    for (const [name, value] of scoresOf(report)) scalar(`${part}/${name}`, last, value);
    const scores = report.perLabel.map(({ label, precision, recall, f1, support }) => [
      label,
      ...[precision, recall, f1].map((score) => score.toFixed(3)),
      support,
    ]);
    text(`${part}/labels`, table(["label", "precision", "recall", "f1", "support"], scores));
    if (report.confusion.length > 0 && report.confusion.length <= MOST_CONFUSION) {
      const lines = report.confusion.map((line, row) => [run.labels[row] ?? "", ...line]);
      text(`${part}/confusion`, table(["true \\ predicted", ...run.labels], lines));
    }
    const answers = answersOf(run);
    if (answers.length > 0) {
      const write = (pbf: PbfWriter): void => writeCurve(pbf, answers);
      events.push(event(when / 1000, last, summaryOf(`${part}/certain_answers`, write)));
    }
  }
  return new Blob([tfRecords(events)]);
}

type Write = (pbf: PbfWriter) => void;

function message(pbf: PbfWriter, field: number, write: Write): void {
  pbf.writeMessage(field, (_, inner) => write(inner), undefined);
}

function event(seconds: number, step: number, write: Write): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeDoubleField(1, seconds);
  pbf.writeVarintField(2, step);
  write(pbf);
  return pbf.finish();
}

/** A Summary with one value. */
function summaryOf(tag: string, write: Write): Write {
  return (pbf) =>
    message(pbf, 5, (summary) =>
      message(summary, 1, (value) => {
        value.writeStringField(1, tag);
        write(value);
      }),
    );
}

function writeText(pbf: PbfWriter, markdown: string): void {
  message(pbf, 8, (tensor) => {
    tensor.writeVarintField(1, DT_STRING);
    message(tensor, 2, (shape) => message(shape, 2, (size) => size.writeVarintField(1, 1)));
    tensor.writeStringField(8, markdown);
  });
  message(pbf, 9, (metadata) => {
    message(metadata, 1, (plugin) => plugin.writeStringField(1, "text"));
    metadata.writeVarintField(4, DATA_CLASS_TENSOR);
  });
}

/** What is right among the answers that a threshold keeps, and which part of all right ones these are. */
function writeCurve(pbf: PbfWriter, answers: readonly Answer[]): void {
  const points = Array.from({ length: THRESHOLDS }, (_, at) => {
    const kept = answers.filter(({ score }) => score >= at / (THRESHOLDS - 1));
    const count = (some: readonly Answer[], wanted: boolean) =>
      some.filter(({ right }) => right === wanted).length;
    const [right, wrong] = [count(kept, true), count(kept, false)];
    const [allRight, allWrong] = [count(answers, true), count(answers, false)];
    const precision = kept.length > 0 ? right / kept.length : 1;
    const recall = allRight > 0 ? right / allRight : 0;
    return [right, wrong, allWrong - wrong, allRight - right, precision, recall];
  });
  message(pbf, 8, (tensor) => {
    tensor.writeVarintField(1, DT_FLOAT);
    message(tensor, 2, (shape) => {
      for (const size of [COUNTS, THRESHOLDS])
        message(shape, 2, (dimension) => dimension.writeVarintField(1, size));
    });
    const rows = Array.from({ length: COUNTS }, (_, row) => points.map((point) => point[row] ?? 0));
    tensor.writePackedFloat(5, rows.flat());
  });
  message(pbf, 9, (metadata) => {
    message(metadata, 1, (plugin) => {
      plugin.writeStringField(1, "pr_curves");
      message(plugin, 2, (data) => data.writeVarintField(2, THRESHOLDS));
    });
    metadata.writeVarintField(4, DATA_CLASS_TENSOR);
  });
}

/** A table of Markdown. */
function table(heads: readonly string[], lines: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|").replace(/\s+/g, " ")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...lines.map(line)].join("\n");
}
