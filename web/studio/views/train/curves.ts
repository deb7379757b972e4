/**
 * Takes the state of a run; draws its curves and lists them as numbers. Part of step 3's view.
 */
import type { Dictionary } from "../../i18n/en.ts";
import type { TrainingState } from "../../state/training.ts";
import { type Chart, lineChart, smoothed } from "../../widgets/chart.ts";
import { fill, h } from "../../widgets/dom.ts";
import { scrolling } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

interface Curves {
  element: HTMLElement;
  draw: (training: TrainingState) => void;
}

export function curvesOf({ t, signal }: Studio): Curves {
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
  const scores = (title: string, first: string) =>
    lineChart(
      title,
      t.train.epoch,
      [
        { label: first, colour: "--accent", points: true },
        { label: t.train.macroF1, colour: "--ink", dash: [5, 4], points: true },
      ],
      [0, 1],
      signal,
    );
  // One chart for single-label rows, one for multi-label rows.
  const singleLabelScores = scores(t.train.accuracyTitle, t.train.accuracy);
  const multiLabelScores = scores(t.rowKinds.scoresTitle, t.rowKinds.microF1);
  const charts = h(
    "div",
    { class: "charts" },
    loss.element,
    singleLabelScores.element,
    multiLabelScores.element,
  );
  const help = h("p", { class: "help" }, t.train.curvesHelp);
  const numbers = h("div");
  let shown: TrainingState["epochResults"] | undefined;
  let shownBest: number | undefined;
  return {
    element: h("section", { class: "block curves", "aria-label": t.train.curves }, charts, help, numbers),
    draw: (training) => {
      // A method without steps has one epoch to show, but no curve.
      charts.hidden = training.steps === 0;
      help.hidden = training.steps === 0;
      const multiLabel = training.parts?.multiLabel === true;
      singleLabelScores.element.hidden = multiLabel;
      multiLabelScores.element.hidden = !multiLabel;
      if (training.steps > 0)
        drawCharts(t, training, loss, multiLabel ? multiLabelScores : singleLabelScores);
      if (training.epochResults === shown && training.restoredEpoch === shownBest) return;
      shown = training.epochResults;
      shownBest = training.restoredEpoch;
      fill(numbers, numbersTable(t, training));
    },
  };
}

function drawCharts(t: Dictionary, training: TrainingState, loss: Chart, scores: Chart): void {
  const { stepNumbers, losses, epochResults } = training;
  const dev: (number | null)[] = new Array(losses.length).fill(null);
  for (const result of epochResults) {
    // Of a run that was gone on with, steps may be missing.
    const at = stepNumbers.lastIndexOf(result.step);
    if (at >= 0) dev[at] = result.dev?.loss ?? null;
  }
  const last = epochResults.at(-1);
  loss.draw(
    [stepNumbers, losses, smoothed(losses), dev],
    training.phase === "done" ? training.step : training.steps,
    t.train.lossSummary(losses[0], losses.at(-1), training.step),
  );
  const summary = training.parts?.multiLabel ? t.rowKinds.scoresSummary : t.train.accuracySummary;
  scores.draw(
    [
      epochResults.map((result) => result.epoch),
      // On single-label rows, micro F1 is the accuracy.
      epochResults.map((result) => result.dev?.microF1 ?? null),
      epochResults.map((result) => result.dev?.macroF1 ?? null),
    ],
    training.epochs,
    last?.dev ? summary(last.epoch, last.dev.microF1, last.dev.macroF1) : t.train.noDevYet,
  );
  scores.element.hidden = training.phase === "done" && !epochResults.some((result) => result.dev);
}

/** The curves as numbers, one epoch per line. */
function numbersTable(t: Dictionary, training: TrainingState): HTMLElement | false {
  if (training.epochResults.length === 0) return false;
  const number = (value: number | undefined, digits = 3): string => value?.toFixed(digits) ?? "–";
  const heads = [
    t.train.epoch,
    t.train.trainLoss,
    t.train.devLoss,
    training.parts?.multiLabel ? t.rowKinds.microF1 : t.train.accuracy,
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
        ...training.epochResults.map(({ epoch, trainLoss, dev, milliseconds }) =>
          h(
            "tr",
            {},
            h(
              "th",
              { scope: "row", class: "number" },
              epoch === training.restoredEpoch && h("span", { class: "badge" }, t.train.best),
              " ",
              epoch,
            ),
            ...[
              number(trainLoss),
              number(dev?.loss),
              number(dev?.microF1),
              number(dev?.macroF1),
              number(milliseconds / 1000, 1),
            ].map((text) => h("td", { class: "number" }, text)),
          ),
        ),
      ),
    ),
  );
}
