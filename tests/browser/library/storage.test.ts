// The stores in a worker of Chromium: OPFS and IndexedDB hold files alike, tell of a full disk, and lose nothing else.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { chromiumOptions, openPage } from "../../support/browser.ts";
import { type Site, send, serve } from "../../support/serve.ts";

/** Runs in the worker, with the storage's own functions. */
const WORKER = `
import { openIndexedDb } from "./src/worker/storage/indexed-db.ts";
import { openOpfs } from "./src/worker/storage/opfs.ts";
import { openStore } from "./src/worker/storage/open-store.ts";
const open = { opfs: openOpfs, indexeddb: openIndexedDb, any: openStore };
onmessage = async ({ data: [source, kind] }) => {
  try {
    postMessage({ result: await (0, eval)("(" + source + ")")(await open[kind]("tests/Ünïcode")) });
  } catch (error) {
    postMessage({ error: { code: error.code, message: error.message } });
  }
};`;

// biome-ignore lint/suspicious/noExplicitAny: it runs in the worker
type Work = (store: any) => Promise<unknown>;

describe("storage", () => {
  let context: BrowserContext;
  let profile: string;
  let site: Site;
  let page: Page;

  before(async () => {
    const { outputFiles } = await build({
      stdin: { contents: WORKER, resolveDir: process.cwd(), loader: "ts" },
      bundle: true,
      write: false,
      format: "esm",
    });
    site = await serve({ isolated: true });
    site.answer("storage-worker.js", (response) =>
      send(response, 200, ".js", outputFiles[0]?.text as string),
    );
    // A private window has no limit to its files.
    profile = await mkdtemp(join(tmpdir(), "bertlet-storage-"));
    context = await chromium.launchPersistentContext(profile, chromiumOptions({ webgpu: false }));
    page = await openPage(context, site);
  });

  after(async () => {
    await context?.close();
    await site?.close();
    await rm(profile, { recursive: true, force: true });
  });

  const inWorker = (kind: string, work: Work) =>
    page.evaluate(
      ([source, kind]) =>
        new Promise<{ result?: unknown; error?: { code: string; message: string } }>((resolve) => {
          const worker = new Worker("storage-worker.js", { type: "module" });
          worker.onmessage = ({ data }) => {
            worker.terminate();
            resolve(data);
          };
          worker.postMessage([source, kind]);
        }),
      [String(work), kind] as const,
    );

  for (const kind of ["opfs", "indexeddb"]) {
    test(`${kind} keeps files, of which a later worker reads the newest`, async () => {
      const written = await inWorker(kind, async (store) => {
        await store.write("a/../B", [new Uint8Array(70_000).fill(1), new Uint8Array(5)]);
        await store.write("b", [new Uint8Array(9)]);
        // Shorter than before: nothing of it stays. A view of a larger buffer is written alone.
        const shared = new Uint8Array(new SharedArrayBuffer(1000)).fill(2);
        await store.write(
          "a/../B",
          (async function* () {
            yield shared.subarray(10, 300);
          })(),
        );
        return store.kind;
      });
      assert.deepEqual(written, { result: kind });
      const read = await inWorker(kind, async (store) => {
        const bytes = new Uint8Array(await (await store.read("a/../B")).arrayBuffer());
        const sizes = await store.list();
        await store.remove("b");
        await store.remove("never there");
        const [left, none] = [await store.list(), await store.read("b")];
        return { length: bytes.length, twos: bytes.every((byte) => byte === 2), sizes, left, none };
      });
      assert.deepEqual(read.error, undefined);
      const { sizes, ...rest } = read.result as { sizes: { name: string }[] };
      assert.deepEqual(
        sizes.sort((one, other) => one.name.length - other.name.length),
        [
          { name: "b", bytes: 9 },
          { name: "a/../B", bytes: 290 },
        ],
      );
      assert.deepEqual(rest, {
        length: 290,
        twos: true,
        left: [{ name: "a/../B", bytes: 290 }],
        none: undefined,
      });
    });
  }

  test(`OPFS says that the disk is full while it writes, and keeps the rest`, async () => {
    const devtools = await page.context().newCDPSession(page);
    const quota = (bytes?: number) =>
      devtools.send("Storage.overrideQuotaForOrigin", {
        origin: site.origin,
        ...(bytes === undefined ? {} : { quotaSize: bytes }),
      });
    await inWorker("opfs", (store) => store.write("kept", [new Uint8Array(100).fill(3)]));
    await quota(2 ** 19);
    const met = await inWorker("opfs", (store) =>
      store.write("big", Array(24).fill(crypto.getRandomValues(new Uint8Array(2 ** 16)))),
    );
    assert.equal(met.error?.code, "storage-full", JSON.stringify(met));
    const left = await inWorker("opfs", async (store) => [
      (await store.read("kept")).size,
      await store.read("big"),
    ]);
    assert.deepEqual(left, { result: [100, undefined] });
    await quota();
    await devtools.detach();
  });

  test("OPFS is taken where it is", async () => {
    assert.deepEqual(await inWorker("any", async (store) => store.kind), { result: "opfs" });
  });
});
