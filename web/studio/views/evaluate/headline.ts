/**
 * How many texts the model got right, and what that says of others. Part of step 4's view.
 */
import { FEW_TEXTS, wilson } from "../../data/wilson.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { EvaluationState } from "../../state/evaluation.ts";
import { h } from "../../widgets/dom.ts";
import { block } from "../../widgets/layout.ts";

export function headline(
  t: Dictionary,
  { report, part, total, learned }: EvaluationState,
): HTMLElement | false {
  if (!report) return false;
  const right = Math.round(report.accuracy * total);
  const few = total < FEW_TEXTS;
  return block(
    part === "test" ? t.evaluation.onTest(total) : t.evaluation.onDev(total),
    h("p", { class: "headline", id: "right" }, t.evaluation.right(right, total)),
    few && h("p", {}, h("strong", {}, t.evaluation.tooFew)),
    h("p", {}, t.evaluation.between(...wilson(right, total), few)),
    report.threshold !== undefined && h("p", { class: "help" }, t.rowKinds.exactHelp),
    h("p", { class: "help" }, t.evaluation.betweenHelp),
    learned && h("p", {}, t.evaluation.learned(learned.rows, learned.before, learned.after)),
  );
}
