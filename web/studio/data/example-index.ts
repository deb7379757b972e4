/**
 * Takes all examples; gives them by label and by part, made once for each state of them: with 100,000 rows each pass counts.
 */
import type { Example } from "./edits.ts";
import { labelsOf } from "./parts.ts";
import { inSlices } from "./slices.ts";

export interface ExampleIndex {
  /** The rows of each label, the latest first. */
  byLabel: ReadonlyMap<string, readonly Example[]>;
  train: readonly Example[];
  test: readonly Example[];
  /** The training rows of each label that has some. */
  counts: ReadonlyMap<string, number>;
}

const known = new WeakMap<readonly Example[], ExampleIndex>();

export function indexOf(examples: readonly Example[]): ExampleIndex {
  const before = known.get(examples);
  if (before) return before;
  const { add, end } = begun();
  for (const example of examples) add(example);
  return kept(examples, end());
}

/** The same, made with turns of the page in between. */
export async function indexInSlices(examples: readonly Example[]): Promise<ExampleIndex> {
  const { add, end } = begun();
  await inSlices(examples, add);
  return kept(examples, end());
}

function kept(examples: readonly Example[], index: ExampleIndex): ExampleIndex {
  known.set(examples, index);
  return index;
}

function begun(): { add: (example: Example) => void; end: () => ExampleIndex } {
  const byLabel = new Map<string, Example[]>();
  const counts = new Map<string, number>();
  const train: Example[] = [];
  const test: Example[] = [];
  const addTo = (label: string, example: Example): void => {
    const rows = byLabel.get(label);
    if (rows) rows.push(example);
    else byLabel.set(label, [example]);
    if (example.part === "train") counts.set(label, (counts.get(label) ?? 0) + 1);
  };
  return {
    add: (example) => {
      const { label } = example.row;
      if (typeof label === "string") addTo(label, example);
      else for (const name of labelsOf(example.row)) addTo(name, example);
      if (example.part === "train") train.push(example);
      else if (example.part === "test") test.push(example);
    },
    end: () => {
      for (const rows of byLabel.values()) rows.reverse();
      return { byLabel, train, test, counts };
    },
  };
}
