// Tokenizers beyond BERT's WordPiece in Chromium: their wasm is fetched by the checkpoint that needs it alone, gives
// transformers' ids, and breaks without the engine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { TokenizedText } from "../../../web/bertlet.d.ts";
import { openPage, shareBrowser } from "../../support/browser.ts";
import {
  checkpointFile,
  configWith,
  readData,
  readJson,
  readSafetensors,
  type Safetensors,
  writeSafetensors,
} from "../../support/checkpoints.ts";
import { root, type Site, send, serve } from "../../support/serve.ts";

const MODEL = "sequence_classification_f32";
const VOCAB = 512;
const TEXTS = ["the parcel is <mask> late", "快递没到", "it's don't WE'LL  two  spaces"];

/** The tiny model with rows of word embeddings for a larger vocabulary. */
function widened(): Buffer {
  const file = readSafetensors(`checkpoints/${MODEL}/model.safetensors`);
  const header: Safetensors["header"] = {};
  const parts: Buffer[] = [];
  let end = 0;
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(file.header)) {
    let bytes = file.data.subarray(...data_offsets);
    const isWords = name.endsWith("word_embeddings.weight");
    if (isWords) {
      const width = bytes.length / (shape[0] as number);
      bytes = Buffer.concat([bytes, bytes, bytes]).subarray(0, VOCAB * width);
    }
    header[name] = {
      dtype,
      shape: isWords ? [VOCAB, shape[1] as number] : shape,
      data_offsets: [end, end + bytes.length],
    };
    parts.push(bytes);
    end += bytes.length;
  }
  return writeSafetensors({ header, data: Buffer.concat(parts) });
}

/** A text at which the tokenizers' wasm traps, as served here: no file is known that makes it. */
const TRAP = "at this text it traps";

/** The ids of every string as transformers has them: u16, all rows end to end. */
function reference(name: string): { lengths: number[]; ids: number[] } {
  const { header, data } = readSafetensors(`tokenizers/${name}/strings.safetensors`);
  const numbers = (tensor: string) => {
    const [from, to] = header[tensor]?.data_offsets ?? [0, 0];
    return Array.from({ length: (to - from) / 2 }, (_, at) => data.readUInt16LE(from + 2 * at));
  };
  return { lengths: numbers("lengths"), ids: numbers("input_ids") };
}

