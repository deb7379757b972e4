// The first nodes of the graph: token ids to embeddings, and what is added to attention's scores.

import type { GraphBuilder, Value } from "./graph.ts";
import type { Layers } from "./layers.ts";
import { TYPES } from "./model-proto.ts";
import type { Tensors } from "./safetensors.ts";
import type { Settings } from "./settings.ts";

export interface Parts {
  graph: GraphBuilder;
  layers: Layers;
  tensors: Tensors;
  settings: Settings;
}

/** Added to the scores of padding, as the crate does. */
const MASKED_SCORE = -1e9;

const IDS = ["batch", "sequence"];

/** The graph's inputs. The mask is 1 for a real token, 0 for padding, in f32. */
export interface Inputs {
  ids: Value;
  mask: Value;
}

export function inputs({ graph }: Parts): Inputs {
  const ids = graph.input("input_ids", "int64", IDS);
  const mask = graph.op("Cast", [graph.input("attention_mask", "int64", IDS)], { to: TYPES.float });
  return { ids, mask };
}

/** LayerNorm(word + position + segment), and the projection where there is one: `[batch, sequence, hidden]`. */
export function embeddings(parts: Parts, { ids }: Inputs): Value {
  const { graph, layers, tensors, settings } = parts;
  const name = `${settings.names.prefix}.embeddings`;
  const words = layers.words(`${name}.word_embeddings.weight`, ids);
  let sum = graph.op("Add", [words, positions(parts, ids)]);
  if (tensors.has(`${name}.token_type_embeddings.weight`)) sum = graph.op("Add", [sum, segments(parts)]);
  const normalized = layers.layerNorm(`${name}.LayerNorm`, sum, settings.layerNormEps);
  const project = `${name}_project`;
  return tensors.has(`${project}.weight`) ? layers.dense(project, normalized) : normalized;
}

const positionsName = ({ names }: Settings) => `${names.prefix}.embeddings.position_embeddings.weight`;

function positions({ graph, layers, settings }: Parts, ids: Value): Value {
  const table = layers.weight(positionsName(settings));
  if (!settings.names.countsPlaces) {
    return graph.op("Slice", [table, graph.ints(0), length(graph, ids), graph.ints(0)]);
  }
  const padding = graph.int(settings.padTokenId);
  const isReal = graph.op("Not", [graph.op("Equal", [ids, padding])]);
  const real = graph.op("Cast", [isReal], { to: TYPES.int64 });
  const places = graph.op("Mul", [graph.op("CumSum", [real, graph.int(1)]), real]);
  return graph.op("Gather", [table, graph.op("Add", [places, padding])]);
}

/** Where there is one segment, or the tokenizer gives none, every token is in the first. */
function segments({ graph, layers, tensors, settings }: Parts): Value {
  const name = `${settings.names.prefix}.embeddings.token_type_embeddings.weight`;
  const [rows, width] = tensors.shapeOf(name) as [number, number];
  if (rows > 1 && settings.takesSegments) {
    return graph.op("Gather", [layers.weight(name), graph.input("token_type_ids", "int64", IDS)]);
  }
  const { values } = tensors.take(name);
  return graph.tensor(name, "float", [width], () => values().subarray(0, width));
}

/** The tokens of a row, padding included: `[1]`. */
const length = (graph: GraphBuilder, ids: Value) => graph.op("Shape", [ids], { start: 1, end: 2 });

/** What is added to attention's scores: each `[batch or 1, heads or 1, queries or 1, keys]`. */
export function scoreBiases(parts: Parts, { ids, mask }: Inputs): Value[] {
  const { graph, tensors, settings } = parts;
  const padding = graph.op("Sub", [graph.float(1), mask]);
  const bias = graph.op("Mul", [padding, graph.float(MASKED_SCORE)]);
  const biases = [graph.op("Unsqueeze", [bias, graph.ints(1, 2)])];
  const distances = `${settings.names.prefix}.encoder.relative_attention_bias.weight`;
  if (tensors.has(distances)) biases.push(distanceBias(parts, distances, ids));
  return biases;
}

/** MPNet's bias by the distance of two tokens. The file has it of each distance, so that nodes need no buckets. */
function distanceBias({ graph, tensors, settings }: Parts, name: string, ids: Value): Value {
  const { shape, values } = tensors.take(name);
  const heads = shape[1] as number;
  const last = (tensors.shapeOf(positionsName(settings))[0] as number) - 1;
  const table = graph.tensor(name, "float", [2 * last + 1, heads], () => {
    const ofBuckets = values();
    const biases = new Float32Array((2 * last + 1) * heads);
    for (let distance = -last; distance <= last; distance++) {
      const row = bucket(distance) * heads;
      biases.set(ofBuckets.subarray(row, row + heads), (distance + last) * heads);
    }
    return biases;
  });
  const count = graph.op("Squeeze", [length(graph, ids)]);
  const keys = graph.op("Range", [graph.int(0), count, graph.int(1)]);
  const queries = graph.op("Unsqueeze", [keys, graph.ints(1)]);
  const distances = graph.op("Add", [graph.op("Sub", [keys, queries]), graph.int(last)]);
  const biases = graph.op("Transpose", [graph.op("Gather", [table, distances])], { perm: [2, 0, 1] });
  return graph.op("Unsqueeze", [biases, graph.ints(0)]);
}

/** The buckets of keys on one side of the query. */
const SIDE = 16;
/** Distances below this have a bucket each. */
const EXACT = SIDE / 2;

/** The bucket of a key `distance` places after the query: as crate/src/model/distances.rs has it. */
function bucket(distance: number): number {
  const places = Math.abs(distance);
  const far = EXACT + 31 - Math.clz32((places * places) / (EXACT * EXACT));
  return (places < EXACT ? places : Math.min(far, SIDE - 1)) + (distance > 0 ? SIDE : 0);
}
