// Errors: BertletError, as the page throws it, and Failure, its plain form in messages.
// May not touch the worker, the network or the model.

import type { ErrorCode } from "../../bertlet.d.ts";

/** A BertletError's plain form, which crosses the boundaries of the worker and of wasm. */
export interface Failure {
  code: ErrorCode;
  message: string;
  hint?: string;
}

export class BertletError extends Error {
  override readonly name = "BertletError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }

  static from(failure: Failure): BertletError {
    return new BertletError(failure.code, failure.message, failure.hint);
  }
}

/**
 * The plain form of an error with a code, else undefined. wasm throws plain objects, our own code
 * BertletError.
 */
export function failureOf(error: unknown): Failure | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, message, hint } = error as Partial<Record<keyof Failure, unknown>>;
  // A DOMException's code is a number.
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  const failure: Failure = { code: code as ErrorCode, message };
  if (typeof hint === "string") failure.hint = hint;
  return failure;
}

export function aborted(what: string, reason?: unknown): BertletError {
  return new BertletError("aborted", `${what} was aborted`, undefined, { cause: reason });
}

/** The page's script and the worker's are of different versions, as after an update under a cache. */
export function otherVersion(where: string, own: string, other: string | undefined): BertletError {
  return new BertletError(
    "version-mismatch",
    `${where} has version ${own} of the library, and the other side ${other ?? "an older one"}`,
    "reload the page; if it stays, serve bertlet.js, worker.js and wasm/ of one version, or clear the cache",
  );
}

/** A short text for any value, for error messages. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}...` : JSON.stringify(value);
    case "number":
    case "boolean":
      return String(value);
    case "object":
      try {
        if (Array.isArray(value)) return `an array of ${value.length}`;
        // A generator's class has no name, but a tag.
        const name =
          Object.getPrototypeOf(value)?.constructor?.name ||
          Object.prototype.toString.call(value).slice(8, -1);
        return typeof name === "string" && name !== "Object" ? `a ${name}` : "an object";
      } catch {
        return "an object that cannot be read, such as a revoked proxy";
      }
    default:
      return typeof value;
  }
}
