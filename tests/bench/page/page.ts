// The page of one contender: bertlet runs here, since it starts its own worker; another library runs in a
// worker of ours, so that none computes on the page's thread. Takes calls from the driver, gives numbers.

import { type Request, Runner } from "./runner.ts";

declare global {
  interface Window {
    bench: (request: Request) => Promise<unknown>;
  }
}

const file = new URLSearchParams(location.search).get("contender") ?? "bertlet";

if (file === "bertlet") {
  const { bertlet } = await import("../libraries/bertlet.ts");
  const runner = new Runner(bertlet);
  window.bench = (request) => runner.answer(request);
} else {
  const worker = new Worker(new URL(`./library-worker.js?library=${file}`, import.meta.url), {
    type: "module",
  });
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(`the worker of ${file} failed: ${message}`));
  });
  // The driver asks one thing at a time.
  window.bench = (request) => {
    const answered = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) =>
        "error" in data ? reject(new Error(data.error)) : resolve(data.value);
    });
    worker.postMessage(request);
    return Promise.race([answered, failed]);
  };
}
