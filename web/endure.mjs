// Runs a long test of ../tests/endure: `node endure.mjs kills | writes | quota | inputs [--times N] [--seed S] [--device webgpu]`.

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const outfile = join(web, "node_modules", ".cache", "bertlet-endure", "main.mjs");
await build({
  entryPoints: [join(web, "..", "tests", "endure", "main.ts")],
  absWorkingDir: web,
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  outfile,
  sourcemap: "inline",
  logLevel: "warning",
});
const { status } = spawnSync(process.execPath, ["--enable-source-maps", outfile, ...process.argv.slice(2)], {
  cwd: web,
  stdio: "inherit",
});
process.exit(status ?? 1);
