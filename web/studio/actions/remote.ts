/**
 * Takes a model's typed id or address; sets `state.remote`. Asks the person before it contacts another host, tells of
 * the model there before anything large is fetched, and then loads it. Other files load only from
 * hosts that were agreed to.
 */
import { Classifier } from "../../src/index.ts";
import { remoteSource } from "../data/remote-source.ts";
import { isAbort, toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { agreeTo, isAgreed, unagreedHost } from "./hosts.ts";
import { openModel } from "./model.ts";

let looking: AbortController | undefined;

/** Reads the fields; then asks the person, asks the host, or loads what is this page's own, where `mayLoad` allows it. */
export async function lookUp(store: Store, mayLoad: () => boolean): Promise<void> {
  looking?.abort();
  try {
    const wanted = remoteSource(store.state.remote, document.baseURI);
    store.patch("remote", { phase: "none", wanted, preview: undefined, error: undefined });
    const { host, options, source, name } = wanted;
    if (host === undefined && Object.keys(options).length === 0) {
      if (mayLoad()) await openModel(store, source, name);
    } else if (host === undefined || isAgreed(host)) {
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
  agreeTo(host, always);
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
  // The host that was agreed to may have named another for its files.
  const host = unagreedHost(preview.folder);
  if (host !== undefined) agreeTo(host);
  await openModel(store, preview.folder, wanted.name);
}
