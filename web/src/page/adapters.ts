// The calls about adapters: checks them, and sends them to the worker.

import type * as Api from "../../bertlet.d.ts";
import { SAVE_ADAPTER } from "../shared/defaults.ts";
import { accessOf } from "./access.ts";
import { checkAddAdapter, checkName, checkSaveAdapter } from "./options.ts";
import { adapterFiles } from "./results.ts";
import { fetchHook } from "./serve-fetch.ts";
import { adapterOf } from "./source.ts";
import type { WorkerCalls } from "./worker-calls.ts";

export async function addAdapter(
  calls: WorkerCalls,
  name: string,
  source: Api.FolderSource | Api.AdapterFiles,
  options?: Api.AddAdapterOptions,
): Promise<string[]> {
  const { headers, fetch, ...hooks } = checkAddAdapter(options);
  calls.checkIdle("addAdapter");
  const files = adapterOf(source);
  const access = accessOf("addAdapter", files, { ...(headers && { headers }), ...(fetch && { fetch }) });
  const request = { name: checkName("addAdapter", name), files, access };
  return (await calls.call("addAdapter", request, { ...hooks, onFetch: fetchHook(fetch) })).labels;
}

export async function useAdapter(calls: WorkerCalls, name: string | null): Promise<void> {
  calls.checkIdle("useAdapter");
  await calls.call("useAdapter", { name: name === null ? null : checkName("useAdapter", name) }, {});
}

export async function mergeAdapter(calls: WorkerCalls): Promise<void> {
  calls.checkIdle("mergeAdapter");
  await calls.call("mergeAdapter", null, {});
}

export async function saveAdapter(
  calls: WorkerCalls,
  options?: Api.SaveAdapterOptions,
): Promise<Api.SavedAdapter> {
  const { base = SAVE_ADAPTER.base } = checkSaveAdapter(options);
  return adapterFiles(await calls.call("saveAdapter", { base }, {}));
}
