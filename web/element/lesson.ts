/**
 * What is taught: labels and labelled examples, from the page's rows or typed by a pupil. Knows no page and no model.
 */
import type { LabelledText } from "../src/index.ts";
import { BertletError } from "../src/shared/errors.ts";

export interface Example {
  text: string;
  label: string;
}

/** Why training cannot begin. */
export type Reason = { why: "labels" } | { why: "empty"; label: string };

/** A label with fewer examples than this keeps none back for the check after training. */
const ENOUGH_TO_CHECK = 5;

export class Lesson {
  labels: string[] = [];
  examples: Example[] = [];
  /** Labels and examples before the last deletion. */
  #before: { labels: string[]; examples: Example[] } | undefined;

  /** Rows given by the page replace what was there. Throws `bad-row` for a row without one text and one label. */
  fill(rows: readonly LabelledText[], labels: readonly string[] | undefined): void {
    const examples = rows.map((row, index): Example => {
      const { text, label } = (row ?? {}) as Partial<LabelledText>;
      const found = Array.isArray(label) && label.length === 1 ? label[0] : label;
      const isText = typeof text === "string" && text.trim() !== "";
      if (!isText || typeof found !== "string" || found.trim() === "")
        throw new BertletError(
          "bad-row",
          `rows[${index}]: expected a text and one label`,
          'a row is an object such as { text: "We won!", label: "happy" }',
        );
      if (labels && !labels.includes(found))
        throw new BertletError(
          "unknown-label",
          `rows[${index}]: the label "${found}" is not one of labels: ${labels.join(", ")}`,
          "correct the row, or add the label to the attribute labels",
        );
      return { text, label: found };
    });
    this.examples = examples;
    this.labels = [...(labels ?? [...new Set(examples.map(({ label }) => label))].sort())];
    this.#before = undefined;
  }

  of(label: string): Example[] {
    return this.examples.filter((example) => example.label === label);
  }

  /** False where there is such a label, or none was named. */
  addLabel(name: string): boolean {
    const label = name.trim();
    if (label === "" || this.labels.includes(label)) return false;
    this.labels.push(label);
    return true;
  }

  removeLabel(label: string): void {
    this.#remember();
    this.labels = this.labels.filter((each) => each !== label);
    this.examples = this.examples.filter((example) => example.label !== label);
  }

  /** False where no text was given. */
  add(text: string, label: string): boolean {
    if (text.trim() === "") return false;
    this.examples.push({ text: text.trim(), label });
    return true;
  }

  remove(example: Example): void {
    this.#remember();
    this.examples = this.examples.filter((each) => each !== example);
  }

  get canUndo(): boolean {
    return this.#before !== undefined;
  }

  /** Brings back what the last deletion took. Examples that were added since stay. */
  undo(): void {
    if (this.#before === undefined) return;
    const { labels, examples } = this.#before;
    const later = this.examples.filter((example) => !examples.includes(example));
    this.labels = [...labels, ...this.labels.filter((label) => !labels.includes(label))];
    this.examples = [...examples, ...later];
    this.#before = undefined;
  }

  reason(): Reason | undefined {
    if (this.labels.length < 2) return { why: "labels" };
    const empty = this.labels.find((label) => this.of(label).length === 0);
    return empty === undefined ? undefined : { why: "empty", label: empty };
  }

  /** Whether a fifth of the examples can be kept back, to check the model with them. */
  get checkable(): boolean {
    return this.labels.every((label) => this.of(label).length >= ENOUGH_TO_CHECK);
  }

  #remember(): void {
    this.#before = { labels: [...this.labels], examples: [...this.examples] };
  }
}
