/**
 * The progress and outcome of pretraining: perplexity, loss, and that training starts from the pretrained model.
 * Part of step 3's view; shows `state.pretraining`.
 */
import { restoreOriginal } from "../../actions/pretrain.ts";
import type { PretrainingState } from "../../state/masked-lm.ts";
import { isPretraining, isTraining } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import { progressBar } from "../../widgets/bars.ts";
import { lineChart, smoothed } from "../../widgets/chart.ts";
import { h } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { downloadFolder } from "../../widgets/files.ts";
import type { Studio } from "../view.ts";

const FOLDER = "my-base-model";

export function statusOf({ t }: Studio, state: PretrainingState): (HTMLElement | false)[] {
  const { phase, before, after, step, steps } = state;
  if (phase === "idle" || phase === "failed") return [failureBox(t, state.error)];
  const seconds = state.milliseconds / 1000;
  const saving = phase !== "done" && state.reason !== undefined;
  const text = saving
    ? t.pretrain.saving
    : phase === "preparing"
      ? t.pretrain.preparing
      : phase === "done"
        ? t.pretrain.reasons[state.reason ?? "finished"](step, seconds)
        : t.train.progress(step, steps, state.epoch, state.epochs);
  const left =
    phase === "stopping" && !saving
      ? t.train.stopping
      : state.secondsLeft === undefined
        ? ""
        : t.train.left(state.secondsLeft);
  const total = phase === "preparing" ? undefined : Math.max(1, steps);
  return [
    h("p", { class: "progress-line" }, h("span", {}, text), h("span", { class: "help" }, left)),
    progressBar(t.pretrain.progressLabel, step, total),
    before !== undefined &&
      h(
        "div",
        { class: "stack", id: "pretrain-perplexity" },
        h("p", {}, h("strong", {}, t.pretrain.perplexity)),
        h(
          "div",
          { class: "figures" },
          figure(t.pretrain.before, t.pretrain.value(before.perplexity)),
          after !== undefined &&
            figure(
              phase === "done" ? t.pretrain.after : t.pretrain.soFar,
              t.pretrain.value(after.perplexity),
            ),
        ),
        h("p", { class: "help" }, t.pretrain.perplexityHelp),
        state.newHead && h("p", { class: "help" }, t.pretrain.newHead),
      ),
  ];
}

function figure(name: string, value: string): HTMLElement {
  return h("div", {}, h("p", { class: "figure-name" }, name), h("p", { class: "figure-value" }, value));
}

export function lossChart({ t, signal }: Studio): {
  element: HTMLElement;
  draw: (state: PretrainingState) => void;
} {
  const chart = lineChart(
    t.pretrain.lossTitle,
    t.train.step,
    [
      { label: t.train.lossNow, colour: "--faint-line", width: 1 },
      { label: t.train.lossSmooth, colour: "--accent", width: 2.5 },
      { label: t.pretrain.heldOut, colour: "--ink", dash: [5, 4], points: true },
    ],
    undefined,
    signal,
  );
  let drawn = -1;
  return {
    element: chart.element,
    draw: (state) => {
      const { losses, heldOut } = state;
      chart.element.hidden = losses.length === 0;
      if (losses.length === 0) return;
      const size = losses.length + heldOut.length + (state.phase === "done" ? 1 : 0);
      if (size === drawn) return;
      drawn = size;
      const dev: (number | null)[] = new Array(losses.length + 1).fill(null);
      for (const { step, loss } of heldOut) dev[step] = loss;
      chart.draw(
        // The held-out loss is measured before the first step too.
        [[0, ...state.stepNumbers], [null, ...losses], [null, ...smoothed(losses)], dev],
        state.phase === "done" ? state.step : state.steps,
        t.train.lossSummary(losses[0], losses.at(-1), state.step),
      );
    },
  };
}

/** The note that training starts from a pretrained model, and the way back to the original. */
export function originNote({ store, t }: Studio, { model, pretraining }: State): HTMLElement | false {
  if (model.original === undefined) return false;
  const { files } = pretraining;
  const busy = isTraining(store.state) || isPretraining(store.state) || model.phase !== "ready";
  const save = async (): Promise<void> => {
    if (files !== undefined) await downloadFolder(files, FOLDER);
  };
  return h(
    "div",
    { class: "notice-line stack", id: "pretrain-from" },
    h("p", {}, t.pretrain.startsFrom(model.name)),
    h(
      "div",
      { class: "actions" },
      h(
        "button",
        {
          type: "button",
          id: "pretrain-back",
          "aria-disabled": String(busy),
          onclick: () => {
            if (!isTraining(store.state) && !isPretraining(store.state)) void restoreOriginal(store);
          },
        },
        t.pretrain.goBack,
      ),
      files !== undefined &&
        h(
          "button",
          { type: "button", id: "pretrain-download", onclick: () => void save() },
          t.pretrain.download,
        ),
    ),
    files !== undefined && h("p", { class: "help" }, t.pretrain.downloadHelp),
  );
}
