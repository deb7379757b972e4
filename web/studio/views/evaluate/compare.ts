/**
 * Takes the runs of this visit; gives a table that compares each with the latest on the same rows (McNemar's
 * test). Part of step 4's view; empty until there are two runs.
 */
import { compare } from "../../../src/index.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { EvaluatedRun } from "../../state/evaluation.ts";
import { takesSteps } from "../../state/recipe.ts";
import { h } from "../../widgets/dom.ts";
import { block, scrolling } from "../../widgets/layout.ts";

/** The usual significance level. */
const UNLIKELY = 0.05;

export function comparisonOf(t: Dictionary, all: readonly EvaluatedRun[]): HTMLElement | false {
  const latest = all.at(-1);
  const runs = all.filter((run) => run.rows === latest?.rows);
  if (latest === undefined || runs.length < 2) return false;
  const multiLabel = latest.report.threshold !== undefined;
  const heads = [
    multiLabel ? t.rowKinds.exact : t.compare.accuracy,
    t.compare.interval,
    t.compare.difference,
    t.compare.chance,
  ];
  const table = h(
    "table",
    { class: "runs" },
    h("caption", { class: "visually-hidden" }, t.compare.title),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, t.compare.run),
        ...heads.map((head) => h("th", { scope: "col", class: "number" }, head)),
      ),
    ),
    h("tbody", {}, ...[...runs].reverse().map((run) => line(t, run, latest))),
  );
  return block(t.compare.title, scrolling(t.compare.title, table), h("p", { class: "help" }, t.compare.help));
}

function line(t: Dictionary, run: EvaluatedRun, latest: EvaluatedRun): HTMLElement {
  const { accuracy, intervals } = run.report;
  const { method, epochs, learningRate } = run.recipe;
  const against = run === latest ? undefined : compare(latest.rows, run.predictions, latest.predictions);
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row" },
      t.compare.name(run.number, t.recipe.methods[method].name),
      h(
        "p",
        { class: "help" },
        takesSteps(method) ? t.compare.recipe(run.model, epochs, learningRate) : run.model,
      ),
    ),
    h("td", { class: "number" }, t.compare.share(accuracy)),
    h("td", { class: "number" }, t.compare.range(...intervals.accuracy)),
    h("td", { class: "number" }, against ? t.compare.points(against.difference) : t.compare.latest),
    h(
      "td",
      { class: "number" },
      against ? `p = ${against.pValue.toFixed(3)}` : "–",
      against && h("p", { class: "help" }, against.pValue < UNLIKELY ? t.compare.unlikely : t.compare.likely),
    ),
  );
}
