/**
 * Takes the state; tells what is running, and whether a result still belongs to the current choices.
 */
import { newRows, rowKey } from "../data/edits.ts";
import { type DataFile, labelsOf } from "../data/parts.ts";
import type { DataState, Inspection } from "./data.ts";
import type { KnownAdapter } from "./model.ts";
import type { State } from "./state.ts";
import type { PlanState } from "./training.ts";

export function isTraining({ training }: State): boolean {
  return ["preparing", "running", "paused", "stopping"].includes(training.phase);
}

export function isPretraining({ pretraining }: State): boolean {
  return ["preparing", "running", "stopping"].includes(pretraining.phase);
}

/** Whether a model that was trained here would be lost with the page or with the next model: neither kept nor saved. */
export function losesModel({ model, training, runs, project, keep }: State): boolean {
  if (training.phase !== "done" || !model.usable || project.keeping || keep.files) return false;
  const run = runs.find(({ number }) => number === project.run);
  return run?.kept === undefined || project.phase === "denied" || project.phase === "failed";
}

/** Whether a model that was pretrained here is not kept. */
export function losesPretrained({ model, project }: State): boolean {
  return model.original !== undefined && project.phase !== "kept" && project.phase !== "saving";
}

/** Whether there is work by hand, which no file has: rows, labels, or changes over a file's rows. */
export function hasWorkByHand({ data }: Pick<State, "data">): boolean {
  const { own, changed, renamed, cards } = data.edits;
  const edited = own.length + changed.size + renamed.size + cards.length > 0;
  return edited || data.files.some(({ table }) => table.labelledByHand);
}

/** Whether the sample would take the place of something that a person brought. */
export function losesExamples({ data }: Pick<State, "data">): boolean {
  return hasWorkByHand({ data }) || (data.files.length > 0 && !data.sample);
}

/** Whether work by hand over the rows of a file would be lost with it. */
export function losesWorkOf({ edits }: DataState, { id, table }: DataFile): boolean {
  const changed = [...edits.changed.keys()].some((key) => key.startsWith(`${id}/`));
  return table.labelledByHand || changed || edits.renamed.size > 0;
}

/** What a model that was trained here lacks to be tested, where its run held nothing out: another run, or rows held out. */
export function lacksTest({ training, data }: Pick<State, "training" | "data">): "run" | "rows" | undefined {
  const held = (parts: State["data"]["parts"]): boolean =>
    parts !== undefined && parts.dev.length + parts.test.length > 0;
  if (held(training.parts)) return undefined;
  return held(data.parts) ? "run" : "rows";
}

/** Whether work by hand would be lost with the page: it is not kept. */
export function losesWork(state: State): boolean {
  const { phase } = state.project;
  return (phase === "denied" || phase === "failed") && hasWorkByHand(state);
}

/** What using a model needs first: a model, or labels that it was trained for. */
export function lacksLabels({ model }: Pick<State, "model">): "model" | "labels" | undefined {
  if (model.usable && model.info) return undefined;
  return model.phase === "ready" ? "labels" : "model";
}

/** What training needs first: a model, which may still be loading, or examples. */
export function lacksExamples({ model, data }: Pick<State, "model" | "data">): "model" | "data" | undefined {
  if (model.phase === "none" || model.phase === "failed") return "model";
  return data.parts ? undefined : "data";
}

/** Whether there is any example, or a label for one. */
export function hasExamples({ data }: Pick<State, "data">): boolean {
  return data.files.length > 0 || data.edits.own.length > 0 || data.edits.cards.length > 0;
}

/** What can be active: each adapter, and the model alone if it has a head of its own. */
export function adapterChoices({ model, adapters }: State): (KnownAdapter | null)[] {
  const there = adapters.known.filter(({ name }) => model.info?.adapters.includes(name));
  if (model.phase !== "ready" || there.length === 0) return [];
  return [...(model.ownHead ? [null] : []), ...there];
}

/** Whether the active adapter has virtual tokens, which cannot be merged into the weights. */
export function hasVirtualTokens({ model, adapters }: State): boolean {
  const on = adapters.known.find(({ name }) => name === model.info?.activeAdapter);
  return on?.kind === "PROMPT_TUNING" || on?.kind === "PREFIX_TUNING";
}

