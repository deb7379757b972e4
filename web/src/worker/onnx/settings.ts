// What the graph needs of a saved config.json and tokenizer_config.json: the crate has checked them when they were loaded.

import type { Pooling } from "../../../bertlet.d.ts";
import { type Names, namesOf } from "./names.ts";

export type Activation = "gelu" | "gelu_new" | "relu" | "silu" | "tanh";

/** What is in 8 bits: the word embeddings, and all dense layers but these. */
export interface Int8 {
  f32Dense: readonly string[];
}

export interface Settings {
  names: Names;
  pooling: Pooling;
  heads: number;
  activation: Activation;
  layerNormEps: number;
  padTokenId: number;
  /** Whether the graph is told each token's segment. */
  takesSegments: boolean;
  /** What is in 8 bits; undefined: nothing. */
  int8: Int8 | undefined;
}

/** transformers' names of the same functions. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: "gelu",
  gelu_python: "gelu",
  gelu_new: "gelu_new",
  gelu_pytorch_tanh: "gelu_new",
  gelu_python_tanh: "gelu_new",
  gelu_fast: "gelu_new",
  gelu_accurate: "gelu_new",
  relu: "relu",
  silu: "silu",
  swish: "silu",
  tanh: "tanh",
};

export type Config = Record<string, unknown> & {
  architectures: string[];
  bertlet: { pooling: Pooling };
  /** Of a model that is saved in 8 bits: the names of dense layers that stay f32. */
  quantization_config?: { ignore: string[] };
};

/** Of tokenizer_config.json: what a model is told of a text. */
export interface TokenizerConfig {
  model_input_names: string[];
}

export function settingsOf(config: Config, tokenizerConfig: TokenizerConfig): Settings {
  const names = namesOf(config.model_type);
  const { config: own, defaults, fixed } = names;
  return {
    names,
    pooling: config.bertlet.pooling,
    heads: Number(config[own.heads ?? "num_attention_heads"] ?? defaults.heads ?? 12),
    activation: ACTIVATIONS[String(config[own.activation ?? "hidden_act"] ?? "gelu")] as Activation,
    layerNormEps: Number(config.layer_norm_eps ?? 1e-12),
    padTokenId: Number(config.pad_token_id ?? defaults.padTokenId ?? 0),
    // BERT's kind has the input whatever its tokenizer gives, as transformers' exports have it.
    takesSegments: !names.countsPlaces || tokenizerConfig.model_input_names.includes("token_type_ids"),
    int8: config.quantization_config && { f32Dense: config.quantization_config.ignore },
    ...fixed,
  };
}
