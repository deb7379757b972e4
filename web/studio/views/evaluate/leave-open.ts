/**
 * The limit under which answers are left open: what it leaves, and how right the rest is. Part of step 4's view.
 */
import { leaveOpenBelow } from "../../actions/classify.ts";
import { leftOpen } from "../../data/certainty.ts";
import { h } from "../../widgets/dom.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

/** The block, hidden until there are answers. The slider itself stays while it is moved. */
export function leaveOpenBlock({ store, t, signal }: Studio): HTMLElement {
  const slider = h("input", {
    type: "range",
    id: "leave-open",
    min: 0,
    max: 99,
    step: 1,
    value: Math.round(store.state.use.leaveOpen * 100),
    "aria-describedby": "leave-open-result",
    oninput: () => leaveOpenBelow(store, Number(slider.value) / 100),
  });
  const value = h("output", { for: "leave-open" });
  const result = h("p", { id: "leave-open-result" });
  const element = block(
    t.evaluation.leaveOpen.title,
    h("p", { class: "row" }, h("label", { for: "leave-open" }, t.evaluation.leaveOpen.label), slider, value),
    result,
    h("p", { class: "help" }, t.evaluation.leaveOpen.help),
  );
  store.on(
    ["evaluation", "use"],
    ({ evaluation: { answers, report }, use }) => {
      element.hidden = answers.length === 0 || report === undefined;
      const { open, answered, right } = leftOpen(answers, use.leaveOpen);
      const percent = t.wholePercent(use.leaveOpen);
      slider.setAttribute("aria-valuetext", percent);
      value.textContent = percent;
      result.textContent =
        use.leaveOpen === 0
          ? t.evaluation.leaveOpen.none
          : t.evaluation.leaveOpen.result(open, answered, right);
    },
    signal,
  );
  return element;
}
