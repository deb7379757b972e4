/**
 * The pairs of labels that are mixed up most, each a button that shows its rows. Part of step 4's view.
 */
import { mixedUp } from "../../data/mixed-up.ts";
import type { EvaluationState } from "../../state/evaluation.ts";
import { h } from "../../widgets/dom.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";
import { showWrong } from "./mistakes.ts";

const PAIRS_SHOWN = 8;

export function mixedUpOf({ store, t }: Studio, { report, labels }: EvaluationState): HTMLElement | false {
  const pairs = mixedUp(report?.confusion ?? [], labels).slice(0, PAIRS_SHOWN);
  if (pairs.length === 0) return false;
  return block(
    t.evaluation.mixedUp,
    h("p", { class: "help" }, t.evaluation.mixedUpHelp),
    h(
      "ul",
      { class: "pairs" },
      ...pairs.map((pair, at) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              id: `pair-${at}`,
              onclick: () => showWrong(store, { pair }),
            },
            t.evaluation.takenFor(pair.truth, pair.predicted),
            " ",
            h("strong", {}, pair.count),
          ),
        ),
      ),
    ),
  );
}
