// The calls that change the model without a run: checks them, and sends them to the worker. Where one is aborted, the worker
// says whether that came in time: what is changed does not come back.

import type * as Api from "../../bertlet.d.ts";
import { CALIBRATE, INFERENCE, QUANTIZE, SCOPE, SET_LABELS } from "../shared/defaults.ts";
import type { Calls } from "../shared/messages.ts";
import * as Options from "./options.ts";
import * as Rows from "./rows.ts";
import type { WorkerCalls } from "./worker-calls.ts";

export async function calibrate(
  calls: WorkerCalls,
  rows: readonly Api.LabelledText[],
  options?: Api.CalibrateOptions,
): Promise<Api.CalibrationReceipt> {
  const {
    bins = CALIBRATE.bins,
    batchSize = INFERENCE.batchSize,
    ...hooks
  } = Options.checkCalibrate(options);
  const checked = Rows.checkRows("calibrate", rows);
  calls.checkIdle("calibrate");
  return calls.call("calibrate", { rows: checked, bins, batchSize }, hooks, undefined, false);
}

export async function fitScope(
  calls: WorkerCalls,
  examples: readonly (string | Api.TextPair)[],
  options?: Api.ScopeOptions,
): Promise<Api.ScopeReceipt> {
  const { dev, share, neighbours, batchSize, ...hooks } = {
    ...SCOPE,
    ...INFERENCE,
    ...Options.checkScope(options),
  };
  const texts = Rows.checkTexts("fitScope", examples);
  const request: Calls["fitScope"]["request"] = { examples: texts, share, neighbours, batchSize };
  calls.checkIdle("fitScope");
  if (dev !== undefined) request.dev = Rows.checkTexts("fitScope: dev", dev);
  return calls.call("fitScope", request, hooks, undefined, false);
}

export async function quantize(
  calls: WorkerCalls,
  options: Api.QuantizeOptions,
): Promise<Api.QuantizeReceipt> {
  const { data, dtype, maxDrop, batchSize, ...hooks } = {
    ...QUANTIZE,
    ...Options.checkQuantize(options ?? ({} as Api.QuantizeOptions)),
  };
  const rows = Rows.checkRows("quantize", data);
  calls.checkIdle("quantize");
  return calls.call("quantize", { rows, dtype, maxDrop, batchSize }, hooks, undefined, false);
}

export async function prune(calls: WorkerCalls, options: Api.PruneOptions): Promise<Api.PruneReceipt> {
  const { vocabulary, layers, data, ...hooks } = Options.checkPrune(options);
  calls.checkIdle("prune");
  const request: Calls["prune"]["request"] = {};
  if (vocabulary !== undefined) request.vocabulary = Rows.checkTexts("prune", vocabulary).flat();
  if (layers !== undefined) request.layers = typeof layers === "number" ? layers : [...layers];
  if (data !== undefined) request.data = Rows.checkRows("prune", data);
  return calls.call("prune", request, hooks, undefined, false);
}

export async function setLabels(
  calls: WorkerCalls,
  labels: readonly string[],
  options?: Api.SetLabelsOptions,
): Promise<void> {
  const { seed = SET_LABELS.seed } = Options.checkSetLabels(options);
  calls.checkIdle("setLabels");
  await calls.call("setLabels", { labels: Options.checkLabels("setLabels", labels), seed }, {});
}
