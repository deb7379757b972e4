/**
 * Takes a run and the project's others; gives one page to print or send: self-contained HTML in the page's language, without
 * scripts and without a text of the person's.
 */
import { compare, type Report } from "../../../src/index.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { valueName } from "../../i18n/option-names.ts";
import { reliability } from "../certainty.ts";
import { mixedUp } from "../mixed-up.ts";
import { FEW_TEXTS, wilson } from "../wilson.ts";
import { bar, type Line, lineChart } from "./charts.ts";
import { answersOf, type RunFacts, recipeOf, rightOf } from "./facts.ts";
import { html, type Markup } from "./markup.ts";
import { STYLE } from "./report-style.ts";

const MOST_PAIRS = 10;
/** A confusion matrix of more labels is no longer read on paper. */
const MOST_CONFUSION = 15;

export function reportPage(t: Dictionary, project: string, run: RunFacts, runs: readonly RunFacts[]): Blob {
  const title = t.records.of(project, run.number);
  const page = html`<!doctype html>
<html lang="${t.htmlLang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="soft">${t.records.ended(run.when)} · ${t.records.noTexts}</p>
${run.report ? scoresOf(t, run, run.report) : html`<p>${t.records.notEvaluated}</p>`}
${curvesOf(t, run)}
${run.report && confusionOf(t, run, run.report)}
${reliabilityOf(t, run)}
${othersOf(t, run, runs)}
${factsOf(t, run)}
<section><h2>${t.records.limits}</h2><ul>${t.records.limit.map((limit) => html`<li>${limit}</li>`)}</ul></section>
</main>
</body>
</html>
`;
  return new Blob([page.text], { type: "text/html;charset=utf-8" });
}

function table(
  heads: readonly (string | Markup)[],
  lines: readonly (readonly (string | number | Markup)[])[],
): Markup {
  return html`<table><thead><tr>${heads.map((head, at) => html`<th scope="col"${kind(at)}>${head}</th>`)}</tr></thead>
<tbody>${lines.map(
    ([name = "", ...cells]) =>
      html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td${typeof cell === "number" && NUMBER}>${cell}</td>`)}</tr>`,
  )}</tbody></table>`;
}

/** A label keeps its own direction. */
const named = (label: string): Markup => html`<bdi>${label}</bdi>`;
const NUMBER = html` class="number"`;
const kind = (column: number): Markup | false => column > 0 && html` class="head"`;

function scoresOf(t: Dictionary, run: RunFacts, report: Report): Markup {
  const { right, of } = rightOf(run);
  const lines = report.perLabel.map(({ label, precision, recall, f1, support }) => [
    named(label),
    precision.toFixed(2),
    recall.toFixed(2),
    f1.toFixed(2),
    support,
  ]);
  const { precision, recall, f1, support } = t.evaluation;
  return html`<section><h2>${t.records.scores}</h2>
<p class="big">${t.records.right(right, of)}</p>
${of < FEW_TEXTS && html`<p><strong>${t.records.tooFew(of)}</strong></p>`}
<p>${t.records.likely(...wilson(right, of))}${report.threshold !== undefined && html` ${t.records.exact}`}${run.rows.part === "dev" && html` ${t.records.devOnly}`}</p>
<h3>${t.records.labels}</h3>
${table([t.data.label, precision, recall, f1, support], lines)}
<p class="soft">${t.evaluation.perLabelHelp}</p></section>`;
}

function curvesOf(t: Dictionary, { training }: RunFacts): Markup | false {
  const { stepNumbers, losses, epochResults } = training;
  if (stepNumbers.length === 0) return false;
  const ofEpochs = (value: (epoch: (typeof epochResults)[number]) => number | undefined): Line["points"] =>
    epochResults.flatMap((epoch) => {
      const y = value(epoch);
      return y === undefined ? [] : [[epoch.step, y] as const];
    });
  const lines: Line[] = [
    { name: t.records.loss, points: stepNumbers.map((step, at) => [step, losses[at] ?? Number.NaN]) },
    { name: t.records.epochLoss, points: ofEpochs(({ trainLoss }) => trainLoss), dots: true },
  ];
  const devLoss = ofEpochs(({ dev }) => dev?.loss);
  if (devLoss.length > 0) lines.push({ name: t.records.devLoss, points: devLoss, dots: true });
  const accuracy = ofEpochs(({ dev }) => dev?.accuracy);
  const summary = t.records.lossSummary(losses[0] ?? Number.NaN, losses.at(-1) ?? Number.NaN);
  return html`<section><h2>${t.records.curves}</h2>
<figure><figcaption>${t.records.loss}</figcaption>${lineChart(`${t.records.loss}. ${summary}`, t.records.step, lines)}</figure>
${
  accuracy.length > 0 &&
  html`<figure><figcaption>${t.records.devAccuracy}</figcaption>${lineChart(
    t.records.devAccuracy,
    t.records.step,
    [{ name: t.records.devAccuracy, points: accuracy, dots: true }],
    1,
  )}</figure>`
}</section>`;
}