describe("tokenizers of other kinds", () => {
  const share = shareBrowser({ webgpu: false });
  let site: Site;
  let page: Page;
  const fetched = () => site.requests.filter((path) => path.includes("/wasm/tokenizers"));

  const answer = (folder: string, files: Record<string, Buffer>): void => {
    const model = {
      "config.json": Buffer.from(configWith(MODEL, { vocab_size: VOCAB })),
      "model.safetensors": widened(),
    };
    for (const [name, bytes] of Object.entries({ ...model, ...files })) {
      site.answer(folder + name, (response) => send(response, 200, ".bin", bytes));
    }
  };

  /** Loads a folder and runs `work` on its classifier; gives its result, or the failure. */
  const withModel = (folder: string, work: string): Promise<unknown> =>
    page.evaluate(
      async ([folder, work]) => {
        try {
          const source = new URL(folder as string, location.href);
          const model = await window.bertlet.Classifier.load(source, { device: "wasm", maxLength: 48 });
          const result = await new Function("model", `return (async () => { ${work} })()`)(model);
          await model.dispose();
          return result;
        } catch (error) {
          const { code, message, hint } = error as InstanceType<typeof window.bertlet.BertletError>;
          return { code, message, hint };
        }
      },
      [folder, work],
    );
  const scores = `return (await model.classify(${JSON.stringify(TEXTS)})).map(({ scores }) => scores)`;

  before(async () => {
    site = await serve();
    const of = (name: string, file: string) => readData(`tokenizers/${name}/${file}`);
    for (const name of ["roberta", "xlm_roberta"]) {
      const files = ["tokenizer.json", "tokenizer_config.json"];
      answer(`${name}/`, Object.fromEntries(files.map((file) => [file, of(name, file)])));
    }
    const parts = ["vocab.json", "merges.txt", "tokenizer_config.json"];
    answer("parts/", Object.fromEntries(parts.map((file) => [file, of("roberta", file)])));
    answer("sentencepiece/", { "sentencepiece.bpe.model": Buffer.from("\n") });
    const glue = readFileSync(join(root, "web/dist/wasm/tokenizers.js"), "utf8");
    const trapping = glue.replace(
      /encode\((\w+),(\w+)\)\{/,
      `encode($1,$2){if($1.includes("${TRAP}"))throw new WebAssembly.RuntimeError("unreachable");`,
    );
    assert.notEqual(trapping, glue);
    site.answer("wasm/tokenizers.js", (response) => send(response, 200, ".js", trapping));
    page = await openPage(await share.browser(), site);
  });
  after(async () => {
    await page?.context().close();
    await share.release();
    await site.close();
  });

  test("a WordPiece checkpoint fetches none of it", async () => {
    for (const name of ["tokenizer.json", "vocab.txt"]) {
      site.answer(`words-${name}/${name}`, (response) =>
        send(response, 200, ".bin", checkpointFile(MODEL, name)),
      );
      answer(`words-${name}/`, {});
      assert.ok(Array.isArray(await withModel(`words-${name}/`, scores)));
    }
    assert.deepEqual(fetched(), []);
  });

  test("where its wasm is missing, the error names it", async () => {
    const path = "wasm/tokenizers_bg.wasm";
    const built = readFileSync(join(root, "web/dist", path));
    site.answer(path, (response) => send(response, 404, ".html", "none"));
    const { code, message } = (await withModel("roberta/", scores)) as { code: string; message: string };
    assert.equal(code, "fetch-failed");
    assert.match(message, /wasm\/tokenizers_bg\.wasm/);
    site.answer(path, (response) => send(response, 200, ".wasm", built));
  });

  test("a BPE checkpoint fetches it once, and counts transformers' tokens", async () => {
    const before = fetched().length;
    const texts = readJson<string[]>("tokens/strings.json")
      .filter((text) => text.trim() !== "")
      .slice(0, 400);
    const all = readJson<string[]>("tokens/strings.json");
    const { lengths } = reference("roberta");
    const expected = texts.map((text) => (lengths[all.indexOf(text)] as number) - 2);
    const rows = texts.map((text) => ({ text, label: "a" }));
    const found = await withModel(
      "roberta/",
      `const rows = ${JSON.stringify(rows)};
       const report = await model.inspect({ train: rows });
       return report.tokens;`,
    );
    const names = fetched()
      .slice(before)
      .map((path) => path.split("/").at(-1));
    assert.deepEqual(names.sort(), ["tokenizers.js", "tokenizers_bg.wasm"]);
    assert.equal(
      found,
      expected.reduce((a, b) => a + b),
    );
  });

  for (const name of ["roberta", "xlm_roberta"]) {
    test(`the ids of every string are transformers': ${name}`, async () => {
      const texts = [
        ...readJson<string[]>("tokens/strings.json"),
        ...readJson<string[]>("tokenizers/other_texts.json"),
      ];
      const all = await page.evaluate(
        async ([name, texts]) => {
          const script = new URL("wasm/tokenizers.js", location.href).href;
          const { default: init, AnyTokenizer } = await import(script);
          await init();
          const of = (file: string) => fetch(new URL(`data/tokenizers/${name}/${file}`, location.href));
          const bytes = new Uint8Array(await (await of("tokenizer.json")).arrayBuffer());
          const config = await (await of("tokenizer_config.json")).text();
          return [...AnyTokenizer.read(bytes, config, 512, 48).encode(texts, [])] as number[];
        },
        [name, texts] as const,
      );
      const { lengths, ids } = reference(name);
      let [at, start] = [0, 0];
      for (const [row, length] of lengths.entries()) {
        assert.equal(all[at], length, `${name}: ${JSON.stringify(texts[row])}`);
        const found = all.slice(at + 2, at + 2 + length);
        assert.deepEqual(found, ids.slice(start, start + length), `${name}: ${JSON.stringify(texts[row])}`);
        at += 2 + 2 * length;
        start += length;
      }
      assert.equal(at, all.length);
    });
  }

  interface Case {
    text: string;
    pair: string | null;
    tokens: string[];
    input_ids: number[];
    offsets: [number, number][];
    special_tokens_mask: number[];
    truncated: boolean;
  }
  for (const name of ["roberta", "xlm_roberta"]) {
    test(`tokenize gives transformers' tokens with their places: ${name}`, async () => {
      const { tokenizers } = readJson<{ tokenizers: Record<string, Case[]> }>("tokens/offsets.json");
      // The reference is cut at fewer tokens.
      const cases = (tokenizers[`tokenizers/${name}`] as Case[]).filter(
        ({ pair, truncated }) => pair === null && !truncated,
      );
      const found = (await withModel(
        `${name}/`,
        `return model.tokenize(${JSON.stringify(cases.map(({ text }) => text))})`,
      )) as TokenizedText[];
      assert.ok(cases.length > 2);
      for (const [row, expected] of cases.entries()) {
        assert.deepEqual(
          found[row],
          {
            tokens: expected.tokens,
            inputIds: expected.input_ids,
            tokenTypeIds: expected.input_ids.map(() => 0),
            offsets: expected.offsets,
            specialTokensMask: expected.special_tokens_mask,
            truncated: false,
          },
          expected.text,
        );
      }
    });
  }

  test("RoBERTa's two files are the same tokenizer; a saved one gives the same scores", async () => {
    const expected = await withModel("roberta/", scores);
    assert.ok(Array.isArray(expected), JSON.stringify(expected));
    assert.deepEqual(await withModel("parts/", scores), expected);
    const saved = await withModel(
      "roberta/",
      `const files = await model.save();
       const source = { config: files["config.json"], tokenizer: files["tokenizer.json"],
         tokenizerConfig: files["tokenizer_config.json"], weights: files["model.safetensors"] };
       model = await window.bertlet.Classifier.load(source, { device: "wasm" });
       ${scores}`,
    );
    assert.deepEqual(saved, expected);
  });

  test("rows are augmented by its words and its mask", async () => {
    const losses = await withModel(
      "xlm_roberta/",
      `const rows = ${JSON.stringify(TEXTS.map((text, at) => ({ text, label: at % 2 ? "billing" : "praise" })))};
       const run = model.finetune({ train: rows }, { epochs: 1, augment: { mask: 0.5, drop: 0.2 } });
       const losses = [];
       for await (const event of run) if (event.type === "step") losses.push(event.loss);
       return losses;`,
    );
    assert.ok(Array.isArray(losses) && losses.length === 1 && losses[0] > 0, JSON.stringify(losses));
  });

  test("a SentencePiece model alone is refused by name", async () => {
    const { code, message, hint } = (await withModel("sentencepiece/", scores)) as Record<string, string>;
    assert.equal(code, "bad-tokenizer");
    assert.match(message as string, /sentencepiece\.bpe\.model/);
    assert.match(hint as string, /save_pretrained/);
  });

  test("a kept model has its tokenizer", async () => {
    for (const name of ["roberta", "xlm_roberta"]) {
      const work = `
        const before = await (async () => { ${scores}; })();
        await model.keep("t");
        const opened = await window.bertlet.Classifier.open("t", { device: "wasm" });
        await window.bertlet.Classifier.forget("t");
        const after = await (async (model) => { ${scores}; })(opened);
        await opened.dispose();
        return [before, after];`;
      const [before, after] = (await withModel(`${name}/`, work)) as unknown[];
      assert.deepEqual(after, before);
    }
  });

  test("a tokenizer that breaks on a text leaves the engine whole", async () => {
    const found = await withModel(
      "xlm_roberta/",
      `const failure = async (text) => window.failure(() => model.classify(text));
       const [broken, after] = [await failure("${TRAP}"), await failure("a")];
       const saved = await model.save();
       return [broken.code, after.code, saved["model.safetensors"].size > 0];`,
    );
    assert.deepEqual(found, ["bad-tokenizer", "bad-tokenizer", true]);
    assert.ok(Array.isArray(await withModel("xlm_roberta/", scores)));
  });
});
