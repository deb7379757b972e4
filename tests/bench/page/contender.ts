// What a library is to the benchmark: every file of ../libraries gives one Contender. Pure.

import type { FinetuneOptions } from "../../../web/bertlet.d.ts";
import type { Shape } from "../model/shape.ts";

export interface Variant {
  device: "wasm" | "webgpu";
  /** CPU threads, with "wasm". */
  threads?: number;
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
   */
  measure(count: number, budgetMs: number): Promise<number[]>;
  /** Of bertlet's training: the numbers that it trains, and the bytes of what is saved. */
  about?(): Promise<number[]>;
  /** Of bertlet's training: the bytes and the minutes that its plan estimates for so many steps. */
  plan?(steps: number): Promise<number[]>;
}

/** Measures `step`, which is given its number. */
export function repeating(check: number[], step: (index: number) => Promise<unknown>): Measurement {
  let done = 0;
  return {
    check,
    async measure(count, budgetMs) {
      const milliseconds: number[] = [];
      const begun = performance.now();
      do {
        const before = performance.now();
        await step(done++);
        milliseconds.push(performance.now() - before);
      } while (milliseconds.length < count && performance.now() - begun < budgetMs);
      return milliseconds;
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
