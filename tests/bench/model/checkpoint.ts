// Takes a shape and its weights; gives the files of a checkpoint as Hugging Face lays them out, and texts
// that the tokenizer turns into exactly the wanted ids. Pure: it writes no files.

import { type Shape, SPECIAL, type Tensor, tokenIds, type Weights } from "./shape.ts";

export const LABELS = ["a", "b"];

export interface CheckpointBytes {
  config: Uint8Array<ArrayBuffer>;
  tokenizer: Uint8Array<ArrayBuffer>;
  weights: Uint8Array<ArrayBuffer>;
}

export function checkpoint(shape: Shape, weights: Weights): CheckpointBytes {
  const config = {
    model_type: "bert",
    architectures: ["BertForSequenceClassification"],
    vocab_size: shape.vocab,
    hidden_size: shape.hidden,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    intermediate_size: shape.intermediate,
    max_position_embeddings: shape.positions,
    type_vocab_size: 2,
    hidden_act: "gelu",
    hidden_dropout_prob: 0.1,
    attention_probs_dropout_prob: 0.1,
    layer_norm_eps: 1e-12,
    id2label: Object.fromEntries(LABELS.map((label, id) => [id, label])),
  };
  const vocabulary = Array.from({ length: shape.vocab }, (_, id) => SPECIAL[id] ?? `w${id}`);
  const encoder = new TextEncoder();
  return {
    config: encoder.encode(JSON.stringify(config)),
    tokenizer: encoder.encode(vocabulary.join("\n")),
    weights: safetensors(weights),
  };
}

/** Each word is one token of the vocabulary; the tokenizer adds [CLS] and [SEP]. */
export function text(shape: Shape, row: number): string {
  return tokenIds(shape, row)
    .slice(1, -1)
    .map((id) => `w${id}`)
    .join(" ");
}

function safetensors(weights: Weights): Uint8Array<ArrayBuffer> {
  const header: Record<string, object> = {};
  let end = 0;
  for (const [name, { shape, data }] of weights) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  // Padded with spaces, as the format asks for, so that the numbers lie on a multiple of 8.
  const json = JSON.stringify(header);
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(new TextEncoder().encode(json), 8);
  let offset = start;
  for (const { data } of weights.values() as Iterable<Tensor>) {
    new Float32Array(file.buffer, offset, data.length).set(data);
    offset += data.byteLength;
  }
  return file;
}
