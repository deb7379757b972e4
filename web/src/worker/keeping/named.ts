// Models kept by name. A model is written as a new generation beside the old one, which goes once the new one is
// whole: a crash or a full disk at any moment leaves the old one.

import type { KeptModelInfo } from "../../../bertlet.d.ts";
import { BertletError, describe } from "../../shared/errors.ts";
import type { Session } from "../session.ts";
import { openStore } from "../storage/open-store.ts";
import type { Flaw } from "../storage/shape.ts";
import type { Store } from "../storage/store.ts";
import { type KeptModel, type Manifest, partName, readManifest, readModel, writeModel } from "./model.ts";

const FOLDER = "models";

/** Every file of a model, by generation. */
interface Generations {
  [generation: number]: { file: string; bytes: number }[];
}

/** To be called within a turn. Gives the bytes that the model takes. */
export async function keep(session: Session, name: string): Promise<number> {
  const store = await openStore(FOLDER);
  if (store.kind === "memory") throw noStorage();
  return whileLocked(name, "exclusive", async () => {
    const before = (await filesOf(store)).get(name) ?? {};
    const numbers = Object.keys(before).map(Number);
    const generation = Math.max(0, ...numbers) + 1;
    try {
      await writeModel(session, store, prefixOf(name, generation));
    } catch (error) {
      await removeAll(store, (await filesOf(store)).get(name)?.[generation]).catch(() => {});
      throw error;
    }
    for (const old of numbers) await removeAll(store, before[old]);
    const files = (await filesOf(store)).get(name)?.[generation] ?? [];
    return sum(files);
  });
}

/** Throws `unknown-name`, or `bad-weights` where it is damaged. */
export async function readKept(name: string): Promise<KeptModel> {
  const store = await openStore(FOLDER);
  return whileLocked(name, "shared", async () => {
    const all = await filesOf(store);
    const generations = all.get(name);
    if (generations === undefined) throw unknown("open", name, [...all.keys()]);
    const newest = await newestWhole(store, name, generations);
    if (!hasManifest(name, generations)) {
      throw unknown(
        "open",
        name,
        [...all.keys()].filter((each) => each !== name),
      );
    }
    return readModel(store, prefixOf(name, newest?.generation ?? 1), describe(name));
  });
}

export async function listKept(): Promise<KeptModelInfo[]> {
  const store = await openStore(FOLDER);
  const found: KeptModelInfo[] = [];
  for (const name of (await filesOf(store)).keys()) {
    const model = await whileLocked(name, "shared", () => infoOf(store, name));
    if (model !== undefined) found.push(model);
  }
  const keptAt = (info: KeptModelInfo) => (info.damaged ? 0 : info.keptAt.getTime());
  return found.sort((one, other) => keptAt(other) - keptAt(one));
}

async function infoOf(store: Store, name: string): Promise<KeptModelInfo | undefined> {
  // Another tab may have replaced or forgotten it since its name was found.
  const generations = (await filesOf(store)).get(name) ?? {};
  const { manifest = "torn", generation = 0 } = (await newestWhole(store, name, generations)) ?? {};
  if (manifest === "other-version" || !hasManifest(name, generations)) return undefined;
  if (typeof manifest === "string") {
    return { name, bytes: sum(Object.values(generations).flat()), damaged: true };
  }
  const { keptAt, labels, adapters } = manifest;
  return {
    name,
    bytes: sum(generations[generation] ?? []),
    keptAt: new Date(keptAt),
    architecture: manifest.info.architecture,
    labels,
    adapters: adapters.map((adapter) => adapter.name),
  };
}

export async function forget(name: string): Promise<void> {
  const store = await openStore(FOLDER);
  await whileLocked(name, "exclusive", async () => {
    const all = await filesOf(store);
    const generations = all.get(name);
    if (generations === undefined) throw unknown("forget", name, [...all.keys()]);
    for (const files of Object.values(generations)) await removeAll(store, files);
  });
}

function prefixOf(name: string, generation: number): string {
  return `${name}/${generation}`;
}

async function filesOf(store: Store): Promise<Map<string, Generations>> {
  const models = new Map<string, Generations>();
  for (const { name: file, bytes } of await store.list()) {
    const [, name, generation] = /^(.*)\/(\d+)\/[^/]*$/s.exec(file) ?? [];
    if (name === undefined || generation === undefined) continue;
    const generations = models.get(name) ?? {};
    models.set(name, generations);
    generations[Number(generation)] = [...(generations[Number(generation)] ?? []), { file, bytes }];
  }
  return models;
}

async function newestWhole(
  store: Store,
  name: string,
  generations: Generations,
): Promise<{ generation: number; manifest: Manifest | Flaw } | undefined> {
  const numbers = Object.keys(generations).map(Number);
  for (const generation of numbers.sort((one, other) => other - one)) {
    const manifest = await readManifest(store, prefixOf(name, generation));
    if (manifest !== undefined) return { generation, manifest };
  }
  return undefined;
}

/** Whether it was whole once, or nearly: one whose worker or page ended while its parts were written is not kept. */
function hasManifest(name: string, generations: Generations): boolean {
  const manifests = Object.keys(generations).map((number) => partName(prefixOf(name, Number(number))));
  const files = Object.values(generations).flat() as { file: string }[];
  return files.some(({ file }) => manifests.includes(file));
}

/** The manifest goes first, so that no part of a model looks like one. */
async function removeAll(store: Store, files: Generations[number] = []): Promise<void> {
  const isManifest = ({ file }: { file: string }) => file === partName(file.slice(0, file.lastIndexOf("/")));
  for (const { file } of files.filter(isManifest)) await store.remove(file);
  for (const { file } of files) await store.remove(file);
}

/**
 * One tab writes a name at a time, and none reads it meanwhile. Where there are no locks, or they are denied, the
 * storage's own must do.
 */
async function whileLocked<T>(name: string, mode: LockMode, work: () => Promise<T>): Promise<T> {
  const { locks } = globalThis.navigator ?? {};
  let begun = false;
  const begin = () => {
    begun = true;
    return work();
  };
  if (locks === undefined) return begin();
  try {
    return await locks.request(`bertlet-kept ${name}`, { mode }, begin);
  } catch (error) {
    if (begun) throw error;
    return begin();
  }
}

function sum(files: { bytes: number }[]): number {
  return files.reduce((bytes, file) => bytes + file.bytes, 0);
}

function unknown(call: string, name: string, known: string[]): BertletError {
  const found = known.length === 0 ? "nothing is kept" : `kept are ${known.map(describe).join(", ")}`;
  return new BertletError("unknown-name", `${call}: no model is kept under ${describe(name)}: ${found}`);
}

function noStorage(): BertletError {
  return new BertletError(
    "no-storage",
    "keep: this browser denies storage to this page",
    "allow the site to keep data, or leave the private window; save() gives the model as files",
  );
}
