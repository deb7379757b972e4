/**
 * The options of step 3 as a form. Takes and sets `state.recipe`; the library says what is out of range.
 */
import { reassemble } from "../dataset.ts";
import { field, h, select } from "../dom.ts";
import type { Recipe } from "../state.ts";
import type { Studio } from "../view.ts";

type NumberKey = { [K in keyof Recipe]: Recipe[K] extends number ? K : never }[keyof Recipe];

export function recipeForm({ store, t }: Studio): { form: HTMLFormElement; controls: HTMLFieldSetElement } {
  const { recipe } = store.state;
  const number = (
    key: NumberKey,
    settings: { min: number; max?: number; step: number | "any" },
  ): HTMLElement => {
    const input = h("input", {
      type: "number",
      inputmode: "decimal",
      required: true,
      ...settings,
      value: String(recipe[key]),
      onchange: () => {
        store.patch("recipe", { [key]: Number(input.value) });
        if (key === "maxLength") reassemble(store);
      },
    });
    return field(`recipe-${key}`, t.recipe[key].name, input, t.recipe[key].help);
  };
  const dropout = h("input", {
    type: "number",
    inputmode: "decimal",
    min: 0,
    max: 0.95,
    step: "any",
    placeholder: t.recipe.dropout.asConfig,
    value: recipe.dropout === "config" ? "" : recipe.dropout,
    onchange: () =>
      store.patch("recipe", { dropout: dropout.value === "" ? "config" : Number(dropout.value) }),
  });
  const poolings = (["checkpoint", "cls", "mean", "max"] as const).map((value) => ({
    value,
    text: value === "checkpoint" ? t.recipe.pooling.checkpoint : t.poolings[value],
  }));
  const schedules = (["linear", "cosine", "constant"] as const).map((value) => ({
    value,
    text: t.recipe.schedule.names[value],
  }));
  const controls = h(
    "fieldset",
    { class: "plain" },
    h("legend", { class: "visually-hidden" }, t.recipe.title),
    h(
      "div",
      { class: "fields" },
      number("epochs", { min: 1, max: 1000, step: 1 }),
      number("learningRate", { min: 0, step: "any" }),
      number("batchSize", { min: 1, max: 1024, step: 1 }),
      number("maxLength", { min: 3, step: 1 }),
      field(
        "recipe-pooling",
        t.recipe.pooling.name,
        select(poolings, recipe.pooling, (pooling) =>
          store.patch("recipe", { pooling: pooling as Recipe["pooling"] }),
        ),
        t.recipe.pooling.help,
      ),
    ),
    h(
      "details",
      { id: "recipe-more" },
      h("summary", {}, t.recipe.more),
      h(
        "div",
        { class: "fields" },
        field(
          "recipe-schedule",
          t.recipe.schedule.name,
          select(schedules, recipe.schedule, (schedule) =>
            store.patch("recipe", { schedule: schedule as Recipe["schedule"] }),
          ),
          t.recipe.schedule.help,
        ),
        number("warmupRatio", { min: 0, max: 1, step: "any" }),
        number("weightDecay", { min: 0, step: "any" }),
        field("recipe-dropout", t.recipe.dropout.name, dropout, t.recipe.dropout.help),
        number("seed", { min: 0, step: 1 }),
      ),
    ),
  );
  return { form: h("form", { class: "block recipe" }, controls), controls };
}
