/**
 * Takes the state; gives the rail of the bench and the steps: the current step, what is done, and the outcome of each in one line.
 */
import type { Report } from "../../src/index.ts";
import type { Dictionary } from "../i18n/en.ts";
import { STEPS, type State, type Step } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { h } from "../widgets/dom.ts";
import { modelName } from "./view.ts";

export function rail(store: Store, t: Dictionary, signal: AbortSignal): HTMLElement {
  const items = (["bench", ...STEPS] as const).map((step, index) => {
    const note = h("span", { class: "rail-note" });
    const link = h(
      "a",
      { href: `#${step}` },
      h("span", { class: "rail-number", "aria-hidden": "true" }, step === "bench" ? "≡" : String(index)),
      h("span", { class: "rail-text" }, h("span", { class: "rail-name" }, t.steps[step].name), note),
    );
    const item = h("li", {}, link);
    store.on(
      ["step", "model", "data", "training", "evaluation", "use", "keep"],
      (state) => {
        const { done, text } = summary(state, step, t);
        if (state.step === step) link.setAttribute("aria-current", "step");
        else link.removeAttribute("aria-current");
        item.classList.toggle("done", done);
        note.textContent = text;
        note.title = text;
      },
      signal,
    );
    return item;
  });
  return h("nav", { class: "rail", "aria-label": t.frame.steps }, h("ol", {}, ...items));
}

function scoreOf({ threshold, accuracy, microF1 }: Report, t: Dictionary): string {
  return threshold === undefined ? t.rail.accuracy(accuracy) : t.rowKinds.rail(microF1);
}

function summary(state: State, step: Step, t: Dictionary): { done: boolean; text: string } {
  const { model, data, training, evaluation, use, keep } = state;
  switch (step) {
    case "bench":
      return { done: false, text: "" };
    case "load":
      if (model.phase === "loading") return { done: false, text: t.rail.loading };
      return { done: model.phase === "ready", text: model.phase === "ready" ? modelName(t, model) : "" };
    case "data":
      if (!data.parts) return { done: false, text: "" };
      return {
        done: true,
        text: t.rail.data(
          data.parts.train.length + data.parts.dev.length + data.parts.test.length,
          data.parts.labels.length,
        ),
      };
    case "train":
      if (training.phase === "running" || training.phase === "paused")
        return { done: false, text: t.rail.training(training.step / Math.max(1, training.steps)) };
      return {
        done: training.phase === "done",
        text: training.phase === "done" ? t.rail.trained(training.step) : "",
      };
    case "judge":
      return {
        done: evaluation.report !== undefined,
        text: evaluation.report ? scoreOf(evaluation.report, t) : "",
      };
    case "use":
      return {
        done: use.prediction !== undefined || use.results !== undefined,
        text: use.prediction ? t.rowKinds.list(use.prediction.labels ?? [use.prediction.label]) : "",
      };
    case "keep":
      return { done: keep.files !== undefined, text: keep.files ? t.rail.kept : "" };
  }
}
