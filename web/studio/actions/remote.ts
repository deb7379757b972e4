/**
 * Takes a model's typed id or address; sets `state.remote`. Asks the person before it contacts another host, tells of
 * the model there before anything large is fetched, and then loads it. No other file contacts another host.
 */
import { Classifier } from "../../src/index.ts";
import { remoteSource } from "../data/remote-source.ts";
import { isAbort, toFailure } from "../i18n/messages.ts";
import { recall, remember } from "../i18n/remembered.ts";
import type { Store } from "../state/store.ts";
import { openModel } from "./model.ts";

const KEY = "bertlet-hosts";
/** Hosts that the person agreed to in this visit. */
const agreed = new Set<string>();
let looking: AbortController | undefined;

/** The hosts that this browser remembers as agreed to. */
export function rememberedHosts(): string[] {
  return (recall(KEY) ?? "").split(" ").filter((host) => host !== "");
}

export function forgetHosts(): void {
  remember(KEY, "");
  agreed.clear();
}

/** Reads the fields; then asks the person, asks the host, or loads what is this page's own, where `mayLoad` allows it. */
export async function lookUp(store: Store, mayLoad: () => boolean): Promise<void> {
  looking?.abort();
  try {
    const wanted = remoteSource(store.state.remote, document.baseURI);
    store.patch("remote", { phase: "none", wanted, preview: undefined, error: undefined });
    const { host, options, source, name } = wanted;
    if (host === undefined && Object.keys(options).length === 0) {
      if (mayLoad()) await openModel(store, source, name);
    } else if (host === undefined || agreed.has(host) || rememberedHosts().includes(host)) {
      await look(store);
    } else store.patch("remote", { phase: "asking" });
  } catch (error) {
    store.patch("remote", { phase: "none", error: toFailure(error) });
  }
}

/** The person agreed; `always` for later visits too. */
export async function agree(store: Store, always: boolean): Promise<void> {
  const host = store.state.remote.wanted?.host;
  if (host === undefined) return;
  agreed.add(host);
  if (always) remember(KEY, [...new Set([...rememberedHosts(), host])].join(" "));
  await look(store);
}

async function look(store: Store): Promise<void> {
  const { wanted } = store.state.remote;
  if (wanted === undefined) return;
  const controller = new AbortController();
  looking = controller;
  store.patch("remote", { phase: "looking" });
  try {
    const preview = await Classifier.preview(wanted.source, { ...wanted.options, signal: controller.signal });
    if (looking === controller) store.patch("remote", { phase: "found", preview });
  } catch (error) {
    if (looking !== controller) return;
    store.patch("remote", { phase: "none", error: isAbort(error) ? undefined : toFailure(error) });
  }
}

/** Ends the question, the asking or the answer. */
export function leaveRemote(store: Store): void {
  looking?.abort();
  looking = undefined;
  store.patch("remote", { phase: "none", preview: undefined, error: undefined });
}

/** Loads what was found, at the commit that was told of. */
export async function loadFound(store: Store): Promise<void> {
  const { wanted, preview } = store.state.remote;
  if (wanted === undefined || preview?.folder === undefined) return;
  store.patch("remote", { phase: "none", preview: undefined });
  await openModel(store, preview.folder, wanted.name);
}
