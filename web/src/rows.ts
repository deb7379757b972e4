// Takes the texts and rows of a caller; gives well-formed texts and label indices, or throws `bad-row`,
// `unknown-label` or, for a model without labels, `bad-option`. May not touch the worker.

import type { LabelledText } from "../bertlet.d.ts";
import { BertletError, describe } from "./errors.ts";
import type { LabelledRows, NamedRows } from "./protocol.ts";

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

/** At least one row, each with a text and a label, in well-formed Unicode. `name` says which rows: a call, or a split. */
export function checkLabelled(name: string, rows: unknown): LabelledText[] {
  if (!Array.isArray(rows)) {
    throw new BertletError(
      "bad-row",
      `${name}: expected an array of { text, label } rows, found ${describe(rows)}`,
    );
  }
  if (rows.length === 0) {
    throw new BertletError("bad-row", `${name}: expected at least one row, found none`);
  }
  return Array.from(rows as readonly (LabelledText | undefined | null)[], (row, index) => {
    const text: unknown = row?.text;
    const label: unknown = row?.label;
    if (typeof text !== "string" || typeof label !== "string") {
      const [field, found] = typeof text !== "string" ? ["text", text] : ["label", label];
      throw new BertletError(
        "bad-row",
        `${name}: row ${index} must have a string as its ${field}, found ${describe(found)}`,
      );
    }
    return { text: text.toWellFormed(), label: label.toWellFormed() };
  });
}

/** As `checkLabelled`, whatever the labels. */
export function namedRows(name: string, rows: unknown): NamedRows {
  const checked = checkLabelled(name, rows);
  return { texts: checked.map(({ text }) => text), labels: checked.map(({ label }) => label) };
}

/** As `checkLabelled`, with every label one of `labels`. */
export function checkRows(name: string, rows: unknown, labels: readonly string[]): LabelledRows {
  const checked = checkLabelled(name, rows);
  const indices = new Map(labels.map((label, index) => [label, index]));
  const targets = Uint32Array.from(checked, ({ label }, index) => {
    const target = indices.get(label);
    if (target !== undefined) return target;
    const shown = labels.slice(0, 20).map(describe).join(", ");
    throw new BertletError(
      "unknown-label",
      `${name}: row ${index} has the label ${describe(label)}; the model's labels are ${shown}${labels.length > 20 ? ", ..." : ""}`,
      "pass every label of the data as the option labels of Classifier.load",
    );
  });
  return { texts: checked.map(({ text }) => text), targets };
}

type Splits<T> = { train: T; dev?: T; test?: T };

/** Every split of `data`, as `check` gives it. */
export function checkData<T>(
  call: string,
  data: unknown,
  check: (name: string, rows: unknown) => T,
  names: readonly string[] = ["train", "dev", "test"],
): Splits<T> {
  const expected = `{ ${names.join(", ")} }`;
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new BertletError("bad-row", `${call}: expected ${expected}, found ${describe(data)}`);
  }
  const other = Object.keys(data).find((name) => !names.includes(name));
  if (other !== undefined) {
    throw new BertletError("bad-row", `${call}: expected ${expected}, found ${JSON.stringify(other)}`);
  }
  const { train, dev, test } = data as Splits<unknown>;
  const splits: Splits<T> = { train: check("train", train) };
  if (dev !== undefined) splits.dev = check("dev", dev);
  if (test !== undefined) splits.test = check("test", test);
  return splits;
}

/** The splits of a run, checked before anything starts. */
export function checkSplits(
  call: string,
  data: unknown,
  labels: readonly string[],
  names?: readonly string[],
): Splits<LabelledRows> {
  const splits = checkData(call, data, (name, rows) => checkRows(name, rows, labels), names);
  checkTwoLabels("train", splits.train.targets, labels);
  return splits;
}

/** There is nothing to learn from rows of one label. */
export function checkTwoLabels(name: string, targets: Uint32Array, labels: readonly string[]): void {
  const only = targets[0] as number;
  if (targets.some((target) => target !== only)) return;
  throw new BertletError(
    "bad-row",
    `${name}: expected rows of at least two labels, found only ${describe(labels[only])} in ${targets.length} rows`,
  );
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
