/**
 * What the page knows of the model in hand and of the adapters on it, and how both begin.
 */
import type { AdapterFiles, LoadProgress, ModelInfo, Source } from "../../src/index.ts";
import type { Failure } from "../i18n/messages.ts";

export type DeviceChoice = "auto" | "webgpu" | "wasm";

export interface ModelState {
  phase: "none" | "loading" | "ready" | "failed";
  name: string;
  source?: Source | undefined;
  progress?: LoadProgress | undefined;
  info?: ModelInfo | undefined;
  /** The labels of the checkpoint's own head, if it came with one. */
  ownLabels?: readonly string[] | undefined;
  /** Whether the classifier in hand can predict labels: with its own head, or with one trained here. */
  usable: boolean;
  /** Whether the model without an adapter has the checkpoint's own head. */
  ownHead?: boolean | undefined;
  /** Whether the checkpoint has a masked-LM head. */
  maskedLmHead?: boolean | undefined;
  /** The checkpoint before pretraining, if the model was pretrained here. */
  original?: { source: Source; name: string } | undefined;
  error?: Failure | undefined;
}

export interface KnownAdapter {
  name: string;
  /** peft's name for it, such as "LORA"; "" if its file does not say. */
  kind: string;
  /** The base model that its file names. */
  base?: string | undefined;
  labels: readonly string[];
  /** The files of an opened adapter, to add it again when the model is reloaded. */
  files?: AdapterFiles | undefined;
}

export interface AdaptersState {
  known: readonly KnownAdapter[];
  busy: boolean;
  error?: Failure | undefined;
}

export const noAdapters: AdaptersState = { known: [], busy: false };
