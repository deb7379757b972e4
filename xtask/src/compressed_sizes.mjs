// Takes file names as arguments; prints a JSON array of { brotli, gzip }: what a static host sends, in bytes, with each
// at its best setting. Node's own zlib does it many times faster than a debug build of this program would.
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const sizes = process.argv.slice(1).map(async (path) => {
  const bytes = await readFile(path);
  const quality = {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  };
  const [asBrotli, asGzip] = await Promise.all([
    promisify(brotliCompress)(bytes, quality),
    promisify(gzip)(bytes, { level: 9 }),
  ]);
  return { brotli: asBrotli.length, gzip: asGzip.length };
});
console.log(JSON.stringify(await Promise.all(sizes)));
