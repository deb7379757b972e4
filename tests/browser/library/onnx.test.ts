// save({ as: "onnx" }) in Chromium: onnxruntime-web gives the classifier's own probabilities, of every encoder and pooling,
// with bottlenecks, with several labels and with settings that an encoder ignores; in 8 bits nearly so. The writer is fetched with
// the first such call.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { before, test } from "node:test";
import type { LoadOptions, SaveOnnxOptions, TextPair } from "../../../web/bertlet.d.ts";
import { suite } from "../../support/browser.ts";
import {
  parseSafetensors,
  readData,
  readJson,
  type Tensor,
  writeSafetensors,
} from "../../support/checkpoints.ts";
import { root, send } from "../../support/serve.ts";

const RUNTIME = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
const BERT = "data/checkpoints/sequence_classification_f32/";
const SEGMENTS = "changed/roberta/";
const LABELS = ["a", "b", "c"];
/** A padding token among the words has no place of its own in some encoders; rows are padded besides. */
const TEXTS = ["The parcel was late!", "my [PAD] order", "", "a box and a card, charged twice: 42 days"];
const PAIR = { text: "a box and a card", textPair: "charged twice: 42 days" };

/** Entries of config.json that encoders of the references are served with, below changed/. */
const CHANGES: Record<string, object> = {
  distilbert: { layer_norm_eps: 0.1 },
  mpnet: { pad_token_id: 3 },
  roberta: { type_vocab_size: 2 },
};

/** Each encoder, each pooling, bottlenecks and sigmoid, in as few models as that takes. */
const MODELS: [name: string, folder: string, options: LoadOptions, train?: boolean][] = [
  ["BERT", BERT, { pooling: "pooler" }],
  ["BERT with several labels a row", BERT, { pooling: "max", problemType: "multi_label_classification" }],
  ["BERT with bottlenecks", BERT, { pooling: "mean" }, true],
  ["BERT with gelu_new", "data/checkpoints/gelu_new_f16/", { pooling: "cls" }],
  ["DistilBERT", "data/encoders/distilbert/", { pooling: "pooler" }],
  ["RoBERTa", "data/encoders/roberta/", { pooling: "pooler" }],
  ["XLM-RoBERTa", "data/encoders/xlm-roberta/", { pooling: "mean" }],
  ["CamemBERT", "data/encoders/camembert/", { pooling: "cls" }],
  ["ELECTRA", "data/encoders/electra/", { pooling: "pooler" }],
  ["MPNet with bottlenecks", "data/encoders/mpnet/", { pooling: "pooler" }, true],
  ["DistilBERT with an epsilon that it ignores", "changed/distilbert/", { pooling: "pooler" }],
  ["MPNet with a padding token that it ignores", "changed/mpnet/", { pooling: "pooler" }],
  ["RoBERTa with two segments", SEGMENTS, { pooling: "pooler" }],
];

/** RoBERTa's weights with a second segment: the row of the tensor after it, once more. */
function withTwoSegments(file: Buffer): Buffer {
  const { header, data } = parseSafetensors(file);
  const table = header["roberta.embeddings.token_type_embeddings.weight"] as Tensor;
  const [begin, end] = table.data_offsets;
  const row = data.subarray(end, end + (end - begin));
  for (const { data_offsets: offsets } of Object.values(header)) {
    for (const at of [0, 1] as const) if (offsets[at] >= end) offsets[at] += row.length;
  }
  table.shape[0] = 2;
  table.data_offsets = [begin, end + row.length];
  return writeSafetensors({ header, data: Buffer.concat([data.subarray(0, end), row, data.subarray(end)]) });
}

