// Takes checked options and the model's head; gives recipes with every default filled in.

import type { DistillOptions, FinetuneOptions, ModelInfo, PretrainOptions } from "../../bertlet.d.ts";
import { ADALORA, AUGMENT, DISTILL, FINETUNE, HEAD, LORA, PRETRAIN } from "./defaults.ts";
import { BertletError } from "./errors.ts";
import { spreadLayers } from "./layers.ts";
import type { Head } from "./messages.ts";
import { checkMethod, classWeightsOf } from "./methods.ts";
import type { DistillRecipe, ModelSelection, PretrainRecipe, Recipe } from "./recipe.ts";

export function recipeOf(call: string, options: FinetuneOptions, head: Head): Recipe {
  checkMethod(call, options, head);
  const ofMethod = options.method === "head" ? HEAD : {};
  const { dropout, classWeights, ...rest } = withDefaults({ ...FINETUNE, ...ofMethod }, options);
  return {
    ...rest,
    lora: { ...LORA, ...options.lora },
    adalora: { ...ADALORA, ...options.adalora },
    classWeights: classWeightsOf(call, classWeights, head.labels),
    dropout: dropout === "config" ? null : dropout,
    augment: { ...AUGMENT, ...options.augment },
  };
}

/** The options that have a default: the given value, else the default. */
function withDefaults<K extends keyof FinetuneOptions>(
  defaults: Readonly<Record<K, unknown>>,
  options: FinetuneOptions,
): Required<Pick<FinetuneOptions, K>> {
  const names = Object.keys(defaults) as K[];
  const filled = names.map((name) => [name, options[name] ?? defaults[name]]);
  return Object.fromEntries(filled) as Required<Pick<FinetuneOptions, K>>;
}

/** Pretraining uses no classification head. */
const NO_HEAD: Head = { labels: [], problemType: "single_label_classification" };

export function pretrainRecipeOf(options: PretrainOptions): PretrainRecipe {
  const { maskProbability, wholeWords, ...rest } = { ...PRETRAIN, ...options };
  const recipe = recipeOf("pretrain", rest, NO_HEAD);
  return { ...recipe, maskProbability, wholeWords };
}

/** The options of the run, and how the student of a teacher is taught. */
export function distillRecipeOf(
  { layers, temperature, alpha, hiddenWeight, ...options }: DistillOptions,
  teacher: Pick<ModelInfo, "layers" | "labels" | "newHead">,
): [FinetuneOptions, DistillRecipe] {
  if (teacher.labels.length === 0 || teacher.newHead) {
    throw new BertletError(
      "bad-state",
      "distill: the teacher has no trained classification head",
      "fine-tune the teacher first",
    );
  }
  const count = layers ?? Math.ceil(teacher.layers / 2);
  const most = typeof count === "number" ? count : (count.at(-1) as number) + 1;
  if (most > teacher.layers) {
    throw new BertletError(
      "bad-option",
      `distill: option layers must be of the teacher's ${teacher.layers} layers, found ${JSON.stringify(count)}`,
    );
  }
  const recipe = {
    layers: typeof count === "number" ? spreadLayers(teacher.layers, count) : [...count],
    temperature: temperature ?? DISTILL.temperature,
    alpha: alpha ?? DISTILL.alpha,
    hiddenWeight: hiddenWeight ?? DISTILL.hiddenWeight,
  };
  return [options, recipe];
}

/** `hasDev`: whether dev rows were given. */
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

/** Throws where an option for multi-label models is given for another model. */
export function checkMultiLabel(call: string, name: string, problemType: Head["problemType"]): void {
  if (problemType === "multi_label_classification") return;
  throw new BertletError(
    "bad-option",
    `${call}: option ${name} needs a multi-label model, found a single-label one`,
    'load with problemType "multi_label_classification", or leave the option out',
  );
}
