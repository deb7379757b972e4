// What a library is to the benchmark: every file of ../libraries gives one Contender. Pure.

import type { FinetuneOptions } from "../../../web/bertlet.d.ts";
import type { Shape } from "../model/shape.ts";

export interface Variant {
  device: "wasm" | "webgpu";
  /** CPU threads, with "wasm". */
  threads?: number;
  /**
   * The form of the model, where it is another than its 32-bit weights as they are: with 8-bit weights, or, for
   * onnxruntime, with the operators that its own tools fuse.
   */
  form?: "fused" | "int8";
}

/** How many texts of how many tokens, [CLS] and [SEP] included. */
export interface Size {
  batch: number;
  seqLen: number;
}

export interface Contender {
  /** The name that its users know it by. */
  name: string;
  /** The npm package whose pinned version is printed; left out for bertlet itself. */
  package?: string;
  variants: readonly Variant[];
  /** What it does not do of what bertlet does in the same measurement, in a few words each. */
  lacks: readonly string[];
  /** The logits of one batch, read back. */
  forward(shape: Shape, variant: Variant): Promise<Measurement>;
  /**
   * One optimizer step on one batch, its loss read back; left out where the library cannot on any device.
   * Only bertlet takes options.
   */
  train?(shape: Shape, variant: Variant, options?: FinetuneOptions): Promise<Measurement>;
  /** The devices it trains on, where they are not all of its variants'. */
  trainsOn?: readonly Variant["device"][];
}

/** A model that is loaded and waits to be measured. */
export interface Measurement {
  /**
   * Held against the other contenders': the probability of label "a" for each row of the first batch, or, in
   * training, the loss of the first step. Empty where the library's dropout makes it another number.
   */
  check: number[];
  /**
   * Milliseconds of each of at most `count` repetitions: one, and no further one once `budgetMs` are over.
   * `size` is that of the batch, where it is not the shape's.
   */
  measure(count: number, budgetMs: number, size?: Size): Promise<number[]>;
  /** Of a forward pass: the probability of label "a" for each row of so many batches, as `check` of the first. */
  answers?(batches: number, size?: Size): Promise<number[]>;
  /** Of bertlet's training: the numbers that it trains, and the bytes of what is saved. */
  about?(): Promise<number[]>;
  /** Of bertlet's training: the bytes and the minutes that its plan estimates for so many steps. */
  plan?(steps: number): Promise<number[]>;
}

/** Measures `step`, which is given its number, and the size of its batch where it is not the shape's. */
export function repeating(
  check: number[],
  step: (index: number, size?: Size) => Promise<unknown>,
): Measurement {
  let done = 0;
  return {
    check,
    async measure(count, budgetMs, size) {
      const milliseconds: number[] = [];
      const begun = performance.now();
      do {
        const before = performance.now();
        await step(done++, size);
        milliseconds.push(performance.now() - before);
      } while (milliseconds.length < count && performance.now() - begun < budgetMs);
      return milliseconds;
    },
  };
}

/** A forward pass: `probabilities` of a batch are its check, its answers, and what is measured. */
export async function answering(
  probabilities: (index: number, size?: Size) => Promise<number[]>,
): Promise<Measurement> {
  return {
    ...repeating(await probabilities(0), probabilities),
    async answers(batches, size) {
      const found: number[] = [];
      for (let index = 0; index < batches; index++) found.push(...(await probabilities(index, size)));
      return found;
    },
  };
}

/** The probability of the first class of each row of `logits`, [rows, classes]. */
export function firstProbabilities(logits: ArrayLike<number>, classes: number): number[] {
  return Array.from({ length: logits.length / classes }, (_, row) => {
    const of = (index: number) =>
      Math.exp((logits[row * classes + index] as number) - (logits[row * classes] as number));
    return (
      1 / Array.from({ length: classes }, (_, index) => of(index)).reduce((sum, value) => sum + value, 0)
    );
  });
}

/** The recipe of every contender that trains: bertlet's defaults, at a constant rate. */
export const RECIPE = { learningRate: 2e-5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };

/** AdamW leaves biases and LayerNorm alone. */
export function decays(name: string): boolean {
  return !name.endsWith("bias") && !name.includes("LayerNorm");
}
