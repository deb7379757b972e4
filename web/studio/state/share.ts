/**
 * What the page knows of a model that is to be shared.
 */
import type { Failure } from "../i18n/messages.ts";

export interface ShareState {
  /** Undefined until the person writes one. */
  title?: string | undefined;
  /** What pupils do in a lesson. */
  lesson: "use" | "teach";
  /** bertlet's files and their bytes. */
  library?: Record<string, number> | undefined;
  making?: "starter" | "lesson" | undefined;
  error?: Failure | undefined;
}

export const emptyShare: ShareState = { lesson: "use" };
