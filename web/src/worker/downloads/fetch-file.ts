// Fetches a file of a checkpoint, and the wasm binary. No other file of the worker fetches. Says of a failure
// whether the file is missing there, the connection broke, or a policy of the page forbids it.

import { blockedBy, hintFor, reasonOf } from "../../shared/blocked.ts";
import { BertletError } from "../../shared/errors.ts";
import { withTimeout } from "../../shared/timeout.ts";
import type { FileKind } from "./file-kinds.ts";
import { hubError } from "./hub-errors.ts";
import { type FetchFile, RedirectRefused } from "./remote-fetch.ts";

/** There is no such file. An optional one is left out, and another form of it is looked for. */
export class MissingFile extends BertletError {}

/** No answer that this page may read, maybe since the file is missing: some servers give no leave (CORS) in that answer. */
export class Unreadable extends MissingFile {}

/** The server has no time, or is broken, at this moment. */
export class BusyServer extends BertletError {}

/** The server has no such part of the file any more. */
export class RangeRefused extends BusyServer {}

/** No answer came at all: whether the server has the file, nobody says. */
export class Unreached extends BusyServer {}

/** A server that sends nothing for so long has stalled. */
export const STALL_MS = 30_000;

export type Report = (loaded: number, total: number | undefined) => void;

/** Whether a server has a file, of which nothing is read. */
export async function isThere(url: string, fetchFile: FetchFile): Promise<boolean> {
  const response = await answerOf(url, fetchFile(url)).catch(() => undefined);
  await response?.body?.cancel().catch(() => {});
  return response?.ok === true && !/\bhtml\b/i.test(response.headers.get("content-type") ?? "");
}

/**
 * The size of the file at an address; undefined where the server does not tell. Its body is left where it is: hosts that
 * sign addresses do so for GET alone, so that a HEAD would be refused.
 */
export async function sizeAt(url: string, fetchFile: FetchFile): Promise<number | undefined> {
  try {
    const response = await answerOf(url, fetchFile(url));
    await response.body?.cancel();
    // A page in place of the file has a size of its own.
    const isPage = /\bhtml\b/i.test(response.headers.get("content-type") ?? "");
    return response.ok && !isPage ? lengthOf(response) : undefined;
  } catch {
    return undefined;
  }
}

/** The wasm binary as fetch's own Response, the only kind whose compiled code browsers cache. */
export async function fetchLibrary(url: URL, build: string): Promise<Response> {
  const name = `wasm/${build}_bg.wasm`;
  const hint = "the folder wasm/ must lie beside worker.js";
  const fetchFile = (href: string) => answerOf(name, fetch(href, { referrerPolicy: "no-referrer" }));
  const response = await get(name, url.href, hint, fetchFile);
  if (!/\bhtml\b/i.test(response.headers.get("content-type") ?? "")) return response;
  await response.body?.cancel();
  throw new BertletError(
    "fetch-failed",
    `${name}: expected the file at ${shown(url.href)}, found a web page`,
    hint,
  );
}

/** The answer, for which nobody waits for ever. */
function answerOf(what: string, asking: Promise<Response>): Promise<Response> {
  const seconds = STALL_MS / 1000;
  const late = new BertletError("fetch-failed", `${what}: no answer came for ${seconds} s`, "try again");
  return withTimeout(STALL_MS, asking, late);
}

