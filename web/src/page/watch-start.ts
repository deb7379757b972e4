// Notices a worker that sends no first message, though its script was answered: an empty or foreign file. Also a script that
// is not answered at all. A worker that starts costs no request.

import { BertletError } from "../shared/errors.ts";
import type { WorkerScript } from "../shared/start-worker.ts";

/** The reason that `explain` is given. */
export const SILENT = "worker.js was answered, and sends no message: it may be empty or another file";

/** Until the script is asked for once more, and from its answer until the first message. */
const WAIT_MS = 4500;
/** Longest time without an answer, or between two parts of it. */
const STALL_MS = 30_000;

/** The error of a worker that does not start; nothing where it does. `explain` looks at the script's answer. */
export async function watchStart(
  { url }: WorkerScript,
  started: Promise<void>,
  explain: (script: URL, reason: string) => Promise<BertletError>,
): Promise<BertletError | undefined> {
  // A worker of Node.js tells its end itself.
  if (!/^https?:$/.test(url.protocol)) return undefined;
  let silent = true;
  const over = started.then(() => {
    silent = false;
  });
  const wait = () => Promise.race([over, new Promise((resolve) => setTimeout(resolve, WAIT_MS))]);
  await wait();
  if (!silent) return undefined;
  const answered = await isAnswered(url, over);
  if (silent) await wait();
  if (!silent) return undefined;
  const error = answered
    ? await explain(url, SILENT)
    : new BertletError(
        "no-worker",
        `the worker could not be started: worker.js was not answered within ${STALL_MS / 1000} s`,
        "check the connection, and try again",
      );
  return silent ? error : undefined;
}

/** Whether the whole script comes. A request that fails at once counts as one: `explain` tells why. */
async function isAnswered(url: URL, over: Promise<void>): Promise<boolean> {
  const stop = new AbortController();
  void over.then(() => stop.abort());
  let stalled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const part = <T>(promise: Promise<T>): Promise<T> => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stalled = true;
      stop.abort();
    }, STALL_MS);
    return promise;
  };
  try {
    const { body } = await part(fetch(url, { signal: stop.signal, referrerPolicy: "no-referrer" }));
    const reader = body?.getReader();
    while (reader !== undefined && !(await part(reader.read())).done);
  } catch {
    return !stalled;
  } finally {
    clearTimeout(timer);
  }
  return true;
}
