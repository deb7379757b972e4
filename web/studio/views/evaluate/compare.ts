/**
 * The project's runs as a table: what each differs in from the one it is compared with, how good it was, whether the
 * difference could be luck (McNemar's test), and a button that takes its model back. Part of step 4's view; empty
 * while the only run is the current one.
 */
import { compare, type LabelledText } from "../../../src/index.ts";
import { takeBack } from "../../actions/runs.ts";
import { rightOf } from "../../data/records/facts.ts";
import { wilson } from "../../data/wilson.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { valueName } from "../../i18n/option-names.ts";
import type { Base, ProjectRun } from "../../state/evaluation.ts";
import { type Recipe, takesSteps } from "../../state/recipe.ts";
import { isTraining } from "../../state/selectors.ts";
import { h, select } from "../../widgets/dom.ts";
import { block, scrolling } from "../../widgets/layout.ts";
import { mayLeave } from "../project/ask.ts";
import { modelName, type Studio } from "../view.ts";

export function runsOf(studio: Studio): HTMLElement | false {
  const { t } = studio;
  const { runs, project } = studio.store.state;
  const { against } = studio.store.state.evaluation;
  const current =
    [against, project.run].map((number) => runs.find((run) => run.number === number)).find(Boolean) ??
    runs.at(-1);
  // One run alone has nothing beside it, but its model can be taken back once another is in hand.
  if (current === undefined || (runs.length < 2 && project.run !== undefined)) return false;
  const multiLabel = current.report?.threshold !== undefined;
  const heads = [
    multiLabel ? t.rowKinds.exact : t.compare.accuracy,
    t.compare.interval,
    t.compare.thanRun(current.number),
    t.compare.chance,
  ];
  const table = h(
    "table",
    { class: "runs" },
    h("caption", { class: "visually-hidden" }, t.runs.title),
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
    h("tbody", {}, ...[...runs].reverse().map((run) => line(studio, run, current))),
  );
  const choice = select(
    runs.map(({ number }) => ({ value: `${number}`, text: t.compare.runNumber(number) })),
    `${current.number}`,
    (value) => studio.store.patch("evaluation", { against: Number(value) }),
  );
  choice.id = "compare-with";
  return block(
    t.runs.title,
    h("p", { class: "row" }, h("label", { for: "compare-with" }, t.compare.against), choice),
    isTraining(studio.store.state) && h("p", { class: "help", id: "runs-wait" }, t.runs.whileTraining),
    scrolling(t.runs.title, table),
    h("p", { class: "help" }, t.compare.help),
  );
}

function line(studio: Studio, run: ProjectRun, current: ProjectRun): HTMLElement {
  const { t } = studio;
  const { report, recipe } = run;
  const { right, of } = rightOf(run);
  const comparable = run !== current && report && current.report && run.rows.heldKey === current.rows.heldKey;
  const against = comparable ? compare(rowsOf(current), run.predictions, current.predictions) : undefined;
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row" },
      t.compare.name(run.number, t.recipe.methods[recipe.method].name),
      h("p", { class: "help" }, run === current ? recipeOf(t, run) : differences(t, run, current)),
      action(studio, run),
    ),
    h("td", { class: "number" }, report ? t.compare.share(report.accuracy) : t.runs.none),
    h("td", { class: "number" }, report ? t.compare.range(...wilson(right, of)) : t.runs.none),
    h(
      "td",
      { class: "number" },
      run === current ? t.compare.latest : against ? t.compare.points(against.difference) : t.runs.none,
    ),
    h("td", { class: "number" }, against ? t.compare.chanceOf(against.pValue) : t.runs.none),
  );
}

function recipeOf(t: Dictionary, { recipe, base }: ProjectRun): string {
  const name = modelName(t, base);
  return takesSteps(recipe.method) ? t.compare.recipe(name, recipe.epochs, recipe.learningRate) : name;
}

function action(studio: Studio, run: ProjectRun): HTMLElement {
  const { store, t, say } = studio;
  const { number, kept } = run;
  if (number === store.state.project.run) return h("span", { class: "badge" }, t.runs.current);
  if (kept === undefined) return h("span", { class: "help" }, t.runs.notKept);
  const back = async (): Promise<void> => {
    if (isTraining(store.state) || !mayLeave(studio)) return;
    await takeBack(store, number);
    if (store.state.project.run === number) say(t.runs.takenBack(number));
  };
  const waits = isTraining(store.state);
  return h(
    "button",
    {
      type: "button",
      id: `take-back-${number}`,
      "aria-disabled": waits,
      "aria-describedby": waits && "runs-wait",
      "aria-label": t.runs.takeBackNamed(number),
      onclick: () => void back(),
    },
    t.runs.takeBack,
  );
}

/** The labels that both runs were evaluated on: the test looks at nothing else of a row. */
function rowsOf({ rows }: ProjectRun): LabelledText[] {
  return rows.truth.map((label) => ({ text: "-", label }));
}

/** Files are other objects once a project was opened again, so they go by their name. */
function sameBase(a: Base, b: Base): boolean {
  return [a, b].every(({ source }) => typeof source === "string") ? a.source === b.source : a.name === b.name;
}

/** What a run had other than the current one: model, data and options, each with its value. Its name says the method. */
function differences(t: Dictionary, run: ProjectRun, current: ProjectRun): string {
  const found: string[] = [];
  if (!sameBase(run.base, current.base)) found.push(t.runs.other.model(modelName(t, run.base)));
  if (run.rows.trainKey !== current.rows.trainKey) found.push(t.runs.other.data(run.rows.train));
  if (run.rows.heldKey !== current.rows.heldKey) found.push(t.runs.other.held);
  for (const key of Object.keys(current.recipe) as (keyof Recipe)[]) {
    const value = run.recipe[key];
    if (key !== "method" && value !== current.recipe[key])
      found.push(t.runs.change(t.recipe[key].name, valueName(t, key, value)));
  }
  const sameMethod = run.recipe.method === current.recipe.method;
  return found.length > 0 ? t.runs.differs(found) : sameMethod ? t.runs.same : "";
}
