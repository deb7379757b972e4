// Takes new rows and rows that the model knows; gives the request that learns the new ones along with some of those.

import type { LabelledText, LearnOptions } from "../../bertlet.d.ts";
import { FINETUNE, LEARN, LEARN_FULL } from "../shared/defaults.ts";
import type { Calls } from "../shared/messages.ts";
import { randomFrom, shuffle } from "../shared/random.ts";
import { checkRows } from "./rows.ts";

export function learnRequestOf(
  rows: readonly LabelledText[],
  {
    replay,
    replayLimit = LEARN.replayLimit,
    addLabels = LEARN.addLabels,
    method = LEARN.method,
    ...options
  }: LearnOptions,
): Calls["learn"]["request"] {
  const checked = checkRows("learn", rows);
  const taught = { ...(method === "full" && LEARN_FULL), ...options, method };
  if (replay === undefined) return { rows: checked, addLabels, options: taught };
  const known = checkRows("learn: replay", replay);
  const order = [...known.texts.keys()];
  if (order.length > replayLimit) shuffle(order, randomFrom(options.seed ?? FINETUNE.seed));
  const drawn = order.slice(0, replayLimit);
  const at = <T>(all: readonly T[]) => drawn.map((index) => all[index] as T);
  const drawnRows = { texts: at(known.texts), labels: at(known.labels) };
  return { rows: checked, replay: drawnRows, knownLabels: known.labels, addLabels, options: taught };
}
