/**
 * Takes all examples; gives them by label and by part, made once for each state of them: with 100,000 rows each pass counts.
 */
import type { Example } from "./edits.ts";
import { labelsOf } from "./parts.ts";

export interface ExampleIndex {
  /** The rows of each label, the latest first. */
  byLabel: ReadonlyMap<string, readonly Example[]>;
  train: readonly Example[];
  test: readonly Example[];
  /** The training rows of each label. */
  counts: ReadonlyMap<string, number>;
}

const known = new WeakMap<readonly Example[], ExampleIndex>();

export function indexOf(examples: readonly Example[]): ExampleIndex {
  const index = known.get(examples) ?? made(examples);
  known.set(examples, index);
  return index;
}

function made(examples: readonly Example[]): ExampleIndex {
  const byLabel = new Map<string, Example[]>();
  const counts = new Map<string, number>();
  const train: Example[] = [];
  const test: Example[] = [];
  for (let at = examples.length - 1; at >= 0; at--) {
    const example = examples[at] as Example;
    const { label } = example.row;
    if (typeof label === "string") add(byLabel, label, example);
    else for (const name of labelsOf(example.row)) add(byLabel, name, example);
    if (example.part === "train") train.push(example);
    else if (example.part === "test") test.push(example);
  }
  for (const [label, rows] of byLabel) {
    let count = 0;
    for (const { part } of rows) if (part === "train") count++;
    if (count > 0) counts.set(label, count);
  }
  return { byLabel, train: train.reverse(), test: test.reverse(), counts };
}

function add(byLabel: Map<string, Example[]>, label: string, example: Example): void {
  const rows = byLabel.get(label);
  if (rows) rows.push(example);
  else byLabel.set(label, [example]);
}
