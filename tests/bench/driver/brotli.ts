// Gives the bytes that a static host sends of files, in brotli at its best setting. Compressing a large build
// takes half a minute: `cargo xtask build` keeps the sizes that it printed, and BERTLET_SIZES names that file;
// those of other files are kept in the benchmark's cache.

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { CACHE } from "./cache.ts";

type Sizes = Record<string, { brotli: number } | undefined>;

const OWN = join(CACHE, "sizes.json");

/** Of a file by its path, or of bytes. */
export async function brotliBytes(file: string | Buffer): Promise<number> {
  const bytes = typeof file === "string" ? await readFile(file) : file;
  const hash = createHash("sha256").update(bytes).digest("hex");
  const known = (await sizesIn(process.env.BERTLET_SIZES))[hash] ?? (await sizesIn(OWN))[hash];
  if (known !== undefined) return known.brotli;
  const brotli = await compressed(bytes);
  await mkdir(dirname(OWN), { recursive: true });
  await writeFile(OWN, JSON.stringify({ ...(await sizesIn(OWN)), [hash]: { brotli } }));
  return brotli;
}

async function sizesIn(path: string | undefined): Promise<Sizes> {
  const text = path === undefined ? undefined : await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? {} : JSON.parse(text);
}

async function compressed(bytes: Buffer): Promise<number> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return (await promisify(brotliCompress)(bytes, { params })).length;
}
