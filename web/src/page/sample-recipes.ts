// Takes the options of a search; draws the recipes that it tries, and counts its rungs. The same options give the
// same, and fewer trials the first of them.

import type { FinetuneOptions, SearchOptions, SearchSpace } from "../../bertlet.d.ts";
import { FINETUNE, SEARCH } from "../shared/defaults.ts";
import { BertletError } from "../shared/errors.ts";
import type { Head, SearchRequest, Trial } from "../shared/messages.ts";
import { rungCount } from "../shared/successive-halving.ts";
import { optionsOfMethod } from "./methods.ts";
import { randomFrom } from "./random.ts";
import { modelSelectionOf, recipeOf } from "./recipes.ts";
import { checksum, finishedRuns } from "./resume-search.ts";
import { checkSplits } from "./rows.ts";

/** Options whose names and types are checked. */
export function searchRequestOf(data: unknown, options: SearchOptions, head: Head): SearchRequest {
  const { space = SEARCH.space, trials: count = SEARCH.trials, budget, resume, ...given } = options;
  const { train, dev } = checkSplits("search", data, head, ["train", "dev"]);
  if (dev === undefined) {
    throw new BertletError(
      "bad-row",
      "search: expected { train, dev }, found no dev: recipes are compared by its loss",
      "splitRows draws one from the rows",
    );
  }
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

/** `given` is the first trial, and what the space leaves out it tells for all. */
function trialsOf(
  given: FinetuneOptions,
  space: SearchSpace,
  count: number,
  trainRows: number,
  head: Head,
): Trial[] {
  const random = randomFrom(given.seed ?? FINETUNE.seed);
  return Array.from({ length: count }, (_, index) => {
    const options = index === 0 ? given : optionsOfMethod({ ...given, ...sampled(space, random) });
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
  // One number each, whether or not it is used: leaving one out of the space changes no other.
  const [rate, size, epochs, method] = [random(), random(), random(), random()];
  if (space.learningRate !== undefined) {
    const [least, most] = space.learningRate;
    const exact = least * (most / least) ** rate;
    // Three digits say all there is to say of a learning rate, and read better.
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
