// Refuses runs that cannot go on elsewhere, each with its reason. train.py does what is accepted.

import type { Method, ModelInfo } from "../../bertlet.d.ts";
import { BertletError, describe } from "./errors.ts";
import type { FinetuneRequest } from "./messages.ts";

/** Why train.py lacks the other methods. */
const REFUSED: Partial<Record<Method, string>> = {
  adapter: "peft has no bottlenecks",
  prefix: "transformers 5.24 runs no prefix tuning of BERT",
  bitfit: "peft has no such method",
  centroid: "it has no steps: it is done in the page in one pass",
  contrastive: "its pairs of rows are drawn in the page alone",
};

/** `running` is the run under way, if there is one: what is taken away must be that one. */
export function checkTakable(
  request: FinetuneRequest,
  { dtype }: Pick<ModelInfo, "dtype">,
  running: FinetuneRequest | "head first" | undefined,
): void {
  const { recipe, selection } = request;
  const refuse = (what: string, hint?: string) => new BertletError("bad-option", `takeAway: ${what}`, hint);
  const reason = REFUSED[recipe.method];
  if (reason !== undefined) {
    const hint = "take a run of full, lora, adalora, prompt or head away";
    throw refuse(`the method ${describe(recipe.method)} cannot go on elsewhere: ${reason}`, hint);
  }
  if (Object.values(recipe.augment).some((share) => share > 0)) {
    throw refuse("option augment cannot go on elsewhere: its draws are the page's alone", "leave it out");
  }
  if (dtype === "int8") {
    throw new BertletError(
      "bad-state",
      "takeAway: the encoder is kept as int8, whose answers torch does not have",
      'load the model with dtype "f32"',
    );
  }
  if (running === undefined || running === "head first") return;
  if (!isSame(request, running)) {
    throw refuse("the run under way has other rows or options", "pass those of the run, or wait for its end");
  }
  if (recipe.method === "adalora" || selection.restoreBest || selection.patience !== undefined) {
    const what = recipe.method === "adalora" ? "the method adalora" : "option restoreBest or earlyStopping";
    throw refuse(
      `a run with ${what} cannot be taken away on its way: what it remembers of its steps stays in the page`,
      "take it away before it begins",
    );
  }
}

function isSame(a: FinetuneRequest, b: FinetuneRequest): boolean {
  const textOf = ({ train, recipe, selection }: FinetuneRequest) =>
    JSON.stringify([train.texts, [...train.targets], [...(train.ends ?? [])], recipe, selection]);
  return textOf(a) === textOf(b);
}
