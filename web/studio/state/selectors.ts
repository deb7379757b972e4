/**
 * Takes the state; tells what is under way, and whether a result is still of the choices as they are now.
 */
import type { Inspection } from "./data.ts";
import type { KnownAdapter } from "./model.ts";
import type { State } from "./state.ts";
import type { Forecast } from "./training.ts";

export function isTraining({ training }: State): boolean {
  return ["preparing", "running", "paused", "stopping"].includes(training.phase);
}

export function isPretraining({ pretraining }: State): boolean {
  return ["preparing", "running", "stopping"].includes(pretraining.phase);
}

/** What may answer: each adapter, and the model alone where it has a head of its own. */
export function choices({ model, adapters }: State): (KnownAdapter | null)[] {
  const there = adapters.known.filter(({ name }) => model.info?.adapters.includes(name));
  if (model.phase !== "ready" || there.length === 0) return [];
  return [...(model.ownHead ? [null] : []), ...there];
}

/** Whether what answers now cannot be merged into the weights. */
export function hasVirtualTokens({ model, adapters }: State): boolean {
  const on = adapters.known.find(({ name }) => name === model.info?.activeAdapter);
  return on?.kind === "PROMPT_TUNING" || on?.kind === "PREFIX_TUNING";
}

/** Whether something is under way that would otherwise be answered by two of them, or by none. */
export function isAtWork({ training, pretraining, judge, use }: State): boolean {
  const judging = judge.error === undefined && judge.done < judge.total;
  const idle = ["idle", "done", "failed"];
  return judging || use.running || !idle.includes(training.phase) || !idle.includes(pretraining.phase);
}

/** The forecast, where it is of the choices as they are now. */
export function currentForecast({ forecast, recipe, data, model, device }: State): Forecast | undefined {
  const same =
    forecast?.recipe === recipe &&
    forecast.parts === data.parts &&
    forecast.source === model.source &&
    forecast.device === device;
  return same ? forecast : undefined;
}

/** Whether the report in hand, or the one being made, is of what is there now. */
export function currentInspection({ inspection, data, model }: State): Inspection | undefined {
  return inspection?.parts === data.parts && inspection?.source === model.source ? inspection : undefined;
}

/** Whether the model in hand has learned to tell masked words: as it came, or here. */
export function canFill({ model }: State): boolean {
  return model.phase === "ready" && model.fills === true;
}
