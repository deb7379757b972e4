// The service worker of a site that holds the library. Adds the headers of cross-origin isolation to the site's own
// pages and workers, where the host sends none, so that there are threads. Keeps the site's own files for when the
// network is gone. Touches no request to another origin.

/** A hash of the site's files, which build.mjs puts here. Each version has a cache of its own. */
declare const SITE_VERSION: string;

/** A file of more bytes is not kept: it fills the disk of who visits. */
const LARGEST_BYTES = 128 * 1024 * 1024;
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  // "credentialless" never isolates in Safari.
  "cross-origin-embedder-policy": "require-corp",
};
/** What has the headers for itself: pages and workers. All else keeps the very response of the network. */
const ISOLATED = ["document", "iframe", "frame", "worker", "sharedworker"];
/** What is a part of the site though its address has a query, as of a version. All else with a query may have no end. */
const PARTS = [...ISOLATED, "script", "style"];
/** What hosts say of a file that they lack. */
const LACKS = [403, 404];

interface LifeEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface AskEvent extends LifeEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
/** The page's message: URLs of what it loaded before this worker was there. */
interface KeepEvent extends LifeEvent {
  data: { keep?: string[] };
}
const scope = self as unknown as {
  registration: { scope: string };
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener<E>(type: string, listener: (event: E) => void): void;
};

/** Of this folder alone: another folder of the origin may have a site of ours too. */
const FAMILY = `bertlet-site ${scope.registration.scope} `;
const CACHE = FAMILY + SITE_VERSION;

scope.addEventListener<LifeEvent>("install", (event) => event.waitUntil(scope.skipWaiting()));

scope.addEventListener<LifeEvent>("activate", (event) => {
  event.waitUntil(scope.clients.claim());
});

scope.addEventListener<KeepEvent>("message", (event) => {
  const urls = event.data?.keep;
  if (!Array.isArray(urls)) return;
  event.waitUntil(keepAll(urls).catch(() => {}));
  event.waitUntil(oldReplaced());
});

scope.addEventListener<AskEvent>("fetch", (event) => {
  const { request } = event;
  if (!isOurs(request)) return;
  event.respondWith(answer(event));
  event.waitUntil(oldReplaced());
});

let replaced: Promise<void> | undefined;

/** Begun with the first event after the activation, for which all requests would wait; tried again after a failure. */
function oldReplaced(): Promise<void> {
  replaced ??= replaceOld().catch(() => {
    replaced = undefined;
  });
  return replaced;
}

function isOurs({ url, method, headers, cache }: Request): boolean {
  // A part of a file is none to keep, Chromium's tools ask in a way that fetch refuses, and the library keeps what it
  // asks for with "no-store".
  const passes = headers.has("range") || ["only-if-cached", "no-store"].includes(cache);
  // What is for one person, or has no end, is no file of the site.
  const isCall = headers.has("authorization") || headers.get("accept") === "text/event-stream";
  return isOfSite(url) && method === "GET" && !passes && !isCall;
}

function isOfSite(url: string): boolean {
  return url.startsWith(scope.registration.scope);
}

/** What pages asked for, which `answer` keeps: a page that names it meanwhile asks for nothing more. */
const asked = new Set<string>();

/** The network's answer, which is kept; without a network the kept one. */
async function answer(event: AskEvent): Promise<Response> {
  const { request } = event;
  let response: Response;
  if (hasNoQuery(request.url)) asked.add(plain(request.url));
  try {
    response = await fetch(request);
    // The browser would take its own copy, which lacks the headers.
    if (response.status === 304 && ISOLATED.includes(request.destination))
      response = await fetch(request.url);
  } catch (error) {
    asked.delete(plain(request.url));
    const kept = await findAny(request.url, request.mode === "navigate").catch(() => undefined);
    if (kept === undefined) throw error;
    return withIsolation(request, kept);
  }
  const isPart = PARTS.includes(request.destination) || new URL(request.url).pathname.endsWith(".wasm");
  if ((isPart || hasNoQuery(request.url)) && isToKeep(response))
    event.waitUntil(keep(request.url, response.clone()));
  else if (request.destination === "" && hasNoQuery(request.url))
    event.waitUntil(keepLack(request.url, response).catch(() => {}));
  return withIsolation(request, response);
}

