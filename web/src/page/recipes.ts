// Takes options that are checked, and what the model's head is; gives recipes with every default filled in.

import type { FinetuneOptions, PretrainOptions } from "../../bertlet.d.ts";
import { BertletError } from "../shared/errors.ts";
import type { Head, Keeping, PretrainRecipe, Recipe } from "../shared/messages.ts";
import { methodOf } from "../shared/methods.ts";

/** The defaults are those of the usual BERT recipe. */
export function recipeOf(call: string, options: FinetuneOptions, head: Head): Recipe {
  const { dropout = "config" } = options;
  return {
    ...methodOf(call, options, head),
    epochs: options.epochs ?? 5,
    batchSize: options.batchSize ?? 8,
    learningRate: options.learningRate ?? 2e-5,
    weightDecay: options.weightDecay ?? 0.01,
    warmupRatio: options.warmupRatio ?? 0,
    schedule: options.schedule ?? "linear",
    adamBeta1: options.adamBeta1 ?? 0.9,
    adamBeta2: options.adamBeta2 ?? 0.999,
    adamEpsilon: options.adamEpsilon ?? 1e-8,
    maxGradNorm: options.maxGradNorm ?? 1.0,
    dropout: dropout === "config" ? null : dropout,
    shuffle: options.shuffle ?? true,
    groupByLength: options.groupByLength ?? true,
    augment: { drop: 0, swap: 0, mask: 0, ...options.augment },
    seed: options.seed ?? 42,
  };
}

/** Pretraining asks nothing of a head. */
const NO_HEAD: Head = { labels: [], problemType: "single_label_classification" };

/** The defaults are those of transformers' run_mlm.py. */
export function pretrainRecipeOf(options: PretrainOptions): PretrainRecipe {
  const { maskProbability = 0.15, wholeWords = false, epochs = 3, learningRate = 5e-5, ...rest } = options;
  const recipe = recipeOf("pretrain", { ...rest, epochs, learningRate }, NO_HEAD);
  return { ...recipe, maskProbability, wholeWords };
}

/** `hasDev`: whether there are rows to judge an epoch by. */
export function keepingOf(
  call: string,
  options: FinetuneOptions,
  hasDev: boolean,
  { problemType }: Head,
): Keeping {
  const several = problemType === "multi_label_classification";
  const { earlyStopping, restoreBest = earlyStopping !== undefined } = options;
  const { tuneThreshold = several && hasDev } = options;
  if (tuneThreshold) checkSeveral(call, "tuneThreshold", problemType);
  if (!hasDev && (earlyStopping !== undefined || restoreBest || tuneThreshold)) {
    const name =
      earlyStopping !== undefined ? "earlyStopping" : restoreBest ? "restoreBest" : "tuneThreshold";
    throw new BertletError(
      "bad-option",
      `${call}: option ${name} needs dev rows, ${name === "tuneThreshold" ? "on which it is found" : "by whose loss epochs are compared"}; found none`,
      "pass dev rows beside train, or leave the option out",
    );
  }
  const keeping = { restoreBest, tuneThreshold };
  return earlyStopping === undefined ? keeping : { patience: earlyStopping.patience, ...keeping };
}

/** An option that says something of rows of several labels only. */
export function checkSeveral(call: string, name: string, problemType: Head["problemType"]): void {
  if (problemType === "multi_label_classification") return;
  throw new BertletError(
    "bad-option",
    `${call}: option ${name} goes with a model whose rows may have several labels; this one's have one each`,
    'load with problemType "multi_label_classification", or leave the option out',
  );
}
