// The worker's script: connects the worker host to messages. Posts messages and holds the worker's lock, or starts its
// watcher; nothing else.

import { version } from "../../package.json";
import { watchPolicies } from "../shared/blocked.ts";
import { otherVersion } from "../shared/errors.ts";
import type { ToPage, ToWorker } from "../shared/messages.ts";
import { holdLock } from "./engine/hold-lock.ts";
import { startWatcher } from "./engine/threads.ts";
import { loadLibrary } from "./engine/wasm-builds.ts";
import { WorkerHost } from "./worker-host.ts";

const scope = self as unknown as {
  postMessage(message: ToPage, transfer: Transferable[]): void;
  addEventListener: typeof addEventListener;
};

watchPolicies();
const giveLifeline = (port: MessagePort) => scope.postMessage({ type: "lifeline", port }, [port]);
const host = new WorkerHost(
  (device, threads, memoryBytes) => loadLibrary(device, threads, memoryBytes, giveLifeline),
  (message, transfer = []) => scope.postMessage(message, transfer),
);

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
  // A page of this version would refuse itself by "ready"; an older one knows only how to fail.
  if (data.version !== version) {
    const { code, message, hint = "" } = otherVersion("the worker", version, data.version);
    host.die({ code, message, hint });
    return;
  }
  scope.postMessage({ type: "ready", version }, []);
  // By one of the two, the page learns of this worker's end.
  void holdLock(data.lock).then((held) => {
    if (held) scope.postMessage({ type: "locked" }, []);
    else giveLifeline(startWatcher());
  });
});
