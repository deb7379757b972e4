// Downloads on a fake network: a server that stalls ends the download after 30 s, a busy one is asked again, a part is
// taken up only where it is certain to be of the same file, and what tabs keep at the same time makes no third file.

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { BertletError } from "../../web/src/index.ts";
import type { DownloadCache } from "../../web/src/worker/downloads/cache.ts";
import { download } from "../../web/src/worker/downloads/download.ts";
import {
  fetchLibrary,
  isThere,
  MissingFile,
  STALL_MS,
  sizeAt,
} from "../../web/src/worker/downloads/fetch-file.ts";
import { CONFIG, WEIGHTS } from "../../web/src/worker/downloads/file-kinds.ts";
import { KeptFile } from "../../web/src/worker/downloads/kept-file.ts";
import type { FetchFile, FetchInit } from "../../web/src/worker/downloads/remote-fetch.ts";
import { sha256 } from "../../web/src/worker/storage/digest.ts";
import { MemoryStore } from "../../web/src/worker/storage/memory.ts";

const FILE = new TextEncoder().encode(`{"model_type": "bert", "note": "${"x".repeat(5000)}"}`);
const URL_OF = "https://models.example/m/config.json";
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const fetchBefore = globalThis.fetch;

afterEach(() => {
  globalThis.fetch = fetchBefore;
  Reflect.deleteProperty(globalThis, "location");
});

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

