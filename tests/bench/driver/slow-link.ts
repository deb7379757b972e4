// A server's answers at the pace of a slow line that all of them share. A file that a static host sends compressed
// takes the time of its compressed bytes.

import type { ServerResponse } from "node:http";
import { send, TYPES } from "../../support/serve.ts";

/** Compressed bytes that go at once. */
const PART = 16_384;

export class SlowLink {
  /** Infinite: everything at once. */
  megabitsASecond = Number.POSITIVE_INFINITY;
  /** When the line has nothing more to send. */
  #free = 0;

  async send(
    response: ServerResponse,
    extension: string,
    body: Buffer,
    compressedBytes: number,
  ): Promise<void> {
    if (this.megabitsASecond === Number.POSITIVE_INFINITY) return send(response, 200, extension, body);
    const parts = Math.max(1, Math.ceil(compressedBytes / PART));
    const partMs = (8 * compressedBytes) / parts / this.megabitsASecond / 1000;
    response.writeHead(200, {
      "content-type": TYPES[extension] ?? "application/octet-stream",
      "content-length": body.length,
    });
    for (let part = 0; part < parts && !response.destroyed; part++) {
      const now = performance.now();
      this.#free = Math.max(now, this.#free) + partMs;
      await new Promise((resolve) => setTimeout(resolve, this.#free - now));
      const at = (index: number) => Math.round((index * body.length) / parts);
      response.write(body.subarray(at(part), at(part + 1)));
    }
    response.end();
  }
}
