/**
 * A panel of step 3, folded at first: search for a recipe, or cross-validate one, before training. Shows
 * `state.tuning`; the work is in actions/tuning.ts.
 */
import { LIMITS } from "../../../src/shared/defaults.ts";
import { applyBestTrial, startTuning, stopTuning } from "../../actions/tuning.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { trainsHead } from "../../state/recipe.ts";
import { isPretraining, isTraining } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import type { TuningState } from "../../state/training.ts";
import { field, fill, h, refill } from "../../widgets/dom.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { scrolling } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

export function tuningPanel(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const number = (key: "trials" | "minutes" | "folds", min: number, max: number): HTMLElement => {
    const value = store.state.tuning[key];
    const input = h("input", {
      type: "number",
      inputmode: "decimal",
      min,
      max,
      step: key === "minutes" ? "any" : 1,
      placeholder: key === "minutes" ? t.tuning.noLimit : undefined,
      value: value > 0 ? value : "",
      onchange: () => {
        if (input.validity.valid) store.patch("tuning", { [key]: Number(input.value) });
      },
    });
    return field(`several-${key}`, t.tuning[key].name, input, t.tuning[key].help);
  };
  const start = (kind: "search" | "folds") => () => {
    if (!isTraining(store.state) && !isPretraining(store.state)) void startTuning(store, kind);
  };
  const search = h(
    "button",
    { type: "button", id: "several-search", onclick: start("search") },
    t.tuning.search,
  );
  const folds = h("button", { type: "button", id: "several-cross", onclick: start("folds") }, t.tuning.cross);
  const stop = h("button", { type: "button", id: "several-stop", onclick: stopTuning }, t.train.stop);
  const ways = h("div", { class: "stack" });
  const outcome = h("div", { class: "stack" });
  const searching = h(
    "div",
    { class: "stack" },
    h("p", {}, t.tuning.searchHelp),
    h("div", { class: "fields" }, number("trials", ...LIMITS.trials), number("minutes", 0, 10_000)),
    h("div", { class: "actions" }, search),
  );
  fill(
    ways,
    searching,
    h("p", {}, t.tuning.crossHelp),
    h("div", { class: "fields" }, number("folds", ...LIMITS.folds)),
    h("div", { class: "actions" }, folds, stop),
  );
  let phase = store.state.tuning.phase;
  store.on(
    ["tuning", "recipe", "training", "data", "model"],
    (state) => {
      const { tuning } = state;
      const busy = tuning.phase === "working";
      // A search compares recipes by dev loss: it needs dev rows and a method that trains by that loss.
      searching.hidden = !trainsHead(state.recipe.method) || (state.data.parts?.dev.length ?? 0) === 0;
      for (const button of [search, folds])
        button.setAttribute("aria-disabled", String(busy || isTraining(store.state)));
      stop.hidden = !busy;
      refill(outcome, ...outcomeOf(studio, state));
      if (phase !== tuning.phase && tuning.phase === "done") say(saidOf(t, tuning));
      if (phase !== tuning.phase && tuning.error) say(failureLine(t, tuning.error));
      phase = tuning.phase;
    },
    signal,
  );
  return h(
    "details",
    { class: "block", id: "several", open: store.state.tuning.phase === "working" },
    h("summary", {}, t.tuning.title),
    ways,
    outcome,
  );
}

function saidOf(t: Dictionary, { kind, best, spread, parts }: TuningState): string {
  const said = parts?.multiLabel ? t.rowKinds : t.tuning;
  if (kind === "folds") return spread ? said.spread(spread.mean, spread.std) : t.tuning.nothing;
  return best ? said.best(best.trial, best.devAccuracy) : t.tuning.nothing;
}

function outcomeOf(studio: Studio, { tuning, data, model }: State): (HTMLElement | false)[] {
  const { store, t } = studio;
  const { phase, kind, best } = tuning;
  if (phase === "idle" || tuning.parts !== data.parts || tuning.source !== model.source) return [];
  const working = phase === "working" && h("p", { class: "help", role: "status" }, t.tuning.working);
  const said = phase === "done" && h("p", {}, h("strong", {}, saidOf(t, tuning)));
  const take =
    best !== undefined &&
    h(
      "div",
      { class: "actions" },
      h(
        "button",
        { type: "button", id: "several-take", onclick: () => applyBestTrial(store) },
        t.tuning.take,
      ),
    );
  return [
    failureBox(t, tuning.error),
    working,
    kind === "search" && tuning.results.length > 0 && trials(t, tuning),
    kind === "folds" &&
      tuning.scores.length > 0 &&
      h("p", {}, (tuning.parts?.multiLabel ? t.rowKinds : t.tuning).scores(tuning.scores)),
    said,
    take,
  ];
}

function trials(t: Dictionary, { results, best, parts }: TuningState): HTMLElement {
  const heads = [
    t.tuning.trial,
    t.recipe.learningRate.name,
    t.recipe.batchSize.name,
    t.recipe.epochs.name,
    t.tuning.steps,
    t.train.devLoss,
    parts?.multiLabel ? t.rowKinds.exact : t.train.accuracy,
  ];
  return scrolling(
    t.tuning.caption,
    h(
      "table",
      {},
      h("caption", {}, t.tuning.caption),
      h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col", class: "number" }, head)))),
      h(
        "tbody",
        {},
        ...results.map(({ trial, options, steps, devLoss, devAccuracy }) =>
          h(
            "tr",
            {},
            h(
              "th",
              { scope: "row", class: "number" },
              trial === best?.trial && h("span", { class: "badge" }, t.train.best),
              " ",
              trial,
            ),
            ...[
              Number(options.learningRate?.toPrecision(2)),
              options.batchSize,
              options.epochs,
              steps,
              devLoss?.toFixed(3) ?? t.tuning.diverged,
              devAccuracy?.toFixed(3) ?? "–",
            ].map((value) => h("td", { class: "number" }, value)),
          ),
        ),
      ),
    ),
  );
}
