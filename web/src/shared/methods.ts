// Takes what a caller said of the way of fine-tuning; gives the part of the recipe that says so, with every default.
// Checks names and types, and what goes with what: ranges are checked by the engine.

import type { FinetuneOptions, Method } from "../../bertlet.d.ts";
import { BertletError, describe } from "./errors.ts";
import type { Head } from "./messages.ts";

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

/** The part of a recipe that says what is trained and how its labels count. */
export interface MethodRecipe {
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
  /** One a label, in the order of the labels; null: all the same. */
  classWeights: null | "balanced" | number[];
}

const TARGETS = ["query", "value"];

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
export function suited(options: FinetuneOptions): FinetuneOptions {
  const kept = { ...options };
  for (const [name, methods] of BELONG) {
    if (!methods.includes(options.method ?? "full")) delete kept[name];
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

export function methodOf(
  call: string,
  options: FinetuneOptions,
  { labels, problemType }: Head,
): MethodRecipe {
  const { method = "full" } = options;
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
  const { adalora } = options;
  return {
    method,
    lora: { rank: 8, alpha: 16, dropout: 0.05, targetModules: TARGETS, ...options.lora },
    adalora: {
      targetRank: 8,
      initialRank: 12,
      alpha: 16,
      dropout: 0.05,
      targetModules: TARGETS,
      warmupRatio: 0.1,
      finalRatio: 0.3,
      interval: 5,
      beta1: 0.85,
      beta2: 0.85,
      orthogonality: 0.5,
      ...adalora,
    },
    adapterName: options.adapterName ?? "default",
    adapterSize: options.adapterSize ?? 64,
    virtualTokens: options.virtualTokens ?? 20,
    freezeLayers: options.freezeLayers ?? 0,
    layerDecay: options.layerDecay ?? 1,
    accumulate: options.accumulate ?? 1,
    labelSmoothing: options.labelSmoothing ?? 0,
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
