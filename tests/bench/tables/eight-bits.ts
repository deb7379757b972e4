// What 8-bit weights cost in answers: a person's own checkpoint, fine-tuned on their rows in the page, then in 32 and in
// 8 bits by bertlet and by onnxruntime. Scores, not times: they are the same on a busy machine.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Browser } from "playwright-core";
import type { LabelledText, LoadOptions, SavedCheckpoint } from "../../../web/bertlet.d.ts";
import { parseSafetensors } from "../../support/checkpoints.ts";
import { type Site, send } from "../../support/serve.ts";
import { makeForms } from "../driver/onnx-forms.ts";
import { receive } from "../driver/received.ts";
import { rowsOf, serveCheckpoint } from "../driver/user-data.ts";
import type { Shape, Weights } from "../model/shape.ts";
import { figure, markdown } from "./markdown.ts";
import { drawn } from "./scores.ts";

const FILES = ["config.json", "tokenizer.json", "model.safetensors"] as const;
const WAYS = [
  "bertlet, 32 bits",
  "bertlet, int8",
  "onnxruntime-web, fused",
  "onnxruntime-web, int8",
] as const;
type Way = (typeof WAYS)[number];

/** Probabilities of each text, in the labels' order; or why there are none. */
type Answers = number[][] | string;

export async function eightBitsTable(
  browser: Browser,
  site: Site,
  data: string,
  model: string,
  rowsALabel: number,
  seeds: number,
  mostTexts: number,
): Promise<string> {
  serveCheckpoint(site, model);
  const all = rowsOf(data, "train.csv");
  const test = rowsOf(data, "test.csv").slice(0, mostTexts);
  const labels = [...new Set(all.map(({ label }) => label))].sort();
  const found = new Map<Way, { right: number; same: number; worst: number; failure?: string }>();
  for (const way of WAYS) found.set(way, { right: 0, same: 0, worst: 0 });
  for (let seed = 1; seed <= seeds; seed++) {
    console.error(`bits: seed ${seed}`);
    const train = rowsALabel === 0 ? all : drawn(all, labels, rowsALabel, seed);
    const answers = await answersOf(browser, site, labels, train, test, seed);
    const full = answers["bertlet, 32 bits"];
    if (typeof full === "string") throw new Error(full);
    for (const [way, sum] of found) {
      const given = answers[way];
      if (typeof given === "string") {
        sum.failure = given;
        continue;
      }
      for (const [row, scores] of given.entries()) {
        const expected = full[row] as number[];
        if (labels[best(scores)] === test[row]?.label) sum.right++;
        if (best(scores) === best(expected)) sum.same++;
        sum.worst = Math.max(sum.worst, ...scores.map((p, i) => Math.abs(p - (expected[i] as number))));
      }
    }
  }
  const share = (count: number) => `${((100 * count) / test.length / seeds).toFixed(2)} %`;
  const from = rowsALabel === 0 ? `all ${all.length} rows` : `${rowsALabel} rows a label`;
  return [
    `${basename(model)} fine-tuned on ${basename(data)} (${labels.length} labels, ${from}), ${seeds} seeds; ${test.length} texts of test.csv, one at a time.`,
    "",
    markdown(
      ["", "accuracy", "the label of 32 bits", "probability off by at most"],
      [...found].map(([way, { right, same, worst, failure }]) =>
        failure === undefined
          ? [way, share(right), share(same), figure(worst)]
          : [way, `failed: ${failure.split("\n")[0]?.slice(0, 80)}`, "", ""],
      ),
    ),
  ].join("\n");
}

