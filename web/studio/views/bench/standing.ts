/**
 * What is known of the model while no run is under way: how well it tells the examples apart, what to add next, and training.
 * Part of the bench's model.
 */
import { MOST_EMBEDDED } from "../../actions/bench.ts";
import { startTraining } from "../../actions/finetune.ts";
import { FEWEST_JUDGED } from "../../data/centroids.ts";
import { indexOf } from "../../data/example-index.ts";
import { answersByTraining, isPretraining, newerThanTraining } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import { progressBar } from "../../widgets/bars.ts";
import { h } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { mayLoseModel } from "../project/ask.ts";
import type { Studio } from "../view.ts";
import { goToLabel } from "./go-to-label.ts";

/** A step of training takes about as long as three readings. */
const STEP_IN_READINGS = 3.5;
const USUAL_EPOCHS = 10;
/** Examples of a label from which on more are no urgent advice. */
const ENOUGH = 8;
/** What is known while no run is under way, and the way to a better model. */
export function standing(studio: Studio, state: State): (HTMLElement | false)[] {
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
  // With other labels, the trained model does not answer here.
  const outdated = trained && data.parts !== undefined && !answersByTraining(state);
  const { added, relabelled } = newerThanTraining(state);
  const current = trained && !outdated && added + relabelled === 0;
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
    outdated && h("p", { class: "notice-line", id: "bench-outdated" }, t.bench.outdated),
    (!trained || (outdated && !data.parts?.multiLabel)) &&
      data.parts !== undefined &&
      h("p", { class: "help" }, t.bench.byMeans),
    rows > MOST_EMBEDDED && !trained && h("p", { class: "help" }, t.bench.partly(MOST_EMBEDDED, rows)),
    trained && training.why !== undefined && h("p", { class: "help" }, t.bench.why[training.why]),
    added > 0 && h("p", { class: "notice-line" }, t.bench.newer(added)),
    relabelled > 0 && !outdated && h("p", { class: "notice-line" }, t.bench.relabelled(relabelled)),
    ...next(studio, state),
    data.parts !== undefined &&
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          {
            type: "button",
            class: current ? false : "primary",
            id: "bench-train",
            onclick: start,
          },
          trained ? t.bench.trainAgain : t.bench.train,
        ),
        h("a", { href: "#train", id: "bench-details" }, t.bench.details),
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

/** That it is trained, and how well, where that is known. */
export function trainedLine({ t }: Studio, { evaluation, training }: State): string {
  const { report, total } = evaluation;
  const stopped = training.reason === "stopped" && t.bench.stopped(training.step, training.steps);
  if (report === undefined || training.parts?.multiLabel) return stopped || t.bench.trainedOnly;
  const right = Math.round(report.accuracy * total);
  return stopped ? t.bench.both(stopped, t.bench.heldTest(right, total)) : t.bench.trained(right, total);
}

/** The labels that want more examples, each with a button that goes to its field. */
function next({ store, t }: Studio, { data }: State): (HTMLElement | false)[] {
  const counts = new Map(indexOf(data.examples).counts);
  for (const label of data.edits.cards) if (!counts.has(label)) counts.set(label, 0);
  if (counts.size < 2) return data.files.length > 0 ? [] : [h("p", { class: "help" }, t.bench.needLabels)];
  const most = Math.min(ENOUGH, Math.max(...counts.values()));
  const few = [...counts].filter(([, count]) => count < most).sort(([, a], [, b]) => a - b);
  if (few.length === 0) return [];
  return [
    h(
      "div",
      { class: "actions bench-next" },
      ...few
        .slice(0, 3)
        .map(([label, count]) =>
          h(
            "button",
            { type: "button", class: "quiet", onclick: () => goToLabel(store, label) },
            t.bench.moreFor(label, most - count),
          ),
        ),
    ),
  ];
}
