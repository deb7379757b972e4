// The default of every option, and the limits of those that the page checks. No other file of the library
// holds one. tests/unit/defaults.test.ts holds bertlet.d.ts, the engine and the studio against this file.

import type { SearchSpace } from "../../bertlet.d.ts";

/** The seed of every random draw. */
const SEED = 42;

/** `Classifier.load`. The engine lowers `maxLength` to the checkpoint's positions. */
export const LOAD = {
  device: "auto",
  maxLength: 128,
  maskedLm: false,
  seed: SEED,
  hub: false,
  hubHost: "https://huggingface.co",
  revision: "main",
  cache: false,
} as const;

/** `Classifier.create`. */
export const CREATE = {
  vocabSize: 8000,
  layers: 2,
  hiddenSize: 128,
  heads: 2,
  maxLength: 128,
  device: "auto",
  seed: SEED,
} as const;

/** `classify`, `embed`, `evaluate`, and the evaluations within a run. */
export const INFERENCE = { batchSize: 32 } as const;

/** `quantize`. The least rows that say something of half a point are far more than one. */
export const QUANTIZE = { dtype: "int8", maxDrop: 0.005, batchSize: 32 } as const;

export const CALIBRATE = { bins: 15 } as const;
export const SUGGEST = { count: 10 } as const;
export const SCOPE = { share: 0.05, neighbours: 5 } as const;
/** `learn`; the rest is that of `finetune` with its method. */
export const LEARN = { method: "head", replayLimit: 1000, addLabels: false } as const;
/** What differs with the method "full": the rows join others that the model knows. */
export const LEARN_FULL = { epochs: 3 } as const;
/** `explain`. */
export const EXPLAIN = { method: "integrated-gradients", nearest: 5 } as const;
/** Steps of integrated gradients, the first try's and the second's, and what the first may leave out of all attributions' sizes. */
export const EXPLAIN_STEPS = { first: 16, second: 50, leavesOut: 0.01 } as const;

export const FILL_MASK = { topK: 5 } as const;

/** The dense layers that get a low-rank pair. */
const TARGET_MODULES: readonly string[] = ["query", "value"];

export const LORA = { rank: 8, alpha: 16, dropout: 0.05, targetModules: TARGET_MODULES };

export const ADALORA = {
  targetRank: 8,
  initialRank: 12,
  alpha: 16,
  dropout: 0.05,
  targetModules: TARGET_MODULES,
  warmupRatio: 0.1,
  finalRatio: 0.3,
  interval: 5,
  beta1: 0.85,
  beta2: 0.85,
  orthogonality: 0.5,
};

export const AUGMENT = { drop: 0, swap: 0, mask: 0 } as const;

/** The usual recipe for fine-tuning BERT. */
export const FINETUNE = {
  method: "full",
  adapterName: "default",
  adapterSize: 64,
  virtualTokens: 20,
  freezeLayers: 0,
  layerDecay: 1,
  accumulate: 1,
  labelSmoothing: 0,
  classWeights: "none",
  epochs: 5,
  batchSize: 8,
  learningRate: 2e-5,
  weightDecay: 0.01,
  warmupRatio: 0,
  schedule: "linear",
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
  maxGradNorm: 1.0,
  dropout: "config",
  shuffle: true,
  groupByLength: true,
  seed: SEED,
} as const;

/** What of FinetuneOptions is the worker's own: the engine knows none of it. */
export const STAGES = { minutes: 10, headFirst: false } as const;

/** What differs from FINETUNE with the method "head": at BERT's learning rate one dense layer learns nothing. */
export const HEAD = { epochs: 20, learningRate: 1e-2 } as const;

/** What differs from FINETUNE: the defaults of transformers' run_mlm.py. */
export const PRETRAIN = { epochs: 3, learningRate: 5e-5, maskProbability: 0.15, wholeWords: false } as const;

/** `Classifier.distill`; the rest is FINETUNE's. The student has half of the teacher's layers. */
export const DISTILL = { temperature: 2, alpha: 0.5, hiddenWeight: 1 } as const;

export const CROSS_VALIDATE = { folds: 5 } as const;

const SPACE: SearchSpace = { learningRate: [1e-5, 2e-4], batchSize: [8, 16, 32], epochs: [2, 3, 5] };
export const SEARCH = { trials: 9, space: SPACE };

export const SPLIT = { dev: 0.1, test: 0.1, seed: SEED } as const;
export const SAVE = { as: "classifier", dtype: "f32" } as const;
export const SAVE_ADAPTER = { base: "base" } as const;
export const SET_LABELS = { seed: SEED } as const;

/**
 * The least and the most that an option may be, both included. The engine checks the limits of a recipe
 * again.
 */
export const LIMITS = {
  labels: [1, 1000],
  epochs: [1, 1000],
  batchSize: [1, 1024],
  accumulate: [1, 1024],
  patience: [1, 1000],
  folds: [2, 100],
  bins: [1, 1000],
  steps: [1, 1000],
  trials: [1, 1000],
  targetModules: [1, 100],
  rank: [1, 256],
  initialRank: [1, 256],
  adapterSize: [1, 256],
  virtualTokens: [1, 256],
  vocabSize: [100, 30_000],
  layers: [1, 12],
  hiddenSize: [8, 768],
  heads: [1, 64],
  intermediateSize: [8, 3072],
  newMaxLength: [8, 512],
} as const satisfies Record<string, readonly [least: number, most: number]>;
