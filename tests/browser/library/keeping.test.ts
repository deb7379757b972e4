// Models that stay in the browser: a kept model opens with the same info and the same scores to the bit, whatever it
// has of heads, adapters and poolings; damage, a crash and a wrong name are told.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { LoadOptions, ModelInfo } from "../../../web/bertlet.d.ts";
import { openPage, shareBrowser } from "../../support/browser.ts";
import { checkpointFile, configWith, FOUR_ROWS } from "../../support/checkpoints.ts";
import { type Site, send, serve } from "../../support/serve.ts";

const GOOD = "sequence_classification_f32";
const json = (value: unknown) => JSON.stringify(value);

interface Seen {
  info: ModelInfo;
  /** Bytes of scores, or of vectors where there are no labels. */
  answers: string;
  masks: unknown;
}

describe("a kept model", () => {
  const share = shareBrowser({ webgpu: false });
  let site: Site;
  let page: Page;

  before(async () => {
    site = await serve();
    // The encoder of the model in a folder of sentence-transformers, which does not scale vectors.
    for (const name of ["tokenizer.json", "tokenizer_config.json", "model.safetensors"]) {
      site.answer(`sentences/${name}`, (response) => send(response, 200, ".bin", checkpointFile(GOOD, name)));
    }
    const put = (name: string, text: string) =>
      site.answer(`sentences/${name}`, (response) => send(response, 200, ".json", text));
    put("config.json", configWith(GOOD, { architectures: ["BertModel"] }));
    const module = (idx: number, path: string, type: string) => ({
      idx,
      name: `${idx}`,
      path,
      type: `sentence_transformers.models.${type}`,
    });
    put("modules.json", json([module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling")]));
    put("1_Pooling/config.json", json({ pooling_mode_mean_tokens: false, pooling_mode_max_tokens: true }));
    put("sentence_bert_config.json", json({ max_seq_length: 9, do_lower_case: false }));
    page = await openPage(await share.browser(), site);
    await page.evaluate((rows) => {
      const see = async (classifier: import("../../../web/bertlet.d.ts").Classifier) => {
        const { info } = classifier;
        const texts = ["a parcel came, late and broken", "thank you", ""];
        const values = info.labels.length
          ? (await classifier.classify(texts)).flatMap(({ scores, labels }) => [
              ...info.labels.map((label) => scores.find((each) => each.label === label)?.score as number),
              ...(labels ?? []).map((label) => info.labels.indexOf(label)),
            ])
          : (await classifier.embed(texts)).flatMap((vector) => [...vector]);
        const masks = info.maskedLm ? await classifier.fillMask("the [MASK] is late") : undefined;
        return { info, answers: window.encodeFloats(new Float32Array(values)), masks };
      };
      const reopened = async (classifier: import("../../../web/bertlet.d.ts").Classifier) => {
        const before = await see(classifier);
        const { bytes, evictable } = await classifier.keep("A model: 情感/1");
        const after = await see(classifier);
        await classifier.dispose();
        const opened = await window.bertlet.Classifier.open("A model: 情感/1", { device: "wasm" });
        const found = { before, after, opened: await see(opened), bytes, evictable };
        window.kept.opened = opened;
        return found;
      };
      Object.assign(window, { rows, see, reopened });
    }, FOUR_ROWS);
  });

  after(async () => {
    await site?.close();
    await share.release();
  });

  /** Loads, has `change` train it, keeps, opens. */
  const reopen = (source: string, options: LoadOptions, change = "") =>
    page.evaluate(
      async ([source, options, change]) => {
        const classifier = await window.bertlet.Classifier.load(source, { device: "wasm", ...options });
        const work = new Function("classifier", "rows", `return (async () => { ${change} })();`);
        const { rows, reopened } = window as unknown as {
          rows: unknown;
          reopened(classifier: unknown): Promise<{ before: Seen; after: Seen; opened: Seen; bytes: number }>;
        };
        await work(classifier, rows);
        return reopened(classifier);
      },
      [source, options, change] as const,
    );

  const CASES: Record<string, [source: string, options: LoadOptions, change?: string]> = {
    "two adapters, one on": [
      `data/checkpoints/${GOOD}/`,
      { labels: ["bad", "good"] },
      `for (const name of ["one", "two"]) {
         await classifier.useAdapter(null);
         await classifier.finetune({ train: rows }, { method: "lora", epochs: 1, adapterName: name }).result;
       }
       await classifier.useAdapter("one");`,
    ],
    bottlenecks: [
      `data/checkpoints/${GOOD}/`,
      { labels: ["bad", "good"], maxLength: 7 },
      `await classifier.finetune({ train: rows }, { method: "adapter", epochs: 1 }).result;`,
    ],
    "several labels, a threshold, mean pooling": [
      `data/checkpoints/${GOOD}/`,
      { labels: ["bad", "good"], problemType: "multi_label_classification", pooling: "mean" },
      `const many = rows.map(({ text, label }) => ({ text, label: [label] }));
       await classifier.finetune({ train: many, dev: many }, { method: "head", epochs: 1, tuneThreshold: true }).result;`,
    ],
    "a new head, and a masked-LM head": [
      "data/checkpoints/pretraining_f32/",
      { labels: ["bad", "good"], maskedLm: true },
    ],
    "a folder of sentence-transformers": ["sentences/", {}],
    "an adapter of another pooling, and what it is unlike": [
      `data/checkpoints/${GOOD}/`,
      { labels: ["bad", "good"], pooling: "mean" },
      `const other = await window.bertlet.Classifier.load("data/checkpoints/${GOOD}/", { device: "wasm", labels: ["bad", "good"] });
       await other.finetune({ train: rows }, { method: "lora", epochs: 1 }).result;
       const { "adapter_config.json": config, "adapter_model.safetensors": weights } = await other.saveAdapter();
       await other.dispose();
       await classifier.addAdapter("pooled", { config, weights });
       await classifier.useAdapter("pooled");
       await classifier.fitScope(rows.map(({ text }) => text));`,
    ],
    "an encoder alone, in f16": ["data/checkpoints/model_f16_no_pooler/", {}],
  };
  for (const [title, [source, options, change]] of Object.entries(CASES)) {
    test(`with ${title} opens as it was`, async () => {
      const { before, after, opened, bytes } = await reopen(source, options, change);
      assert.deepEqual(after, before, "keeping changes nothing");
      assert.deepEqual(opened, before);
      assert.ok(bytes > 100_000);
    });
  }

  test("is listed, replaced and forgotten", async () => {
    const found = await page.evaluate(async () => {
      const { Classifier } = window.bertlet;
      const listed = (await Classifier.list()).filter((each) => !each.damaged);
      const unknown = await window.failure(() => Classifier.open("other"));
      await Classifier.forget("A model: 情感/1");
      const again = await window.failure(() => Classifier.forget("A model: 情感/1"));
      return { listed, unknown, again, left: await Classifier.list(), since: Date.now() };
    });
    const [{ keptAt, bytes, ...model } = {} as never, ...others] = found.listed;
    assert.deepEqual(model, { name: "A model: 情感/1", architecture: "BertModel", labels: [], adapters: [] });
    assert.deepEqual(others, []);
    assert.ok(bytes > 100_000 && Math.abs(found.since - keptAt.getTime()) < 60_000);
    assert.equal(found.unknown?.code, "unknown-name");
    assert.match(found.unknown?.message as string, /"other": kept are "A model: 情感\/1"/);
    assert.equal(found.again?.code, "unknown-name");
    assert.deepEqual(found.left, []);
  });

  test("survives a later one that was cut short, and is refused with a flipped bit", async () => {
    const found = await page.evaluate(async () => {
      const { Classifier } = window.bertlet;
      await window.kept.opened?.keep("m");
      const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("bertlet");
      const folder = await root.getDirectoryHandle("nmodels");
      const write = async (name: string, bytes: Uint8Array<ArrayBuffer>) => {
        const file = await (await folder.getFileHandle(name, { create: true })).createWritable();
        await file.write(bytes);
        await file.close();
      };
      const read = async (name: string) =>
        new Uint8Array(await (await (await folder.getFileHandle(name)).getFile()).arrayBuffer());
      const first = "nm%2f1%2f";
      // A second generation whose last file is torn.
      await write("nm%2f2%2fweights", new Uint8Array(1000));
      await write("nm%2f2%2fmodel", (await read(`${first}model`)).slice(0, 200));
      const opened = await Classifier.open("m", { device: "wasm" });
      const labels = opened.info.architecture;
      await opened.keep("m");
      const names: string[] = [];
      for await (const [name] of folder.entries()) names.push(name);
      const weights = names.find((name) => name.endsWith("weights")) as string;
      const bytes = await read(weights);
      bytes.set([(bytes[bytes.length >> 1] as number) ^ 4], bytes.length >> 1);
      await write(weights, bytes);
      const failure = await window.failure(() => Classifier.open("m"));
      // One without a readable description is listed, so that its space can be had again.
      const manifest = names.find((name) => name.endsWith("model")) as string;
      const described = await read(manifest);
      described.set([(described[100] as number) ^ 4], 100);
      await write(manifest, described);
      const damaged = await Classifier.list();
      await Classifier.forget("m");
      // One that was never whole is not kept.
      await write("nm%2f1%2fweights", new Uint8Array(1000));
      const never = await window.failure(() => Classifier.open("m"));
      await Classifier.forget("m");
      const long = await window.failure(async () => window.kept.opened?.keep("X".repeat(71)));
      return { labels, names: names.sort(), failure, never, damaged, long };
    });
    assert.equal(found.labels, "BertModel");
    assert.deepEqual(found.names, ["nm%2f3%2fmodel", "nm%2f3%2ftokenizer", "nm%2f3%2fweights"]);
    assert.equal(found.never?.code, "unknown-name");
    assert.ok((found.damaged[0]?.bytes as number) > 100_000);
    assert.deepEqual(found.damaged, [{ name: "m", bytes: found.damaged[0]?.bytes, damaged: true }]);
    assert.match(
      found.long?.message as string,
      /^keep: name must be .* as 35 UTF-16 units always do, found "XXX/,
    );
    assert.equal(found.failure?.code, "bad-weights");
    assert.match(
      found.failure?.message as string,
      /the model "m" .* its weights has the SHA-256 [0-9a-f]{64} from byte 0, expected/,
    );
  });

  test("is not read while another tab keeps it, nor forgotten in part", async () => {
    const found = await page.evaluate(async () => {
      const { Classifier } = window.bertlet;
      await window.kept.opened?.keep("m");
      const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("bertlet");
      const folder = await root.getDirectoryHandle("nmodels");
      const copy = async (from: number, to: number, parts: string[], thenRemove: boolean) => {
        for (const part of parts) {
          const file = await (await folder.getFileHandle(`nm%2f${from}%2f${part}`)).getFile();
          const copied = await folder.getFileHandle(`nm%2f${to}%2f${part}`, { create: true });
          const writer = await copied.createWritable();
          await writer.write(await file.arrayBuffer());
          await writer.close();
          if (thenRemove) await folder.removeEntry(`nm%2f${from}%2f${part}`);
        }
      };
      const parts = ["tokenizer", "weights"];
      const wait = () => new Promise((resolve) => setTimeout(resolve, 300));
      // As the other tab has it, between two moments of its own.
      const whileKept = <T>(work: () => Promise<T>) => navigator.locks.request("bertlet-kept m", work);
      const read = await whileKept(async () => {
        await copy(1, 2, parts, true);
        const opened = window.failure(async () => (await Classifier.open("m", { device: "wasm" })).dispose());
        const listed = Classifier.list();
        await wait();
        await copy(1, 2, ["model"], true);
        return { opened, listed };
      });
      const [opened, listed] = [await read.opened, (await read.listed).map(({ name }) => name)];
      const { forgotten } = await whileKept(async () => {
        const forgotten = Classifier.forget("m");
        await wait();
        await copy(2, 3, [...parts, "model"], false);
        return { forgotten };
      });
      await forgotten;
      const left: string[] = [];
      for await (const [name] of folder.entries()) if (name.startsWith("nm%2f")) left.push(name);
      return { opened, listed, left };
    });
    assert.deepEqual(found, { opened: null, listed: ["m"], left: [] });
  });

  test("has a new head of its own beside an adapter's, and the sizes that it comes to", async () => {
    await reopen(
      `data/checkpoints/${GOOD}/`,
      { labels: ["bad", "good"] },
      `await classifier.finetune({ train: rows }, { method: "lora", epochs: 1 }).result;
       await classifier.useAdapter(null);`,
    );
    const found = await page.evaluate(async () => {
      const { rows } = window as unknown as { rows: { text: string; label: string }[] };
      const { opened } = window.kept as { opened: import("../../../web/bertlet.d.ts").Classifier };
      const newHeads = [opened.info.newHead];
      await opened.useAdapter("default");
      newHeads.push(opened.info.newHead);
      await opened.mergeAdapter();
      newHeads.push(opened.info.newHead);
      const { after } = await opened.quantize({ data: rows, maxDrop: 0.99 });
      return { newHeads, bytes: [opened.info.weightBytes, after.weightBytes] };
    });
    assert.deepEqual(found.newHeads, [true, false, false]);
    assert.equal(found.bytes[0], found.bytes[1]);
  });
});
