/**
 * The runs of a project as JSON, and as one CSV in long form: a row for each number, which pandas, R and pivot tables take as
 * it is.
 */
import { csvFile } from "../csv.ts";
import { intervalsOf, type RunFacts, recipeOf, scoresOf } from "./facts.ts";

const VERSION = 1;

export function runsJson(project: string, runs: readonly RunFacts[]): Blob {
  const record = { format: "bertlet-runs", version: VERSION, project, runs: runs.map(plainRun) };
  return new Blob([JSON.stringify(record, null, 1)], { type: "application/json" });
}

function plainRun(run: RunFacts): object {
  const { training, rows } = run;
  return {
    run: run.number,
    ended: new Date(run.when).toISOString(),
    base: run.base.name,
    recipe: run.recipe,
    labels: run.labels,
    data: { trainRows: run.rows.train, evaluatedRows: rows.truth.length, part: rows.part, pairs: rows.pairs },
    outcome: {
      reason: training.reason,
      steps: training.step,
      milliseconds: training.milliseconds,
      trainedParameters: training.trainedParameters,
      truncatedRows: training.truncatedRows,
      restoredEpoch: training.restoredEpoch,
      threshold: training.threshold,
    },
    curves: {
      steps: training.stepNumbers,
      trainLoss: training.losses,
      epochs: training.epochResults.map(({ dev, ...epoch }) => ({
        ...epoch,
        dev: dev && Object.fromEntries(scoresOf(dev)),
      })),
    },
    scores: run.report,
    environment: run.environment,
  };
}

const FIELDS = ["run", "kind", "step", "epoch", "label", "predicted", "name", "value"];

export function runsCsv(runs: readonly RunFacts[]): Blob {
  const lines: string[][] = [];
  for (const run of runs) {
    const add = (kind: string, name: string, value: string | number, where: Where = {}): void => {
      const { step = "", epoch = "", label = "", predicted = "" } = where;
      lines.push([run.number, kind, step, epoch, label, predicted, name, value].map(String));
    };
    add("run", "base", run.base.name);
    add("run", "train_rows", run.rows.train);
    add("run", "evaluated_rows", run.rows.truth.length);
    add("run", "milliseconds", run.training.milliseconds);
    for (const [name, value] of Object.entries(run.environment ?? {})) add("environment", name, value);
    for (const [option, value] of recipeOf(run)) add("recipe", option, value);
    const { stepNumbers, losses, epochResults } = run.training;
    stepNumbers.forEach((step, at) => {
      add("train", "loss", losses[at] ?? "", { step });
    });
    for (const { epoch, step, trainLoss, dev } of epochResults) {
      add("train", "epoch_loss", trainLoss, { step, epoch });
      for (const [name, value] of dev ? scoresOf(dev) : []) add("dev", name, value, { step, epoch });
    }
    if (run.report) addScores(run, run.report, add);
  }
  return csvFile(FIELDS, lines);
}

interface Where {
  step?: number;
  epoch?: number;
  label?: string;
  predicted?: string;
}

function addScores(
  { labels, rows }: RunFacts,
  report: NonNullable<RunFacts["report"]>,
  add: (kind: string, name: string, value: number, where?: Where) => void,
): void {
  const kind = rows.part === "test" ? "test" : "dev_final";
  for (const [name, value] of scoresOf(report)) add(kind, name, value);
  for (const [name, ends] of intervalsOf(report)) {
    add(kind, `${name}_low`, ends[0]);
    add(kind, `${name}_high`, ends[1]);
  }
  for (const { label, ...scores } of report.perLabel)
    for (const [name, value] of Object.entries(scores)) add(kind, name, value, { label });
  report.confusion.forEach((line, row) => {
    line.forEach((count, column) => {
      const where = { label: labels[row] ?? "", predicted: labels[column] ?? "" };
      if (count > 0) add("confusion", "count", count, where);
    });
  });
}
