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
  /** The labels and head the checkpoint came with, if it had a head. */
  ownLabels?: readonly string[] | undefined;
  /** Whether the classifier in hand can name labels: its own head, or one trained here. */
  usable: boolean;
  /** Whether it has, without an adapter, a head that the checkpoint came with. */
  ownHead?: boolean | undefined;
  /** Whether its checkpoint has a head that tells masked words. */
  maskedLmHead?: boolean | undefined;
  /** The checkpoint before it learned from texts without labels, where it did. */
  original?: { source: Source; name: string } | undefined;
  error?: Failure | undefined;
}

export interface KnownAdapter {
  name: string;
  /** As peft names it, such as "LORA"; "" where its file does not say. */
  kind: string;
  /** What its file says it was trained on. */
  base?: string | undefined;
  labels: readonly string[];
  /** Of one that was opened: to read it again when the model is loaded again. */
  files?: AdapterFiles | undefined;
}

export interface AdaptersState {
  known: readonly KnownAdapter[];
  busy: boolean;
  error?: Failure | undefined;
}

export const noAdapters: AdaptersState = { known: [], busy: false };
