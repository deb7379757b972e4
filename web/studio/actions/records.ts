/**
 * Takes the project's runs; makes their records and the model card of the model in hand. The writers are fetched with the
 * first record, and not before.
 */
import { downloadZip } from "client-zip";
import { version } from "../../src/index.ts";
import type { Dictionary } from "../i18n/en.ts";
import { PageError } from "../i18n/messages.ts";
import type { ProjectRun } from "../state/evaluation.ts";
import type { State } from "../state/state.ts";

export type RecordKind = "report" | "json" | "csv" | "tensorboard";

function writers(): Promise<typeof import("../data/records/records.ts")> {
  return import("../data/records/records.ts").catch(() => {
    throw new PageError("fetch-failed", (t) => t.records.failed);
  });
}

/** The run whose model is in hand, else the latest. */
function currentRun({ runs, project }: State): ProjectRun | undefined {
  return runs.find(({ number }) => number === project.run) ?? runs.at(-1);
}

/** A file with all runs, or the report of the current one. Undefined while there is no run. */
export async function recordFile(
  state: State,
  t: Dictionary,
  kind: RecordKind,
): Promise<{ name: string; blob: Blob } | undefined> {
  const { runs, project } = state;
  const run = currentRun(state);
  if (run === undefined) return undefined;
  const { reportPage, runsCsv, runsJson, eventFile, eventFileName } = await writers();
  if (kind === "report")
    return { name: `run-${run.number}.html`, blob: reportPage(t, project.name, run, runs) };
  if (kind === "json") return { name: "runs.json", blob: runsJson(project.name, runs) };
  if (kind === "csv") return { name: "runs.csv", blob: runsCsv(runs) };
  const files = runs.map((each) => ({ name: `bertlet-runs/${eventFileName(each)}`, input: eventFile(each) }));
  return { name: "bertlet-runs.zip", blob: await downloadZip(files).blob() };
}

/** The README.md of a folder that is saved, a model's or an adapter's: a model card in the Hub's form. */
export async function modelCardOf(
  { model, project, runs, use }: State,
  folder: "model" | "adapter" = "model",
): Promise<Blob> {
  const { info } = model;
  const run = runs.find(({ number }) => number === project.run);
  const card = (await writers()).modelCard(
    {
      name: project.name || "Text classifier",
      labels: info?.labels ?? [],
      multiLabel: info?.problemType === "multi_label_classification",
      threshold: info?.threshold,
      pairs: run?.rows.pairs ?? use.pairs,
      remoteCode: info !== undefined && (info.pooling !== "pooler" || info.adapterSize !== undefined),
      leaveOpen: use.leaveOpen,
      adapter: folder === "adapter",
      version,
    },
    run,
  );
  return new Blob([card], { type: "text/markdown;charset=utf-8" });
}
