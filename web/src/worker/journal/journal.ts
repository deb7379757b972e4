// The journal of one run, kept by name: the model before the run, what the run was asked, and two slots for its state. A
// new journal is written beside the old one of its name, which goes once the new one is whole.

import type { JournalInfo, KeptJournal } from "../../../bertlet.d.ts";
import { BertletError, describe, failureOf } from "../../shared/errors.ts";
import { type KeptModel, OfOtherVersion, readModel, writeModel } from "../keeping/model.ts";
import type { Session } from "../session.ts";
import { hexOf, sha256 } from "../storage/digest.ts";
import { openStore } from "../storage/open-store.ts";
import type { Flaw } from "../storage/shape.ts";
import type { Store } from "../storage/store.ts";
import {
  type Files,
  type Generations,
  journals,
  lock,
  newest,
  prefixOf,
  remove,
  retried,
  sweep,
  wasWhole,
  whileUnwritten,
} from "./generations.ts";
import { fits } from "./progress.ts";
import { newestHead, newestSlot, type Slot, type SlotHead, slotName, writeSlot } from "./slots.ts";
import type { Start } from "./start.ts";

/** A journal to go on from. */
export interface Reopened {
  journal: Journal;
  start: Start;
  model: KeptModel;
}

const FOLDER = "journals";
/** A state is written at least so often, ... */
const INTERVAL_MS = 60_000;
/** ... unless the journal has taken more than this part of the run. The first state is written all the same. */
const SHARE = 1 / 20;

export class Journal {
  readonly name: string;
  /** What the run goes on from, if anything. Taken once. */
  slot: Slot | undefined;
  readonly #store: Store;
  readonly #release: () => void;
  #generation: number;
  #version: number;
  readonly #beganAt = performance.now();
  #savedAt = performance.now();
  /** What the last state took, ... */
  #stateMs = 0;
  /** ... and all that was written, and will be once the run is over. */
  #spentMs: number;
  /** Files of the journal before: they stay until this one's run has a state to keep. */
  #before: Files = [];
  /** It was begun here, and has no state yet. */
  #isNew = false;
  /** Steps done in the last state. */
  #step: number;

  private constructor(
    name: string,
    store: Store,
    generation: number,
    release: () => void,
    { slot, spentMs = 0 }: { slot?: Slot | undefined; spentMs?: number },
  ) {
    this.name = name;
    this.#spentMs = spentMs;
    this.#store = store;
    this.#generation = generation;
    this.#release = release;
    this.slot = slot;
    this.#version = slot?.head.version ?? 0;
    this.#step = slot?.head.step ?? 0;
  }

