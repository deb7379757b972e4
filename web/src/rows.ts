// Takes the texts and rows of a caller; gives well-formed texts and label indices, or throws `bad-row`,
// `unknown-label` or, for a model without labels, `bad-option`. May not touch the worker.

import type { FinetuneData, LabelledText } from "../bertlet.d.ts";
import { BertletError, describe } from "./errors.ts";
import type { LabelledRows } from "./protocol.ts";

/** `texts` with unpaired surrogates replaced, since wasm takes UTF-8. */
export function checkTexts(call: string, texts: unknown): string[] {
  if (!Array.isArray(texts)) {
    throw new BertletError(
      "bad-row",
      `${call}: expected a string or an array of strings, found ${describe(texts)}`,
    );
  }
  // Array.from visits holes too, which map would leave.
  return Array.from(texts, (text: unknown, index) => {
    if (typeof text !== "string") {
      throw new BertletError("bad-row", `${call}: text ${index} must be a string, found ${describe(text)}`);
    }
    return text.toWellFormed();
  });
}

/** `name` says which rows: "evaluate", or the split. */
export function checkRows(name: string, rows: unknown, labels: readonly string[]): LabelledRows {
  if (!Array.isArray(rows)) {
    throw new BertletError(
      "bad-row",
      `${name}: expected an array of { text, label } rows, found ${describe(rows)}`,
    );
  }
  if (rows.length === 0) {
    throw new BertletError("bad-row", `${name}: expected at least one row, found none`);
  }
  const indices = new Map(labels.map((label, index) => [label, index]));
  const targets = new Uint32Array(rows.length);
  const texts = Array.from(rows as readonly (LabelledText | undefined | null)[], (row, index) => {
    const text: unknown = row?.text;
    const label: unknown = row?.label;
    if (typeof text !== "string" || typeof label !== "string") {
      const [field, found] = typeof text !== "string" ? ["text", text] : ["label", label];
      throw new BertletError(
        "bad-row",
        `${name}: row ${index} must have a string as its ${field}, found ${describe(found)}`,
      );
    }
    const target = indices.get(label.toWellFormed());
    if (target === undefined) {
      const shown = labels.slice(0, 20).map(describe).join(", ");
      throw new BertletError(
        "unknown-label",
        `${name}: row ${index} has the label ${describe(label)}; the model's labels are ${shown}${labels.length > 20 ? ", ..." : ""}`,
        "pass every label of the data as the option labels of Classifier.load",
      );
    }
    targets[index] = target;
    return text.toWellFormed();
  });
  return { texts, targets };
}

/** Every split of `data`, checked before anything starts. */
export function checkSplits(
  data: unknown,
  labels: readonly string[],
): { train: LabelledRows; dev?: LabelledRows; test?: LabelledRows } {
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new BertletError("bad-row", `finetune: expected { train, dev, test }, found ${describe(data)}`);
  }
  const other = Object.keys(data).find((name) => !["train", "dev", "test"].includes(name));
  if (other !== undefined) {
    throw new BertletError(
      "bad-row",
      `finetune: expected { train, dev, test }, found ${JSON.stringify(other)}`,
    );
  }
  const { train, dev, test } = data as FinetuneData;
  const splits: ReturnType<typeof checkSplits> = { train: checkRows("train", train, labels) };
  if (dev !== undefined) splits.dev = checkRows("dev", dev, labels);
  if (test !== undefined) splits.test = checkRows("test", test, labels);
  const { targets } = splits.train;
  const only = targets[0] as number;
  if (targets.every((target) => target === only)) {
    throw new BertletError(
      "bad-row",
      `train: expected rows of at least two labels, found only ${describe(labels[only])} in ${targets.length} rows`,
    );
  }
  return splits;
}

/** Calls that need a head, on a model that has none. */
export function checkHasLabels(call: string, labels: readonly string[]): void {
  if (labels.length > 0) return;
  throw new BertletError(
    "bad-option",
    `${call}: this model has no labels: its checkpoint has no classification head, and labels was not given`,
    "pass the labels as the option labels of Classifier.load",
  );
}
