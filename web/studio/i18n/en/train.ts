/**
 * The texts of a run in step 3, in English.
 */
import type { JournalEvent, ResumedEvent } from "../../../src/index.ts";
import { count, duration, many, percent } from "./amounts.ts";

export const train = {
  needsModel: "Load a model first.",
  needsData: "Bring some labelled examples first.",
  reportFound: (first: string, others: number) =>
    others > 0 ? `${first} And ${count(others, "more finding", "more findings")} about the data.` : first,
  reportLink: "What to do",
  trained: (n: number, of: number) =>
    n >= of ? `All ${many(of)} parameters are trained.` : `${many(n)} of ${many(of)} parameters are trained.`,
  journal: (event: ResumedEvent | JournalEvent) =>
    event.type === "resumed"
      ? `Went on from step ${event.step}, as it was kept in this browser${event.cause === undefined ? "" : ", after the model had to be started again"}.`
      : event.kept === "weights"
        ? "This browser is short of storage: only the weights of this run are kept."
        : "This run is not kept: this browser has no room for it. Do not close the page before it ends.",
  restored: (epoch: number) =>
    `Epoch ${epoch} was best on dev: its loss was the lowest. Its weights are kept.`,
  best: "best",
  plan: "How long will it take?",
  planning: "Timing a few steps…",
  willTake: (steps: number, seconds: number, bytes: number) =>
    `${count(steps, "step", "steps")}: about ${duration(seconds)} and ${Math.round(bytes / 2 ** 20)} MB of memory.`,
  willNotFit: (bytes: number, limit: number, change?: { batchSize: number; maxLength?: number }) =>
    `A run needs about ${(bytes / 2 ** 30).toFixed(1)} GB of memory, but only ${(limit / 2 ** 30).toFixed(1)} GB are available. ${
      change
        ? `It fits with a batch size of ${change.batchSize}${change.maxLength ? ` and a max length of ${change.maxLength}` : ""}.`
        : "Choose a smaller model."
    }`,
  start: "Start training",
  again: "Train again",
  pause: "Pause",
  resume: "Resume",
  stop: "Stop",
  preparing: "Preparing the model and the data…",
  paused: "Paused",
  stopping: "Stopping after this step…",
  progressLabel: "Training progress",
  progress: (step: number, steps: number, epoch: number, epochs: number) =>
    `Epoch ${Math.max(1, epoch)} of ${epochs}, step ${step} of ${steps}`,
  left: (seconds: number) => `about ${duration(seconds)} left`,
  truncated: (rows: number) => `${count(rows, "text was", "texts were")} cut to the max length.`,
  reasons: {
    finished: (steps: number, seconds: number) =>
      steps > 0
        ? `Finished: ${count(steps, "step", "steps")} in ${duration(seconds)}.`
        : `Finished in ${duration(seconds)}.`,
    stopped: (steps: number, seconds: number) =>
      `Stopped after ${count(steps, "step", "steps")} and ${duration(seconds)}. What was learned so far is kept.`,
    "early-stopping": (steps: number, seconds: number) =>
      `Stopped early after ${count(steps, "step", "steps")} and ${duration(seconds)}: the dev loss no longer fell.`,
    diverged: (steps: number, seconds: number) =>
      `Training became unstable after ${count(steps, "step", "steps")} and ${duration(seconds)}. The last finite weights are kept. Try a lower learning rate.`,
  },
  curves: "Curves",
  lossTitle: "Loss",
  lossNow: "each step",
  lossSmooth: "running mean",
  devLoss: "Dev loss",
  trainLoss: "Train loss",
  accuracyTitle: "On dev, after each epoch",
  accuracy: "Accuracy",
  macroF1: "Macro F1",
  step: "Step",
  epoch: "Epoch",
  seconds: "Seconds",
  curvesHelp:
    "The loss should fall. If the dev loss rises while the training loss falls, the model is overfitting: stop there.",
  lossSummary: (first: number | undefined, last: number | undefined, steps: number) =>
    first === undefined || last === undefined
      ? "No steps yet."
      : `From ${first.toFixed(3)} to ${last.toFixed(3)} over ${count(steps, "step", "steps")}.`,
  accuracySummary: (epoch: number, accuracy: number, f1: number) =>
    `After epoch ${epoch}: accuracy ${percent(accuracy)}, macro F1 ${f1.toFixed(3)}.`,
  noDevYet: "Nothing measured yet.",
  numbers: "The curves in numbers",
  saidEpoch: (epoch: number, loss: number, accuracy: number | undefined) =>
    `Epoch ${epoch}: loss ${loss.toFixed(3)}${accuracy === undefined ? "" : `, dev accuracy ${percent(accuracy)}`}.`,
};
