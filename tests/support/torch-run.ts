// A run of 30 steps in torch, and what bertlet takes to make the same steps: rows in order, no dropout.

import type { LabelledText } from "../../web/bertlet.d.ts";
import { readJson } from "./checkpoints.ts";

/** Absolute difference of each loss from torch's in f64. */
export const LOSS_TOLERANCE = 1e-3;

/**
 * How many of the 30 steps a test makes: a software adapter takes seconds for each, and makes all of them in the native tests.
 */
export const STEPS = { wasm: 30, webgpu: 8 } as const;

interface Reference {
  recipe: {
    checkpoint: string;
    learning_rate: number;
    warmup_ratio: number;
    max_grad_norm: number;
    batch_size: number;
  };
  steps: { loss: number; learning_rate: number; grad_norm: number }[];
}

export function torchRun(name: "in_order" | "halves") {
  const { recipe, steps } = readJson<Reference>(`training/${name}.json`);
  const { rows, max_length: maxLength } = readJson<{
    max_length: number;
    rows: { text: string; label: number }[];
  }>("training/rows.json");
  const { id2label } = readJson<{ id2label: Record<number, string> }>(
    `checkpoints/${recipe.checkpoint}/config.json`,
  );
  const train: LabelledText<string>[] = rows.map(({ text, label }) => ({
    text,
    label: id2label[label] as string,
  }));
  const options = {
    epochs: steps.length / Math.ceil(train.length / recipe.batch_size),
    batchSize: recipe.batch_size,
    learningRate: recipe.learning_rate,
    warmupRatio: recipe.warmup_ratio,
    maxGradNorm: recipe.max_grad_norm,
    dropout: 0,
    shuffle: false,
  };
  return { checkpoint: recipe.checkpoint, maxLength, train, options, steps };
}
