// Gives the types of a recipe: a run's options with every default filled in, as the engine takes them. No
// code.

import type { AugmentOptions, FinetuneOptions, Method } from "../../bertlet.d.ts";

/** FinetuneOptions with every default filled in. `dropout: null` stands for the probabilities of config.json. */
export interface Recipe {
  method: Method;
  lora: Required<NonNullable<FinetuneOptions["lora"]>>;
  adalora: Required<NonNullable<FinetuneOptions["adalora"]>>;
  adapterName: string;
  adapterSize: number;
  virtualTokens: number;
  freezeLayers: number;
  layerDecay: number;
  accumulate: number;
  labelSmoothing: number;
  /** A weight for each label, in the order of the labels; null weighs all labels alike. */
  classWeights: null | "balanced" | number[];
  epochs: number;
  batchSize: number;
  learningRate: number;
  weightDecay: number;
  warmupRatio: number;
  schedule: "linear" | "constant" | "cosine";
  adamBeta1: number;
  adamBeta2: number;
  adamEpsilon: number;
  maxGradNorm: number;
  dropout: number | null;
  shuffle: boolean;
  groupByLength: boolean;
  augment: Required<AugmentOptions>;
  seed: number;
}

/** PretrainOptions with every default filled in. */
export interface PretrainRecipe extends Recipe {
  maskProbability: number;
  wholeWords: boolean;
}

/** How a student is taught, as the engine takes it. */
export interface DistillRecipe {
  /** The teacher's layers that it begins as. */
  layers: number[];
  temperature: number;
  alpha: number;
  hiddenWeight: number;
}

/** What the dev rows decide. */
export interface ModelSelection {
  /** Early stopping: epochs to wait for a lower dev loss. */
  patience?: number;
  /** Whether the run ends with the best epoch's weights. */
  restoreBest: boolean;
  /** Whether the decision threshold is tuned; multi-label models only. */
  tuneThreshold: boolean;
}
