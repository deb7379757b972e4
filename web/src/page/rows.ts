// Takes a call's texts and rows; gives well-formed copies of them. Throws `bad-row`, or `bad-state` where the model
// lacks the head for them. May not touch the worker, which checks labels in the call's turn.

import type { LabelledText, ModelInfo, TextPair } from "../../bertlet.d.ts";
import { BertletError, describe } from "../shared/errors.ts";
import type { NamedRows, PretrainRequest, Text } from "../shared/messages.ts";
import { readable } from "./plain-copy.ts";

/** Whether the call is about one text, not an array. */
export function isOne(texts: unknown): texts is string | TextPair {
  const isArray = readable("the texts", () => Array.isArray(texts), "bad-row");
  return typeof texts === "string" || (typeof texts === "object" && texts !== null && !isArray);
}

/** Checked texts and pairs. Unpaired surrogates are replaced, since wasm takes UTF-8. */
export function checkTexts(call: string, texts: unknown): Text[] {
  const given = arrayOf(call, texts, "a string, { text, textPair } or an array of these");
  const checkOne = (given: unknown, index: number): Text => {
    if (typeof given === "string") return given.toWellFormed();
    const { text, textPair } = (given ?? {}) as Partial<TextPair>;
    if (typeof text !== "string" || typeof textPair !== "string") {
      throw new BertletError(
        "bad-row",
        `${call}: text ${index} must be a string or { text, textPair } of strings, found ${describe(given)}`,
      );
    }
    return [text.toWellFormed(), textPair.toWellFormed()];
  };
  return readable(`${call}: the texts`, () => given.map(checkOne), "bad-row");
}

/** Checked texts without pairs or labels. */
export function checkPlainTexts(call: string, texts: unknown): string[] {
  return arrayOf(call, texts, "an array of strings").map((text, index) => {
    if (typeof text === "string") return text.toWellFormed();
    throw new BertletError("bad-row", `${call}: text ${index} must be a string, found ${describe(text)}`);
  });
}

/** Checked texts of masked-language modelling. */
export function checkUnlabelled(call: string, data: unknown): Pick<PretrainRequest, "train" | "dev"> {
  const splits = readable(`${call}: the texts`, () => Array.isArray(data), "bad-row")
    ? { train: checkPlainTexts(call, data) }
    : checkData(call, data, checkPlainTexts, ["train", "dev"]);
  for (const [name, texts] of Object.entries(splits)) {
    if (texts.length > 0) continue;
    throw new BertletError("bad-row", `${call}: ${name}: expected at least one text, found none`);
  }
  return splits;
}

/** Fills the holes of a sparse array, which `map` would skip. */
function arrayOf(call: string, given: unknown, expected: string): unknown[] {
  return readable(
    `${call}: the texts`,
    () => {
      if (Array.isArray(given)) return Array.from(given);
      throw new BertletError("bad-row", `${call}: expected ${expected}, found ${describe(given)}`);
    },
    "bad-row",
  );
}

/** The text of a row, with its pair where it has one. */
export function textOf({ text, textPair }: { text: string; textPair?: string }): Text {
  return textPair === undefined ? text : [text, textPair];
}

/** Checked rows, at least one, in well-formed Unicode. `name` names the rows in errors: a call or a split. */
export function checkLabelled(name: string, rows: unknown): LabelledText[] {
  return readable(`${name}: the rows`, () => copyLabelled(name, rows), "bad-row");
}

function copyLabelled(name: string, rows: unknown): LabelledText[] {
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
    // Each is read once: a getter may give another value the next time.
    const { text, textPair, label } = row ?? ({} as Partial<LabelledText>);
    // With 100,000 rows, what every row costs is felt on the page.
    if (typeof text === "string" && typeof label === "string" && textPair === undefined)
      return { text: text.toWellFormed(), label: label.toWellFormed() };
    const string = (field: "text" | "textPair", found: unknown): string => {
      if (typeof found === "string") return found.toWellFormed();
      throw new BertletError(
        "bad-row",
        `${name}: row ${index} must have a string as its ${field}, found ${describe(found)}`,
      );
    };
    const checked = { text: string("text", text), label: checkLabel(`${name}: row ${index}`, label) };
    return textPair === undefined ? checked : { ...checked, textPair: string("textPair", textPair) };
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

/** As `checkLabelled`, with texts and labels apart. The labels need not be the model's: the worker knows those. */
export function checkRows(name: string, rows: unknown): NamedRows {
  const checked = checkLabelled(name, rows);
  return { texts: checked.map(textOf), labels: checked.map(({ label }) => label) };
}

type Splits<T> = { train: T; dev?: T; test?: T };

/** Checks every split of `data` by `check`. */
export function checkData<T>(
  call: string,
  data: unknown,
  check: (name: string, rows: unknown) => T,
  names: readonly string[] = ["train", "dev", "test"],
): Splits<T> {
  const expected = `{ ${names.join(", ")} }`;
  return readable(call, () => splitsOf(call, data, check, names, expected), "bad-row");
}

function splitsOf<T>(
  call: string,
  data: unknown,
  check: (name: string, rows: unknown) => T,
  names: readonly string[],
  expected: string,
): Splits<T> {
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

/** The checked rows of a search, which compares recipes by the loss of dev rows. */
export function checkTrainAndDev(call: string, data: unknown): Splits<NamedRows> {
  const splits = checkData(call, data, checkRows, ["train", "dev"]);
  if (splits.dev !== undefined) return splits;
  throw new BertletError(
    "bad-row",
    `${call}: expected { train, dev }, found no dev: recipes are compared by its loss`,
    "splitRows draws one from the rows",
  );
}

/** Throws where the model has no masked-LM head. */
export function checkHasMaskedLm(call: string, { maskedLm }: ModelInfo): void {
  if (maskedLm) return;
  throw new BertletError(
    "bad-state",
    `${call}: this model was loaded without a masked-LM head`,
    "pass maskedLm: true to Classifier.load",
  );
}
