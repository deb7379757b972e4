// Takes options that are checked, and what the model's head is; gives recipes with every default filled in.

import type { FinetuneOptions, PretrainOptions } from "../../bertlet.d.ts";
import { AUGMENT, FINETUNE, PRETRAIN } from "../shared/defaults.ts";
import { BertletError } from "../shared/errors.ts";
import type { Head } from "../shared/messages.ts";
import type { ModelSelection, PretrainRecipe, Recipe } from "../shared/recipe.ts";
import { methodRecipeOf } from "./methods.ts";

export function recipeOf(call: string, options: FinetuneOptions, head: Head): Recipe {
  const { dropout = FINETUNE.dropout } = options;
  return {
    ...methodRecipeOf(call, options, head),
    epochs: options.epochs ?? FINETUNE.epochs,
    batchSize: options.batchSize ?? FINETUNE.batchSize,
    learningRate: options.learningRate ?? FINETUNE.learningRate,
    weightDecay: options.weightDecay ?? FINETUNE.weightDecay,
    warmupRatio: options.warmupRatio ?? FINETUNE.warmupRatio,
    schedule: options.schedule ?? FINETUNE.schedule,
    adamBeta1: options.adamBeta1 ?? FINETUNE.adamBeta1,
    adamBeta2: options.adamBeta2 ?? FINETUNE.adamBeta2,
    adamEpsilon: options.adamEpsilon ?? FINETUNE.adamEpsilon,
    maxGradNorm: options.maxGradNorm ?? FINETUNE.maxGradNorm,
    dropout: dropout === "config" ? null : dropout,
    shuffle: options.shuffle ?? FINETUNE.shuffle,
    groupByLength: options.groupByLength ?? FINETUNE.groupByLength,
    augment: { ...AUGMENT, ...options.augment },
    seed: options.seed ?? FINETUNE.seed,
  };
}

/** Pretraining asks nothing of a head. */
const NO_HEAD: Head = { labels: [], problemType: "single_label_classification" };

export function pretrainRecipeOf(options: PretrainOptions): PretrainRecipe {
  const { maskProbability, wholeWords, ...rest } = { ...PRETRAIN, ...options };
  const recipe = recipeOf("pretrain", rest, NO_HEAD);
  return { ...recipe, maskProbability, wholeWords };
}

/** `hasDev`: whether there are rows to judge an epoch by. */
export function modelSelectionOf(
  call: string,
  options: FinetuneOptions,
  hasDev: boolean,
  { problemType }: Head,
): ModelSelection {
  const multiLabel = problemType === "multi_label_classification";
  const { earlyStopping, restoreBest = earlyStopping !== undefined } = options;
  const { tuneThreshold = multiLabel && hasDev } = options;
  if (tuneThreshold) checkMultiLabel(call, "tuneThreshold", problemType);
  if (!hasDev && (earlyStopping !== undefined || restoreBest || tuneThreshold)) {
    const name =
      earlyStopping !== undefined ? "earlyStopping" : restoreBest ? "restoreBest" : "tuneThreshold";
    throw new BertletError(
      "bad-option",
      `${call}: option ${name} needs dev rows, ${name === "tuneThreshold" ? "on which it is found" : "by whose loss epochs are compared"}; found none`,
      "pass dev rows beside train, or leave the option out",
    );
  }
  const selection = { restoreBest, tuneThreshold };
  return earlyStopping === undefined ? selection : { patience: earlyStopping.patience, ...selection };
}

/** An option that says something of rows of several labels only. */
export function checkMultiLabel(call: string, name: string, problemType: Head["problemType"]): void {
  if (problemType === "multi_label_classification") return;
  throw new BertletError(
    "bad-option",
    `${call}: option ${name} goes with a model whose rows may have several labels; this one's have one each`,
    'load with problemType "multi_label_classification", or leave the option out',
  );
}
