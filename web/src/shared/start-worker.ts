// Starts the library's worker, from the page or from another worker. Where it cannot be started, says what forbids
// it: no Worker, a Content-Security-Policy, Trusted Types, a missing header, a wrong file.

import { type Blocked, blockedBy, hintFor, reasonOf, watchPolicies, whenBlocked } from "./blocked.ts";
import { BertletError } from "./errors.ts";
import { Client } from "./worker-client.ts";

/** The name of our Trusted Types policy. It makes URLs of the library's own scripts only. */
const POLICY = "bertlet";

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): unknown;
  };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/** Throws where there are no workers at all, as in Node.js without the library's own. */
export function checkWorkers(): void {
  if (typeof Worker === "function") return;
  const inNode = typeof (globalThis as { process?: { versions?: { node?: string } } }).process?.versions
    ?.node;
  throw new BertletError(
    "no-worker",
    "there is no Worker here: the library computes in one",
    inNode === "string"
      ? 'in Node.js import node.js in place of bertlet.js ("bertlet/node"); on a server that renders pages, load models in the browser only'
      : "call it in a browser's page",
  );
}

/** A module worker. `script` is one of the library's own files, beside this one. */
export function startWorker(script: URL, name?: string): Worker {
  const options: WorkerOptions = name === undefined ? { type: "module" } : { type: "module", name };
  return new Worker(trusted(script) as URL, options);
}

/** The URL as a page with Trusted Types takes it; as it is, where there is none or the policy is not allowed. */
function trusted(script: URL): unknown {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (types === undefined) return script;
  try {
    policy ??= types.createPolicy(POLICY, { createScriptURL: (url) => url });
    return policy.createScriptURL(script.href);
  } catch {
    return script;
  }
}

/** The library's worker, and the client that speaks to it. Throws, or ends the client, with `no-worker`. */
export function startClient(): Client {
  checkWorkers();
  watchPolicies();
  const script = new URL("./worker.js", import.meta.url);
  const sinceMs = performance.now();
  let worker: Worker;
  try {
    worker = startWorker(script, "bertlet");
  } catch (error) {
    throw notStarted(script, error);
  }
  const explain = async () => {
    const blocked = await blockedBy(sinceMs, (each) => isOf(script, each));
    return blocked === undefined ? explained(script) : forbidden(blocked);
  };
  const client = new Client(worker, explain);
  // Some browsers fire no error at the worker.
  const unwatch = whenBlocked(
    ({ what }) => what.startsWith(script.href),
    (blocked) => client.end(forbidden(blocked)),
  );
  client.started.then(unwatch, unwatch);
  return client;
}

function isOf(script: URL, { directive, what }: Blocked): boolean {
  return (
    directive === "worker-src" || (/^(child|script)-src/.test(directive) && what.startsWith(script.href))
  );
}

function forbidden(blocked: Blocked): BertletError {
  const message = `the worker could not be started: ${reasonOf(blocked)}`;
  return new BertletError("no-worker", message, hintFor("worker-src", "'self'", "the page"));
}

/** Why `new Worker` threw. */
function notStarted(script: URL, error: unknown): BertletError {
  const message = `the worker could not be started: ${error}`;
  if (/trusted/i.test(String(error))) {
    return new BertletError("no-worker", message, hintFor("trusted-types", POLICY, "the page"));
  }
  if (globalThis.origin === "null") {
    const hint = "the page is in a sandbox without an origin: add allow-same-origin to the iframe's sandbox";
    return new BertletError("no-worker", message, hint);
  }
  if (script.origin !== globalThis.location?.origin) {
    const hint = "bertlet.js and worker.js must come from the page's own origin";
    return new BertletError("no-worker", message, hint);
  }
  return new BertletError("no-worker", message, hintFor("worker-src", "'self'", "the page"));
}

/** Why a worker failed without a word and without a policy's: its file is asked for once more, and looked at. */
async function explained(script: URL): Promise<BertletError> {
  const fail = (message: string, hint: string) =>
    new BertletError("no-worker", `the worker could not be started: ${message}`, hint);
  let response: Response;
  try {
    response = await fetch(script);
    await response.body?.cancel();
  } catch (error) {
    return fail(`worker.js could not be fetched: ${error}`, "check the connection, and try again");
  }
  const beside = "worker.js must lie in the same folder as bertlet.js";
  if (!response.ok) return fail(`worker.js answered with HTTP ${response.status}`, beside);
  const type = response.headers.get("content-type") ?? "no type";
  if (/\bhtml\b/i.test(type)) return fail("a web page came in place of worker.js", beside);
  if (!/(java|ecma)script/i.test(type)) {
    return fail(`worker.js came as ${type}`, "the server must send worker.js as text/javascript");
  }
  const embedder = response.headers.get("cross-origin-embedder-policy");
  const mend = "send Cross-Origin-Embedder-Policy with worker.js, thread.js and wasm/ with the page's value";
  if (embedder === null && globalThis.crossOriginIsolated === true) {
    const message =
      "the page is cross-origin isolated, and worker.js came without Cross-Origin-Embedder-Policy";
    return fail(message, `${mend}, such as require-corp`);
  }
  return embedder === null
    ? fail("the browser does not say why", `where the page has a Cross-Origin-Embedder-Policy: ${mend}`)
    : fail("the browser does not say why", "use a current browser: workers must be able to be modules");
}
