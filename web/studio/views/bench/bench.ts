/**
 * The bench: examples, model and trying side by side; for a new visitor the first screen. Shows `state.data`, `state.model` and
 * `state.bench`; the work is in the actions.
 */
import { lookAtDefaultModel } from "../../actions/default-model.ts";
import { hasExamples } from "../../state/selectors.ts";
import { h, refill } from "../../widgets/dom.ts";
import type { Studio, View } from "../view.ts";
import { examplesPanel } from "./examples.ts";
import { firstScreen } from "./first.ts";
import { modelPanel } from "./model.ts";
import { tryPanel } from "./try.ts";

export const benchStep: View = (studio) => {
  const { store, signal } = studio;
  if (store.state.model.phase === "none") void lookAtDefaultModel(store);
  const root = h("div", { class: "bench-root" });
  let shown: "first" | "bench" | undefined;
  let inside = new AbortController();
  store.on(
    ["bench", "data"],
    (state) => {
      const wanted = state.bench.begun || hasExamples(state) ? "bench" : "first";
      if (wanted === shown) return;
      shown = wanted;
      inside.abort();
      inside = new AbortController();
      const own: Studio = { ...studio, signal: AbortSignal.any([signal, inside.signal]) };
      refill(
        root,
        wanted === "first"
          ? firstScreen(own)
          : h("div", { class: "bench" }, examplesPanel(own), modelPanel(own), tryPanel(own)),
      );
    },
    signal,
  );
  return [root];
};
