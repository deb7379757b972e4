// Starts the library's worker, and the client that speaks to it. Where it cannot be started, says what forbids it: no
// Worker, a Content-Security-Policy, Trusted Types, a missing header, a wrong file.

import {
  type Blocked,
  blockedBy,
  hintFor,
  reasonOf,
  ruleOf,
  watchPolicies,
  whenBlocked,
} from "../shared/blocked.ts";
import { BertletError } from "../shared/errors.ts";
import {
  isElsewhere,
  NODE_WORKER,
  POLICY,
  scriptOf,
  startWorker,
  type Unstarted,
  type WorkerScript,
} from "../shared/start-worker.ts";
import { Client } from "../shared/worker-client.ts";
import { SILENT, watchStart } from "./watch-start.ts";

/** Throws where there are no workers at all, as in Node.js without the library's own. */
export function checkWorkers(): void {
  if (typeof Worker === "function") return;
  const inNode = typeof (globalThis as { process?: { versions?: { node?: string } } }).process?.versions
    ?.node;
  throw new BertletError(
    "no-worker",
    "there is no Worker here: the library computes in one",
    inNode === "string"
      ? 'in Node.js import node.js in place of bertlet.js, which `import "bertlet"` does; on a server that renders pages, load models in the browser only'
      : "call it in a browser's page",
  );
}

/** The library's worker: of the folder `assets`, or the one that lies beside this file or a bundler has made of it. */
function workerScript(assets: string | undefined): WorkerScript {
  if (assets !== undefined) {
    return { url: new URL("worker.js", assets), options: { type: "module", name: "bertlet" } };
  }
  return scriptOf(
    () => new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "bertlet" }),
  );
}

/** Throws, or ends the client, with `no-worker` or `version-mismatch`. */
export function startClient(assets: string | undefined): Client {
  checkWorkers();
  watchPolicies();
  const script = workerScript(assets);
  const { href } = script.url;
  const sinceMs = performance.now();
  let worker: Worker;
  try {
    worker = startWorker(script);
  } catch (error) {
    throw notStarted(script, error);
  }
  const explain = async (reason: string) => {
    const blocked = await blockedBy(sinceMs, (each) => isOf(href, each));
    return blocked === undefined ? explained(script.url, reason) : forbidden(script, blocked);
  };
  const client = new Client(worker, explain);
  // Some browsers fire no error at the worker.
  const unwatch = whenBlocked(
    ({ what }) => what.startsWith(href),
    (blocked) => client.end(forbidden(script, blocked)),
  );
  client.started.then(unwatch, unwatch);
  void watchStart(script, client.started, explained).then((error) => error && client.end(error));
  worker.addEventListener("message", ({ data }: MessageEvent<Partial<Unstarted>>) => {
    if (data?.type !== "unstarted") return;
    const { blocked, reason = "" } = data;
    if (blocked === undefined) {
      void explained(script.url, reason).then((error) => client.end(error));
      return;
    }
    const [directive, policy] = blocked;
    const what = { directive, what: href, rule: ruleOf(policy, directive), atMs: sinceMs };
    client.end(forbidden(script, what));
  });
  return client;
}

function isOf(href: string, { directive, what }: Blocked): boolean {
  return directive === "worker-src" || (/^(child|script)-src/.test(directive) && what.startsWith(href));
}

function forbidden({ url }: WorkerScript, blocked: Blocked): BertletError {
  const message = `the worker could not be started: ${reasonOf(blocked)}`;
  const elsewhere = isElsewhere(url);
  // The worker's file itself was blocked, behind the stub that loads it.
  const hint =
    elsewhere && blocked.what.startsWith(url.href)
      ? hintFor("script-src", url.origin, "the page")
      : hintFor("worker-src", elsewhere ? "blob:" : "'self'", "the page");
  return new BertletError("no-worker", message, hint);
}

const FROM_A_FILE =
  "a page opened as a file cannot start workers: serve its folder over http, such as by `npx serve` or `python3 -m http.server`";

/** Why `new Worker` threw. */
function notStarted({ url }: WorkerScript, error: unknown): BertletError {
  const message = `the worker could not be started: ${error}`;
  if (globalThis.location?.protocol === "file:") return new BertletError("no-worker", message, FROM_A_FILE);
  const hint = /trusted/i.test(String(error))
    ? hintFor("trusted-types", POLICY, "the page")
    : hintFor("worker-src", isElsewhere(url) ? "blob:" : "'self'", "the page");
  return new BertletError("no-worker", message, hint);
}

/** Why a worker failed without a policy's word: its file is asked for once more, and looked at. */
async function explained(script: URL, reason: string): Promise<BertletError> {
  const fail = (message: string, hint: string) =>
    new BertletError("no-worker", `the worker could not be started: ${message}`, hint);
  if (globalThis.location?.protocol === "file:") return fail("the page was opened as a file", FROM_A_FILE);
  const beside =
    "worker.js must lie in the same folder as bertlet.js; the option assets names another folder";
  // A thread of Node.js says itself what is wrong, and there is no fetch of files.
  if (NODE_WORKER in globalThis) return fail(reason, beside);
  let response: Response;
  try {
    response = await fetch(script, { referrerPolicy: "no-referrer" });
    await response.body?.cancel();
  } catch (error) {
    const hint = isElsewhere(script)
      ? `${script.origin} must allow this page: Access-Control-Allow-Origin; a policy of this page, connect-src ${script.origin}`
      : "check the connection, and try again";
    return fail(`worker.js could not be fetched: ${error}`, hint);
  }
  if (!response.ok) {
    return fail(
      `worker.js answered with HTTP ${response.status} at ${script.origin}${script.pathname}`,
      response.status >= 500 ? "the server failed, not this page: try again later" : beside,
    );
  }
  const type = response.headers.get("content-type") ?? "no type";
  if (/\bhtml\b/i.test(type)) return fail("a web page came in place of worker.js", beside);
  if (!/(java|ecma)script/i.test(type)) {
    return fail(`worker.js came as ${type}`, "the server must send worker.js as text/javascript");
  }
  if (reason === SILENT) {
    return fail(reason, "put the worker.js of this version beside bertlet.js, and reload the page");
  }
  const unknown = reason === "" ? "the browser does not say why" : reason;
  if (isElsewhere(script))
    return fail(unknown, "use a current browser: workers must be able to import modules");
  const embedder = response.headers.get("cross-origin-embedder-policy");
  const mend = "send Cross-Origin-Embedder-Policy with worker.js, thread.js and wasm/ with the page's value";
  if (embedder === null && globalThis.crossOriginIsolated === true) {
    const message =
      "the page is cross-origin isolated, and worker.js came without Cross-Origin-Embedder-Policy";
    return fail(message, `${mend}, such as require-corp`);
  }
  return embedder === null
    ? fail(unknown, `where the page has a Cross-Origin-Embedder-Policy: ${mend}`)
    : fail(unknown, "use a current browser: workers must be able to be modules");
}
