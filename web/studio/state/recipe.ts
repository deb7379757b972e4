/**
 * What a run should do: the recipe's type and defaults, the usual settings of each method, and the library options
 * of a recipe. Knows no page and no run.
 */

import type { FinetuneOptions, Method, Pooling } from "../../src/index.ts";
import { ADALORA, FINETUNE, LOAD, LORA } from "../../src/shared/defaults.ts";
import type { Parts } from "../data/parts.ts";
import { METHOD_DEFAULTS, WARMUP_RATIO } from "./method-defaults.ts";

export interface Recipe {
  method: Method;
  epochs: number;
  batchSize: number;
  learningRate: number;
  maxLength: number;
  pooling: Pooling | "checkpoint";
  schedule: "linear" | "constant" | "cosine";
  warmupRatio: number;
  weightDecay: number;
  dropout: number | "config";
  seed: number;
  /** Rank of LoRA; final rank of AdaLoRA. */
  rank: number;
  alpha: number;
  /** The dense layers to which LoRA and AdaLoRA add matrices. */
  targets: "attention" | "all";
  adapterSize: number;
  virtualTokens: number;
  freezeLayers: number;
  layerDecay: number;
  accumulate: number;
  labelSmoothing: number;
  classWeights: "none" | "balanced";
  /** Early stopping after so many epochs without a lower dev loss; 0: never. */
  patience: number;
}

/** The methods that most people need, in the order shown. */
export const MAIN_METHODS: readonly Method[] = ["full", "lora", "contrastive", "centroid"];
/** The others, in the order of their defaults. */
export const OTHER_METHODS = (Object.keys(METHOD_DEFAULTS) as Method[]).filter(
  (method) => !MAIN_METHODS.includes(method),
);

/** The library's defaults, but for the learning rate and the warm-up. */
export const defaultRecipe: Recipe = {
  method: FINETUNE.method,
  ...METHOD_DEFAULTS[FINETUNE.method],
  batchSize: FINETUNE.batchSize,
  maxLength: LOAD.maxLength,
  pooling: "checkpoint",
  schedule: FINETUNE.schedule,
  warmupRatio: WARMUP_RATIO,
  weightDecay: FINETUNE.weightDecay,
  dropout: FINETUNE.dropout,
  seed: FINETUNE.seed,
  rank: LORA.rank,
  alpha: LORA.alpha,
  targets: "attention",
  adapterSize: FINETUNE.adapterSize,
  virtualTokens: FINETUNE.virtualTokens,
  freezeLayers: FINETUNE.freezeLayers,
  layerDecay: FINETUNE.layerDecay,
  accumulate: FINETUNE.accumulate,
  labelSmoothing: FINETUNE.labelSmoothing,
  classWeights: FINETUNE.classWeights,
  patience: 0,
};

/** The recipe with another method. Its epochs and learning rate follow, unless the person changed them. */
export function withMethod(recipe: Recipe, method: Method): Recipe {
  const [was, is] = [METHOD_DEFAULTS[recipe.method], METHOD_DEFAULTS[method]];
  return {
    ...recipe,
    method,
    epochs: recipe.epochs === was.epochs ? is.epochs : recipe.epochs,
    learningRate: recipe.learningRate === was.learningRate ? is.learningRate : recipe.learningRate,
  };
}

/** Whether a method takes training steps at all. */
export function takesSteps(method: Method): boolean {
  return method !== "centroid";
}

/** Whether a method trains the head by a loss over labels, with a dev evaluation after each epoch. */
export function trainsHead(method: Method): boolean {
  return method !== "centroid" && method !== "contrastive";
}

/** Whether a method trains parameters in the layers, so that layers can be frozen or decayed. */
export function trainsLayers(method: Method): boolean {
  return method !== "centroid" && method !== "head" && method !== "prompt";
}

const TARGETS = {
  attention: [...LORA.targetModules],
  all: ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"],
};

/** The options of a run, without those that its method does not take. The recipe's other options load the model. */
export function optionsOf(recipe: Recipe, parts: Parts): FinetuneOptions {
  const { method, rank, alpha } = recipe;
  const targetModules = TARGETS[recipe.targets];
  const options: FinetuneOptions = {
    method,
    epochs: recipe.epochs,
    batchSize: recipe.batchSize,
    learningRate: recipe.learningRate,
    schedule: recipe.schedule,
    warmupRatio: recipe.warmupRatio,
    weightDecay: recipe.weightDecay,
    dropout: recipe.dropout,
    seed: recipe.seed,
    accumulate: recipe.accumulate,
  };
  if (method === "lora") options.lora = { rank, alpha, targetModules };
  if (method === "adalora")
    options.adalora = {
      targetRank: rank,
      initialRank: Math.ceil(rank * (ADALORA.initialRank / ADALORA.targetRank)),
      alpha,
      targetModules,
    };
  if (method === "adapter") options.adapterSize = recipe.adapterSize;
  if (method === "prompt" || method === "prefix") options.virtualTokens = recipe.virtualTokens;
  if (trainsLayers(method)) {
    options.freezeLayers = recipe.freezeLayers;
    options.layerDecay = recipe.layerDecay;
  }
  if (trainsHead(method)) {
    options.labelSmoothing = recipe.labelSmoothing;
    options.classWeights = recipe.classWeights;
    if (recipe.patience > 0 && parts.dev.length > 0) options.earlyStopping = { patience: recipe.patience };
  }
  return options;
}
