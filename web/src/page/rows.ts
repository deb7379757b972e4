// Takes the texts and rows of a caller; gives well-formed texts and label indices, or throws `bad-row`,
// `unknown-label` or, for a model without the head that a call needs, `bad-state`. May not touch the worker.

import type { LabelledText, ModelInfo, TextPair } from "../../bertlet.d.ts";
import { BertletError, describe } from "../shared/errors.ts";
import { concatTargets, labelsOf, targetsOf } from "../shared/labels.ts";
import type { Head, LabelledRows, NamedRows, PretrainRequest, Text } from "../shared/messages.ts";

/** Whether a caller passed one text, not several. */
export function isOne(texts: unknown): texts is string | TextPair {
  return typeof texts === "string" || (typeof texts === "object" && texts !== null && !Array.isArray(texts));
}

/** Texts and pairs, with unpaired surrogates replaced, since wasm takes UTF-8. */
export function checkTexts(call: string, texts: unknown): Text[] {
  const given = arrayOf(call, texts, "a string, { text, textPair } or an array of these");
  return given.map((text, index) => {
    if (typeof text === "string") return text.toWellFormed();
    const pair = text as Partial<TextPair> | null | undefined;
    if (typeof pair?.text !== "string" || typeof pair.textPair !== "string") {
      throw new BertletError(
        "bad-row",
        `${call}: text ${index} must be a string or { text, textPair } of strings, found ${describe(text)}`,
      );
    }
    return [pair.text.toWellFormed(), pair.textPair.toWellFormed()];
  });
}

/** Texts without pairs or labels. */
export function checkPlainTexts(call: string, texts: unknown): string[] {
  return arrayOf(call, texts, "an array of strings").map((text, index) => {
    if (typeof text === "string") return text.toWellFormed();
    throw new BertletError("bad-row", `${call}: text ${index} must be a string, found ${describe(text)}`);
  });
}

/** What masked-language modelling learns from and is judged by. */
export function checkUnlabelled(call: string, data: unknown): Pick<PretrainRequest, "train" | "dev"> {
  const splits = Array.isArray(data)
    ? { train: checkPlainTexts(call, data) }
    : checkData(call, data, checkPlainTexts, ["train", "dev"]);
  for (const [name, texts] of Object.entries(splits)) {
    if (texts.length > 0) continue;
    throw new BertletError("bad-row", `${call}: ${name}: expected at least one text, found none`);
  }
  return splits;
}

/** With holes filled, which map would leave. */
function arrayOf(call: string, given: unknown, expected: string): unknown[] {
  if (Array.isArray(given)) return Array.from(given);
  throw new BertletError("bad-row", `${call}: expected ${expected}, found ${describe(given)}`);
}

/** The text of a row, with its pair where it has one. */
export function textOf({ text, textPair }: { text: string; textPair?: string }): Text {
  return textPair === undefined ? text : [text, textPair];
}

/** At least one row, each with a text and a label or some, in well-formed Unicode. `name` says which rows: a call, or a split. */
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
    const string = (field: "text" | "textPair"): string => {
      const found: unknown = row?.[field];
      if (typeof found === "string") return found.toWellFormed();
      throw new BertletError(
        "bad-row",
        `${name}: row ${index} must have a string as its ${field}, found ${describe(found)}`,
      );
    };
    const checked = { text: string("text"), label: checkLabel(`${name}: row ${index}`, row?.label) };
    return row?.textPair === undefined ? checked : { ...checked, textPair: string("textPair") };
  });
}

function checkLabel(row: string, label: unknown): string | string[] {
  if (typeof label === "string") return label.toWellFormed();
  if (!Array.isArray(label)) {
    throw new BertletError(
      "bad-row",
      `${row} must have a string, or an array of strings, as its label, found ${describe(label)}`,
    );
  }
  const labels = new Set<string>();
  for (const one of label as unknown[]) {
    if (typeof one !== "string") {
      throw new BertletError("bad-row", `${row} must have strings as its labels, found ${describe(one)}`);
    }
    if (labels.has(one.toWellFormed())) {
      throw new BertletError("bad-row", `${row} has the label ${describe(one)} twice`);
    }
    labels.add(one.toWellFormed());
  }
  return [...labels];
}

/** As `checkLabelled`, whatever the labels. */
export function namedRows(name: string, rows: unknown): NamedRows {
  const checked = checkLabelled(name, rows);
  return { texts: checked.map(textOf), labels: checked.map(({ label }) => labelsOf(label)) };
}

/** As `checkLabelled`, with every label one of the head's, and as many as its rows may have. */
export function checkRows(name: string, rows: unknown, { labels, problemType }: Head): LabelledRows {
  const checked = checkLabelled(name, rows);
  const texts = checked.map(textOf);
  const indices = new Map(labels.map((label, index) => [label, index]));
  const indexOf = (label: string, row: number): number => {
    const target = indices.get(label);
    if (target !== undefined) return target;
    const shown = labels.slice(0, 20).map(describe).join(", ");
    throw new BertletError(
      "unknown-label",
      `${name}: row ${row} has the label ${describe(label)}; the model's labels are ${shown}${labels.length > 20 ? ", ..." : ""}`,
      "pass every label of the data as the option labels of Classifier.load",
    );
  };
  if (problemType === "multi_label_classification") {
    const ofRow = ({ label }: LabelledText, row: number) =>
      labelsOf(label)
        .map((one) => indexOf(one, row))
        .sort((a, b) => a - b);
    return { texts, ...concatTargets(checked.map(ofRow)) };
  }
  const targets = Uint32Array.from(checked, ({ label }, row) => {
    if (typeof label === "string") return indexOf(label, row);
    throw new BertletError(
      "bad-row",
      `${name}: row ${row} has an array of ${label.length} as its label; this model's rows have one label each, a string`,
      'load with problemType "multi_label_classification" for rows of several labels',
    );
  });
  return { texts, targets };
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
  head: Head,
  names?: readonly string[],
): Splits<LabelledRows> {
  const splits = checkData(call, data, (name, rows) => checkRows(name, rows, head), names);
  checkTwoLabels("train", splits.train, head);
  return splits;
}

/** There is nothing to learn from rows of one label, or all of the same several. */
export function checkTwoLabels(name: string, rows: LabelledRows, { labels }: Head): void {
  const count = rows.texts.length;
  const only = targetsOf(rows, 0);
  for (let row = 1; row < count; row++) {
    if (targetsOf(rows, row).join() !== only.join()) return;
  }
  const found = Array.from(only, (target) => describe(labels[target])).join(", ");
  throw new BertletError(
    "bad-row",
    rows.ends === undefined
      ? `${name}: expected rows of at least two labels, found only ${found} in ${count} rows`
      : `${name}: expected rows of differing labels, found ${found === "" ? "none" : `only ${found}`} in all ${count} rows`,
  );
}

/** Calls that need a head, on a model that has none. */
export function checkHasLabels(call: string, labels: readonly string[]): void {
  if (labels.length > 0) return;
  throw new BertletError(
    "bad-state",
    `${call}: this model has no labels: its checkpoint has no classification head, and labels was not given`,
    "pass the labels as the option labels of Classifier.load",
  );
}

/** Calls that need the masked-LM head, on a model that has none. */
export function checkHasMaskedLm(call: string, { maskedLm }: ModelInfo): void {
  if (maskedLm) return;
  throw new BertletError(
    "bad-state",
    `${call}: this model was loaded without a masked-LM head`,
    "pass maskedLm: true to Classifier.load",
  );
}
