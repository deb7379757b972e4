/**
 * The model of the bench: its loading, what it has read, how well the examples are told apart, training, and what to do next.
 * Shows `state.model`, `state.bench` and `state.training`.
 */
import { loadDefaultModel } from "../../actions/default-model.ts";
import { pauseTraining, resumeTraining, stopTraining } from "../../actions/finetune.ts";
import { cancelLoading } from "../../actions/model.ts";
import { currentInspection, isTraining } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import { progressBar } from "../../widgets/bars.ts";
import { h, refill } from "../../widgets/dom.ts";
import { failureBox, noticeList } from "../../widgets/failure.ts";
import { alikeNotices, noticesOf } from "../data/findings.ts";
import { curvesOf } from "../train/curves.ts";
import { modelName, type Studio } from "../view.ts";
import { standing, trainedLine } from "./standing.ts";

/** What a label of fewer rows is told, the bench tells by itself. */
const TOLD_HERE = "few-rows";
/** Of these, one is there at a time: before, in and after loading, and in a run. */
const SUCCESSORS = "#bench-load, #bench-cancel, #bench-pause, #bench-train";
/** No example helps a model that does not know the words: this stands in sight. */
const UNREADABLE = "unknown-tokens";

export function modelPanel(studio: Studio): HTMLElement {
  const { store, t, signal, say } = studio;
  const inside = h("div", { class: "stack" });
  const curves = curvesOf(studio);
  let phase = store.state.training.phase;
  store.on(
    ["model", "bench", "data", "training", "inspection", "evaluation", "pretraining"],
    (state) => {
      redraw(inside, contents(studio, state));
      curves.element.hidden = !isTraining(state) || state.training.steps === 0;
      if (!curves.element.hidden) curves.draw(state.training);
      if (phase !== state.training.phase && state.training.phase === "done") say(trainedLine(studio, state));
      phase = state.training.phase;
    },
    signal,
  );
  return h(
    "section",
    { class: "block bench-model", "aria-labelledby": "bench-model-title" },
    h("h2", { id: "bench-model-title" }, t.bench.model),
    inside,
    curves.element,
  );
}

/** Where the button with the focus goes, as at the start of a run, the one in its place takes it. */
function redraw(inside: HTMLElement, parts: (HTMLElement | false)[]): void {
  const within = inside.contains(document.activeElement);
  refill(inside, ...parts);
  if (within && !inside.contains(document.activeElement))
    inside.querySelector<HTMLElement>(SUCCESSORS)?.focus({ preventScroll: true });
}

function contents(studio: Studio, state: State): (HTMLElement | false)[] {
  const { t } = studio;
  const { model, bench } = state;
  if (model.phase === "loading") return loading(studio, state);
  if (model.phase !== "ready")
    return [
      failureBox(t, model.error),
      h("p", {}, t.bench.needModel),
      h(
        "button",
        {
          type: "button",
          id: "bench-load",
          class: "primary",
          onclick: () => loadDefaultModel(studio.store, t.load.defaultName),
        },
        t.bench.load(bench.defaultModel.kept ? undefined : bench.defaultModel.bytes),
      ),
      h("p", {}, h("a", { href: "#load" }, t.bench.change)),
    ];
  return [
    h("p", {}, t.bench.ready(modelName(t, model)), " ", h("a", { href: "#load" }, t.bench.change)),
    ...(isTraining(state) ? running(studio, state) : standing(studio, state)),
    ...findings(studio, state),
  ];
}

function loading({ t }: Studio, { model }: State): HTMLElement[] {
  const { progress } = model;
  const what = progress ? t.load.stages[progress.stage] : t.load.stages.library;
  return [
    h("p", {}, t.load.loading(modelName(t, model))),
    progressBar(what, progress?.loaded ?? 0, progress?.total),
    h("p", { class: "help" }, what),
    h("button", { type: "button", id: "bench-cancel", onclick: cancelLoading }, t.load.cancel),
  ];
}

function running({ store, t }: Studio, { training }: State): HTMLElement[] {
  const paused = training.phase === "paused";
  const text =
    training.phase === "preparing"
      ? t.train.preparing
      : t.train.progress(training.step, training.steps, training.epoch, training.epochs);
  return [
    h("p", {}, text),
    progressBar(
      t.train.progressLabel,
      training.step,
      training.phase === "preparing" ? undefined : training.steps,
    ),
    h(
      "p",
      { class: "help" },
      paused ? t.train.paused : training.secondsLeft === undefined ? "" : t.train.left(training.secondsLeft),
    ),
    h(
      "div",
      { class: "actions" },
      h(
        "button",
        {
          type: "button",
          id: "bench-pause",
          "aria-disabled": String(training.phase !== "running" && !paused),
          onclick: () => (paused ? resumeTraining(store) : pauseTraining(store)),
        },
        paused ? t.train.resume : t.train.pause,
      ),
      h("button", { type: "button", id: "bench-stop", onclick: () => stopTraining(store) }, t.train.stop),
      h("a", { href: "#train", id: "bench-details" }, t.bench.details),
    ),
  ];
}

/** The findings of the data report with their remedies, folded; and the remedy for a missing test. */
function findings({ store, t }: Studio, state: State): (HTMLElement | false)[] {
  const inspection = currentInspection(state);
  const found = inspection?.report
    ? noticesOf(store, t, {
        ...inspection,
        report: {
          ...inspection.report,
          findings: inspection.report.findings.filter(
            ({ code }) => code !== TOLD_HERE && code !== UNREADABLE,
          ),
        },
      })
    : [];
  const notices = [...alikeNotices(store, state.data), ...found];
  const unknown = inspection?.report?.findings.find(({ code }) => code === UNREADABLE);
  return [
    unknown !== undefined &&
      h(
        "p",
        { class: "notice-line" },
        t.findings[unknown.code].found(unknown),
        " ",
        h("a", { href: "#load" }, t.bench.remedies[UNREADABLE]),
      ),
    notices.length > 0 &&
      h(
        "details",
        { id: "bench-findings" },
        h("summary", {}, t.bench.worthKnowing(notices.length)),
        noticeList(t, notices),
      ),
  ];
}
