// Takes the worker's responses; gives them in the form of the public API: predictions, files to save, frozen info.

import type { Prediction, SavedAdapter, SavedCheckpoint, SavedOnnx } from "../../bertlet.d.ts";
import type { Calls } from "../shared/messages.ts";

export function predictionsOf(
  { scores, labels, threshold, scope }: Calls["classify"]["response"],
  topK: number | undefined,
): Prediction[] {
  return Array.from({ length: scores.length / labels.length }, (_, row) => {
    const ranked = labels
      .map((label, index) => ({ label, score: scores[row * labels.length + index] as number }))
      .sort((a, b) => b.score - a.score);
    const { label, score } = ranked[0] as { label: string; score: number };
    const prediction: Prediction = { label, score, scores: ranked.slice(0, topK) };
    if (scope !== undefined) {
      const similarity = scope.similarities[row] as number;
      Object.assign(prediction, { similarity, unsure: similarity < scope.threshold });
    }
    if (threshold === undefined) return prediction;
    const over = ranked.filter(({ score }) => score >= threshold);
    return { ...prediction, labels: over.map(({ label }) => label) };
  });
}

const JSON_TYPE = { type: "application/json" };

export function checkpointFiles(saved: Calls["save"]["response"]): SavedCheckpoint {
  const files: SavedCheckpoint = {
    "config.json": new Blob([saved.config], JSON_TYPE),
    "tokenizer.json": new Blob([saved.tokenizer], JSON_TYPE),
    "tokenizer_config.json": new Blob([saved.tokenizerConfig], JSON_TYPE),
    "model.safetensors": new Blob([saved.weights as Uint8Array<ArrayBuffer>]),
  };
  if (saved.modelingCode !== undefined) {
    files["modeling_bertlet.py"] = new Blob([saved.modelingCode], { type: "text/x-python" });
  }
  return { ...files, ...sentenceFiles(saved.config) };
}

/** By these sentence-transformers reads the folder; without them it takes the mean of the states. It has no "pooler". */
function sentenceFiles(config: string): Partial<SavedCheckpoint> {
  const { bertlet, hidden_size, dim } = JSON.parse(config);
  if (bertlet === undefined || bertlet.pooling === "pooler") return {};
  const parts = ["Transformer", "Pooling", ...(bertlet.normalizes === false ? [] : ["Normalize"])];
  const modules = parts.map((part, idx) => ({
    idx,
    name: `${idx}`,
    path: idx === 0 ? "" : `${idx}_${part}`,
    type: `sentence_transformers.models.${part}`,
  }));
  const pooling: Record<string, unknown> = { word_embedding_dimension: hidden_size ?? dim };
  for (const kind of ["cls_token", "mean_tokens", "max_tokens"])
    pooling[`pooling_mode_${kind}`] = kind.startsWith(bertlet.pooling);
  return {
    "modules.json": new Blob([JSON.stringify(modules)], JSON_TYPE),
    "1_Pooling/config.json": new Blob([JSON.stringify(pooling)], JSON_TYPE),
  };
}

/** By the names that transformers.js looks for. */
export function onnxFiles(saved: Calls["saveOnnx"]["response"], dtype: "f32" | "int8"): SavedOnnx {
  const model = new Blob([saved.model as Uint8Array<ArrayBuffer>]);
  return {
    "config.json": new Blob([saved.config], JSON_TYPE),
    "tokenizer.json": new Blob([saved.tokenizer], JSON_TYPE),
    "tokenizer_config.json": new Blob([saved.tokenizerConfig], JSON_TYPE),
    ...(dtype === "int8" ? { "onnx/model_quantized.onnx": model } : { "onnx/model.onnx": model }),
  };
}

export function adapterFiles({ config, weights }: Calls["saveAdapter"]["response"]): SavedAdapter {
  return {
    "adapter_config.json": new Blob([config], JSON_TYPE),
    "adapter_model.safetensors": new Blob([weights as Uint8Array<ArrayBuffer>]),
  };
}

/** Plain data that nobody can change any more, however deep. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
