/**
 * Takes the state of a run; draws its curves and gives them as numbers. Part of step 3's view.
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
  // Of rows with one label, and with several.
  const ofOne = scores(t.train.accuracyTitle, t.train.accuracy);
  const ofSeveral = scores(t.kinds.scoresTitle, t.kinds.microF1);
  const charts = h("div", { class: "charts" }, loss.element, ofOne.element, ofSeveral.element);
  const help = h("p", { class: "help" }, t.train.curvesHelp);
  const numbers = h("div");
  let shown: TrainingState["lines"] | undefined;
  let shownBest: number | undefined;
  return {
    element: h("section", { class: "block curves", "aria-label": t.train.curves }, charts, help, numbers),
    draw: (training) => {
      // A method without steps has an epoch to show, but no curve.
      charts.hidden = training.steps === 0;
      help.hidden = training.steps === 0;
      const several = training.parts?.several === true;
      ofOne.element.hidden = several;
      ofSeveral.element.hidden = !several;
      if (training.steps > 0) drawCharts(t, training, loss, several ? ofSeveral : ofOne);
      if (training.lines === shown && training.restoredEpoch === shownBest) return;
      shown = training.lines;
      shownBest = training.restoredEpoch;
      fill(numbers, numbersTable(t, training));
    },
  };
}

function drawCharts(t: Dictionary, training: TrainingState, loss: Chart, scores: Chart): void {
  const { stepNumbers, losses, lines } = training;
  const dev: (number | null)[] = new Array(losses.length).fill(null);
  for (const line of lines) dev[line.step - 1] = line.dev?.loss ?? null;
  const last = lines.at(-1);
  loss.draw(
    [stepNumbers, losses, smoothed(losses), dev],
    training.phase === "done" ? training.step : training.steps,
    t.train.lossSummary(losses[0], losses.at(-1), training.step),
  );
  const summary = training.parts?.several ? t.kinds.scoresSummary : t.train.accuracySummary;
  scores.draw(
    [
      lines.map((line) => line.epoch),
      // Of one label a row, micro F1 is the accuracy.
      lines.map((line) => line.dev?.microF1 ?? null),
      lines.map((line) => line.dev?.macroF1 ?? null),
    ],
    training.epochs,
    last?.dev ? summary(last.epoch, last.dev.microF1, last.dev.macroF1) : t.train.noDevYet,
  );
  scores.element.hidden = training.phase === "done" && !lines.some((line) => line.dev);
}

/** The curves as numbers, an epoch a line. */
function numbersTable(t: Dictionary, training: TrainingState): HTMLElement | false {
  if (training.lines.length === 0) return false;
  const number = (value: number | undefined, digits = 3): string => value?.toFixed(digits) ?? "–";
  const heads = [
    t.train.epoch,
    t.train.trainLoss,
    t.train.devLoss,
    training.parts?.several ? t.kinds.microF1 : t.train.accuracy,
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
