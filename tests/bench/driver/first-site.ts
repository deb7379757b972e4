// The pages that classify once, for the table `first`: bertlet's and onnxruntime-web's, with their checkpoints, which
// both keep. Browsers may keep every file, as a static host lets them. Can send at the pace of a slow line.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { launch } from "../../support/browser.ts";
import { root, type Site } from "../../support/serve.ts";
import { checkpoint, text } from "../model/checkpoint.ts";
import { batchAt, randomWeights, type Shape } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import { brotliBytes } from "./brotli.ts";
import { receive } from "./received.ts";
import { SlowLink } from "./slow-link.ts";

export interface Kind extends Variant {
  library: "bertlet" | "onnxruntime-web";
  /** Whether the page is cross-origin isolated, so that it can use threads. */
  isolated: boolean;
}

const KEPT = "max-age=600";
const BERTLET = /^(bertlet|worker|thread|wasm\/.*)\.(js|wasm)$/;
const DIST = join(root, "web/dist");
const ONNX = join(root, "tests/bench/node_modules/onnxruntime-web/dist");
const ONNX_FILES = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
/** Hosts compress text and programs; a checkpoint's numbers they send as they are. */
const AS_IT_IS = /\.(safetensors|onnx)$/;

interface Served {
  body(): Buffer;
  /** Where a file is on disk, its compressed size may be known. */
  path?: string;
}

export class FirstSite {
  readonly link = new SlowLink();
  readonly #site: Site;
  readonly #served = new Map<string, Served>();
  readonly #sentBytes = new Map<string, Promise<number>>();

  constructor(site: Site, shape: Shape, onnx: string | undefined) {
    this.#site = site;
    for (const name of readdirSync(DIST, { recursive: true, encoding: "utf8" }))
      if (BERTLET.test(name)) this.#file(name, join(DIST, name));
    const { config, tokenizer, weights } = checkpoint(shape, randomWeights(shape));
    const files = { "config.json": config, "vocab.txt": tokenizer, "model.safetensors": weights };
    for (const [name, bytes] of Object.entries(files)) this.#keep(`models/f32/${name}`, Buffer.from(bytes));
    this.#keep("models/int8/vocab.txt", Buffer.from(tokenizer));
    this.#keep("first.html", Buffer.from(PAGE.replace("TEXT", JSON.stringify(text(shape, 0)))));
    if (onnx === undefined) return;
    for (const name of ONNX_FILES) this.#file(`first/${name}`, join(ONNX, name));
    for (const name of readdirSync(onnx)) this.#file(`models/onnx/${name}`, join(onnx, name));
    const ids = [...batchAt({ ...shape, batch: 1 }, 0).inputIds];
    this.#keep("first-onnx.html", Buffer.from(ONNX_PAGE.replace("IDS", JSON.stringify(ids))));
  }

