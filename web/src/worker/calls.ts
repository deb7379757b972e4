// The calls: what the worker does for each. A call stands in the table of its kind, which says how it is served. May not post:
// messages are the worker host's.

import type { LoadProgress, ModelInfo, RowProgress } from "../../bertlet.d.ts";
import type { Access } from "../shared/loading-requests.ts";
import type { CallName, CallRequest, Calls, JournalledName, RunEvents, RunName } from "../shared/messages.ts";
import { addAdapter, mergeAdapter, saveAdapter, setLabels, useAdapter } from "./adapters.ts";
import { explain } from "./answers/explain.ts";
import { classify, embed, evaluate, fillMask } from "./answers/infer.ts";
import { inspect } from "./answers/inspect.ts";
import type { PooledStates } from "./answers/pooled-states.ts";
import { fitScope } from "./answers/scope.ts";
import { suggest } from "./answers/suggest.ts";
import { tokenize } from "./answers/tokenize.ts";
import { clearCache, isCached } from "./downloads/cache.ts";
import type { FetchFile } from "./downloads/remote-fetch.ts";
import { calibrate } from "./engine/calibrate.ts";
import type { LoadLibrary } from "./engine/wasm-builds.ts";
import { preview } from "./files/preview.ts";
import { deleteJournal, Journal, listJournals, type Reopened } from "./journal/journal.ts";
import { forget, keep, listKept, readKept } from "./keeping/named.ts";
import { saveOnnx } from "./onnx/save-onnx.ts";
import { create, load, openKept } from "./open.ts";
import { planned } from "./runs/auto-recipe.ts";
import { distill } from "./runs/distill.ts";
import { scaleByTemperature } from "./runs/fit-temperature.ts";
import { learn } from "./runs/learn.ts";
import { prune } from "./runs/prune.ts";
import { quantize } from "./runs/quantize.ts";
import { goOn, type RunRequest, runCall } from "./runs/runs.ts";
import { save } from "./save.ts";
import type { Job, RunJob, Session } from "./session.ts";
import { takeAway } from "./take-away/take-away.ts";

/** What the worker holds from one call to the next. */
export interface Held {
  session: Session | undefined;
  /** The journal that "continue" goes on from. */
  reopened: Reopened | undefined;
  /** Settles once the adapters whose files are read are added. A run, which takes its snapshots, waits for them. */
  adding: Promise<unknown>;
  readonly states: PooledStates;
}

/** What a call has beside its request. */
export interface Hooks<J extends Job = Job> {
  held: Held;
  job: J;
  loadLibrary: LoadLibrary;
  /** Who hears of what while a model is opened, and afterwards. */
  opening: Parameters<typeof create>[2];
  fetcher: (access: Access) => FetchFile;
  onProgress: (progress: LoadProgress | RowProgress) => void;
  /** Of a run. */
  emit: (event: RunEvents[RunName]) => void;
}

type Answer<K extends CallName> = Promise<Calls[K]["response"]>;
type Serve<K extends CallName> = (request: Calls[K]["request"], hooks: Hooks) => Answer<K>;
type ServeOn<K extends CallName, J extends Job = Job> = (
  session: Session,
  request: Calls[K]["request"],
  hooks: Hooks<J>,
) => Answer<K>;

/** Calls that open a model, or need none. */
const WITHOUT_MODEL = {
  load: async (request, { held, loadLibrary, opening, fetcher }) =>
    hold(held, await load(loadLibrary, request, { ...opening, fetch: fetcher(request.access) })),
  create: async (request, { held, loadLibrary, opening }) =>
    hold(held, await create(loadLibrary, request, opening)),
  open: async (request, { held, loadLibrary, opening }) =>
    hold(held, await openKept(loadLibrary, request, await readKept(request.name), opening)),
  resume,
  preview: (request, { fetcher }) => preview(request, fetcher(request.access)),
  list: () => listKept(),
  forget: ({ name }) => forget(name).then(() => null),
  isCached: ({ checkpoint }) => isCached(checkpoint),
  clearCache: ({ checkpoint }) => clearCache(checkpoint).then(() => null),
  listJournals: () => listJournals(),
  deleteJournal: ({ name }) => deleteJournal(name).then(() => null),
  timeDevice: (request, { loadLibrary, opening }) => calibrate(loadLibrary, request, opening.onFailure),
} satisfies { [K in CallName]?: Serve<K> };

