/**
 * Notices and failures, whose text is chosen when they are shown, in the page's language at that time. Holds no
 * text itself.
 */
import { BertletError } from "../../src/index.ts";
import type { Dictionary } from "./en.ts";

/** Something to tell the person. */
export interface Notice {
  level: "error" | "warning" | "note";
  text: (t: Dictionary) => string;
  /** What to do about it. */
  advice?: ((t: Dictionary) => string) | undefined;
  /** Examples or places, shown folded. */
  details?: readonly string[] | undefined;
  /** A button that does it. */
  action?: { id: string; text: Text; run: () => void } | undefined;
}

/** A failure to show: a `BertletError`, or one of the page's own. */
export interface Failure {
  code: string;
  message: string | ((t: Dictionary) => string);
  hint?: string | ((t: Dictionary) => string) | undefined;
}

export type Text = (t: Dictionary) => string;

/** A failure of the page itself, worded in the page's languages. */
export class PageError extends Error {
  constructor(
    readonly code: string,
    readonly text: Text,
    readonly advice?: Text,
  ) {
    super(code);
  }
}

export function toFailure(error: unknown): Failure {
  if (error instanceof PageError) return { code: error.code, message: error.text, hint: error.advice };
  if (error instanceof BertletError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: "unexpected", message: error instanceof Error ? error.message : String(error) };
}

/** A failure that was told elsewhere, to be thrown. */
export function asError({ code, message, hint }: Failure): PageError {
  const asText = (said: string | Text): Text => (typeof said === "function" ? said : () => said);
  return new PageError(code, asText(message), hint === undefined ? undefined : asText(hint));
}

/** Whether the person stopped the work, so that nothing needs to be shown. */
export function isAbort(error: unknown): boolean {
  return error instanceof BertletError && error.code === "aborted";
}
