/**
 * Step 3: choose the few options that matter, start, and watch. Shows `state.recipe` and
 * `state.training`; the work is in training.ts.
 */
import { progressBar } from "../bars.ts";
import { lineChart, smoothed } from "../chart.ts";
import { fill, h, refill } from "../dom.ts";
import { failureBox, failureLine, noticeList } from "../failure.ts";
import { currentForecast, foretell, stopForetelling } from "../forecast.ts";
import type { Dictionary } from "../i18n/en.ts";
import type { Forecast, TrainingState } from "../state.ts";
import { isTraining, pauseTraining, resumeTraining, startTraining, stopTraining } from "../training.ts";
import { nextLink, scrolling, type View, waitingFor } from "../view.ts";
import { recipeForm } from "./recipe.ts";

export const trainStep: View = (studio) => {
  const { store, t, say, signal } = studio;
  if (store.state.model.phase === "none" || store.state.model.phase === "failed")
    return [waitingFor(t, t.train.needsModel, "load")];
  if (!store.state.data.parts) return [waitingFor(t, t.train.needsData, "data")];

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
    void startTraining(store);
    pause.focus();
  });

  const status = h("div", { class: "run-status" });
  const loss = lineChart(
    t.train.lossTitle,
    t.train.step,
    [
      { label: t.train.lossNow, colour: "--faint-line", width: 1 },
      { label: t.train.lossSmooth, colour: "--accent", width: 2.5 },
      { label: t.train.devLoss, colour: "--ink", dash: [5, 4], points: true },
    ],
    undefined,
    signal,
  );
  const accuracy = lineChart(
    t.train.accuracyTitle,
    t.train.epoch,
    [
      { label: t.train.accuracy, colour: "--accent", points: true },
      { label: t.train.macroF1, colour: "--ink", dash: [5, 4], points: true },
    ],
    [0, 1],
    signal,
  );
  const numbers = h("div");
  const curves = h(
    "section",
    { class: "block curves", "aria-label": t.train.curves },
    h("div", { class: "charts" }, loss.element, accuracy.element),
    h("p", { class: "help" }, t.train.curvesHelp),
    numbers,
  );
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
      showStatus(status, t, training);
      curves.hidden = training.steps === 0;
      drawCurves(t, training, loss, accuracy);
      if (training.lines.length !== linesSaid || phase === undefined) {
        fill(numbers, numbersTable(t, training));
        const line = training.lines.at(-1);
        if (line && training.lines.length > linesSaid)
          say(t.train.saidEpoch(line.epoch, line.trainLoss, line.dev?.accuracy));
        linesSaid = training.lines.length;
      }
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
  return [form, status, curves, after];
};

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

function showStatus(status: HTMLElement, t: Dictionary, training: TrainingState): void {
  const { phase } = training;
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
      progressBar(t.train.progressLabel, training.step, phase === "preparing" ? undefined : training.steps),
      training.truncatedRows > 0 && h("p", { class: "help" }, t.train.truncated(training.truncatedRows)),
    ),
  );
}

function drawCurves(
  t: Dictionary,
  training: TrainingState,
  loss: ReturnType<typeof lineChart>,
  accuracy: ReturnType<typeof lineChart>,
): void {
  const { stepNumbers, losses, lines } = training;
  const dev: (number | null)[] = new Array(losses.length).fill(null);
  for (const line of lines) dev[line.step - 1] = line.dev?.loss ?? null;
  const last = lines.at(-1);
  loss.draw(
    [stepNumbers, losses, smoothed(losses), dev],
    training.phase === "done" ? training.step : training.steps,
    t.train.lossSummary(losses[0], losses.at(-1), training.step),
  );
  accuracy.draw(
    [
      lines.map((line) => line.epoch),
      lines.map((line) => line.dev?.accuracy ?? null),
      lines.map((line) => line.dev?.macroF1 ?? null),
    ],
    training.epochs,
    last?.dev ? t.train.accuracySummary(last.epoch, last.dev.accuracy, last.dev.macroF1) : t.train.noDevYet,
  );
  accuracy.element.hidden = training.phase === "done" && !lines.some((line) => line.dev);
}

/** The curves as numbers, an epoch a line. */
function numbersTable(t: Dictionary, training: TrainingState): HTMLElement | false {
  if (training.lines.length === 0) return false;
  const number = (value: number | undefined, digits = 3): string => value?.toFixed(digits) ?? "–";
  const heads = [
    t.train.epoch,
    t.train.trainLoss,
    t.train.devLoss,
    t.train.accuracy,
    t.train.macroF1,
    t.train.seconds,
  ];
  return scrolling(
    t.train.numbers,
    h(
      "table",
      {},
      h("caption", {}, t.train.numbers),
      h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col", class: "number" }, head)))),
      h(
        "tbody",
        {},
        ...training.lines.map(({ epoch, trainLoss, dev, milliseconds }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row", class: "number" }, epoch),
            ...[
              number(trainLoss),
              number(dev?.loss),
              number(dev?.accuracy),
              number(dev?.macroF1),
              number(milliseconds / 1000, 1),
            ].map((text) => h("td", { class: "number" }, text)),
          ),
        ),
      ),
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
