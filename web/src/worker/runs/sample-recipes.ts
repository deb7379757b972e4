// Takes the options of a search; draws the recipes of its trials, and counts its rungs. The same options give
// the same recipes, and a smaller number of trials the first of them.

import type { FinetuneOptions, SearchOptions, SearchSpace } from "../../../bertlet.d.ts";
import { FINETUNE, SEARCH } from "../../shared/defaults.ts";
import { BertletError } from "../../shared/errors.ts";
import type { Head, LabelledRows, SearchRequest, Trial } from "../../shared/messages.ts";
import { optionsOfMethod } from "../../shared/methods.ts";
import { randomFrom } from "../../shared/random.ts";
import { modelSelectionOf, recipeOf } from "../../shared/recipes.ts";
import { rungCount } from "../../shared/successive-halving.ts";
import { checksum, finishedRuns } from "./resume-search.ts";

/** The request of a search, whose options' names and types are checked before. */
export function searchRequestOf(
  train: LabelledRows,
  dev: LabelledRows,
  options: SearchOptions,
  head: Head,
): SearchRequest {
  const { space = SEARCH.space, trials: count = SEARCH.trials, budget, resume, ...given } = options;
  const trials = trialsOf(given, space, count, train.texts.length, head);
  const limit = budget !== undefined && "steps" in budget ? budget.steps : Number.POSITIVE_INFINITY;
  const rungs = rungCount(
    trials.map(({ steps }) => steps),
    limit,
  );
  if (rungs === undefined) {
    const longest = Math.max(...trials.map(({ steps }) => steps));
    throw new BertletError(
      "bad-option",
      `search: option budget must be at least ${longest} steps, those of the longest recipe tried; found ${limit}`,
      "give more steps, or a space of fewer epochs or larger batches",
    );
  }
  const settings = {
    trials: count,
    budget: budget ?? null,
    space,
    options: given,
    rows: checksum([train, dev]),
  };
  const finished = resume === undefined ? [] : finishedRuns(resume, { settings, trials, rungs });
  return { train, dev, trials, rungs, budget: budget ?? { steps: limit }, settings, finished };
}

/** The first trial is `given`, which also holds the options that the space leaves out. */
function trialsOf(
  given: FinetuneOptions,
  space: SearchSpace,
  count: number,
  trainRows: number,
  head: Head,
): Trial[] {
  const random = randomFrom(given.seed ?? FINETUNE.seed);
  return Array.from({ length: count }, (_, index) => {
    const drawn = sampled(space, random);
    // Options of a method that others of the space have go with the first trial's as with any.
    const first = space.method === undefined ? given : optionsOfMethod(given);
    const options = index === 0 ? first : optionsOfMethod({ ...given, ...drawn });
    const recipe = recipeOf("search", options, head);
    if (recipe.method === "centroid" || recipe.method === "contrastive") {
      throw new BertletError(
        "bad-option",
        `search: option method must be one that trains the head, by whose dev loss recipes are compared; found ${recipe.method}`,
      );
    }
    return {
      options: {
        ...options,
        learningRate: recipe.learningRate,
        batchSize: recipe.batchSize,
        epochs: recipe.epochs,
      },
      recipe,
      selection: modelSelectionOf("search", options, true, head),
      steps: recipe.epochs * Math.ceil(trainRows / (recipe.batchSize * recipe.accumulate)),
    };
  });
}

function sampled(space: SearchSpace, random: () => number): FinetuneOptions {
  const options: FinetuneOptions = {};
  // Always four draws, so that leaving an option out of the space changes no other.
  const [rate, size, epochs, method] = [random(), random(), random(), random()];
  if (space.learningRate !== undefined) {
    const [least, most] = space.learningRate;
    const exact = least * (most / least) ** rate;
    // Three digits are enough for a learning rate, and read better.
    options.learningRate = Math.min(most, Math.max(least, Number(exact.toPrecision(3))));
  }
  if (space.batchSize !== undefined) options.batchSize = pick(space.batchSize, size);
  if (space.epochs !== undefined) options.epochs = pick(space.epochs, epochs);
  if (space.method !== undefined) options.method = pick(space.method, method);
  return options;
}

function pick<T>(choices: readonly T[], share: number): T {
  return choices[Math.floor(share * choices.length)] as T;
}
