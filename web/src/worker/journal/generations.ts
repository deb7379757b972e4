// The files of journals in a store: by name, and by generation, of which the newest whole one counts. One worker of all tabs
// writes a name.

import { BertletError, describe, failureOf } from "../../shared/errors.ts";
import { bytesOf } from "../storage/open-store.ts";
import { readFile } from "../storage/read-file.ts";
import { readRecord } from "../storage/records.ts";
import type { Flaw } from "../storage/shape.ts";
import type { Store } from "../storage/store.ts";
import { type Start, startOf } from "./start.ts";

/** How long a worker that has just ended may hold its files and its lock. */
const RELEASE_MS = 3_000;
const RETRY_MS = 100;
/** "}", with which JSON of an object ends. */
const END = 125;

export type Files = { file: string; bytes: number }[];
export type Generations = Map<number, Files>;

export async function journals(store: Store): Promise<Map<string, Generations>> {
  const found = new Map<string, Generations>();
  for (const { name: file, bytes } of await store.list()) {
    const [, name, number] = /^(.*)\/(\d+)\/(?:start|slot-[01]|model|model\/[^/]*)$/s.exec(file) ?? [];
    if (name === undefined || number === undefined) continue;
    const generations: Generations = found.get(name) ?? new Map();
    found.set(name, generations);
    generations.set(Number(number), [...(generations.get(Number(number)) ?? []), { file, bytes }]);
  }
  return found;
}

/** The newest generation that was written to its end, with what is wrong with its start where that is no start. */
export async function newest(
  store: Store,
  name: string,
  generations: Generations,
): Promise<{ generation: number; prefix: string; start: Start | Flaw } | undefined> {
  for (const generation of [...generations.keys()].sort((one, other) => other - one)) {
    const prefix = prefixOf(name, generation);
    const start = await readRecord(store, `${prefix}/start`);
    if (start !== undefined) return { generation, prefix, start: startOf(start) };
  }
  return undefined;
}

/** Whether a generation whose start is not as it was written was whole once: it has a state, or the start has an end. */
export async function wasWhole(store: Store, name: string, generations: Generations): Promise<boolean> {
  for (const [generation, files] of generations) {
    const isEnded = async (start: Blob) => (await bytesOf(start.slice(-1)))[0] === END;
    const ended = await readFile(store, `${prefixOf(name, generation)}/start`, isEnded, true);
    // The start is the last to come and the first to go.
    if (ended === undefined) continue;
    if (ended || files.some(({ file }) => /\/slot-[01]$/.test(file))) return true;
  }
  return false;
}

/** Removes what runs of other names left whose worker or page ended before their journal was whole. */
export async function sweep(store: Store, except: string): Promise<void> {
  for (const [name, generations] of await journals(store)) {
    if (name === except || (await newest(store, name, generations)) !== undefined) continue;
    await navigator.locks
      ?.request(lockOf(name), { ifAvailable: true }, async (held) => {
        if (held === null || (await wasWhole(store, name, generations))) return;
        for (const files of generations.values()) await remove(store, files);
      })
      // Where locks are denied, another may be writing it. What is in the way is told by the write that follows.
      .catch(() => {});
  }
}

/** The start goes first: without it, nothing looks like a journal. */
export async function remove(store: Store, files: Files): Promise<void> {
  for (const { file } of files.filter(({ file }) => file.endsWith("/start"))) await store.remove(file);
  for (const { file } of files) await retried(() => store.remove(file));
}

/** Does it again while another worker, which has just ended, still has the file. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + RELEASE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (failureOf(error)?.code !== "busy" || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/**
 * One worker of all tabs writes a journal. Gives what releases it; its end does so too. Where there are no locks, or they
 * are denied, the storage's own must do.
 */
export async function lock(name: string): Promise<() => void> {
  const { locks } = globalThis.navigator ?? {};
  if (locks === undefined) return () => {};
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(RELEASE_MS);
    const held = () => new Promise<void>((release) => resolve(release));
    locks.request(lockOf(name), { signal }, held).catch(() => {
      if (!signal.aborted) return resolve(() => {});
      reject(
        new BertletError(
          "busy",
          `the journal ${describe(name)} is written by a run under way, here or in another tab`,
          "wait for that run, stop it, or give this one another name",
        ),
      );
    });
  });
}

/** Does `work` with whether no worker of any tab writes the journal meanwhile, as far as there are locks. */
export async function whileUnwritten<T>(
  name: string,
  work: (isUnwritten: boolean) => Promise<T>,
): Promise<T> {
  const { locks } = globalThis.navigator ?? {};
  if (locks === undefined) return work(true);
  const options = { mode: "shared", ifAvailable: true } as const;
  let begun = false;
  try {
    return await locks.request(lockOf(name), options, (held) => {
      begun = true;
      return work(held !== null);
    });
  } catch (error) {
    // Locks may be denied.
    if (begun) throw error;
    return work(true);
  }
}

export function prefixOf(name: string, generation: number): string {
  return `${name}/${generation}`;
}

function lockOf(name: string): string {
  return `bertlet-journal ${name}`;
}
