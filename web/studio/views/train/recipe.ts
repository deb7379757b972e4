/**
 * The options of step 3 as a form: the few that matter, and the others folded away. It shows only options that the
 * method takes. Takes and sets `state.recipe`; the library says what is out of range.
 */
import { LIMITS } from "../../../src/shared/defaults.ts";
import { labelSizes } from "../../data/parts.ts";
import { type Recipe, takesSteps, trainsHead, trainsLayers } from "../../state/recipe.ts";
import { field, h, refill, select } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";
import { methodChoice } from "./methods.ts";

type KeysOf<Value> = { [K in keyof Recipe]: Recipe[K] extends Value ? K : never }[keyof Recipe];
type NumberKey = KeysOf<number>;
/** Ratio of the largest to the smallest label from which the page suggests class weights. */
const IMBALANCE = 3;

export function recipeForm(studio: Studio): { form: HTMLFormElement; controls: HTMLFieldSetElement } {
  const { store, t, signal } = studio;
  const fields = h("div", { class: "stack recipe-fields" });
  const controls = h(
    "fieldset",
    { class: "plain" },
    h("legend", { class: "visually-hidden" }, t.recipe.title),
    methodChoice(studio),
    fields,
  );
  let shown = "";
  store.on(
    ["recipe", "data"],
    ({ recipe }) => {
      // Fields are rebuilt only if the method or the class weights change.
      const kind = `${recipe.method} ${recipe.classWeights}`;
      if (kind !== shown) refill(fields, ...fieldsOf(studio, recipe));
      shown = kind;
      follow(fields, recipe);
      markOutOfRange(studio, fields);
      const method = controls.querySelector<HTMLInputElement>(`#method-${recipe.method}`);
      if (method) method.checked = true;
    },
    signal,
  );
  return { form: h("form", { class: "block recipe" }, controls), controls };
}

/** A search, a model, or a project that is opened changes the recipe from outside the form. */
function follow(fields: HTMLElement, recipe: Recipe): void {
  for (const [key, value] of Object.entries(recipe)) {
    const control = fields.querySelector<HTMLInputElement | HTMLSelectElement>(`#recipe-${key}`);
    // What is being typed is not taken from under the hands.
    if (!control || control === document.activeElement) continue;
    const text = value === "config" || (key === "patience" && value === 0) ? "" : String(value);
    const same = typeof value === "number" && control.value !== "" && Number(control.value) === value;
    if (control.value !== text && !same) control.value = text;
  }
}

/** What is out of range is told beside its field: a project that is opened may have brought it. */
function markOutOfRange({ t }: Studio, fields: HTMLElement): void {
  for (const input of fields.querySelectorAll<HTMLInputElement>("input[type=number]")) {
    const { id, min, max, step, validity } = input;
    if (validity.valid !== input.hasAttribute("aria-invalid")) continue;
    const line = `${id}-range`;
    input.parentElement?.querySelector(".out-of-range")?.remove();
    input.setAttribute("aria-describedby", validity.valid ? `${id}-help` : `${line} ${id}-help`);
    if (validity.valid) {
      input.removeAttribute("aria-invalid");
      continue;
    }
    input.setAttribute("aria-invalid", "true");
    input.after(h("p", { class: "out-of-range", id: line }, t.recipe.outOfRange(min, max, step !== "any")));
    input.closest("details")?.setAttribute("open", "");
  }
}

function fieldsOf(studio: Studio, recipe: Recipe): (HTMLElement | false)[] {
  const { t } = studio;
  const { number, choice } = controlsOf(studio);
  const { method } = recipe;
  const steps = takesSteps(method);
  const size = {
    lora: [number("rank", ...LIMITS.rank), number("alpha", 0), choice("targets", ["attention", "all"])],
    adalora: [number("rank", ...LIMITS.rank), number("alpha", 0), choice("targets", ["attention", "all"])],
    adapter: [number("adapterSize", ...LIMITS.adapterSize)],
    prompt: [number("virtualTokens", ...LIMITS.virtualTokens)],
    prefix: [number("virtualTokens", ...LIMITS.virtualTokens)],
  }[method as string];
  return [
    h(
      "div",
      { class: "fields" },
      steps && number("epochs", ...LIMITS.epochs),
      steps && number("learningRate", 0, 1),
      steps && number("batchSize", ...LIMITS.batchSize),
      number("maxLength", 3),
      pooling(studio),
    ),
    trainsHead(method) && imbalance(studio, recipe),
    size !== undefined &&
      h(
        "details",
        { id: "recipe-size" },
        h("summary", {}, t.recipe.methodMore),
        h("div", { class: "fields" }, ...size),
      ),
    steps && moreOptions(studio, recipe),
  ];
}

