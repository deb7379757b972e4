// The calls that need no model: they list or remove what this browser keeps. Each asks a worker of its own.

import type * as Api from "../../bertlet.d.ts";
import { askStorage } from "./open-worker.ts";
import { checkCached, checkKept, checkName } from "./options.ts";
import { checkpointOf } from "./source.ts";

export async function isCached(source: Api.Source, options?: Api.CacheOptions): Promise<boolean> {
  const { assets, ...where } = checkCached("isCached")(options);
  return askStorage("isCached", { checkpoint: checkpointOf(source, where, "isCached") }, assets);
}

export async function clearCache(source?: Api.Source, options?: Api.CacheOptions): Promise<void> {
  const { assets, ...where } = checkCached("clearCache")(options);
  const request = source === undefined ? {} : { checkpoint: checkpointOf(source, where, "clearCache") };
  await askStorage("clearCache", request, assets);
}

export async function list(options?: Pick<Api.OpenOptions, "assets">): Promise<Api.KeptModelInfo[]> {
  return askStorage("list", null, checkKept("list")(options).assets);
}

export async function forget(name: string, options?: Pick<Api.OpenOptions, "assets">): Promise<void> {
  await askStorage("forget", { name: checkName("forget", name) }, checkKept("forget")(options).assets);
}

export async function listJournals(options?: Pick<Api.OpenOptions, "assets">): Promise<Api.JournalInfo[]> {
  return askStorage("listJournals", null, checkKept("listJournals")(options).assets);
}

export async function deleteJournal(name: string, options?: Pick<Api.OpenOptions, "assets">): Promise<void> {
  const request = { name: checkName("deleteJournal", name) };
  await askStorage("deleteJournal", request, checkKept("deleteJournal")(options).assets);
}
