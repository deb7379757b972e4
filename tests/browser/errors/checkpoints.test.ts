// Bad checkpoints in Chromium, each held to its error code; the page works on afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ErrorCode } from "../../../web/bertlet.d.ts";
import { type Stage, suite, workersGone } from "../../support/browser.ts";
import {
  checkpointFile,
  configWith,
  readSafetensors,
  type Safetensors,
  withHeader,
  writeSafetensors,
} from "../../support/checkpoints.ts";
import { type Answer, send } from "../../support/serve.ts";

const GOOD = "sequence_classification_f32";
const WORDS = "bert.embeddings.word_embeddings.weight";
const good = () => readSafetensors(`checkpoints/${GOOD}/model.safetensors`);

type Files = Record<string, string | Buffer | Answer | undefined>;

/** A folder with the good checkpoint's files, but for `files`; undefined leaves one out. */
function addFolder({ site }: Stage, name: string, files: Files): string {
  const folder = `made-up/${name.replaceAll(" ", "-")}/`;
  const all: Files = {};
  for (const file of ["config.json", "tokenizer.json", "model.safetensors"])
    all[file] = checkpointFile(GOOD, file);
  for (const [file, content] of Object.entries({ ...all, ...files })) {
    if (content === undefined) continue;
    const answer: Answer =
      typeof content === "function" ? content : (response) => send(response, 200, ".bin", content);
    site.answer(folder + file, answer);
  }
  return folder;
}

/** The good weights with one tensor's entry changed; undefined takes the tensor out. */
function weightsWith(name: string, change: Partial<Safetensors["header"][string]> | undefined): Buffer {
  const { header, data } = good();
  const tensor = header[name];
  if (tensor === undefined) throw new Error(`expected a tensor ${name}`);
  if (change === undefined) delete header[name];
  else header[name] = { ...tensor, ...change };
  return writeSafetensors({ header, data });
}

function overlapping(): Buffer {
  const { header, data } = good();
  const names = Object.keys(header).filter((name) => name.endsWith("LayerNorm.weight"));
  const [first, second] = names.map((name) => header[name]);
  if (first === undefined || second === undefined) throw new Error("expected two LayerNorm weights");
  second.data_offsets = first.data_offsets;
  return writeSafetensors({ header, data });
}