function confusionOf(t: Dictionary, { labels }: RunFacts, { confusion }: Report): Markup | false {
  const pairs = mixedUp(confusion, labels).slice(0, MOST_PAIRS);
  if (pairs.length === 0) return false;
  return html`<section><h2>${t.records.mixedUp}</h2>
${table(
  [t.evaluation.truth, t.records.took, t.records.times],
  pairs.map(({ truth, predicted, count }) => [named(truth), named(predicted), count]),
)}
${
  labels.length <= MOST_CONFUSION &&
  html`<h3>${t.records.confusion}</h3>${table(
    [t.evaluation.corner, ...labels.map(named)],
    confusion.map((line, row) => [named(labels[row] ?? ""), ...line]),
  )}`
}</section>`;
}

function reliabilityOf(t: Dictionary, run: RunFacts): Markup | false {
  const answers = answersOf(run);
  if (answers.length < FEW_TEXTS) return false;
  const { bins, error } = reliability(answers);
  return html`<section><h2>${t.records.reliability}</h2><p>${t.records.reliabilityHelp(error)}</p>
${table(
  [t.records.sure, t.evaluation.accuracy, t.records.answers],
  bins.map(({ from: low, to: high, accuracy, score: certainty, count }) => [
    `${t.wholePercent(low)} – ${t.wholePercent(high)}`,
    html`${bar(accuracy, certainty)} ${t.wholePercent(accuracy)}`,
    count,
  ]),
)}</section>`;
}

function othersOf(t: Dictionary, run: RunFacts, runs: readonly RunFacts[]): Markup | false {
  const others = runs.filter(({ number }) => number !== run.number);
  if (others.length === 0) return false;
  const rows = run.rows.truth.map((label) => ({ text: "-", label }));
  const lines = others.map((other) => {
    const comparable = run.report && other.report && other.rows.heldKey === run.rows.heldKey;
    const found = comparable ? compare(rows, other.predictions, run.predictions) : undefined;
    return [
      `${other.number}`,
      other.report ? t.compare.share(other.report.accuracy) : t.runs.none,
      found ? t.compare.points(found.difference) : t.runs.none,
      found ? t.compare.chanceOf(found.pValue) : t.runs.none,
    ];
  });
  const heads = [t.compare.run, t.compare.accuracy, t.compare.thanRun(run.number), t.compare.chance];
  return html`<section><h2>${t.records.others}</h2>${table(heads, lines)}<p class="soft">${t.compare.help}</p></section>`;
}

function factsOf(t: Dictionary, run: RunFacts): Markup {
  const { base, rows, training, environment } = run;
  const optionName = (option: string): string =>
    (t.recipe as unknown as Record<string, { name?: string } | undefined>)[option]?.name ?? option;
  const options = recipeOf(run).map(([option, value]): [string, string] =>
    option === "method"
      ? [t.recipe.method, t.recipe.methods[value as keyof Dictionary["recipe"]["methods"]].name]
      : [optionName(option), `${valueName(t, option, value)}`],
  );
  const places = t.records.places as Record<string, string>;
  return html`<section><h2>${t.records.data}</h2>
${table(
  ["", ""],
  [
    [t.records.base, base.name],
    [t.records.trainRows, `${rows.train}`],
    [t.records.heldRows, `${rows.truth.length}`],
    [t.records.time, t.records.duration(training.milliseconds / 1000)],
    ...options,
  ],
)}
${
  environment &&
  html`<h3>${t.records.environment}</h3>${table(
    ["", ""],
    Object.entries(environment).map(([name, value]) => [places[name] ?? name, `${value}`]),
  )}`
}</section>`;
}
