// The page's end of a lifeline: a port whose other end a worker or one of its threads holds. Tells of that one's end, in
// whichever way the browser shows it: a lock set free, a closed port, pings without answer, or its own last word.

import { BertletError, type Failure } from "./errors.ts";

/** What comes through a lifeline. The first message says that its holder lives. */
export type LifelineMessage =
  /** It holds this lock for as long as it lives. */
  | { lock: string }
  /** It has no lock. `answers`: it answers every ping. */
  | { answers: boolean }
  /** It has no lock, and is too busy to answer. Its own watcher, which ends with it, answers at this port. */
  | { watcher: MessagePort }
  | { failed: Failure };

/** Pings go where nothing else shows an end. Their receiver does nothing but answer, so that a busy worker is no dead one. */
const PING_MS = 1500;
const MOST_MISSED = 3;

/** Calls `ended` once the holder of the other end has ended, until `signal` is aborted. */
export function watchLifeline(
  port: MessagePort,
  signal: AbortSignal,
  ended: (error?: BertletError) => void,
): void {
  let lives = false;
  let missed = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const startPings = () => {
    let last = performance.now();
    timer = setInterval(() => {
      const now = performance.now();
      // A page that slept has no answers to its pings yet.
      if (now - last > 2 * PING_MS) missed = 0;
      last = now;
      if (missed++ >= MOST_MISSED) ended();
      else port.postMessage("ping");
    }, PING_MS);
  };
  port.addEventListener("message", ({ data }: MessageEvent<LifelineMessage>) => {
    missed = 0;
    if ("failed" in data) ended(BertletError.from(data.failed));
    else if (lives) return;
    else if ("lock" in data) watchLock(data.lock, signal, ended);
    else if ("watcher" in data) watchLifeline(data.watcher, signal, ended);
    else if (data.answers) startPings();
    lives = true;
  });
  // Where it never lived, nothing of it is in use.
  port.addEventListener("close", () => lives && ended());
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    port.close();
  });
  port.start();
}

/** A worker that closes or is killed fires no event, but it always sets its lock free. */
export function watchLock(lock: string, signal: AbortSignal, ended: () => void): void {
  try {
    // Refused by end(), or where locks are denied.
    globalThis.navigator?.locks?.request(lock, { signal }, () => ended()).catch(() => {});
  } catch {
    // A sandbox may throw at once. Its workers have none, either.
  }
}