/** Calls that leave every state of the model as it is. */
const READS = {
  classify: (session, request, { job, onProgress }) => classify(session, request, job, onProgress),
  embed: async (session, request, { job, onProgress }) => ({
    vectors: await embed(session, request, job, onProgress),
  }),
  tokenize: async (session, { texts }, { job, onProgress }) => ({
    rows: await session.turn(() => tokenize(session, texts, job, onProgress)),
  }),
  evaluate: (session, request, { job, onProgress }) => evaluate(session, request, job, onProgress),
  explain: (session, request, { held, job, onProgress }) =>
    explain(session, held.states, request, job, onProgress),
  suggest: (session, request, { job, onProgress }) =>
    session.turn(() => suggest(session, request, job, onProgress)),
  fillMask: async (session, request, { job }) => ({
    masks: await session.turn(() => fillMask(session, request, job)),
  }),
  inspect: (session, request, { job, onProgress }) => inspect(session, request, job, onProgress),
  plan: (session, request, { job, onProgress }) =>
    session.turn(() => planned(session, request, job, onProgress)),
  fitScope: (session, request, { job, onProgress }) =>
    session.turn(() => fitScope(session, request, job, onProgress)),
  calibrate: (session, request, { job, onProgress }) =>
    session.turn(() => scaleByTemperature(session, request, job, onProgress)),
  keep: async (session, { name }) => ({ bytes: await session.turn(() => keep(session, name)) }),
  save: (session, request) => session.turn(() => save(session, request)),
  saveOnnx: (session, request) => saveOnnx(session, request),
  saveAdapter: (session, request) => session.turn(() => saveAdapter(session, request)),
  addAdapter: (session, request, { held, fetcher, onProgress }) => {
    const added = addAdapter(session, request, { onProgress, fetch: fetcher(request.access) });
    held.adding = Promise.allSettled([held.adding, added]);
    return added;
  },
} satisfies { [K in CallName]?: ServeOn<K> };

/** Calls that change the model, or, as takeAway, train it and put it back. */
const CHANGES = {
  quantize: (session, request, { job, onProgress }) => quantize(session, request, job, onProgress),
  prune: (session, request, { job, onProgress }) =>
    session.turn(() => prune(session, request, job, onProgress)),
  setLabels: (session, request) => session.turn(() => setLabels(session, request)),
  useAdapter: (session, request) => session.turn(() => useAdapter(session, request)),
  mergeAdapter: (session) => session.turn(() => mergeAdapter(session)),
  takeAway: (session, request, hooks) => takeAway(session, request, hooks),
} satisfies { [K in CallName]?: ServeOn<K> };

/** Calls that can be paused and stopped, and emit events. */
const RUNS = {
  finetune: journalled("finetune"),
  pretrain: journalled("pretrain"),
  crossValidate: journalled("crossValidate"),
  search: journalled("search"),
  learn: (session, request, { job, emit, onProgress }) => learn(session, request, job, emit, onProgress),
  distill: (session, request, { job, emit, onProgress }) => distill(session, request, job, emit, onProgress),
  // The page has no such run before the response to "resume".
  continue: (session, _, hooks) => goOn(session, hooks.held.reopened as Reopened, hooks),
} satisfies { [K in CallName]?: ServeOn<K, RunJob> };

/** Buffers that move to the page with a response; the others are copied. */
const MOVED: { readonly [K in CallName]?: (response: Calls[K]["response"]) => Transferable[] } = {
  classify: ({ scores }) => [scores.buffer],
  embed: ({ vectors }) => [vectors.buffer],
  save: ({ weights }) => [weights.buffer],
  saveOnnx: ({ model }) => [model.buffer],
  saveAdapter: ({ weights }) => [weights.buffer],
};

export const isRead = (call: CallName): boolean => isIn(READS, call);
export const isRun = (call: CallName): boolean => isIn(RUNS, call);

/** Does a call. Its job is a RunJob where it is a run. */
export async function serve(
  { call, request }: CallRequest,
  hooks: Hooks,
): Promise<Calls[CallName]["response"]> {
  // A request is its call's own, which the lookups below do not show.
  const own = request as never;
  if (isIn(WITHOUT_MODEL, call)) return WITHOUT_MODEL[call](own, hooks);
  const { held } = hooks;
  if (isIn(RUNS, call)) await held.adding;
  const session = held.session as Session; // the page has no classifier before the response to "load"
  if (isIn(RUNS, call)) return RUNS[call](session, own, hooks as Hooks<RunJob>);
  if (isIn(READS, call)) return READS[call](session, own, hooks);
  return CHANGES[call](session, own, hooks);
}

export function movedWith<K extends CallName>(call: K, response: Calls[K]["response"]): Transferable[] {
  return MOVED[call]?.(response) ?? [];
}

function isIn<T extends object>(table: T, call: CallName): call is CallName & keyof T {
  return call in table;
}

function hold(held: Held, session: Session): ModelInfo {
  held.session = session;
  return session.info;
}

async function resume(
  request: Calls["resume"]["request"],
  { held, loadLibrary, opening }: Hooks,
): Answer<"resume"> {
  const reopened = await Journal.reopen(request.name, request.run);
  const { journal, start, model } = reopened;
  const device = request.device ?? start.device;
  const info = hold(held, await openKept(loadLibrary, { ...request, device }, model, opening));
  held.reopened = reopened;
  const { call, run, ended } = start;
  return { info, call, step: journal.slot?.head.step ?? 0, run, ended: ended !== undefined };
}

/** A run that can have a journal. */
function journalled<K extends JournalledName>(call: K): ServeOn<K, RunJob> {
  return (session, request, hooks) => runCall(session, { call, request } as RunRequest, hooks) as Answer<K>;
}
