// Gives what is known of each file of a checkpoint before it is read: its name, its largest size, and the
// error code of a file that is not what its name says.

import type { ErrorCode } from "../../../bertlet.d.ts";
import { MODULES } from "../../shared/folder-files.ts";

export interface FileKind {
  name: string;
  /** The code of a file that is not what it should be. */
  code: ErrorCode;
  maxBytes: number;
  /** The code of a file that is larger, where it is another one. */
  oversize?: ErrorCode;
  /** How its JSON begins. What a server sends under the name of a file that it lacks begins otherwise. */
  begins?: "{" | "[";
}

export const MIB = 1024 * 1024;

export const CONFIG: FileKind = { name: "config.json", code: "bad-config", maxBytes: 16 * MIB };
/** Vocabularies of 250,002 tokens take 17 MiB as tokenizer.json, and 3 MiB as vocab.txt. What is read takes a multiple. */
export const TOKENIZER: FileKind = { name: "tokenizer.json", code: "bad-tokenizer", maxBytes: 64 * MIB };
export const VOCAB: FileKind = { name: "vocab.txt", code: "bad-tokenizer", maxBytes: 16 * MIB };
/** Of byte-level BPE, beside its merges. */
export const VOCAB_JSON: FileKind = { name: "vocab.json", code: "bad-tokenizer", maxBytes: 32 * MIB };
export const MERGES: FileKind = { name: "merges.txt", code: "bad-tokenizer", maxBytes: 32 * MIB };
export const TOKENIZER_CONFIG: FileKind = {
  name: "tokenizer_config.json",
  code: "bad-tokenizer",
  maxBytes: 16 * MIB,
  begins: "{",
};
/** Tokens beside those of a vocab.txt, as older versions of transformers wrote them. */
export const ADDED_TOKENS: FileKind = {
  name: "added_tokens.json",
  code: "bad-tokenizer",
  maxBytes: 16 * MIB,
  begins: "{",
};
/** What the special tokens of a vocab.txt are, as older versions of transformers wrote it. */
export const SPECIAL_TOKENS: FileKind = {
  name: "special_tokens_map.json",
  code: "bad-tokenizer",
  maxBytes: 16 * MIB,
  begins: "{",
};
/** wasm32 holds 4 GiB, and loading needs the file and its tensors side by side. */
export const WEIGHTS: FileKind = {
  name: "model.safetensors",
  code: "bad-weights",
  maxBytes: 2048 * MIB - 128 * MIB,
  oversize: "out-of-memory",
};
export const WEIGHTS_INDEX: FileKind = {
  name: "model.safetensors.index.json",
  code: "bad-weights",
  maxBytes: 16 * MIB,
};
/** Weights under another name: one of several files. */
export function shardKind(name: string): FileKind {
  return { ...WEIGHTS, name };
}
/** A JSON file of sentence-transformers, by its path in the folder. */
export function moduleKind(path: string): FileKind {
  return { name: path, code: "bad-config", maxBytes: MIB, begins: path === MODULES ? "[" : "{" };
}
/** What a Hub says of a model. */
export const DESCRIPTION: FileKind = {
  name: "the Hub's description",
  code: "bad-config",
  maxBytes: 16 * MIB,
};
export const ADAPTER_CONFIG: FileKind = {
  name: "adapter_config.json",
  code: "bad-config",
  maxBytes: 16 * MIB,
};
export const ADAPTER_WEIGHTS: FileKind = {
  name: "adapter_model.safetensors",
  code: "bad-weights",
  maxBytes: 512 * MIB,
};