/** Number fields and drop-downs that are bound to a field of the recipe. */
function controlsOf({ store, t }: Studio) {
  const number = (key: NumberKey, min: number, max?: number): HTMLElement => {
    const input = h("input", {
      type: "number",
      inputmode: "decimal",
      required: true,
      min,
      max,
      step: max === undefined || max === 1 ? "any" : 1,
      value: String(store.state.recipe[key]),
      onchange: () => store.patch("recipe", { [key]: Number(input.value) }),
    });
    return field(`recipe-${key}`, t.recipe[key].name, input, t.recipe[key].help);
  };
  const choice = <K extends "targets" | "schedule" | "classWeights">(
    key: K,
    values: readonly Recipe[K][],
  ): HTMLElement => {
    const { name, help, names } = t.recipe[key];
    const options = values.map((value) => ({
      value,
      text: (names as Record<string, string>)[value] ?? value,
    }));
    const set = (value: string): void => store.patch("recipe", { [key]: value });
    return field(`recipe-${key}`, name, select(options, store.state.recipe[key], set), help);
  };
  return { number, choice };
}

function pooling({ store, t }: Studio): HTMLElement {
  const options = (["checkpoint", "pooler", "cls", "mean", "max"] as const).map((value) => ({
    value,
    text: value === "checkpoint" ? t.recipe.pooling.checkpoint : t.poolings[value],
  }));
  const control = select(options, store.state.recipe.pooling, (value) =>
    store.patch("recipe", { pooling: value as Recipe["pooling"] }),
  );
  return field("recipe-pooling", t.recipe.pooling.name, control, t.recipe.pooling.help);
}

/** If labels are imbalanced: a note, and the switch for class weights. */
function imbalance({ store, t }: Studio, recipe: Recipe): HTMLElement | false {
  const { parts } = store.state.data;
  const { least, most } = parts ? labelSizes(parts) : { least: 1, most: 1 };
  if (most < IMBALANCE * least) return false;
  const on = recipe.classWeights === "balanced";
  const toggle = h("input", {
    type: "checkbox",
    id: "recipe-balance",
    checked: on,
    onchange: () => store.patch("recipe", { classWeights: toggle.checked ? "balanced" : "none" }),
  });
  return h(
    "div",
    { class: "notice-line row" },
    h("span", {}, t.recipe.uneven(most / Math.max(1, least))),
    h("label", { class: "check", for: "recipe-balance" }, toggle, t.recipe.balance),
  );
}

function moreOptions(studio: Studio, recipe: Recipe): HTMLElement {
  const { store, t } = studio;
  const { number, choice } = controlsOf(studio);
  const optional = (
    key: "dropout" | "patience",
    empty: Recipe[typeof key],
    placeholder: string,
    max: number,
  ): HTMLElement => {
    const input = h("input", {
      type: "number",
      inputmode: "decimal",
      min: key === "patience" ? 1 : 0,
      max,
      step: key === "patience" ? 1 : "any",
      placeholder,
      value: recipe[key] === empty ? "" : recipe[key],
      onchange: () => store.patch("recipe", { [key]: input.value === "" ? empty : Number(input.value) }),
    });
    return field(`recipe-${key}`, t.recipe[key].name, input, t.recipe[key].help);
  };
  const labels = trainsHead(recipe.method);
  const layers = trainsLayers(recipe.method);
  const hasDev = (store.state.data.parts?.dev.length ?? 0) > 0;
  return h(
    "details",
    { id: "recipe-more" },
    h("summary", {}, t.recipe.more),
    h(
      "div",
      { class: "fields" },
      labels && hasDev && optional("patience", 0, t.recipe.patience.never, LIMITS.patience[1]),
      labels && choice("classWeights", ["none", "balanced"]),
      labels && number("labelSmoothing", 0, 1),
      number("accumulate", ...LIMITS.accumulate),
      layers && number("freezeLayers", 0, store.state.model.info?.layers ?? 1000),
      layers && number("layerDecay", 0, 1),
      choice("schedule", ["linear", "cosine", "constant"]),
      number("warmupRatio", 0, 1),
      number("weightDecay", 0, 1),
      optional("dropout", "config", t.recipe.dropout.asConfig, 0.95),
      number("seed", 0, Number.MAX_SAFE_INTEGER),
    ),
  );
}
