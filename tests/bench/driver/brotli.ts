// Gives the bytes that a static host sends of files, in brotli at its best setting. Compressing the WebGPU
// build takes half a minute: `cargo xtask build` keeps the sizes that it printed, and BERTLET_SIZES names
// that file.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

type Sizes = Record<string, { brotli: number } | undefined>;

/** Of files by their paths, or of bytes. */
export async function brotliBytes(files: readonly (string | Buffer)[]): Promise<number> {
  const kept = process.env.BERTLET_SIZES;
  const text = kept === undefined ? undefined : await readFile(kept, "utf8").catch(() => undefined);
  const known: Sizes = text === undefined ? {} : JSON.parse(text);
  const sizes = files.map(async (file) => {
    const bytes = typeof file === "string" ? await readFile(file) : file;
    const hash = createHash("sha256").update(bytes).digest("hex");
    return known[hash]?.brotli ?? compressed(bytes);
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function compressed(bytes: Buffer): Promise<number> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return (await promisify(brotliCompress)(bytes, { params })).length;
}