async function answersOf(
  browser: Browser,
  site: Site,
  labels: string[],
  train: LabelledText<string>[],
  test: LabelledText<string>[],
  seed: number,
): Promise<Record<Way, Answers>> {
  const files = receive(site, FILES);
  const folder = await mkdtemp(join(tmpdir(), "bertlet-bits-"));
  const page = await browser.newPage();
  try {
    await page.goto(`${site.base}harness.html`);
    await page.waitForFunction(() => window.bertlet !== undefined);
    await page.evaluate(
      async ({ labels, train, seed }) => {
        const options = { device: "wasm", pooling: "pooler", labels } as const;
        const classifier = await window.bertlet.Classifier.load("user/", options);
        await classifier.finetune({ train }, { seed }).result;
        const saved: SavedCheckpoint = await classifier.save();
        await classifier.dispose();
        for (const name of ["config.json", "tokenizer.json", "model.safetensors"] as const)
          await fetch(`sent/${name}`, { method: "POST", body: saved[name] ?? null });
      },
      { labels, train, seed },
    );
    for (const name of FILES)
      site.answer(`tuned/${name}`, (response) => send(response, 200, ".bin", files.get(name) as Buffer));
    const made = join(folder, "forms");
    await makeForms(...modelOf(files), made);
    for (const form of ["fused", "int8"]) {
      const bytes = await readFile(join(made, `${form}.onnx`));
      site.answer(`tuned/${form}.onnx`, (response) => send(response, 200, ".onnx", bytes));
    }
    const texts = test.map(({ text }) => text);
    return await page.evaluate(answer, { labels, texts });
  } finally {
    await page.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** In the page: the answers of each way. */
async function answer({
  labels,
  texts,
}: {
  labels: string[];
  texts: string[];
}): Promise<Record<Way, Answers>> {
  let ids: number[][] = [];
  const ours = async (options: LoadOptions): Promise<number[][]> => {
    const classifier = await window.bertlet.Classifier.load("tuned/", { device: "wasm", ...options });
    ids = (await classifier.tokenize(texts)).map(({ inputIds }) => inputIds);
    const found: number[][] = [];
    for (const text of texts) {
      const { scores } = await classifier.classify(text);
      found.push(labels.map((label) => scores.find((one) => one.label === label)?.score ?? Number.NaN));
    }
    await classifier.dispose();
    return found;
  };
  const theirs = async (form: string): Promise<number[][]> => {
    const address = new URL("libraries/ort.wasm.min.mjs", location.href).href;
    const ort: typeof import("onnxruntime-web") = await import(address);
    ort.env.wasm.wasmPaths = new URL("libraries/", location.href).href;
    const session = await ort.InferenceSession.create(`tuned/${form}.onnx`, { executionProviders: ["wasm"] });
    const found: number[][] = [];
    for (const row of ids) {
      const tensor = (numbers: number[]) =>
        new ort.Tensor("int64", BigInt64Array.from(numbers, BigInt), [1, row.length]);
      const { logits } = await session.run({
        input_ids: tensor(row),
        attention_mask: tensor(row.map(() => 1)),
        token_type_ids: tensor(row.map(() => 0)),
      });
      const numbers = Array.from((await logits?.getData()) as Float32Array);
      const largest = Math.max(...numbers);
      const powers = numbers.map((x) => Math.exp(x - largest));
      const sum = powers.reduce((sum, power) => sum + power, 0);
      found.push(powers.map((power) => power / sum));
    }
    return found;
  };
  const tried = (work: Promise<number[][]>): Promise<Answers> => work.catch((error) => String(error));
  return {
    "bertlet, 32 bits": await tried(ours({})),
    "bertlet, int8": await tried(ours({ dtype: "int8" })),
    "onnxruntime-web, fused": await tried(theirs("fused")),
    "onnxruntime-web, int8": await tried(theirs("int8")),
  };
}

function modelOf(files: Map<string, Buffer>): [Shape, Weights] {
  const config = JSON.parse(`${files.get("config.json")}`);
  const { header, data } = parseSafetensors(files.get("model.safetensors") as Buffer);
  const weights: Weights = new Map();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (dtype !== "F32") continue;
    const bytes = data.subarray(...data_offsets);
    // On a multiple of 4, as a Float32Array wants it.
    weights.set(name, { shape, data: new Float32Array(Uint8Array.from(bytes).buffer) });
  }
  const shape: Shape = {
    name: "tuned",
    layers: config.num_hidden_layers,
    hidden: config.hidden_size,
    heads: config.num_attention_heads,
    intermediate: config.intermediate_size,
    vocab: config.vocab_size,
    positions: config.max_position_embeddings,
    classes: Object.keys(config.id2label).length,
    batch: 1,
    seqLen: config.max_position_embeddings,
  };
  return [shape, weights];
}

function best(scores: readonly number[]): number {
  return scores.indexOf(Math.max(...scores));
}
