// Fetches a checkpoint's file by the function that the page gave, and streams the answer to the worker through a port.
// The worker's end is worker/downloads/remote-fetch.ts.

import type { LoadOptions } from "../../bertlet.d.ts";
import type { FetchedPart, FetchRequest } from "../shared/loading-requests.ts";
import type { CallHooks } from "../shared/worker-client.ts";

type FetchFile = NonNullable<LoadOptions["fetch"]>;

/** The hook of a call whose files the page fetches; none where the worker does. */
export function fetchHook(fetchFile: FetchFile | undefined): CallHooks["onFetch"] {
  return fetchFile && ((request, signal) => void serveFetch(fetchFile, request, signal));
}

/** Answers with the head, then with one part each time that the worker asks. Never throws. */
async function serveFetch(
  fetchFile: FetchFile,
  { url, headers, redirect, port }: FetchRequest,
  signal: AbortSignal,
): Promise<void> {
  const post = (part: FetchedPart, transfer: Transferable[] = []) => port.postMessage(part, transfer);
  const fail = (error: unknown) => post({ failed: String(error) });
  try {
    const response = await fetchFile(url, { headers, redirect, signal });
    const { status, statusText, type, body } = response;
    if (typeof status !== "number" || !(Symbol.iterator in response.headers)) {
      throw new TypeError("the option fetch must give a Response");
    }
    const reader = body?.getReader();
    port.onmessage = async ({ data }: MessageEvent<"next" | "cancel">) => {
      try {
        if (data === "cancel") {
          port.close();
          await reader?.cancel();
          return;
        }
        const { value } = (await reader?.read()) ?? {};
        if (value === undefined) {
          post({ done: true });
          return;
        }
        // The chunk may be a part of a buffer that the page goes on using.
        const chunk = value.slice();
        post({ chunk }, [chunk.buffer]);
      } catch (error) {
        fail(error);
      }
    };
    post({ status, statusText, type, headers: [...response.headers] });
  } catch (error) {
    fail(error);
  }
}
