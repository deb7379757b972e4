// Starts a worker from one of the library's own files, wherever the page is from: on another origin than the file, in a
// sandbox, under Trusted Types, after any bundler. Used by the page, and by the worker for its threads.

/** The name of our Trusted Types policy. It makes URLs of the library's own scripts only. */
export const POLICY = "bertlet";
/** Where Node.js has the library's own Worker: other libraries put theirs, which is no browser's, on the global scope. */
export const NODE_WORKER = Symbol.for("bertlet.Worker");
/** A policy's event may come a little after the failure that it explains. */
const STUB_WAIT_MS = 100;

/** What `new Worker` is called with. */
export interface WorkerScript {
  url: URL;
  options: WorkerOptions;
}

/** What a stub posts where the script behind it could not be loaded. */
export interface Unstarted {
  type: "unstarted";
  reason: string;
  /** The directive that blocked it, and the policy that it is of. */
  blocked?: [directive: string, policy: string];
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): unknown;
  };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/**
 * What `start` calls `new Worker` with; nothing is started. Bundlers find a worker by the very words
 * `new Worker(new URL("./x.js", import.meta.url), …)`, and put their own file in its place. The URL is needed before the
 * worker starts, so `Worker` is another class during this call.
 */
export function scriptOf(start: () => Worker): WorkerScript {
  const { Worker: real } = globalThis;
  let url: string | URL | undefined;
  let options: WorkerOptions = {};
  class Recorder {
    constructor(given: string | URL, others: WorkerOptions = {}) {
      url = given;
      options = others;
    }
  }
  globalThis.Worker = Recorder as unknown as typeof Worker;
  try {
    start();
  } finally {
    globalThis.Worker = real;
  }
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  return { url: new URL(String(url), base), options };
}

/** Whether the script is of another origin. A page's workers must be of its own. */
export function isElsewhere({ protocol, origin }: URL): boolean {
  return /^https?:$/.test(protocol) && globalThis.origin !== undefined && origin !== globalThis.origin;
}

export function startWorker({ url, options }: WorkerScript): Worker {
  const { [NODE_WORKER]: own } = globalThis as { [NODE_WORKER]?: typeof globalThis.Worker };
  const Worker = own ?? globalThis.Worker;
  if (!isElsewhere(url)) return new Worker(trusted(url.href) as string, options);
  // A stub that is a module does not start in a sandbox of Chromium, so it is a classic script.
  const stub = new Blob([stubOf(url.href, options.type === "module")], { type: "text/javascript" });
  const address = URL.createObjectURL(stub);
  const { type: _, ...named } = options;
  const worker = new Worker(trusted(address) as string, named);
  const revoke = () => URL.revokeObjectURL(address);
  for (const event of ["message", "error"]) worker.addEventListener(event, revoke, { once: true });
  return worker;
}

/** Loads the script, and keeps the messages that come before it listens. */
function stubOf(url: string, isModule: boolean): string {
  const script = JSON.stringify(url);
  return `(() => {
const early = [];
let blocked;
const keep = (event) => early.push(event);
const begin = () => {
  removeEventListener("message", keep);
  for (const { data, ports } of early) dispatchEvent(new MessageEvent("message", { data, ports }));
};
const fail = (error) =>
  setTimeout(() => postMessage({ type: "unstarted", reason: String(error), blocked }), ${STUB_WAIT_MS});
addEventListener("message", keep);
addEventListener("securitypolicyviolation", (event) => {
  if (event.disposition === "enforce") blocked = [event.effectiveDirective, event.originalPolicy];
});
${isModule ? `import(${script}).then(begin, fail);` : `try { importScripts(${script}); begin(); } catch (error) { fail(error); }`}
})();`;
}

/** The URL as a page with Trusted Types takes it; as it is, where there is none or the policy is not allowed. */
function trusted(url: string): unknown {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (types === undefined) return url;
  try {
    policy ??= types.createPolicy(POLICY, { createScriptURL: (script) => script });
    return policy.createScriptURL(url);
  } catch {
    return url;
  }
}
