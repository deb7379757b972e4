// Stops a worker of the library inside an operation of the browser's storage: a part of a write is done, and the rest never
// comes. To kill it there is the caller's.

import type { Page } from "playwright-core";

/** The operations that are counted, in the order in which a worker does them. */
export interface Strike {
  /** The operation that is not finished, from 0. Infinity counts alone. */
  operation: number;
  /** Of a write, the share of its bytes that arrives, from 0 to 1. Of another operation, whether it is done: from 0.5. */
  share: number;
}

/** Where a worker stands still. */
export interface Struck {
  what: string;
  operation: number;
}

declare global {
  interface Window {
    struck: Promise<Struck>;
    /** Operations that the workers of this page have done, in their order. */
    storageOperations: string[];
  }
}

/** To be the first script of the library's worker. */
export function strikeAt({ operation, share }: Strike): string {
  return `{
    const channel = new BroadcastChannel("strike");
    let done = 0;
    const stand = (what) => { channel.postMessage({ what, operation: done }); for (;;); };
    const strikes = (name) => {
      channel.postMessage({ done: name });
      return done++ === ${operation === Number.POSITIVE_INFINITY ? "-1" : operation};
    };
    const wrap = (of, name, partly) => {
      const own = of.prototype[name];
      of.prototype[name] = function (...given) {
        if (!strikes(name)) return own.apply(this, given);
        partly(own, this, given);
        stand(name);
      };
    };
    const maybe = (own, on, given) => { if (${share} >= 0.5) own.apply(on, given); };
    wrap(FileSystemSyncAccessHandle, "write", (own, on, [bytes, options]) =>
      own.call(on, bytes.subarray(0, Math.floor(bytes.byteLength * ${share})), options));
    for (const name of ["truncate", "flush", "close"]) wrap(FileSystemSyncAccessHandle, name, maybe);
    // These give promises: the worker stands before them, or once they are kept.
    const later = (of, name) => {
      const own = of.prototype[name];
      of.prototype[name] = async function (...given) {
        if (!strikes(name)) return own.apply(this, given);
        if (${share} >= 0.5) await own.apply(this, given);
        stand(name);
      };
    };
    later(FileSystemFileHandle, "createSyncAccessHandle");
    later(FileSystemDirectoryHandle, "removeEntry");
  }`;
}

/** Has the page await the next worker that stands still. */
export function watchStrikes(page: Page): Promise<void> {
  return page.evaluate(() => {
    window.storageOperations = [];
    window.struck = new Promise((resolve) => {
      new BroadcastChannel("strike").onmessage = ({ data }) => {
        if ("what" in data) resolve(data);
        else window.storageOperations.push(data.done);
      };
    });
  });
}
