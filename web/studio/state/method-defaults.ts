/**
 * The usual epochs and learning rate of each method: those of the studio and of the tag.
 */
import type { Method } from "../../src/index.ts";
import { FINETUNE, HEAD } from "../../src/shared/defaults.ts";

/** Methods with fewer trainable parameters take a larger learning rate and more epochs. */
export const METHOD_DEFAULTS: Record<Method, { epochs: number; learningRate: number }> = {
  full: { epochs: FINETUNE.epochs, learningRate: 1e-4 },
  lora: { epochs: 8, learningRate: 2e-3 },
  contrastive: { epochs: 1, learningRate: FINETUNE.learningRate },
  centroid: { epochs: 1, learningRate: 1e-4 },
  head: HEAD,
  adalora: { epochs: 10, learningRate: 5e-3 },
  adapter: { epochs: 8, learningRate: 1e-3 },
  bitfit: { epochs: 8, learningRate: 5e-3 },
  prefix: { epochs: 10, learningRate: 1e-2 },
  prompt: { epochs: 15, learningRate: 1e-2 },
};

/** The learning rate rises over this share of the steps. */
export const WARMUP_RATIO = 0.1;
