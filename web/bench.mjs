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

const PAGE_FILES = ["page", "library-worker", "wasm-memory", "gpu-counters", "timestamps", "operations"];
/** bertlet's own file is bundled with the page, since it starts a worker itself. */
const libraries = (await readdir(join(bench, "libraries")))
  .map((name) => name.replace(/\.ts$/, ""))
  .filter((name) => name !== "bertlet");
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
    entryPoints: [join(bench, "driver", "main.ts")],
    packages: "external",
    // Not of this folder's packages.
    alias: { "protobufjs/light.js": join(bench, "node_modules/protobufjs/light.js") },
    platform: "node",
    outdir: out,
    outExtension: { ".js": ".mjs" },
    sourcemap: "inline",
  }),
  build({
    ...common,
    // The pages' own files lie beside the library in the site, the other libraries in a folder.
    entryPoints: Object.fromEntries([
      ...PAGE_FILES.map((name) => [name, join(bench, "page", `${name}.ts`)]),
      ...libraries.map((name) => [`libraries/${name}`, join(bench, "libraries", `${name}.ts`)]),
    ]),
    platform: "browser",
    // onnxruntime-web's own choice of files that it fetches; without it, each comes bundled.
    conditions: ["onnxruntime-web-use-extern-wasm"],
    outdir: join(out, "page"),
    minify: true,
  }),
]);
const { status } = spawnSync(
  process.execPath,
  ["--enable-source-maps", join(out, "main.mjs"), ...process.argv.slice(2)],
  { cwd: web, stdio: "inherit" },
);
process.exit(status ?? 1);
