/**
 * Work that is under way and can be counted: its type. No code.
 */

/** Work that is under way, counted in bytes, rows or steps. */
export interface Progress {
  work:
    | "rows"
    | "library"
    | "download"
    | "device"
    | "model"
    | "estimate"
    | "tokenize"
    | "infer"
    | "dev"
    | "test"
    | "steps"
    | "asking"
    | "saving";
  done: number;
  total?: number | undefined;
  /** When the count began, by `performance.now()`. */
  sinceMs: number;
}
