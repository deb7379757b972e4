// The worker's script: connects the worker host to messages. Posts messages and holds the worker's lock;
// nothing else.

import { watchPolicies } from "../shared/blocked.ts";
import type { ToPage, ToWorker } from "../shared/messages.ts";
import { loadLibrary } from "./wasm-builds.ts";
import { WorkerHost } from "./worker-host.ts";

const scope = self as unknown as {
  postMessage(message: ToPage, transfer: Transferable[]): void;
  addEventListener: typeof addEventListener;
};

watchPolicies();
const host = new WorkerHost(loadLibrary, (message, transfer = []) => scope.postMessage(message, transfer));

// A panic within wasm's own tasks reaches no call.
scope.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  host.crash(event.reason);
});
scope.addEventListener("error", (event) => {
  event.preventDefault();
  host.crash(event.error ?? event.message);
});

scope.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type !== "hello") {
    host.receive(data);
    return;
  }
  // The lock is held until this worker ends in any way, which is how the page learns of it.
  navigator.locks?.request(data.lock, () => {
    scope.postMessage({ type: "ready" }, []);
    return new Promise(() => {});
  });
});
