// Takes what a call asks, with labels by name, and the model's head; gives the request that the engine can do: label
// indices, and recipes with every default. To be called in the turn of the call.

import type { FinetuneOptions } from "../../bertlet.d.ts";
import { STAGES } from "../shared/defaults.ts";
import { selectRows } from "../shared/labels.ts";
import type {
  Calls,
  CrossValidateRequest,
  FinetuneRequest,
  Head,
  LabelledRows,
  NamedSplits,
  SearchRequest,
} from "../shared/messages.ts";
import { modelSelectionOf, recipeOf } from "../shared/recipes.ts";
import { searchRequestOf } from "./runs/sample-recipes.ts";
import { checkHasLabels, checkTwoLabels, targetRows } from "./targets.ts";

type Splits = { train: LabelledRows; dev?: LabelledRows; test?: LabelledRows };

function targetSplits({ train, dev, test }: NamedSplits, head: Head, least = 2): Splits {
  const splits: Splits = { train: targetRows("train", train, head) };
  if (dev !== undefined) splits.dev = targetRows("dev", dev, head);
  if (test !== undefined) splits.test = targetRows("test", test, head);
  if (least > 1) checkTwoLabels("train", splits.train, head);
  return splits;
}

export function finetuneRequestOf(
  call: "finetune" | "distill" | "learn" | "plan" | "takeAway",
  { options, ...data }: Calls["finetune"]["request"],
  head: Head,
): FinetuneRequest {
  checkHasLabels(call, head);
  // One correction is something to learn: the head knows the other labels.
  const splits = targetSplits(data, head, call === "learn" ? 1 : 2);
  const selection = modelSelectionOf(call, options, splits.dev !== undefined, head);
  const { headFirst, labelSmoothing, classWeights, seed } = options;
  const request = { ...splits, recipe: recipeOf(call, options, head), selection };
  if (!(headFirst ?? STAGES.headFirst)) return request;
  const ofHead: FinetuneOptions = { method: "head" };
  if (labelSmoothing !== undefined) ofHead.labelSmoothing = labelSmoothing;
  if (classWeights !== undefined) ofHead.classWeights = classWeights;
  if (seed !== undefined) ofHead.seed = seed;
  return { ...request, headFirst: recipeOf(call, ofHead, head) };
}

export function crossValidateRequestOf(
  { rows: named, folds, fold, options }: Calls["crossValidate"]["request"],
  head: Head,
): CrossValidateRequest {
  checkHasLabels("crossValidate", head);
  const rows = targetRows("crossValidate", named, head);
  for (let out = 0; out < folds; out++) {
    const kept = selectRows(rows, (row) => fold[row] !== out);
    checkTwoLabels(`crossValidate: all folds but ${out + 1}`, kept, head);
  }
  return { rows, folds, fold, recipe: recipeOf("crossValidate", options, head) };
}

export function searchedRequestOf(
  { options, ...data }: Calls["search"]["request"],
  head: Head,
): SearchRequest {
  checkHasLabels("search", head);
  const { train, dev } = targetSplits(data, head) as Splits & { dev: LabelledRows };
  return searchRequestOf(train, dev, options, head);
}
