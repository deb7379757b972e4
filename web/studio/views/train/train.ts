/**
 * Step 3: choose the few options that matter, start, and watch. Shows `state.recipe` and
 * `state.training`; the work is in training.ts.
 */
import {
  isTraining,
  pauseTraining,
  resumeTraining,
  startTraining,
  stopTraining,
} from "../../actions/finetune.ts";
import { currentInspection } from "../../actions/inspect.ts";
import { currentForecast, foretell, stopForetelling } from "../../actions/plan.ts";
import { isPretraining } from "../../actions/pretrain.ts";
import { stopSeveral } from "../../actions/tuning.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { Forecast, State, TrainingState } from "../../state/state.ts";
import { progressBar } from "../../widgets/bars.ts";
import { fill, h, refill } from "../../widgets/dom.ts";
import { failureBox, failureLine, noticeList } from "../../widgets/failure.ts";
import { nextLink, type View, waitingFor } from "../view.ts";
import { curvesOf } from "./curves.ts";
import { pretrainPanel } from "./pretrain.ts";
import { recipeForm } from "./recipe.ts";
import { severalPanel } from "./tuning.ts";

export const trainStep: View = (studio) => {
  const { store, t, say, signal } = studio;
  if (store.state.model.phase === "none" || store.state.model.phase === "failed")
    return [waitingFor(t, t.train.needsModel, "load")];
  if (!store.state.data.parts) return [waitingFor(t, t.train.needsData, "data"), ...pretrainPanel(studio)];

  const worth = h("div");
  store.on(["inspection", "data"], (state) => fill(worth, reportLine(t, state)), signal);
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
    { type: "button", id: "train-foretell", onclick: () => void foretell(store) },
    t.train.foretell,
  );
  const forecast = h("div", { id: "train-forecast", role: "status" });
  store.on(
    ["forecast", "recipe", "data", "model", "device"],
    (state) => {
      const current = currentForecast(state);
      ask.setAttribute("aria-disabled", String(current?.phase === "working"));
      fill(forecast, forecastLine(t, current));
    },
    signal,
  );
  form.append(forecast, h("div", { class: "actions" }, start, ask, pause, stop));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    stopForetelling();
    stopSeveral();
    void startTraining(store);
    pause.focus();
  });

  store.on(
    ["pretraining", "model"],
    ({ model }) => {
      start.setAttribute("aria-disabled", String(isPretraining(store) || model.phase !== "ready"));
    },
    signal,
  );
  const status = h("div", { class: "run-status" });
  const curves = curvesOf(studio);
  const after = h("div");
  let phase: TrainingState["phase"] | undefined;
  let linesSaid = store.state.training.lines.length;
  store.on(
    ["training"],
    ({ training }) => {
      const busy = isTraining(store);
      controls.disabled = busy;
      start.hidden = busy;
      ask.hidden = busy;
      forecast.hidden = busy;
      start.textContent = training.phase === "idle" ? t.train.start : t.train.again;
      pause.hidden = !busy;
      stop.hidden = !busy;
      // Not `disabled`: that would throw away the focus that the start button handed on.
      pause.setAttribute(
        "aria-disabled",
        String(training.phase !== "running" && training.phase !== "paused"),
      );
      stop.setAttribute("aria-disabled", String(training.phase === "stopping"));
      pause.textContent = training.phase === "paused" ? t.train.resume : t.train.pause;
      showStatus(status, t, store.state);
      curves.element.hidden = training.steps === 0 && training.lines.length === 0;
      curves.draw(training);
      const line = training.lines.at(-1);
      const saidEpoch = training.parts?.several ? t.kinds.saidEpoch : t.train.saidEpoch;
      if (line && training.lines.length > linesSaid)
        say(saidEpoch(line.epoch, line.trainLoss, line.dev?.microF1));
      linesSaid = training.lines.length;
      if (phase !== training.phase) {
        refill(after, training.phase === "done" && nextLink(t, "judge"));
        if (phase !== undefined) sayPhase(t, training, say);
        // The button that had the focus is gone: the next useful one takes it.
        if (phase !== undefined && !busy && document.activeElement === document.body)
          start.focus({ preventScroll: true });
      }
      phase = training.phase;
    },
    signal,
  );
  return [worth, ...pretrainPanel(studio), form, severalPanel(studio), status, curves.element, after];
};

/** That the data report found something, where it did. */
function reportLine(t: Dictionary, state: State): HTMLElement | false {
  const found = currentInspection(state)?.report?.findings.length ?? 0;
  if (found === 0) return false;
  return h(
    "p",
    { class: "notice-line" },
    t.train.reportFound(found),
    " ",
    h("a", { href: "#data" }, t.train.reportLink),
  );
}

function forecastLine(t: Dictionary, forecast: Forecast | undefined): HTMLElement | false {
  if (forecast === undefined) return false;
  if (forecast.phase === "working") return h("p", { class: "help" }, t.train.foretelling);
  const { plan } = forecast;
  if (plan === undefined) return failureBox(t, forecast.error);
  if (plan.fits) {
    return h("p", { class: "help" }, t.train.willTake(plan.steps, (plan.minutes ?? 0) * 60, plan.peakBytes));
  }
  const text = () => t.train.willNotFit(plan.peakBytes, plan.limitBytes ?? 0, plan.proposal);
  return noticeList(t, [{ level: "warning", text }]);
}

function showStatus(status: HTMLElement, t: Dictionary, { training, model }: State): void {
  const { phase } = training;
  const parameters = model.info?.parameters ?? training.trainedParameters;
  if (phase === "idle" || phase === "failed") {
    fill(status, failureBox(t, training.error));
    return;
  }
  const text =
    phase === "preparing"
      ? t.train.preparing
      : phase === "done"
        ? t.train.reasons[training.reason ?? "finished"](training.step, training.milliseconds / 1000)
        : t.train.progress(training.step, training.steps, training.epoch, training.epochs);
  const left =
    phase === "paused"
      ? t.train.paused
      : phase === "stopping"
        ? t.train.stopping
        : training.secondsLeft !== undefined
          ? t.train.left(training.secondsLeft)
          : "";
  fill(
    status,
    h(
      "div",
      { class: "block progress-block" },
      h("p", { class: "progress-line" }, h("span", {}, text), h("span", { class: "help" }, left)),
      phase === "done"
        ? progressBar(t.train.progressLabel, Math.max(1, training.step), Math.max(1, training.steps))
        : progressBar(
            t.train.progressLabel,
            training.step,
            phase === "preparing" ? undefined : training.steps,
          ),
      training.trainedParameters > 0 &&
        h("p", { class: "help" }, t.train.trained(training.trainedParameters, parameters)),
      training.restoredEpoch !== undefined &&
        h("p", { class: "help" }, t.train.restored(training.restoredEpoch)),
      training.truncatedRows > 0 && h("p", { class: "help" }, t.train.truncated(training.truncatedRows)),
    ),
  );
}

function sayPhase(t: Dictionary, training: TrainingState, say: (text: string) => void): void {
  if (training.phase === "done")
    say(t.train.reasons[training.reason ?? "finished"](training.step, training.milliseconds / 1000));
  else if (training.phase === "failed" && training.error) say(failureLine(t, training.error));
  else if (training.phase === "preparing") say(t.train.preparing);
  else if (training.phase === "paused") say(t.train.paused);
}
