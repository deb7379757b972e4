// Bundles the scripts of ../tests/bench/gpu into a folder: `node scripts/gpu-kit.mjs FOLDER`. For `cargo xtask gpu-kit`.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
await build({
  absWorkingDir: web,
  entryPoints: ["checkpoints", "page", "report"].map((name) => join(web, "../tests/bench/gpu", `${name}.ts`)),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  outdir: process.argv[2],
  logLevel: "warning",
});
