// Registers the service worker from a page. Where the page is not isolated yet, loads it again, once: the worker then
// adds the headers. Where there are no service workers, or no storage, nothing happens.

import type { RegisterOptions } from "../service-worker.d.ts";

/** In sessionStorage: the page was loaded again for isolation, and may not be a second time. */
const RELOADED = "bertlet-reloaded-for-isolation";

export async function register(options: RegisterOptions = {}): Promise<boolean> {
  const container = serviceWorkers();
  if (container === undefined) return false;
  let touched = false;
  let reloading = false;
  const touch = () => {
    touched = true;
    // Until the new page comes, this one takes what somebody does, and must not lose it.
    if (reloading && document.readyState === "complete") stop();
  };
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, touch, { once: true, capture: true });
  // A new version has a new cache.
  container.addEventListener("controllerchange", () => keepLoaded(container.controller));
  try {
    const script = new URL(options.script ?? "service-worker.js", document.baseURI);
    const registration = await container.register(script);
    const active = await activated(registration);
    // The worker sees only pages inside its folder.
    if (active === undefined || !location.href.startsWith(registration.scope)) return false;
    keepLoaded(active);
  } catch (error) {
    console.info(`bertlet: no service worker, so the site needs the network: ${error}`);
    return false;
  }
  reloading = mayReload(touched);
  if (reloading) location.reload();
  return true;
}

/** Undefined where there are none; a frame without an origin of its own may not even ask. */
function serviceWorkers(): ServiceWorkerContainer | undefined {
  try {
    return globalThis.navigator?.serviceWorker;
  } catch {
    return undefined;
  }
}

/** The registration's worker once it is active; undefined where its installation fails. */
function activated({
  active,
  waiting,
  installing,
}: ServiceWorkerRegistration): Promise<ServiceWorker | undefined> {
  const worker = installing ?? waiting ?? active;
  return new Promise((resolve) => {
    const look = () => {
      if (worker?.state === "activated") resolve(worker);
      else if (worker === null || worker.state === "redundant") resolve(active ?? undefined);
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}

/** Who asks for a part of the page though its address has a query. Workers are "other" in some browsers. */
const ASK_FOR_PARTS = ["script", "link", "other"];

/**
 * Has the worker keep the page and its parts so far. What a script fetched is no part: it may have asked for the size alone of
 * a file that is large, or for what is of one person.
 */
function keepLoaded(worker: ServiceWorker | null): void {
  const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const parts = entries.filter(
    ({ initiatorType, name }) =>
      !["fetch", "xmlhttprequest", "beacon"].includes(initiatorType) &&
      (ASK_FOR_PARTS.includes(initiatorType) || new URL(name).search === ""),
  );
  worker?.postMessage({ keep: [location.href, ...parts.map(({ name }) => name)] });
}

/** Whether loading the page again isolates it. Never while somebody uses it, and never twice. */
function mayReload(touched: boolean): boolean {
  try {
    if (globalThis.crossOriginIsolated) sessionStorage.removeItem(RELOADED);
    // A frame is isolated by the pages around it.
    if (globalThis.crossOriginIsolated || touched || self !== top) return false;
    if (sessionStorage.getItem(RELOADED) !== null) return false;
    sessionStorage.setItem(RELOADED, "yes");
    return true;
  } catch {
    return false;
  }
}
