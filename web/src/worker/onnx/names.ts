// What each encoder calls the parts of BERT in model.safetensors: as crate/src/model/encoders.rs has it.

import { BertletError } from "../../shared/errors.ts";

/** Names of modules: their tensors end in ".weight" and ".bias". Those of a layer stand behind its own name. */
export interface Names {
  /** Beginning of the encoder's tensors. */
  prefix: string;
  /** The list of its layers. */
  layers: string;
  query: string;
  key: string;
  value: string;
  attentionOutput: string;
  attentionNorm: string;
  attentionAdapter: string;
  intermediate: string;
  output: string;
  outputNorm: string;
  outputAdapter: string;
  /** The dense layer of the pooling "pooler". */
  pooler: string;
  poolerActivation: "tanh" | "relu" | "gelu";
  head: string;
  /** Whether a token's position is its number among those that are no padding, after `pad_token_id`. */
  countsPlaces: boolean;
  /** Entries of config.json that are not BERT's, and defaults that are not. */
  config: { heads?: string; activation?: string };
  defaults: { heads?: number; padTokenId?: number };
  /** What the encoder computes with, whatever config.json says. */
  fixed: { layerNormEps?: number; padTokenId?: number };
}

const BERT: Names = {
  prefix: "bert",
  layers: "bert.encoder.layer",
  query: "attention.self.query",
  key: "attention.self.key",
  value: "attention.self.value",
  attentionOutput: "attention.output.dense",
  attentionNorm: "attention.output.LayerNorm",
  attentionAdapter: "attention.output.adapter",
  intermediate: "intermediate.dense",
  output: "output.dense",
  outputNorm: "output.LayerNorm",
  outputAdapter: "output.adapter",
  pooler: "bert.pooler.dense",
  poolerActivation: "tanh",
  head: "classifier",
  countsPlaces: false,
  config: {},
  defaults: {},
  fixed: {},
};

const ROBERTA: Names = {
  ...BERT,
  prefix: "roberta",
  layers: "roberta.encoder.layer",
  pooler: "classifier.dense",
  head: "classifier.out_proj",
  countsPlaces: true,
  defaults: { padTokenId: 1 },
};

const ENCODERS: Readonly<Record<string, Names>> = {
  bert: BERT,
  distilbert: {
    ...BERT,
    prefix: "distilbert",
    layers: "distilbert.transformer.layer",
    query: "attention.q_lin",
    key: "attention.k_lin",
    value: "attention.v_lin",
    attentionOutput: "attention.out_lin",
    attentionNorm: "sa_layer_norm",
    attentionAdapter: "attention.adapter",
    intermediate: "ffn.lin1",
    output: "ffn.lin2",
    outputNorm: "output_layer_norm",
    outputAdapter: "ffn.adapter",
    pooler: "pre_classifier",
    poolerActivation: "relu",
    config: { heads: "n_heads", activation: "activation" },
    fixed: { layerNormEps: 1e-12 },
  },
  roberta: ROBERTA,
  "xlm-roberta": ROBERTA,
  camembert: ROBERTA,
  electra: {
    ...BERT,
    prefix: "electra",
    layers: "electra.encoder.layer",
    pooler: "classifier.dense",
    poolerActivation: "gelu",
    head: "classifier.out_proj",
    defaults: { heads: 4 },
  },
  mpnet: {
    ...ROBERTA,
    prefix: "mpnet",
    layers: "mpnet.encoder.layer",
    query: "attention.attn.q",
    key: "attention.attn.k",
    value: "attention.attn.v",
    attentionOutput: "attention.attn.o",
    attentionNorm: "attention.LayerNorm",
    attentionAdapter: "attention.adapter",
    fixed: { padTokenId: 1 },
  },
};

export function namesOf(modelType: unknown): Names {
  const names = Object.entries(ENCODERS).find(([name]) => name === modelType)?.[1];
  if (names !== undefined) return names;
  throw new BertletError(
    "unsupported-architecture",
    `save: expected one of ${Object.keys(ENCODERS).join(", ")} to write as ONNX, found ${modelType}`,
    'save() without as: "onnx" gives the model as safetensors',
  );
}
