// Runs the built command bertlet, as a shell does.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { root } from "./serve.ts";

export const CLI = join(root, "web/dist/cli.js");
export const MODEL = join(root, "tests/reference/data/checkpoints/sequence_classification_f32");
export const HERE = ["--model", MODEL, "--device", "wasm", "--threads", "1", "--quiet"];

/** In `folder`, with `input` on standard input. */
export function command(
  folder: string,
  words: readonly string[],
  input = "",
): Promise<{ status: number; out: string; error: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...process.execArgv, CLI, ...words],
      { cwd: folder },
      (failed, out, error) => resolve({ status: failed === null ? 0 : Number(failed.code), out, error }),
    );
    child.stdin?.end(input);
  });
}
