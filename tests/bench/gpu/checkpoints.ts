// Writes the checkpoints that the GPU is measured with: `node checkpoints.mjs FOLDER NAME...`. A folder each, as Hugging Face
// lays them out, and rows.json: batch, texts, and their token ids. They are random and seeded, so nothing travels.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkpoint, text } from "../model/checkpoint.ts";
import { randomWeights, SHAPES, type Shape, tokenIds } from "../model/shape.ts";

/** Rows that are written; runs begin again at the first. */
const BATCHES = 8;

const [T, M] = SHAPES as [Shape, Shape];
const MEASURED: Record<string, Shape> = {
  T,
  M,
  M32: { ...M, batch: 32, seqLen: 128 },
  /** BERT-base. */
  B: { ...M, layers: 12, hidden: 768, intermediate: 3072, seqLen: 128 },
};

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || names.some((name) => MEASURED[name] === undefined)) {
  console.error(`expected a folder and some of ${Object.keys(MEASURED).join(", ")}`);
  process.exit(2);
}
for (const name of names) {
  const shape = MEASURED[name] as Shape;
  const { config, tokenizer, weights } = checkpoint(shape, randomWeights(shape));
  const rows = Array.from({ length: shape.batch * BATCHES }, (_, row) => row);
  const about = {
    batch: shape.batch,
    tokens: shape.seqLen,
    texts: rows.map((row) => text(shape, row)),
    inputIds: rows.map((row) => tokenIds(shape, row)),
  };
  mkdirSync(join(folder, name), { recursive: true });
  const put = (file: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name, file), bytes);
  put("config.json", config);
  put("vocab.txt", tokenizer);
  put("model.safetensors", weights);
  put("rows.json", JSON.stringify(about));
}
