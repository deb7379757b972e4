/**
 * The status of a run: its plan before, its progress, and how it ended. Part of step 3's view.
 */
import type { Dictionary } from "../../i18n/en.ts";
import { currentInspection } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import type { PlanState, TrainingState } from "../../state/training.ts";
import { progressBar } from "../../widgets/bars.ts";
import { fill, h } from "../../widgets/dom.ts";
import { failureBox, failureLine, noticeList } from "../../widgets/failure.ts";

/** A line on the data report, if it has findings. */
export function reportLine(t: Dictionary, state: State): HTMLElement | false {
  const [first, ...others] = currentInspection(state)?.report?.findings ?? [];
  if (first === undefined) return false;
  return h(
    "p",
    { class: "notice-line" },
    t.train.reportFound(t.findings[first.code].found(first), others.length),
    " ",
    h("a", { href: "#data" }, t.train.reportLink),
  );
}

export function planLine(t: Dictionary, state: PlanState | undefined): HTMLElement | false {
  if (state === undefined) return false;
  if (state.phase === "working") return h("p", { class: "help" }, t.train.planning);
  const { result: plan } = state;
  if (plan === undefined) return failureBox(t, state.error);
  if (plan.fits) {
    return h("p", { class: "help" }, t.train.willTake(plan.steps, (plan.minutes ?? 0) * 60, plan.peakBytes));
  }
  const text = () => t.train.willNotFit(plan.peakBytes, plan.limitBytes ?? 0, plan.proposal);
  return noticeList(t, [{ level: "warning", text }]);
}

export function showStatus(status: HTMLElement, t: Dictionary, { training, model }: State): void {
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
      training.journal !== undefined && h("p", { class: "help" }, t.train.journal(training.journal)),
      training.restoredEpoch !== undefined &&
        h("p", { class: "help" }, t.train.restored(training.restoredEpoch)),
      training.truncatedRows > 0 && h("p", { class: "help" }, t.train.truncated(training.truncatedRows)),
    ),
  );
}

export function sayPhase(t: Dictionary, training: TrainingState, say: (text: string) => void): void {
  if (training.phase === "done")
    say(t.train.reasons[training.reason ?? "finished"](training.step, training.milliseconds / 1000));
  else if (training.phase === "failed" && training.error) say(failureLine(t, training.error));
  else if (training.phase === "preparing") say(t.train.preparing);
  else if (training.phase === "paused") say(t.train.paused);
}
