/**
 * What the page knows of a model on another host, from the address that was typed to the button that loads it.
 */
import type { SourcePreview } from "../../src/index.ts";
import { LOAD } from "../../src/shared/defaults.ts";
import type { RemoteSource } from "../data/remote-source.ts";
import type { Failure } from "../i18n/messages.ts";

export interface RemoteState {
  /** "asking": the page's question before it contacts the host. "looking": the host is asked. "found": its answer. */
  phase: "none" | "asking" | "looking" | "found";
  /** The fields as they were typed. */
  address: string;
  revision: string;
  hubHost: string;
  wanted?: RemoteSource | undefined;
  preview?: SourcePreview | undefined;
  error?: Failure | undefined;
}

export const noRemote: RemoteState = { phase: "none", address: "", revision: "", hubHost: LOAD.hubHost };
