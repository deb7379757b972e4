// Checks which options, and which heads, go with each fine-tuning method. The engine checks ranges.

import type { FinetuneOptions, Method } from "../../bertlet.d.ts";
import { FINETUNE } from "./defaults.ts";
import { BertletError, describe } from "./errors.ts";
import type { Head } from "./messages.ts";
import type { Recipe } from "./recipe.ts";

export const METHODS: readonly Method[] = [
  "full",
  "head",
  "lora",
  "adalora",
  "adapter",
  "prompt",
  "prefix",
  "bitfit",
  "centroid",
  "contrastive",
];

/** Methods that train or compute the head by another way than the loss of a whole model. */
const HEAD_ALONE: readonly Method[] = ["head", "centroid", "contrastive"];

/** Options of some methods only. Another method would ignore them. */
const BELONG: [keyof FinetuneOptions, readonly Method[]][] = [
  ["lora", ["lora"]],
  ["adalora", ["adalora"]],
  ["adapterSize", ["adapter"]],
  ["virtualTokens", ["prompt", "prefix"]],
  ["adapterName", ["lora", "adalora", "prompt", "prefix"]],
  ["headFirst", METHODS.filter((method) => !HEAD_ALONE.includes(method))],
  // "head" and "centroid" read each row once.
  ["augment", METHODS.filter((method) => method !== "head" && method !== "centroid")],
];
/** Removes the options of other methods than `options.method`. */
export function optionsOfMethod(options: FinetuneOptions): FinetuneOptions {
  const kept = { ...options };
  for (const [name, methods] of BELONG) {
    if (!methods.includes(options.method ?? FINETUNE.method)) delete kept[name];
  }
  return kept;
}

/** Options that need a head trained by its loss. */
export const OF_LABELS: (keyof FinetuneOptions)[] = [
  "labelSmoothing",
  "classWeights",
  "earlyStopping",
  "restoreBest",
];

/** Throws where an option, or the model's head, does not go with the method. */
export function checkMethod(call: string, options: FinetuneOptions, { problemType }: Head): void {
  const { method = FINETUNE.method } = options;
  const byCentroids = method === "centroid" || method === "contrastive";
  if (byCentroids && problemType === "multi_label_classification") {
    throw new BertletError(
      "bad-option",
      `${call}: the method ${describe(method)} takes rows of one label each, found a multi-label model`,
      'use another method, or load with problemType "single_label_classification"',
    );
  }
  for (const [name, methods] of BELONG) {
    if (options[name] === undefined || options[name] === false || methods.includes(method)) continue;
    throw new BertletError(
      "bad-option",
      `${call}: option ${name} goes with the method ${methods.map(describe).join(" or ")}, found the method ${describe(method)}`,
    );
  }
  const pointless = OF_LABELS.find((name) => options[name] !== undefined);
  if (pointless !== undefined && byCentroids) {
    throw new BertletError(
      "bad-option",
      `${call}: option ${pointless} goes with a method that trains the head, found the method ${describe(method)}`,
    );
  }
}

/** A weight for each label, in the order of the labels; null weighs all labels alike. */
export function classWeightsOf(
  call: string,
  given: FinetuneOptions["classWeights"],
  labels: readonly string[],
): Recipe["classWeights"] {
  if (given === undefined || given === "none") return null;
  if (given === "balanced") return given;
  const other = Object.keys(given).find((label) => !labels.includes(label));
  if (other !== undefined) {
    throw new BertletError(
      "bad-option",
      `${call}: option classWeights has ${describe(other)}, which is none of the model's labels`,
    );
  }
  // A label that is not named has the weight 1.
  return labels.map((label) => (Object.hasOwn(given, label) ? given[label] : undefined) ?? 1);
}
