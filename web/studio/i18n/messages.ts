/**
 * What the page tells in whatever language it is in when it is shown: notices and failures. Holds no text itself.
 */
import { BertletError } from "../../src/index.ts";
import type { Dictionary } from "./en.ts";

/** Something to tell, in whatever language the page is in when it is shown. */
export interface Notice {
  level: "error" | "warning" | "note";
  text: (t: Dictionary) => string;
  /** What to do about it. */
  advice?: ((t: Dictionary) => string) | undefined;
  /** Examples or places, shown folded. */
  details?: readonly string[] | undefined;
}

/** A failure as it is shown: a `BertletError`, or one of the page's own. */
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

/** Whether the person asked for this end themselves, so that nothing needs to be shown. */
export function isAbort(error: unknown): boolean {
  return error instanceof BertletError && error.code === "aborted";
}