export async function get(name: string, url: string, hint: string, fetchFile: FetchFile): Promise<Response> {
  let response: Response;
  const startedAt = performance.now();
  try {
    response = await fetchFile(url);
  } catch (error) {
    if (error instanceof RedirectRefused) {
      throw new BertletError(error.code, `${name}: ${shown(url)}: ${error.message}`, error.hint);
    }
    // That no answer came in time says enough.
    if (error instanceof BertletError) throw error;
    const blocked = await blockedBy(startedAt, ({ directive }) => directive === "connect-src");
    if (blocked !== undefined) {
      throw new BertletError(
        "fetch-failed",
        `${name}: ${shown(url)} could not be fetched: ${reasonOf(blocked)}`,
        hintFor("connect-src", sourceOf(url), "worker.js"),
      );
    }
    const message = `${name}: ${shown(url)} could not be fetched: ${reasonWithout(url, error)}`;
    if (globalThis.navigator?.onLine === false) {
      throw new BertletError("fetch-failed", message, "this device is offline: connect it, and try again");
    }
    throw await unreached(url, message);
  }
  if (response.ok && response.body !== null) return response;
  const { status, statusText } = response;
  const refused = hubError(name, url, response);
  if (refused !== undefined) {
    await response.body?.cancel().catch(() => {});
    throw refused;
  }
  // `cargo xtask start` says in the answer that a build is still being compiled.
  const text = status === 503 ? (await response.text()).slice(0, 200) : statusText;
  await response.body?.cancel().catch(() => {});
  const answer = `HTTP ${status}${text === "" ? "" : ` ${text}`}`.trim();
  const message =
    status === 503 ? `${name}: HTTP 503, ${text}` : `${name}: ${shown(url)} answered with ${answer}`;
  if (status === 416) throw new RangeRefused("fetch-failed", message, "try again");
  // Whether a busy or broken server has the file, it does not say.
  if (status === 429 || status >= 500) {
    const mend = status === 503 ? hint : "the server failed, not this page: try again later";
    throw new BusyServer("fetch-failed", message, mend);
  }
  const signed = (status === 401 || status === 403) && new URL(url).search !== "";
  throw new MissingFile(
    "fetch-failed",
    message,
    signed ? "a signed address may have expired: sign it again" : hint,
  );
}

/**
 * Whether the host answers at all tells a connection that failed from an answer that this page may not read. Where the
 * page's own headers keep us from asking, both are named.
 */
async function unreached(url: string, message: string): Promise<BertletError> {
  const page = globalThis.location;
  if (page?.protocol === "https:" && url.startsWith("http:")) {
    const hint = "a page on https may not fetch from http: use an https address";
    return new BertletError("fetch-failed", message, hint);
  }
  const { origin, host } = new URL(url);
  const general = "check the address and the connection; another origin must allow this page (CORS)";
  // An address without a server, such as file: or blob:, has the file or has it not.
  if (!/^https?:/.test(url)) return new MissingFile("fetch-failed", message, general);
  if (page === undefined || origin === page.origin) return new Unreached("fetch-failed", message, general);
  try {
    await answerOf(host, fetch(url, { method: "HEAD", mode: "no-cors", referrerPolicy: "no-referrer" }));
    const hint = `${host} answers, and does not let this page read it (CORS): it must send Access-Control-Allow-Origin; or download the folder, and load that`;
    return new Unreadable("fetch-failed", message, hint);
  } catch {
    return new Unreached("fetch-failed", message, general);
  }
}

/** A URL for error messages, without what may be a secret: its query, and a name and password. */
export function shown(url: string): string {
  const { protocol, host, pathname, search } = new URL(url);
  if (protocol === "data:") return "a data: URL";
  const start = host === "" ? protocol : `${protocol}//${host}`;
  return `${start}${pathname}${search === "" ? "" : "?..."}`;
}

/** What an error says, where a browser may have named the whole address. */
export function reasonWithout(url: string, error: unknown): string {
  return String(error).replaceAll(url, () => shown(url));
}

/** What a policy must allow for an address: its origin, or the scheme of one without an origin. */
function sourceOf(url: string): string {
  const { protocol, host } = new URL(url);
  return host === "" ? protocol : new URL(url).origin;
}

/** The body's length, undefined where the header counts compressed bytes. */
export function lengthOf(response: Response): number | undefined {
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  const encoded = response.headers.has("content-encoding");
  return Number.isSafeInteger(length) && !encoded ? length : undefined;
}

export function missingHint(kind: FileKind, url: string): string {
  if (kind.code === "bad-weights") {
    return "a folder with pytorch_model.bin alone must be saved again as safetensors";
  }
  const { pathname } = new URL(url);
  if (/\.zip\/[^/]*$/i.test(pathname)) return "fetch the zip, and pass it as a Blob in place of its address";
  return "check the address";
}