const page = "<!DOCTYPE html>\n<html><head><title>Not found</title></head></html>";
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 90868376\n`;
const pickle = Buffer.from([
  0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
]);
const zip = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), Buffer.alloc(60)]);
const bpe = JSON.stringify({ model: { type: "BPE", vocab: { a: 0 }, merges: [] } });
const unigram = JSON.stringify({ model: { type: "Unigram", unk_id: 0, vocab: [["a", 0]] } });
const oversized = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 1, 0, 0]), Buffer.alloc(100)]);
const weights = checkpointFile(GOOD, "model.safetensors");

const CHECKPOINTS: [name: string, code: ErrorCode, files: Files, message?: RegExp][] = [
  ["empty weights", "bad-weights", { "model.safetensors": "" }],
  ["truncated weights", "bad-weights", { "model.safetensors": weights.subarray(0, weights.length - 100) }],
  ["weights cut in the header", "bad-weights", { "model.safetensors": weights.subarray(0, 200) }],
  ["a header longer than the file", "bad-weights", { "model.safetensors": oversized }],
  [
    "a header that is not JSON",
    "bad-weights",
    { "model.safetensors": withHeader(Buffer.from("{oops"), Buffer.alloc(8)) },
  ],
  ["overlapping offsets", "bad-weights", { "model.safetensors": overlapping() }],
  [
    "a shape unlike its bytes",
    "bad-weights",
    { "model.safetensors": weightsWith(WORDS, { shape: [1, 32] }) },
  ],
  [
    "a wrong shape",
    "shape-mismatch",
    { "config.json": configWith(GOOD, { intermediate_size: 32 }) },
    /intermediate\.dense/,
  ],
  ["a missing tensor", "missing-tensor", { "model.safetensors": renamed(WORDS) }, /word_embeddings/],
  [
    "a wrong dtype",
    "unsupported-dtype",
    { "model.safetensors": weightsWith(WORDS, { dtype: "I32" }) },
    /word_embeddings.*I32/,
  ],
  ["a pickle", "pickle-refused", { "model.safetensors": pickle }],
  ["a zipped pickle", "pickle-refused", { "model.safetensors": zip }],
  ["a page for the weights", "fetch-failed", { "model.safetensors": page }, /web page/],
  ["a page for the config", "fetch-failed", { "config.json": page }, /config\.json.*web page/],
  ["an LFS pointer for the weights", "bad-weights", { "model.safetensors": pointer }, /Git LFS/],
  ["an LFS pointer for the tokenizer", "bad-tokenizer", { "tokenizer.json": pointer }, /Git LFS/],
  ["a config that is not JSON", "bad-config", { "config.json": "{ hidden_size: 32 }" }],
  [
    "no heads",
    "bad-config",
    { "config.json": configWith(GOOD, { num_attention_heads: 0 }) },
    /num_attention_heads/,
  ],
  [
    "heads that do not divide",
    "bad-config",
    { "config.json": configWith(GOOD, { num_attention_heads: 5 }) },
    /num_attention_heads/,
  ],
  [
    "another architecture",
    "unsupported-architecture",
    { "config.json": configWith(GOOD, { model_type: "deberta-v2", architectures: ["DebertaV2Model"] }) },
    /[Dd]eberta/,
  ],
  ["a BPE tokenizer without special tokens", "bad-tokenizer", { "tokenizer.json": bpe }, /<s>/],
  ["a Unigram tokenizer without special tokens", "bad-tokenizer", { "tokenizer.json": unigram }, /<s>/],
  ["a tokenizer that is not one", "bad-tokenizer", { "tokenizer.json": "{}" }],
  ["no config", "fetch-failed", { "config.json": undefined }, /config\.json.*404/],
  ["no tokenizer", "fetch-failed", { "tokenizer.json": undefined }, /tokenizer\.json.*404/],
  ["no weights", "fetch-failed", { "model.safetensors": undefined }, /model\.safetensors.*404/],
  ["a connection that breaks off", "fetch-failed", { "model.safetensors": breakOff }, /model\.safetensors/],
];

function renamed(name: string): Buffer {
  const { header, data } = good();
  const { [name]: tensor, ...rest } = header;
  return writeSafetensors({ header: { ...rest, other: tensor as Safetensors["header"][string] }, data });
}

function breakOff(response: Parameters<Answer>[0]): void {
  response.writeHead(200, { "content-length": 100_000 });
  response.write(Buffer.alloc(5000), () => response.destroy());
}

suite("a bad checkpoint", (stage) => {
  for (const [name, code, files, message = /./] of CHECKPOINTS) {
    test(`${name}: ${code}`, async () => {
      const folder = addFolder(stage, name, files);
      const failure = await stage.page.evaluate(
        (folder) => window.failure(() => window.bertlet.Classifier.load(folder, { device: "wasm" })),
        folder,
      );
      assert.equal(failure?.code, code, failure?.message);
      assert.match(failure.message, message);
    });
  }

  test("a page and a pointer as files of the caller's are told by the file's own code", async () => {
    const codes = await stage.page.evaluate(
      async ({ page, pointer }) => {
        const folder = "data/checkpoints/sequence_classification_f32/";
        const source = {
          config: `${folder}config.json`,
          tokenizer: `${folder}tokenizer.json`,
          weights: `${folder}model.safetensors`,
        };
        const load = (files: object) =>
          window.failure(() => window.bertlet.Classifier.load({ ...source, ...files }, { device: "wasm" }));
        const failures = [
          await load({ config: new Blob([page]) }),
          await load({ tokenizer: new TextEncoder().encode(page) }),
          await load({ weights: new Blob([page]) }),
          await load({ weights: new TextEncoder().encode(pointer).buffer }),
          await load({ weights: new Blob([new Uint8Array([0x80, 4, 0x95, 1])]) }),
        ];
        return failures.map((failure) => failure?.code);
      },
      { page, pointer },
    );
    assert.deepEqual(codes, ["bad-config", "bad-tokenizer", "bad-weights", "bad-weights", "pickle-refused"]);
  });

  test("leaves no worker, and the page able to load a good one", async () => {
    const label = await stage.page.evaluate(async () => {
      const classifier = await window.bertlet.Classifier.load(
        "data/checkpoints/sequence_classification_f32/",
        {
          device: "wasm",
        },
      );
      const { label } = await classifier.classify("thank you");
      await classifier.dispose();
      return label;
    });
    assert.ok(label);
    await workersGone(stage.page);
  });
});
