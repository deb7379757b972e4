// Takes the data and the options of a run; gives its hooks, its journal and, once the rows are asked for, its request. All is checked
// inside the run, so that what is refused is the run's result.

import type * as Api from "../../bertlet.d.ts";
import { CROSS_VALIDATE, FINETUNE } from "../shared/defaults.ts";
import { pretrainRecipeOf } from "../shared/recipes.ts";
import { learnRequestOf } from "./replay.ts";
import { checkData, checkRows, checkTrainAndDev, checkUnlabelled } from "./rows.ts";
import { checkCrossValidate, checkFinetune, checkLearn, checkPretrain, checkSearch } from "./run-options.ts";
import { checkFolds } from "./split.ts";

export function finetuneOf(data: Api.FinetuneData, options?: Api.FinetuneOptions) {
  const { onProgress, signal, journal, ...rest } = checkFinetune(options);
  const requestOf = () => ({ ...checkData("finetune", data, checkRows), options: rest });
  return { hooks: { onProgress, signal }, journal, requestOf };
}

export function pretrainOf(texts: readonly string[] | Api.PretrainData, options?: Api.PretrainOptions) {
  const { onProgress, signal, journal, ...rest } = checkPretrain(options);
  const requestOf = () => ({ ...checkUnlabelled("pretrain", texts), recipe: pretrainRecipeOf(rest) });
  return { hooks: { onProgress, signal }, journal, requestOf };
}

export function crossValidateOf(rows: readonly Api.LabelledText[], options?: Api.CrossValidateOptions) {
  const checked = checkCrossValidate(options);
  const { onProgress, signal, journal, folds = CROSS_VALIDATE.folds, ...rest } = checked;
  const requestOf = () => ({ ...checkFolds(rows, folds, rest.seed ?? FINETUNE.seed), options: rest });
  return { hooks: { onProgress, signal }, journal, requestOf };
}

export function searchOf(data: Api.SearchData, options?: Api.SearchOptions) {
  const { onProgress, signal, journal, ...rest } = checkSearch(options);
  const requestOf = () => ({ ...checkTrainAndDev("search", data), options: rest });
  return { hooks: { onProgress, signal }, journal, requestOf };
}

export function learnOf(rows: readonly Api.LabelledText[], options?: Api.LearnOptions) {
  const { onProgress, signal, ...rest } = checkLearn(options);
  const requestOf = () => learnRequestOf(rows, rest);
  return { hooks: { onProgress, signal }, journal: undefined, requestOf };
}