suite("ONNX", (stage, device) => {
  before(async () => {
    for (const name of RUNTIME) {
      const bytes = readFileSync(join(root, "web/node_modules/onnxruntime-web/dist", name));
      stage.site.answer(`ort/${name}`, (response) =>
        send(response, 200, extname(name).replace("m", ""), bytes),
      );
    }
    for (const [encoder, changes] of Object.entries(CHANGES)) {
      const file = (name: string) => readData(`encoders/${encoder}/${name}`);
      const weights = file("model.safetensors");
      const files = {
        "config.json": JSON.stringify({ ...readJson<object>(`encoders/${encoder}/config.json`), ...changes }),
        "model.safetensors": encoder === "roberta" ? withTwoSegments(weights) : weights,
        "tokenizer_config.json": file("tokenizer_config.json"),
        "vocab.txt": file("vocab.txt"),
      };
      for (const [name, bytes] of Object.entries(files)) {
        stage.site.answer(`changed/${encoder}/${name}`, (response) => send(response, 200, ".bin", bytes));
      }
    }
    await stage.page.evaluate(provideOnnx);
  });

  for (const [name, folder, options, train = false] of MODELS) {
    test(`${name} gives the same probabilities`, async () => {
      const texts = [BERT, SEGMENTS].includes(folder) ? [...TEXTS, PAIR] : TEXTS;
      const found = await stage.page.evaluate(
        async ({ folder, options, train, labels, texts }) => {
          const classifier = await window.bertlet.Classifier.load(folder, options);
          if (train) {
            const rows = labels.map((label) => ({ text: `a text for ${label}`, label }));
            const recipe = { method: "adapter", epochs: 2, learningRate: 0.03 } as const;
            await classifier.finetune({ train: rows }, recipe).result;
          }
          const predictions = await classifier.classify(texts);
          const own = predictions.map(({ scores }) =>
            labels.map((label) => scores.find((each) => each.label === label)?.score as number),
          );
          const results = [];
          for (const dtype of ["f32", "int8"] as const) {
            results.push(await window.onnxScores(classifier, { as: "onnx", dtype }, texts));
          }
          await classifier.dispose();
          return { own, results };
        },
        { folder, options: { ...options, device, labels: LABELS }, train, labels: LABELS, texts },
      );
      const worst = (scores: number[][]) =>
        Math.max(
          ...scores.flatMap((row, at) =>
            row.map((score, k) => Math.abs(score - (found.own[at]?.[k] as number))),
          ),
        );
      const [f32, int8] = found.results as [Scored, Scored];
      assert.ok(worst(f32.scores) < 1e-5, `f32 differs by ${worst(f32.scores)}`);
      assert.ok(worst(int8.scores) < 0.05, `int8 differs by ${worst(int8.scores)}`);
      // 8 bits are seen: the f32 model has not been saved twice.
      assert.ok(worst(int8.scores) > 1e-5);
      assert.deepEqual(
        [f32, int8].map(({ files, config }) => [files.at(-1), config["transformers.js_config"]]),
        [
          ["onnx/model.onnx", { dtype: "fp32" }],
          ["onnx/model_quantized.onnx", { dtype: "q8" }],
        ],
      );
      assert.match(
        f32.config.architectures[0] as string,
        /^(Bert|DistilBert|Roberta|XLMRoberta|Camembert|Electra|MPNet)For/,
      );
    });
  }

  test("is of a prompt's model not to be had, and leaves the classifier as it was", async () => {
    const [failure, label] = await stage.page.evaluate(
      async ({ folder, device, labels }) => {
        const classifier = await window.bertlet.Classifier.load(folder, { device, labels, maxLength: 16 });
        const rows = labels.map((label) => ({ text: `a text for ${label}`, label }));
        await classifier.finetune({ train: rows }, { method: "prompt", virtualTokens: 4, epochs: 1 }).result;
        const failure = await window.failure(() => classifier.save({ as: "onnx" }));
        const [prediction] = await classifier.classify(["a text"]);
        await classifier.dispose();
        return [failure, prediction?.label];
      },
      { folder: BERT, device, labels: LABELS },
    );
    assert.equal(failure?.code, "bad-state", failure?.message);
    assert.ok(LABELS.includes(label as string));
  });

  test("fetches its writer once, and says where it is missing", async () => {
    assert.equal(stage.site.requests.filter((path) => path.endsWith("/onnx.js")).length > 0, true);
    stage.site.answer("onnx.js", (response) => send(response, 404, ".html", "<h1>not found</h1>"));
    const page = await stage.browser.newPage();
    await page.goto(`${stage.site.base}harness.html`);
    await page.waitForFunction(() => window.bertlet !== undefined);
    const failure = await page.evaluate(
      async ({ folder, device }) => {
        const classifier = await window.bertlet.Classifier.load(folder, { device });
        return classifier.save({ as: "onnx" }).then(
          () => null,
          ({ code, message, hint }) => ({ code, message, hint }),
        );
      },
      { folder: BERT, device },
    );
    await page.close();
    assert.equal(failure?.code, "fetch-failed", failure?.message);
    assert.match(failure.hint, /onnx\.js/);
  });
});

interface Scored {
  files: string[];
  config: { architectures: string[]; "transformers.js_config": { dtype: string } };
  scores: number[][];
}

declare global {
  interface Window {
    /** Saves a classifier as ONNX, and scores texts by onnxruntime-web. */
    onnxScores(
      classifier: import("../../../web/bertlet.d.ts").Classifier,
      options: SaveOnnxOptions,
      texts: readonly (string | TextPair)[],
    ): Promise<Scored>;
  }
}

/** Runs in the page. */
async function provideOnnx(): Promise<void> {
  const address = new URL("ort/ort.wasm.min.mjs", location.href).href;
  const ort = await import(address);
  ort.env.wasm.numThreads = 1;
  window.onnxScores = async (classifier, options, texts) => {
    const files = await classifier.save(options);
    const config = JSON.parse(await files["config.json"].text());
    const model = files["onnx/model.onnx"] ?? (files["onnx/model_quantized.onnx"] as Blob);
    const session = await ort.InferenceSession.create(new Uint8Array(await model.arrayBuffer()));
    const rows = await classifier.tokenize(texts);
    const longest = Math.max(...rows.map(({ inputIds }) => inputIds.length));
    const padded = (of: (row: (typeof rows)[number]) => readonly number[], padding: number) => {
      const numbers = rows.flatMap((row) => [...of(row), ...Array(longest - of(row).length).fill(padding)]);
      return new ort.Tensor("int64", BigInt64Array.from(numbers, BigInt), [rows.length, longest]);
    };
    const given = {
      input_ids: padded(({ inputIds }) => inputIds, config.pad_token_id ?? 0),
      attention_mask: padded(({ inputIds }) => inputIds.map(() => 1), 0),
      token_type_ids: padded(({ tokenTypeIds }) => tokenTypeIds, 0),
    };
    const feeds = Object.fromEntries(
      Object.entries(given).filter(([name]) => session.inputNames.includes(name)),
    );
    const { logits } = await session.run(feeds);
    await session.release();
    const [count, classes] = logits.dims as [number, number];
    const scores = Array.from({ length: count }, (_, row) => {
      const own = Array.from<number>(logits.data.slice(row * classes, (row + 1) * classes));
      if (config.problem_type === "multi_label_classification")
        return own.map((logit) => 1 / (1 + Math.exp(-logit)));
      const powers = own.map((logit) => Math.exp(logit - Math.max(...own)));
      return powers.map((power) => power / powers.reduce((sum, each) => sum + each));
    });
    return { files: Object.keys(files), config, scores };
  };
}
