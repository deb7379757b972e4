/**
 * Step 3: choose a recipe, start a run and watch it. Shows `state.recipe` and `state.training`; the work is in
 * actions/finetune.ts.
 */
import { pauseTraining, resumeTraining, startTraining, stopTraining } from "../../actions/finetune.ts";
import { planRun, stopPlanning } from "../../actions/plan.ts";
import { stopTuning } from "../../actions/tuning.ts";
import { currentPlan, isPretraining, isTraining, lacksExamples } from "../../state/selectors.ts";
import type { TrainingState } from "../../state/training.ts";
import { fill, h, refill } from "../../widgets/dom.ts";
import { mayLoseModel } from "../project/ask.ts";
import { nextLink, onceThere, type View, waitingFor } from "../view.ts";
import { curvesOf } from "./curves.ts";
import { pretrainPanel } from "./pretrain.ts";
import { recipeForm } from "./recipe.ts";
import { planLine, reportLine, sayPhase, showStatus } from "./status.ts";
import { tuningPanel } from "./tuning.ts";

export const trainStep: View = (studio) => [
  onceThere(studio, lacksExamples, (own, lacks) => {
    const { t } = own;
    if (lacks === "model") return [waitingFor(t, t.train.needsModel, "load")];
    if (lacks) return [waitingFor(t, t.train.needsData, "data"), ...pretrainPanel(own)];
    return runParts(own);
  }),
];

const runParts: View = (studio) => {
  const { store, t, say, signal } = studio;
  const reportNote = h("div");
  store.on(["inspection", "data"], (state) => fill(reportNote, reportLine(t, state)), signal);
  const { form, controls } = recipeForm(studio);
  const start = h("button", { type: "submit", class: "primary", id: "train-start" }, t.train.start);
  const pause = h("button", { type: "button", id: "train-pause" }, t.train.pause);
  const stop = h(
    "button",
    { type: "button", id: "train-stop", onclick: () => stopTraining(store) },
    t.train.stop,
  );
  pause.addEventListener("click", () =>
    store.state.training.phase === "paused" ? resumeTraining(store) : pauseTraining(store),
  );
  const ask = h(
    "button",
    { type: "button", id: "train-foretell", onclick: () => void planRun(store) },
    t.train.plan,
  );
  const plan = h("div", { id: "train-forecast", role: "status" });
  store.on(
    ["plan", "recipe", "data", "model", "device"],
    (state) => {
      const current = currentPlan(state);
      ask.setAttribute("aria-disabled", String(current?.phase === "working"));
      fill(plan, planLine(t, current));
    },
    signal,
  );
  form.append(plan, h("div", { class: "actions" }, start, ask, pause, stop));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isTraining(store.state) && !mayLoseModel(studio)) return;
    stopPlanning(store);
    stopTuning();
    void startTraining(store);
    pause.focus();
  });

  store.on(
    ["pretraining", "model"],
    ({ model }) => {
      start.setAttribute("aria-disabled", String(isPretraining(store.state) || model.phase !== "ready"));
    },
    signal,
  );
  const status = h("div", { class: "run-status" });
  const curves = curvesOf(studio);
  const after = h("div");
  let phase: TrainingState["phase"] | undefined;
  let epochsSaid = store.state.training.epochResults.length;
  store.on(
    ["training"],
    ({ training }) => {
      const busy = isTraining(store.state);
      controls.disabled = busy;
      start.hidden = busy;
      ask.hidden = busy;
      plan.hidden = busy;
      start.textContent = training.phase === "idle" ? t.train.start : t.train.again;
      pause.hidden = !busy;
      stop.hidden = !busy;
      // Not `disabled`, which would lose the focus that the start button passed on.
      pause.setAttribute(
        "aria-disabled",
        String(training.phase !== "running" && training.phase !== "paused"),
      );
      stop.setAttribute("aria-disabled", String(training.phase === "stopping"));
      pause.textContent = training.phase === "paused" ? t.train.resume : t.train.pause;
      showStatus(status, t, store.state);
      curves.element.hidden = training.steps === 0 && training.epochResults.length === 0;
      curves.draw(training);
      const line = training.epochResults.at(-1);
      const saidEpoch = training.parts?.multiLabel ? t.rowKinds.saidEpoch : t.train.saidEpoch;
      if (line && training.epochResults.length > epochsSaid)
        say(saidEpoch(line.epoch, line.trainLoss, line.dev?.microF1));
      epochsSaid = training.epochResults.length;
      if (phase !== training.phase) {
        refill(after, training.phase === "done" && nextLink(t, "judge"));
        if (phase !== undefined) sayPhase(t, training, say);
        // The button that had the focus is hidden: the next useful one takes it.
        if (phase !== undefined && !busy && document.activeElement === document.body)
          start.focus({ preventScroll: true });
      }
      phase = training.phase;
    },
    signal,
  );
  return [reportNote, ...pretrainPanel(studio), form, tuningPanel(studio), status, curves.element, after];
};
