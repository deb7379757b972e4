// Fetches a checkpoint's file: with the headers that the page gave, to the checkpoint's own origin alone; by the page's
// own function, where it gave one. The page's end is page/serve-fetch.ts.

import { BertletError } from "../../shared/errors.ts";
import type { Access, FetchedPart } from "../../shared/loading-requests.ts";
import type { ToPage } from "../../shared/messages.ts";

/** As `fetch`, of an absolute URL. `headers` are our own, besides those of the page. */
export type FetchFile = (url: string, init?: FetchInit) => Promise<Response>;

export interface FetchInit {
  headers?: Record<string, string>;
  /** "no-store" where the library keeps the file itself. */
  cache?: RequestCache;
}

/** A redirect that may lead to another origin, where the page's headers must not go. */
export class RedirectRefused extends BertletError {}

/** Browsers take this header off a request that is redirected to another origin. */
const STAYS = "authorization";

/** `id` is the call for which files are fetched. */
export function fetcherOf(
  { headers = {}, origin, byPage = false }: Access,
  id: number,
  post: (message: ToPage, transfer: Transferable[]) => void,
): FetchFile {
  return async (url, { headers: ours, cache } = {}) => {
    const own = new URL(url).origin === origin ? headers : {};
    const all = { ...own, ...ours };
    const redirect = Object.keys(own).every((name) => name.toLowerCase() === STAYS) ? "follow" : "manual";
    const response = byPage
      ? await byPort((port) => post({ type: "fetch", id, url, headers: all, redirect, port }, [port]))
      : await fetch(url, { headers: all, redirect, referrerPolicy: "no-referrer", ...(cache && { cache }) });
    const { status, type } = response;
    if (redirect === "manual" && (type === "opaqueredirect" || (status >= 300 && status < 400))) {
      throw new RedirectRefused(
        "fetch-failed",
        "the server redirects, maybe to another origin, where your headers must not go",
        "give the address that it leads to; or Authorization alone, which browsers keep from other origins",
      );
    }
    return response;
  };
}

/** The page's answer as a Response, whose body asks for one part after another. */
async function byPort(ask: (port: MessagePort) => void): Promise<Response> {
  const { port1: port, port2 } = new MessageChannel();
  const next = () =>
    new Promise<FetchedPart>((resolve) => {
      port.onmessage = ({ data }: MessageEvent<FetchedPart>) => resolve(data);
    });
  const first = next();
  ask(port2);
  const head = await first;
  if (!("status" in head)) {
    port.close();
    throw new Error("failed" in head ? head.failed : "the page gave no answer");
  }
  const { status, statusText, type, headers } = head;
  const part = async () => {
    const coming = next();
    port.postMessage("next");
    return coming;
  };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const found = await part();
      if ("chunk" in found) {
        controller.enqueue(found.chunk);
        return;
      }
      port.close();
      if ("failed" in found) controller.error(new Error(found.failed));
      else controller.close();
    },
    cancel() {
      port.postMessage("cancel");
      port.close();
    },
  });
  // A redirect that was not followed, and an answer that another origin does not show, have the status 0.
  const shown = status >= 200 && status <= 599;
  if (!shown && type === "opaque")
    throw new Error("the option fetch gave an opaque Response, of mode no-cors");
  const bodiless = !shown || [204, 205, 304].includes(status);
  const response = new Response(bodiless ? null : body, {
    status: shown ? status : 502,
    statusText,
    headers,
  });
  return Object.defineProperty(response, "type", { value: type });
}
