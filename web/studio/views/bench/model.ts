/**
 * The model of the bench: its loading, what it has read, how well the examples are told apart, training, and what to do next.
 * Shows `state.model`, `state.bench` and `state.training`.
 */
import { MOST_EMBEDDED } from "../../actions/bench.ts";
import { loadDefaultModel } from "../../actions/default-model.ts";
import { pauseTraining, resumeTraining, startTraining, stopTraining } from "../../actions/finetune.ts";
import { cancelLoading } from "../../actions/model.ts";
import { FEWEST_JUDGED } from "../../data/centroids.ts";
import { indexOf } from "../../data/example-index.ts";
import { currentInspection, isPretraining, isTraining, newerThanTraining } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import { progressBar } from "../../widgets/bars.ts";
import { h, refill } from "../../widgets/dom.ts";
import { failureBox, noticeList } from "../../widgets/failure.ts";
import { alikeNotices, noticesOf } from "../data/findings.ts";
import { mayLoseModel } from "../project/ask.ts";
import { curvesOf } from "../train/curves.ts";
import type { Studio } from "../view.ts";

/** A step of training takes about as long as three readings. */
const STEP_IN_READINGS = 3.5;
const USUAL_EPOCHS = 10;
/** Examples of a label from which on more are no urgent advice. */
const ENOUGH = 8;
/** What a label of fewer rows is told, the bench tells by itself. */
const TOLD_HERE = "few-rows";
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
      refill(inside, ...contents(studio, state));
      curves.element.hidden = !isTraining(state) || state.training.steps === 0;
      if (!curves.element.hidden) curves.draw(state.training);
      if (phase !== state.training.phase && state.training.phase === "done") say(t.bench.trainedOnly);
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
    h("p", {}, t.bench.ready(model.name), " ", h("a", { href: "#load" }, t.bench.change)),
    ...(isTraining(state) ? running(studio, state) : standing(studio, state)),
    ...findings(studio, state),
  ];
}

function loading({ t }: Studio, { model }: State): HTMLElement[] {
  const { progress } = model;
  const what = progress ? t.load.stages[progress.stage] : t.load.stages.library;
  return [
    h("p", {}, t.load.loading(model.name)),
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
      h("a", { href: "#train" }, t.bench.details),
    ),
  ];
}

/** What is known while no run is under way, and the way to a better model. */
function standing(studio: Studio, state: State): (HTMLElement | false)[] {
  const { store, t } = studio;
  const { bench, data, training } = state;
  const trained = training.phase === "done";
  // What a trained model reads is only for the example that is the most alike.
  const reads = bench.done < bench.total && !trained;
  const rows = indexOf(data.examples).train.length;
  const seconds =
    bench.textMs === undefined || trained
      ? undefined
      : (bench.textMs * STEP_IN_READINGS * rows * USUAL_EPOCHS) / 1000;
  const newer = newerThanTraining(state);
  const start = (): void => {
    if (isPretraining(store.state) || !mayLoseModel(studio)) return;
    void startTraining(store, { auto: true });
  };
  return [
    failureBox(t, bench.error),
    failureBox(t, training.error),
    reads && h("div", {}, progressBar(t.bench.reading(bench.done, bench.total), bench.done, bench.total)),
    reads && h("p", { class: "help" }, t.bench.reading(bench.done, bench.total)),
    trained && h("p", { class: "held" }, trainedLine(studio, state)),
    !trained &&
      !reads &&
      bench.held !== undefined &&
      h("p", { class: "held", id: "bench-held" }, heldLine(studio, state)),
    !trained && !reads && data.parts && bench.held === undefined && !data.parts.multiLabel
      ? h("p", { class: "help", id: "bench-few" }, t.bench.tooFew(rows, FEWEST_JUDGED))
      : false,
    !trained && data.parts !== undefined && h("p", { class: "help" }, t.bench.byMeans),
    rows > MOST_EMBEDDED && !trained && h("p", { class: "help" }, t.bench.partly(MOST_EMBEDDED, rows)),
    trained && training.why !== undefined && h("p", { class: "help" }, t.bench.why[training.why]),
    newer > 0 && h("p", { class: "notice-line" }, t.bench.newer(newer)),
    ...next(studio, state),
    data.parts !== undefined &&
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          {
            type: "button",
            class: trained && newer === 0 ? false : "primary",
            id: "bench-train",
            onclick: start,
          },
          trained ? t.bench.trainAgain : t.bench.train,
        ),
        h("a", { href: "#train" }, t.bench.details),
      ),
    seconds !== undefined &&
      data.parts !== undefined &&
      h("p", { class: "help" }, t.bench.trainTakes(seconds)),
    trained &&
      h(
        "div",
        { class: "actions" },
        h("a", { class: "button", href: "#judge" }, t.bench.judge),
        h("a", { class: "button", href: "#use" }, t.bench.useIt),
        h("a", { class: "button", href: "#keep" }, t.bench.keepIt),
      ),
  ];
}

function heldLine({ t }: Studio, { bench: { held } }: State): string {
  if (held === undefined) return "";
  return held.by === "test" ? t.bench.heldTest(held.right, held.of) : t.bench.heldEach(held.right, held.of);
}

function trainedLine({ t }: Studio, { evaluation, training }: State): string {
  const { report, total } = evaluation;
  if (report === undefined || training.parts?.multiLabel) return t.bench.trainedOnly;
  return t.bench.trained(Math.round(report.accuracy * total), total);
}

/** The labels that want more examples, each with a button that goes to its field. */
function next({ t }: Studio, { data }: State): (HTMLElement | false)[] {
  const counts = new Map(indexOf(data.examples).counts);
  for (const label of data.edits.cards) if (!counts.has(label)) counts.set(label, 0);
  if (counts.size < 2) return data.files.length > 0 ? [] : [h("p", { class: "help" }, t.bench.needLabels)];
  const most = Math.min(ENOUGH, Math.max(...counts.values()));
  const few = [...counts].filter(([, count]) => count < most).sort(([, a], [, b]) => a - b);
  if (few.length === 0) return [];
  const go = (label: string): void =>
    document.querySelector<HTMLElement>(`.new-example[data-label="${CSS.escape(label)}"]`)?.focus();
  return [
    h(
      "div",
      { class: "actions bench-next" },
      ...few
        .slice(0, 3)
        .map(([label, count]) =>
          h(
            "button",
            { type: "button", class: "quiet", onclick: () => go(label) },
            t.bench.moreFor(label, most - count),
          ),
        ),
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
