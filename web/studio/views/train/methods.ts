/**
 * The choice of a fine-tuning method: the common methods first, the others folded away, each with its cost and
 * benefit. Takes and sets `state.recipe`.
 */
import type { Method } from "../../../src/index.ts";
import { labelSizes } from "../../data/parts.ts";
import { MAIN_METHODS, OTHER_METHODS, trainsHead, withMethod } from "../../state/recipe.ts";
import { h } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

/** With fewer rows per label, few-shot methods usually do better. */
const FEW_ROWS = 16;

export function methodChoice({ store, t }: Studio): HTMLElement {
  const { recipe, data } = store.state;
  const pill = (method: Method): HTMLElement => {
    const radio = h("input", {
      type: "radio",
      name: "method",
      id: `method-${method}`,
      value: method,
      checked: recipe.method === method,
      onchange: () => store.set({ recipe: withMethod(store.state.recipe, method) }),
    });
    const { name, help } = t.recipe.methods[method];
    return h(
      "label",
      { class: "pill tall", for: `method-${method}` },
      radio,
      h(
        "span",
        {},
        h("strong", {}, name),
        " ",
        h("code", { class: "tag" }, method),
        h("span", { class: "help" }, help),
      ),
    );
  };
  const multiLabel = data.parts?.multiLabel === true;
  // Methods that set the head from the rows of each label need single-label rows.
  const main = MAIN_METHODS.filter((method) => !multiLabel || trainsHead(method));
  const { least } = data.parts ? labelSizes(data.parts) : { least: FEW_ROWS };
  return h(
    "fieldset",
    { class: "plain methods" },
    h("legend", {}, t.recipe.method),
    least < FEW_ROWS && !multiLabel && h("p", { class: "notice-line" }, t.recipe.fewRows(least)),
    h("div", { class: "pills" }, ...main.map(pill)),
    h(
      "details",
      { id: "recipe-methods", open: OTHER_METHODS.some((method) => method === recipe.method) },
      h("summary", {}, t.recipe.otherMethods),
      h("div", { class: "pills" }, ...OTHER_METHODS.map(pill)),
    ),
    h("p", { class: "help" }, h("a", { href: "./docs/#methods" }, t.recipe.methodLink)),
  );
}
