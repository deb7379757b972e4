// The types of the export "./service-worker", for a site whose host sends no headers of its own.

export interface RegisterOptions {
  /**
   * Address of `service-worker.js`, which must lie on the page's own origin: copy it out of the package. Its folder, and all
   * below it, is what the worker serves. Default: beside the page.
   */
  script?: string | URL;
}

/**
 * Registers the service worker, at the start of a page. It does two things for the pages of its folder:
 *
 * - It adds `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp` where the host
 *   sends neither, so that there are threads. The first visit is loaded again once for that, unless somebody uses
 *   the page before the new one has come: the next load then has them. Images, frames and scripts of other origins must allow that, by CORS or by
 *   `Cross-Origin-Resource-Policy: cross-origin`.
 * - It keeps the folder's own files, of at most 128 MiB each, and gives them where the network is gone. With a network
 *   the host's file always comes first. No file of another origin is kept, nor any with `Cache-Control: no-store` or
 *   `private`, or `Vary: Cookie`; of addresses with a query only pages, scripts, styles, workers and wasm. Of a file that a
 *   script asked for and the host lacks, by 404 or 403, the status alone is kept.
 *
 * Resolves with whether the worker is there. It never rejects: without service workers or storage the page works as it
 * did, with one thread and a network.
 *
 * @example
 * ```js
 * import { register } from "bertlet/service-worker";
 * await register({ script: "/service-worker.js" });
 * ```
 */
export function register(options?: RegisterOptions): Promise<boolean>;
