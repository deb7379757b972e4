// Runs the benchmark of ../tests/bench: `node bench.mjs [--only PART] [--shape T|M] [--quick]`.
// Takes the built site and the packages of tests/bench; bundles here, because the bundler's packages lie here.

import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const bench = join(web, "..", "tests", "bench");
const out = join(web, "node_modules", ".cache", "bertlet-bench");

const types = spawnSync("npx", ["--no-install", "tsc", "--noEmit", "--project", bench], {
  cwd: web,
  stdio: "inherit",
});
if (types.status !== 0) process.exit(1);

const peers = await readdir(join(bench, "peers"));
// Without the type checker's paths, which would pull playwright-core into the bundle.
const common = {
  absWorkingDir: web,
  bundle: true,
  format: "esm",
  target: "es2022",
  logLevel: "error",
  tsconfigRaw: {},
};
await rm(out, { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: [join(bench, "main.ts")],
    packages: "external",
    platform: "node",
    outdir: out,
    outExtension: { ".js": ".mjs" },
    sourcemap: "inline",
  }),
  build({
    ...common,
    entryPoints: [
      "page.ts",
      "peer.ts",
      "memory.ts",
      "gpu.ts",
      "timestamps.ts",
      "operations.ts",
      ...peers.map((name) => join("peers", name)),
    ].map((name) => join(bench, name)),
    platform: "browser",
    // onnxruntime-web's own choice of files that it fetches; without it, each comes bundled.
    conditions: ["onnxruntime-web-use-extern-wasm"],
    outdir: join(out, "page"),
    outbase: bench,
    minify: true,
  }),
]);
const { status } = spawnSync(
  process.execPath,
  ["--enable-source-maps", join(out, "main.mjs"), ...process.argv.slice(2)],
  { cwd: web, stdio: "inherit" },
);
process.exit(status ?? 1);
