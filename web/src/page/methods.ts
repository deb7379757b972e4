// Takes what a caller said of the way of fine-tuning; gives the part of the recipe that says so, with every default.
// Checks names and types, and what goes with what: ranges are checked by the engine.

import type { FinetuneOptions, Method } from "../../bertlet.d.ts";
import { ADALORA, FINETUNE, LORA } from "../shared/defaults.ts";
import { BertletError, describe } from "../shared/errors.ts";
import type { Head } from "../shared/messages.ts";
import type { MethodRecipe } from "../shared/recipe.ts";

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

/** Options that only some methods take: given to another, they would be passed over. */
const BELONG: [keyof FinetuneOptions, readonly Method[]][] = [
  ["lora", ["lora"]],
  ["adalora", ["adalora"]],
  ["adapterSize", ["adapter"]],
  ["virtualTokens", ["prompt", "prefix"]],
  ["adapterName", ["lora", "adalora", "prompt", "prefix"]],
  // The other two read each row once.
  ["augment", METHODS.filter((method) => method !== "head" && method !== "centroid")],
];
/** Without what belongs to other methods than the one that is said. */
export function optionsOfMethod(options: FinetuneOptions): FinetuneOptions {
  const kept = { ...options };
  for (const [name, methods] of BELONG) {
    if (!methods.includes(options.method ?? FINETUNE.method)) delete kept[name];
  }
  return kept;
}

/** Those of a loss by labels, and of epochs judged by dev. */
const OF_LABELS: (keyof FinetuneOptions)[] = [
  "labelSmoothing",
  "classWeights",
  "earlyStopping",
  "restoreBest",
];

export function methodRecipeOf(
  call: string,
  options: FinetuneOptions,
  { labels, problemType }: Head,
): MethodRecipe {
  const { method = FINETUNE.method } = options;
  const byCentroids = method === "centroid" || method === "contrastive";
  if (byCentroids && problemType === "multi_label_classification") {
    throw new BertletError(
      "bad-option",
      `${call}: the method ${describe(method)} takes rows of one label each, and this model's rows may have several`,
      'use another method, or load with problemType "single_label_classification"',
    );
  }
  for (const [name, methods] of BELONG) {
    if (options[name] === undefined || methods.includes(method)) continue;
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
  return {
    method,
    lora: { ...LORA, ...options.lora },
    adalora: { ...ADALORA, ...options.adalora },
    adapterName: options.adapterName ?? FINETUNE.adapterName,
    adapterSize: options.adapterSize ?? FINETUNE.adapterSize,
    virtualTokens: options.virtualTokens ?? FINETUNE.virtualTokens,
    freezeLayers: options.freezeLayers ?? FINETUNE.freezeLayers,
    layerDecay: options.layerDecay ?? FINETUNE.layerDecay,
    accumulate: options.accumulate ?? FINETUNE.accumulate,
    labelSmoothing: options.labelSmoothing ?? FINETUNE.labelSmoothing,
    classWeights: classWeights(call, options.classWeights, labels),
  };
}

function classWeights(
  call: string,
  given: FinetuneOptions["classWeights"],
  labels: readonly string[],
): MethodRecipe["classWeights"] {
  if (given === undefined || given === "none") return null;
  if (given === "balanced") return given;
  const other = Object.keys(given).find((label) => !labels.includes(label));
  if (other !== undefined) {
    throw new BertletError(
      "bad-option",
      `${call}: option classWeights has ${describe(other)}, which is none of the model's labels`,
    );
  }
  // A label that is not named counts as it would without.
  return labels.map((label) => (Object.hasOwn(given, label) ? given[label] : undefined) ?? 1);
}
