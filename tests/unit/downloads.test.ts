// Downloads on a fake network: a server that stalls ends the download after 30 s, a busy one is asked again, and a part
// is taken up only where it is certain to be of the same file.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { download, STALL_MS } from "../../web/src/worker/downloads/download.ts";
import { CONFIG } from "../../web/src/worker/file-kinds.ts";
import type { FetchInit } from "../../web/src/worker/remote-fetch.ts";

const FILE = new TextEncoder().encode(`{"model_type": "bert", "note": "${"x".repeat(5000)}"}`);
const URL_OF = "https://models.example/m/config.json";
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A body of some bytes, that then breaks off, ends, or sends no more. */
function body(bytes: Uint8Array, end: "break" | "close" | "stall"): ReadableStream<Uint8Array> {
  let given = false;
  return new ReadableStream({
    pull(controller) {
      if (!given) controller.enqueue(bytes);
      else if (end === "break") controller.error(new TypeError("network error"));
      else if (end === "close") controller.close();
      else return new Promise(() => {});
      given = true;
    },
  });
}

test("a server that sends nothing for 30 s is an error, before and within the file", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const silent = () => new Promise<Response>(() => {});
    const stalling = async () => new Response(body(FILE.subarray(0, 100), "stall"));
    for (const fetch of [silent, stalling]) {
      const failing = assert.rejects(
        download(CONFIG, URL_OF, fetch, () => {}),
        {
          code: "fetch-failed",
          message: /config\.json: https:\/\/models\.example\/m\/config\.json sent nothing for 30 s/,
          hint: "try again",
        },
      );
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      mock.timers.tick(STALL_MS);
      await failing;
    }
  } finally {
    mock.timers.reset();
  }
});

test("a busy server is asked again, a few times", async () => {
  let asked = 0;
  const busy = async () => new Response("", { status: ++asked < 3 ? 502 : 200 });
  const found = async () => (asked < 2 ? busy() : new Response(FILE.slice()));
  assert.equal(text(await download(CONFIG, URL_OF, found, () => {})), text(FILE));
  assert.equal(asked, 2);
  const always = async () => new Response("", { status: 429 });
  await assert.rejects(
    download(CONFIG, URL_OF, always, () => {}),
    { code: "fetch-failed" },
  );
});

test("the rest of a file is asked for only where it says its version, and taken only where that is the same", async () => {
  const run = async (headers: Record<string, string>, later: Record<string, string>) => {
    const ranges: (string | undefined)[] = [];
    const fetch = async (_: string, init?: FetchInit) => {
      const { range } = init?.headers ?? {};
      ranges.push(range);
      if (ranges.length === 1) return new Response(body(FILE.subarray(0, 4000), "break"), { headers });
      const rest = range === undefined ? FILE : FILE.subarray(4000);
      return new Response(body(rest, "close"), { status: range === undefined ? 200 : 206, headers: later });
    };
    assert.equal(text(await download(CONFIG, URL_OF, fetch, () => {})), text(FILE));
    return ranges;
  };
  const range = "bytes=4000-";
  assert.deepEqual(await run({ etag: '"a"' }, { etag: '"a"' }), [undefined, range]);
  assert.deepEqual(await run({ etag: '"a"' }, { etag: '"b"' }), [undefined, range, undefined]);
  assert.deepEqual(await run({ etag: '"a"' }, {}), [undefined, range, undefined]);
  assert.deepEqual(await run({ etag: 'W/"a"' }, {}), [undefined, undefined]);
  assert.deepEqual(await run({}, {}), [undefined, undefined]);
});
