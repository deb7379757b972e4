// The worker's script: connects the worker host to messages. Posts messages and holds the worker's lock;
// nothing else.

import { version } from "../../package.json";
import { watchPolicies } from "../shared/blocked.ts";
import { otherVersion } from "../shared/errors.ts";
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
  // A page of this version would refuse itself by "ready"; an older one knows only how to fail.
  if (data.version !== version) {
    const { code, message, hint = "" } = otherVersion("the worker", version, data.version);
    host.die({ code, message, hint });
    return;
  }
  scope.postMessage({ type: "ready", version }, []);
  // The lock is held until this worker ends in any way, which is how the page learns of it. A sandbox has no locks.
  navigator.locks
    ?.request(data.lock, () => {
      scope.postMessage({ type: "locked" }, []);
      return new Promise(() => {});
    })
    .catch(() => {});
});