/** Whether work is running during which the active adapter must not change. */
export function isBusy({ training, pretraining, evaluation, use }: State): boolean {
  const evaluating = evaluation.error === undefined && evaluation.done < evaluation.total;
  const idle = ["idle", "done", "failed"];
  return evaluating || use.running || !idle.includes(training.phase) || !idle.includes(pretraining.phase);
}

/** The plan, if it belongs to the current choices. */
export function currentPlan({ plan, recipe, data, model, device }: State): PlanState | undefined {
  const same =
    plan?.recipe === recipe &&
    plan.parts === data.parts &&
    plan.source === model.source &&
    plan.device === device;
  return same ? plan : undefined;
}

/** The data report, done or in progress, if it belongs to the current parts and model. */
export function currentInspection({ inspection, data, model }: State): Inspection | undefined {
  if (inspection?.source !== model.source) return undefined;
  const same = inspection?.parts === data.parts || (hasMany(data) && inspection?.files === data.files);
  return same ? inspection : undefined;
}

/** Of so many rows a report takes long: it is not made again for each row that is typed beside them. */
function hasMany({ examples }: State["data"]): boolean {
  return examples.length > 20_000;
}

/** Whether the model in hand has a trained masked-LM head. */
export function canFillMask({ model }: State): boolean {
  return model.phase === "ready" && model.maskedLmHead === true;
}

/** Whether the model in hand was trained for the labels that the examples have now. */
export function answersByTraining({ model, data, training }: State): boolean {
  const [own, wanted] = [model.info?.labels ?? [], data.parts?.labels ?? []];
  const same = own.length === wanted.length && wanted.every((label) => own.includes(label));
  return model.usable && same && (training.phase === "done" || model.ownLabels !== undefined);
}

/** Labels of the model in hand that no row has any more, as after one was renamed, and of held-out rows that it never had. */
function apart({ data, training, model }: State): { gone: string[]; others: string[] } {
  const [now, then] = [data.parts, training.parts];
  if (training.phase !== "done" || !now || !then) return { gone: [], others: [] };
  const own = new Set(model.info?.labels);
  const gone = then.labels.filter((label) => own.has(label) && !now.labels.includes(label));
  const others = now.labels.filter((label) => !own.has(label));
  if (others.length === 0) return { gone, others };
  const held = new Set([...now.dev, ...now.test].flatMap(labelsOf));
  return { gone, others: others.filter((label) => held.has(label)) };
}

/** The labels for which the model in hand cannot be measured on the rows as they are now. */
export function labelsApart(state: State): string[] {
  const { gone, others } = apart(state);
  return [...gone, ...others];
}

/** Whether the model in hand can learn what is new on top of what it knows: with an adapter on it cannot, and forgets no label. */
export function canLearn(state: State): boolean {
  const { gone, others } = apart(state);
  if (state.model.info?.activeAdapter !== undefined || gone.length > 0) return false;
  if (others.length === 0) return true;
  const taught = new Set(state.data.parts?.train.flatMap(labelsOf));
  return others.every((label) => taught.has(label));
}

interface Newer {
  /** Examples with texts that were not there. */
  added: number;
  /** Those that had other labels. */
  relabelled: number;
}
let newer: (Newer & { now: unknown; then: unknown }) | undefined;

/** Examples as the model in hand has not learned them, since its run was before. Counted once for each state of them. */
export function newerThanTraining({ data, training }: State): Newer {
  const [now, then] = [data.parts, training.parts];
  if (training.phase !== "done" || !then || !now || now === then) return { added: 0, relabelled: 0 };
  if (newer?.now === now && newer.then === then) return newer;
  const rows = newRows(then.train, now.train);
  const texts = rows.length === 0 ? new Set() : new Set(then.train.map(rowKey));
  const relabelled = rows.filter((row) => texts.has(rowKey(row))).length;
  newer = { now, then, added: rows.length - relabelled, relabelled };
  return newer;
}
