/**
 * Folded away in step 3: try several recipes, or one on several folds, before training. Shows `state.several`; the work
 * is in several.ts.
 */
import { stopSeveral, takeBest, trySeveral } from "../../actions/tuning.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { trainsHead } from "../../state/recipe.ts";
import { isPretraining, isTraining } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import type { SeveralState } from "../../state/training.ts";
import { field, fill, h, refill } from "../../widgets/dom.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { scrolling } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

export function severalPanel(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const number = (key: "trials" | "minutes" | "folds", min: number, max: number): HTMLElement => {
    const value = store.state.several[key];
    const input = h("input", {
      type: "number",
      inputmode: "decimal",
      min,
      max,
      step: key === "minutes" ? "any" : 1,
      placeholder: key === "minutes" ? t.several.noLimit : undefined,
      value: value > 0 ? value : "",
      onchange: () => {
        if (input.validity.valid) store.patch("several", { [key]: Number(input.value) });
      },
    });
    return field(`several-${key}`, t.several[key].name, input, t.several[key].help);
  };
  const start = (kind: "search" | "folds") => () => {
    if (!isTraining(store.state) && !isPretraining(store.state)) void trySeveral(store, kind);
  };
  const search = h(
    "button",
    { type: "button", id: "several-search", onclick: start("search") },
    t.several.search,
  );
  const folds = h(
    "button",
    { type: "button", id: "several-cross", onclick: start("folds") },
    t.several.cross,
  );
  const stop = h("button", { type: "button", id: "several-stop", onclick: stopSeveral }, t.train.stop);
  const ways = h("div", { class: "stack" });
  const outcome = h("div", { class: "stack" });
  const searching = h(
    "div",
    { class: "stack" },
    h("p", {}, t.several.searchHelp),
    h("div", { class: "fields" }, number("trials", 1, 1000), number("minutes", 0, 10_000)),
    h("div", { class: "actions" }, search),
  );
  fill(
    ways,
    searching,
    h("p", {}, t.several.crossHelp),
    h("div", { class: "fields" }, number("folds", 2, 100)),
    h("div", { class: "actions" }, folds, stop),
  );
  let phase = store.state.several.phase;
  store.on(
    ["several", "recipe", "training", "data", "model"],
    (state) => {
      const { several } = state;
      const busy = several.phase === "working";
      // By dev's loss: without one, or where it is no measure of a recipe, there is nothing to compare by.
      searching.hidden = !trainsHead(state.recipe.method) || (state.data.parts?.dev.length ?? 0) === 0;
      for (const button of [search, folds])
        button.setAttribute("aria-disabled", String(busy || isTraining(store.state)));
      stop.hidden = !busy;
      refill(outcome, ...outcomeOf(studio, state));
      if (phase !== several.phase && several.phase === "done") say(saidOf(t, several));
      if (phase !== several.phase && several.error) say(failureLine(t, several.error));
      phase = several.phase;
    },
    signal,
  );
  return h(
    "details",
    { class: "block", id: "several", open: store.state.several.phase === "working" },
    h("summary", {}, t.several.title),
    ways,
    outcome,
  );
}

function saidOf(t: Dictionary, { kind, best, spread, parts }: SeveralState): string {
  const said = parts?.several ? t.kinds : t.several;
  if (kind === "folds") return spread ? said.spread(spread.mean, spread.std) : t.several.nothing;
  return best ? said.best(best.trial, best.devAccuracy) : t.several.nothing;
}

function outcomeOf(studio: Studio, { several, data, model }: State): (HTMLElement | false)[] {
  const { store, t } = studio;
  const { phase, kind, best } = several;
  if (phase === "idle" || several.parts !== data.parts || several.source !== model.source) return [];
  const working = phase === "working" && h("p", { class: "help", role: "status" }, t.several.working);
  const said = phase === "done" && h("p", {}, h("strong", {}, saidOf(t, several)));
  const take =
    best !== undefined &&
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", id: "several-take", onclick: () => takeBest(store) }, t.several.take),
    );
  return [
    failureBox(t, several.error),
    working,
    kind === "search" && several.lines.length > 0 && trials(t, several),
    kind === "folds" &&
      several.scores.length > 0 &&
      h("p", {}, (several.parts?.several ? t.kinds : t.several).scores(several.scores)),
    said,
    take,
  ];
}

function trials(t: Dictionary, { lines, best, parts }: SeveralState): HTMLElement {
  const heads = [
    t.several.trial,
    t.recipe.learningRate.name,
    t.recipe.batchSize.name,
    t.recipe.epochs.name,
    t.several.steps,
    t.train.devLoss,
    parts?.several ? t.kinds.exact : t.train.accuracy,
  ];
  return scrolling(
    t.several.caption,
    h(
      "table",
      {},
      h("caption", {}, t.several.caption),
      h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col", class: "number" }, head)))),
      h(
        "tbody",
        {},
        ...lines.map(({ trial, options, steps, devLoss, devAccuracy }) =>
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
              devLoss?.toFixed(3) ?? t.several.diverged,
              devAccuracy?.toFixed(3) ?? "–",
            ].map((value) => h("td", { class: "number" }, value)),
          ),
        ),
      ),
    ),
  );
}