  /** Takes the name, and keeps the model and the start. Throws `no-storage`, `storage-full` or `busy`. */
  static async begin(session: Session, name: string, start: Start): Promise<Journal> {
    const store = await openStore(FOLDER);
    if (store.kind === "memory") throw noStorage();
    const release = await lock(name);
    try {
      await sweep(store, name);
      const beganAt = performance.now();
      const { generation, before } = await write(session, store, name, start);
      // What the run ends with is as large.
      const spentMs = 2 * (performance.now() - beganAt);
      const journal = new Journal(name, store, generation, release, { spentMs });
      journal.#before = before;
      journal.#isNew = true;
      return journal;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Throws `unknown-name`, `bad-journal` or `busy`. */
  static async reopen(name: string, run?: string): Promise<Reopened> {
    const store = await openStore(FOLDER);
    const release = await lock(name);
    try {
      const all = await journals(store);
      const generations = all.get(name);
      if (generations === undefined) throw unknown("resume", name, [...all.keys()]);
      const found = await newest(store, name, generations);
      if (found === undefined) {
        // Its worker or its page ended before the journal was whole: there is none.
        if (!(await wasWhole(store, name, generations))) throw unknown("resume", name, []);
        throw damaged(name, "what the run was asked");
      }
      const { generation, prefix, start } = found;
      if (typeof start === "string") throw flawed(start, name, "what the run was asked");
      if (run !== undefined && start.run !== run) throw unknown("resume", name, []);
      const model = await readModel(store, `${prefix}/model`, describe(name)).catch((error) => {
        if (error instanceof OfOtherVersion) throw flawed("other-version", name);
        const failure = failureOf(error);
        throw failure?.code === "bad-weights" ? damaged(name, failure.message) : error;
      });
      const slot = await newestSlot(store, prefix, (found) => fits(start.call, found));
      if (typeof slot === "string") throw flawed(slot, name, "no state of the run is as it was written");
      const journal = new Journal(name, store, generation, release, { slot });
      return { journal, start, model };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Whether a state should be written now. */
  isDue(atEpochEnd: boolean): boolean {
    const now = performance.now();
    if (!atEpochEnd && now - this.#savedAt < INTERVAL_MS) return false;
    return this.#stateMs === 0 || this.#spentMs + this.#stateMs <= SHARE * (now - this.#beganAt);
  }

  /** Writes a state over the older slot. */
  async save(head: Omit<SlotHead, "version">, pieces: AsyncIterable<Float32Array>): Promise<void> {
    const beganAt = performance.now();
    // The run has come to a state, so that the journal before is no longer the one to fall back on; it makes room.
    this.#isNew = false;
    await this.#replace();
    const version = this.#version + 1;
    const name = slotName(prefixOf(this.name, this.#generation), version);
    await writeSlot(this.#store, name, { ...head, version }, pieces);
    this.#version = version;
    this.#step = head.step;
    this.#savedAt = performance.now();
    this.#stateMs = this.#savedAt - beganAt;
    this.#spentMs += this.#stateMs;
  }

  async #replace(): Promise<void> {
    await remove(this.#store, this.#before.splice(0));
  }

  /**
   * The run was refused before its first step: the journal of before, if any, is the one of this name again. Where there
   * is none, one that another worker may go on from stays.
   */
  async abandon(mayGoOn: boolean): Promise<void> {
    if (!this.#isNew || (mayGoOn && this.#before.length === 0)) return;
    this.#before = [];
    const generations = (await journals(this.#store)).get(this.name);
    await remove(this.#store, generations?.get(this.#generation) ?? []);
  }

  /** Keeps what the run ended with, in place of its states. To be called within a turn. */
  async finish(session: Session, start: Start): Promise<void> {
    const ended = { ...start, step: this.#step };
    const { generation, before } = await write(session, this.#store, this.name, ended);
    this.#generation = generation;
    this.#before = before;
    await this.#replace();
  }

  /** Lets others write the name. */
  close(): void {
    this.#release();
  }
}

export async function listJournals(): Promise<JournalInfo[]> {
  const store = await openStore(FOLDER);
  const found: JournalInfo[] = [];
  for (const [name, generations] of await journals(store)) {
    const entry = await infoOf(store, name, generations);
    if (typeof entry === "object") found.push(entry);
    else {
      const again = await infoAgain(store, name);
      if (again !== undefined) found.push(again);
    }
  }
  const savedAt = (info: JournalInfo) => (info.damaged ? 0 : info.savedAt.getTime());
  return found.sort((one, other) => savedAt(other) - savedAt(one));
}

/** What is told of a journal; what is wrong with it; undefined where it was never whole. */
async function infoOf(
  store: Store,
  name: string,
  generations: Generations,
): Promise<JournalInfo | Flaw | undefined> {
  const current = await newest(store, name, generations);
  if (current === undefined) return (await wasWhole(store, name, generations)) ? "damaged" : undefined;
  const { prefix, start, generation } = current;
  if (typeof start === "string") return start;
  const head = await newestHead(store, prefix);
  if (typeof head === "string") return head;
  return {
    name,
    call: start.call,
    startedAt: new Date(start.startedAt),
    savedAt: new Date(head?.savedAt ?? start.endedAt ?? start.startedAt),
    ...stepsOf(start, head),
    finished: start.ended !== undefined,
    bytes: sizeOf(generations.get(generation)),
  };
}

/** As `infoOf`, for a journal that another tab may have written or replaced meanwhile. */
function infoAgain(store: Store, name: string): Promise<JournalInfo | undefined> {
  return whileUnwritten(name, async (isUnwritten) => {
    const generations: Generations = (await journals(store)).get(name) ?? new Map();
    const info = await infoOf(store, name, generations);
    if (typeof info === "object") return info;
    if (info !== "damaged" || !isUnwritten) return undefined;
    return { name, bytes: sizeOf([...generations.values()].flat()), damaged: true };
  });
}

function sizeOf(files: Files = []): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function stepsOf(
  { ended, step = 0 }: Start,
  head: SlotHead | undefined,
): Pick<KeptJournal, "step" | "steps"> {
  if (ended?.type === "end") return { step: ended.steps, steps: ended.steps };
  if (ended !== undefined) return { step: "steps" in ended ? ended.steps : step };
  return { step: head?.step ?? 0, ...(head?.steps !== undefined && { steps: head.steps }) };
}

/** Throws `unknown-name`; `busy` where a run writes it. */
export async function deleteJournal(name: string): Promise<void> {
  const store = await openStore(FOLDER);
  const release = await lock(name);
  try {
    const all = await journals(store);
    const generations = all.get(name);
    if (generations === undefined) throw unknown("deleteJournal", name, [...all.keys()]);
    for (const files of generations.values()) await remove(store, files);
  } finally {
    release();
  }
}

/** Writes a generation. Gives its number, and the files of those before it, which it is to replace. */
async function write(
  session: Session,
  store: Store,
  name: string,
  start: Start,
): Promise<{ generation: number; before: Files }> {
  const before: Generations = (await journals(store)).get(name) ?? new Map();
  const generation = Math.max(0, ...before.keys()) + 1;
  const prefix = prefixOf(name, generation);
  try {
    await retried(() => writeModel(session, store, `${prefix}/model`));
    const json = new TextEncoder().encode(JSON.stringify({ ...start, format: 1 } satisfies Start, plain));
    const digest = new TextEncoder().encode(`${hexOf(await sha256(json))}\n`);
    await store.write(`${prefix}/start`, [digest, json], digest.byteLength + json.byteLength);
  } catch (error) {
    const begun = [...((await journals(store)).get(name) ?? [])].filter(([number]) => !before.has(number));
    for (const [, files] of begun) await remove(store, files).catch(() => {});
    throw error;
  }
  return { generation, before: [...before.values()].flat() };
}

/** JSON has no typed arrays. */
function plain(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Array.from(value) : value;
}

function unknown(call: string, name: string, known: string[]): BertletError {
  const found = known.length === 0 ? "there is none" : `there are ${known.map(describe).join(", ")}`;
  return new BertletError("unknown-name", `${call}: there is no journal ${describe(name)}: ${found}`);
}

function damaged(name: string, what: string): BertletError {
  const hint = "delete the journal, and start the run again";
  return new BertletError("bad-journal", `the journal ${describe(name)} is damaged: ${what}`, hint);
}

function flawed(flaw: Flaw, name: string, what = ""): BertletError {
  if (flaw !== "other-version") return damaged(name, what);
  return new BertletError(
    "bad-journal",
    `the journal ${describe(name)} was kept by another version of the library`,
    "reload the page",
  );
}

function noStorage(): BertletError {
  return new BertletError(
    "no-storage",
    "this browser denies storage to this page",
    "allow the site to keep data, or leave the private window",
  );
}