function withIsolation({ destination }: Request, response: Response): Response {
  const { status, statusText, body, redirected, type } = response;
  // A redirect of a page is for the browser to follow.
  if (!ISOLATED.includes(destination) || redirected || type === "opaqueredirect") return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) if (!headers.has(name)) headers.set(name, value);
  return new Response(body, { status, statusText, headers });
}

function isToKeep({ status, type, redirected, headers }: Response): boolean {
  return (
    status === 200 &&
    type === "basic" &&
    !redirected &&
    Number(headers.get("content-length") ?? 0) <= LARGEST_BYTES &&
    // What is for one person is not given to the next.
    !/no-store|private/i.test(headers.get("cache-control") ?? "") &&
    !/cookie|\*/i.test(headers.get("vary") ?? "")
  );
}

function hasNoQuery(url: string): boolean {
  return new URL(url).search === "";
}

/** Without storage, or on a full disk, the site works as it does without this worker. */
async function keep(url: string, response: Response): Promise<void> {
  try {
    await (await caches.open(CACHE)).put(plain(url), limited(response));
  } catch {
    await response.body?.cancel().catch(() => {});
  }
}

/** A model's folder may lack a file, which without a network is no failure either. Never in place of a file. */
async function keepLack(url: string, { status }: Response): Promise<void> {
  if (LACKS.includes(status) && !(await findAny(url, false))?.ok)
    await keep(url, new Response(null, { status }));
}

/** A host that compresses, or sends as it reads, does not say how much comes. */
function limited(response: Response): Response {
  const { status, statusText, headers, body } = response;
  if (body === null || (headers.has("content-length") && !headers.has("content-encoding"))) return response;
  let bytes = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > LARGEST_BYTES) controller.error(new RangeError("it is too large to be kept"));
      else controller.enqueue(chunk);
    },
  });
  return new Response(body.pipeThrough(counting), { status, statusText, headers });
}

async function keepAll(urls: string[]): Promise<void> {
  for (const url of urls.filter(isOfSite)) {
    if (asked.has(plain(url)) || (await find(url)) !== undefined) continue;
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined && isToKeep(response)) await keep(url, response);
  }
}

async function find(url: string, isPage = false, name = CACHE): Promise<Response | undefined> {
  return await (await caches.open(name)).match(plain(url), { ignoreSearch: isPage, ignoreVary: true });
}

/** Also what an older version kept, while not all of that is replaced. */
async function findAny(url: string, isPage: boolean): Promise<Response | undefined> {
  for (const name of [CACHE, ...(await oldCaches())]) {
    const found = await find(url, isPage, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function oldCaches(): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(FAMILY) && name !== CACHE);
}

/** A folder's page has two addresses. */
function plain(url: string): string {
  return url.replace(/#.*/s, "").replace(/\/index\.html(?=\?|$)/, "/");
}

/** Fetches what an older version kept, so that no page which worked offline is lost by a deployment; then removes that. */
async function replaceOld(): Promise<void> {
  for (const name of await oldCaches()) {
    for (const { url } of await (await caches.open(name)).keys()) {
      if ((await find(url)) !== undefined) continue;
      const response = await fetch(url);
      // Its type alone tells what an address with a query is of.
      const isPart = /html|javascript|css|wasm/.test(response.headers.get("content-type") ?? "");
      if ((isPart || hasNoQuery(url)) && isToKeep(response)) await keep(url, response);
      else {
        await response.body?.cancel();
        await keepLack(url, response);
      }
    }
    await caches.delete(name);
  }
}
