// Registers the service worker from a page of this site.

import { register } from "./register.ts";

/** `script` is the service worker's address, where it is not beside the page. */
export function registerHere(script = "service-worker.js"): void {
  const isOnThisMachine = ["127.0.0.1", "localhost", "[::1]"].includes(location.hostname);
  // `cargo xtask start` isolates the page by itself, and the next project on its port wants no worker of ours.
  if (isOnThisMachine && crossOriginIsolated && !navigator.serviceWorker?.controller) return;
  void register({ script });
}
