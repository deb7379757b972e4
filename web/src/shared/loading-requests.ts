// What the page asks of the files of a checkpoint or an adapter, and of a new model: types of messages. No code.

import type { Dtype, ModelInfo, Pooling } from "../../bertlet.d.ts";
import type { HubModel } from "./hub.ts";

/** One file: an absolute URL, or bytes. */
export type FileRequest = { url: string } | { bytes: Blob | ArrayBuffer | Uint8Array };

/** Weights in several files: their index, and files by name. Those that the index does not name are ignored. */
export interface ShardsRequest {
  index: FileRequest;
  shards: Record<string, FileRequest>;
}

export interface CheckpointFilesRequest {
  config: FileRequest;
  tokenizer: FileRequest;
  tokenizerConfig?: FileRequest;
  weights: FileRequest | ShardsRequest;
  merges?: FileRequest;
  specialTokens?: FileRequest;
  addedTokens?: FileRequest;
  sentenceTransformers?: Record<string, FileRequest>;
}

/** A folder: a URL whose path ends in "/" and that may have a query, or a zip of it. */
export type FolderRequest = { folder: string } | { zip: Blob };

/** A checkpoint: a folder, or its files. */
export type CheckpointRequest = FolderRequest | CheckpointFilesRequest;

/** A peft adapter: a folder, or its files. */
export type AdapterRequest = FolderRequest | { config: FileRequest; weights: FileRequest };

/** How the files of a checkpoint or adapter are fetched. */
export interface Access {
  /** Sent to `origin` alone. */
  headers?: Record<string, string>;
  /** Where the files are from. */
  origin?: string;
  /** Whether the page fetches them, by a function of its own. */
  byPage?: boolean;
}

/** A file for the page to fetch. It answers through the port: the head, then a part each time it is asked. */
export interface FetchRequest {
  url: string;
  headers: Record<string, string>;
  redirect: "follow" | "manual";
  port: MessagePort;
}

export type FetchedPart =
  | { status: number; statusText: string; type: ResponseType; headers: [name: string, value: string][] }
  | { chunk: Uint8Array }
  | { done: true }
  | { failed: string };

/** The device to compute on. */
export interface DeviceRequest {
  device: "auto" | "webgpu" | "wasm";
  threads?: number;
  /** Largest memory of a CPU engine. */
  memoryBytes: number;
}

export interface LoadRequest extends DeviceRequest {
  checkpoint: CheckpointRequest;
  access: Access;
  /** Whether files that are downloaded stay in the browser. */
  cache: boolean;
  /** The SHA-256 of files, in hex, by their names. */
  sha256?: Record<string, string>;
  labels?: string[];
  problemType?: ModelInfo["problemType"];
  pooling?: Pooling;
  maxLength?: number;
  dtype?: Dtype;
  maskedLm: boolean;
  seed: number;
}

/** A checkpoint to tell of, and the model on a Hub that it is, if it is one. */
export interface PreviewRequest {
  checkpoint: CheckpointRequest;
  access: Access;
  model?: HubModel;
}

/** The shape of a new model. */
export interface Shape {
  vocabSize: number;
  layers: number;
  hiddenSize: number;
  heads: number;
  intermediateSize?: number;
  maxLength: number;
  labels?: string[];
  seed: number;
}

export interface CreateRequest extends DeviceRequest {
  texts: string[];
  shape: Shape;
}