  /** Has bertlet itself save the checkpoint in 8 bits, as a person would. */
  async makeInt8(): Promise<void> {
    const sent = receive(this.#site, ["config.json", "model.safetensors"]);
    const browser = await launch({ webgpu: false });
    try {
      const page = await browser.newPage();
      await page.goto(`${this.#site.base}harness.html`);
      await page.waitForFunction(() => window.bertlet !== undefined);
      await page.evaluate(async () => {
        const source = {
          config: "models/f32/config.json",
          tokenizer: "models/f32/vocab.txt",
          weights: "models/f32/model.safetensors",
        };
        const classifier = await window.bertlet.Classifier.load(source, { device: "wasm" });
        const saved = await classifier.save({ dtype: "int8" });
        for (const name of ["config.json", "model.safetensors"] as const)
          await fetch(`sent/${name}`, { method: "POST", body: saved[name] });
      });
      for (const [name, bytes] of sent) this.#keep(`models/int8/${name}`, bytes);
    } catch (error) {
      // The page that wants it then says that there is none.
      console.error(`bertlet's 8-bit checkpoint was not saved: ${`${error}`.split("\n")[0]}`);
    } finally {
      await browser.close();
    }
  }

  addressOf({ library, device, form }: Kind): string {
    const words = new URLSearchParams({ device, form: form ?? "f32" });
    return `${this.#site.base}${library === "bertlet" ? "first" : "first-onnx"}.html?${words}`;
  }

  /** How many there were so far. */
  requests(): number {
    return this.#site.requests.length;
  }

  /** What was fetched since: a library's files, each once, since several threads ask for the same; and a checkpoint. */
  async fetched(since: number): Promise<{ files: string[]; libraryBytes: number; modelBytes: number }> {
    const { requests, origin, base } = this.#site;
    const asked = new Set(requests.slice(since).map((path) => (origin + path).slice(base.length)));
    const names = [...asked].filter((name) => this.#served.has(name) && !name.endsWith(".html"));
    // One after another: each is a program for itself, and its size is then kept in a file.
    const bytesOf = async (chosen: string[]) => {
      let sum = 0;
      for (const name of chosen) sum += await this.#bytes(name);
      return sum;
    };
    const files = names.filter((name) => !name.startsWith("models/"));
    const model = names.filter((name) => name.startsWith("models/"));
    return { files, libraryBytes: await bytesOf(files), modelBytes: await bytesOf(model) };
  }

  #file(name: string, path: string): void {
    if (existsSync(path)) this.#serve(name, { path, body: () => readFileSync(path) });
  }

  #keep(name: string, bytes: Buffer): void {
    this.#serve(name, { body: () => bytes });
  }

  #serve(name: string, served: Served): void {
    this.#served.set(name, served);
    this.#site.answer(name, async (response) => {
      response.setHeader("cache-control", KEPT);
      const slow = this.link.megabitsASecond < Number.POSITIVE_INFINITY;
      const extension = extname(name).replace(".mjs", ".js");
      await this.link.send(response, extension, served.body(), slow ? await this.#bytes(name) : 0);
    });
  }

  /** That are sent. Compressing takes long: once a file. */
  #bytes(name: string): Promise<number> {
    const { body, path } = this.#served.get(name) as Served;
    const known = this.#sentBytes.get(name);
    const bytes =
      known ?? (AS_IT_IS.test(name) ? Promise.resolve(body().length) : brotliBytes(path ?? body()));
    this.#sentBytes.set(name, bytes);
    return bytes;
  }
}

/** The clock of a page starts when its address is opened. */
const PAGE = `<!doctype html><title>first</title><link rel="icon" href="data:,">
<script type="module">
import { Classifier } from "./bertlet.js";
const words = new URLSearchParams(location.search);
const form = words.get("form");
try {
  const folder = "models/" + form;
  const source = { config: folder + "/config.json", tokenizer: folder + "/vocab.txt", weights: folder + "/model.safetensors" };
  const classifier = await Classifier.load(source, { device: words.get("device"), cache: true });
  await classifier.classify(TEXT);
  window.firstMs = performance.now();
} catch (error) {
  window.firstMs = String(error);
}
</script>`;

const ONNX_PAGE = `<!doctype html><title>first</title><link rel="icon" href="data:,">
<script type="module">
import * as ort from "./first/ort.wasm.min.mjs";
try {
  ort.env.wasm.wasmPaths = new URL("./first/", location.href).href;
  ort.env.wasm.numThreads = navigator.hardwareConcurrency;
  ort.env.logLevel = "error";
  const address = "models/onnx/" + new URLSearchParams(location.search).get("form") + ".onnx";
  const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
  // Kept as transformers.js keeps models.
  const cache = await caches.open("models");
  let response = await cache.match(address);
  if (response === undefined) {
    response = await fetch(address);
    await cache.put(address, response.clone());
  }
  const session = await ort.InferenceSession.create(new Uint8Array(await response.arrayBuffer()), options);
  const ids = IDS;
  const tensor = (numbers) => new ort.Tensor("int64", BigInt64Array.from(numbers, BigInt), [1, ids.length]);
  const { logits } = await session.run({
    input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)), token_type_ids: tensor(ids.map(() => 0)),
  });
  await logits.getData();
  window.firstMs = performance.now();
} catch (error) {
  window.firstMs = String(error);
}
</script>`;