test("a range that the server has no more begins anew, also of what was kept", async () => {
  const [shorter, store] = [FILE.subarray(0, 3000), new MemoryStore()];
  const ranges: (string | undefined)[] = [];
  const fetch = async (_: string, init?: FetchInit) => {
    const { range } = init?.headers ?? {};
    ranges.push(range);
    const headers = { etag: ranges.length === 1 ? '"a"' : '"b"' };
    if (ranges.length === 1) return new Response(body(FILE.subarray(0, 4000), "break"), { headers });
    if (range !== undefined) return new Response("", { status: 416 });
    return new Response(body(shorter, "close"), { headers });
  };
  const file = () => KeptFile.open(store, "key", URL_OF, () => assert.fail("it could not be kept"));
  const cache = { file, lacks: () => assert.fail("it is there") } as unknown as DownloadCache;
  assert.equal(text(await download(CONFIG, URL_OF, fetch, () => {}, cache)), text(shorter));
  assert.deepEqual(ranges, [undefined, "bytes=4000-", undefined]);
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

/** The first request of FILE breaks off at 4000 bytes, and `answer` gives each later one. Returns what ranges were asked for. */
async function goneOn(
  first: Record<string, string>,
  answer: (at: number) => Response,
): Promise<(string | undefined)[]> {
  const ranges: (string | undefined)[] = [];
  const fetch = async (_: string, init?: FetchInit) => {
    const { range } = init?.headers ?? {};
    ranges.push(range);
    if (ranges.length === 1) {
      const headers = { etag: '"a"', ...first };
      return new Response(body(FILE.subarray(0, 4000), "break"), { headers });
    }
    return range === undefined ? new Response(FILE) : answer(Number(/\d+/.exec(range)?.[0]));
  };
  assert.equal(text(await download(CONFIG, URL_OF, fetch, () => {})), text(FILE));
  return ranges;
}

/** An answer to a range with the bytes from `start` up to `end`. */
function partial(
  start: number,
  end: number,
  size: number | "*",
  more: Record<string, string> = {},
): Response {
  const headers = { etag: '"a"', "content-range": `bytes ${start}-${end - 1}/${size}`, ...more };
  return new Response(body(FILE.subarray(start, end), "close"), { status: 206, headers });
}

const WHOLE = { "content-length": String(FILE.length) };

test("a part that begins elsewhere than asked, or is of a file of another size, is none of the rest", async () => {
  const others: [first: Record<string, string>, answer: (at: number) => Response][] = [
    [{}, () => partial(3000, FILE.length, FILE.length)],
    [WHOLE, () => partial(3000, FILE.length, FILE.length)],
    [{}, () => partial(0, FILE.length, "*")],
    [WHOLE, (at) => partial(at, FILE.length, FILE.length + 1)],
  ];
  const found = await Promise.all(others.map(([first, answer]) => goneOn(first, answer)));
  assert.deepEqual(found, Array(others.length).fill([undefined, "bytes=4000-", undefined]));
});

test("a part that is shorter than asked is taken, and the next one asked for without a wait", async () => {
  const short = (size: number | "*") => (at: number) => {
    const end = Math.min(at + 10, FILE.length);
    return partial(at, end, size, { "content-length": String(end - at) });
  };
  const begun = performance.now();
  const found = await Promise.all([
    goneOn({}, short(FILE.length)),
    goneOn(WHOLE, short(FILE.length)),
    goneOn(WHOLE, short("*")),
  ]);
  assert.ok(performance.now() - begun < 5000, "it waited as after breaks");
  const asked = Array.from({ length: Math.ceil((FILE.length - 4000) / 10) }, (_, n) => 4000 + 10 * n);
  assert.deepEqual(found, Array(3).fill([undefined, ...asked.map((at) => `bytes=${at}-`)]));
});

test("a part that ends before it said is a break, and one of nothing ends the download", async () => {
  const cut = (at: number) => {
    const { headers } = partial(at, FILE.length, FILE.length);
    return new Response(body(FILE.subarray(at, at + 600), "close"), { status: 206, headers });
  };
  const nothing = (at: number) => partial(at, at, FILE.length);
  const [ranges] = await Promise.all([
    goneOn(WHOLE, cut),
    assert.rejects(goneOn(WHOLE, nothing), { code: "fetch-failed", message: /it ended early/ }),
  ]);
  assert.deepEqual(ranges, [undefined, "bytes=4000-", "bytes=4600-"]);
});

test("an error shows no query, also where a browser's own words have the address", async () => {
  const signed = `${URL_OF}?token=s3cret`;
  const said = new TypeError(`NetworkError: ${signed} and ${signed}`);
  const refusing = () => Promise.reject(said);
  const breaking = async () =>
    new Response(new ReadableStream({ pull: (controller) => controller.error(said) }));
  const failing = [refusing, breaking].map((fetch) =>
    download(CONFIG, signed, fetch, () => {}).catch((error: unknown) => error),
  );
  for (const failure of await Promise.all(failing)) {
    assert.ok(failure instanceof BertletError);
    assert.ok(failure.message.endsWith(`NetworkError: ${URL_OF}?... and ${URL_OF}?...`), failure.message);
    assert.ok(!`${failure.message} ${failure.hint}`.includes("s3cret"));
  }
});

/** How often a file is asked for, and what comes of it, where the first requests are cut off. */
async function cutOff(times: number): Promise<{ asked: number; found: unknown }> {
  let asked = 0;
  const fetch: FetchFile = async () => {
    if (++asked <= times) throw new TypeError("Failed to fetch");
    return new Response(FILE.slice());
  };
  const found = await download(CONFIG, URL_OF, fetch, () => {}).catch((error: unknown) => error);
  return { asked, found };
}

test("a connection that fails is tried again, and never says that a file is missing", async () => {
  for (const origin of [undefined, "https://models.example"]) {
    const location = origin && { origin, protocol: "https:" };
    Object.defineProperty(globalThis, "location", { value: location, configurable: true });
    const once = await cutOff(1);
    assert.deepEqual([once.asked, once.found], [2, new Uint8Array(FILE)]);
    const { asked, found } = await cutOff(Number.POSITIVE_INFINITY);
    assert.equal(asked, 4);
    assert.equal((found as { code?: string }).code, "fetch-failed");
    assert.ok(!(found instanceof MissingFile));
  }
});

test("an answer that another origin does not let us read may be of a missing file, where the host answers at all", async () => {
  const location = { origin: "https://page.example", protocol: "https:" };
  Object.defineProperty(globalThis, "location", { value: location, configurable: true });
  globalThis.fetch = async () => new Response("");
  assert.deepEqual((await cutOff(1)).found, new Uint8Array(FILE));
  const unread = await cutOff(Number.POSITIVE_INFINITY);
  assert.equal(unread.asked, 2);
  assert.ok(unread.found instanceof MissingFile);
  assert.match(unread.found.hint as string, /CORS/);
  globalThis.fetch = async () => {
    throw new TypeError("Failed to fetch");
  };
  const gone = await cutOff(Number.POSITIVE_INFINITY);
  assert.equal(gone.asked, 4);
  assert.ok(!(gone.found instanceof MissingFile));
});

test("no look-up waits for ever for an answer", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const silent = () => new Promise<Response>(() => {});
    globalThis.fetch = silent;
    const there = isThere(URL_OF, silent);
    const size = sizeAt(URL_OF, silent);
    const library = assert.rejects(fetchLibrary(new URL("https://page.example/wasm/a_bg.wasm"), "a"), {
      code: "fetch-failed",
      message: "wasm/a_bg.wasm: no answer came for 30 s",
    });
    mock.timers.tick(STALL_MS);
    assert.deepEqual([await there, await size], [false, undefined]);
    await library;
  } finally {
    mock.timers.reset();
  }
});

const PIECE = 16 * 2 ** 20;
/** Weights of two and a half pieces, each byte apart from those at other places. */
function threePieces(): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode("{}".padEnd(64));
  const bytes = new Uint8Array(2.5 * PIECE);
  new Uint32Array(bytes.buffer).forEach((_, at, all) => {
    all[at] = at * 2654435761;
  });
  bytes.fill(0, 0, 8).set([header.length]);
  bytes.set(header, 8);
  return bytes;
}

/** Loads the file as one tab does. */
function inTab(store: MemoryStore, fetch: FetchFile): Promise<Uint8Array> {
  const file = () => KeptFile.open(store, "key", URL_OF, () => assert.fail("it could not be kept"));
  return download(WEIGHTS, URL_OF, fetch, () => {}, { file, lacks: () => {} } as unknown as DownloadCache);
}

test("a tab that breaks off leaves alone what another one has made whole", async () => {
  const [store, weights] = [new MemoryStore(), threePieces()];
  const headers = { etag: '"a"', "content-length": String(weights.length) };
  let breakOff = () => {};
  const first = inTab(store, async (_, init) => {
    if (init?.headers?.range !== undefined) return new Response("", { status: 404 });
    const stalled = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(weights.subarray(0, 1.25 * PIECE));
        breakOff = () => controller.error(new TypeError("network error"));
      },
    });
    return new Response(stalled, { headers });
  }).catch(({ code }) => code);
  await inTab(store, async () => new Response(weights, { headers }));
  breakOff();
  assert.equal(await first, "fetch-failed");
  const third = await inTab(store, () => assert.fail("it was fetched again"));
  assert.deepEqual(await sha256(third), await sha256(weights));
});

test("pieces that are no part of the whole file are fetched anew", async () => {
  const [store, weights] = [new MemoryStore(), threePieces()];
  const headers = { etag: '"a"', "content-length": String(weights.length) };
  const whole = async () => new Response(weights, { headers });
  await inTab(store, whole);
  for (const bytes of [PIECE, PIECE / 2]) {
    const other = new Uint8Array(bytes).fill(1);
    await store.write(`key/${PIECE}`, [other, await sha256(other)]);
    await store.write("key/7", [other]);
    const ranges: unknown[] = [];
    const found = await inTab(store, (_, init) => {
      ranges.push(init?.headers?.range);
      return whole();
    });
    assert.deepEqual(ranges, [undefined]);
    assert.deepEqual(await sha256(found), await sha256(weights));
    assert.deepEqual((await store.list()).map(({ name }) => name).sort(), [
      "key/0",
      `key/${PIECE}`,
      `key/${2 * PIECE}`,
      "key/head",
    ]);
  }
});
