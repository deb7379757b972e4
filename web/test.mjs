// Runs the tests of ../tests/browser with node's own runner: `node test.mjs browser | studio [part of a file's name]`.
// Bundles them first, because node does not read TypeScript and the packages lie here, not beside the tests.

import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const tests = join(web, "..", "tests", "browser");
const [suite, part = ""] = process.argv.slice(2);
const out = join(web, "node_modules", ".cache", `bertlet-tests-${suite}`);

const files = (await readdir(tests)).filter(
  (name) =>
    name.endsWith(".test.ts") && name.startsWith("studio") === (suite === "studio") && name.includes(part),
);
if (files.length === 0) {
  console.error(`expected tests of ${suite} in ${tests}, found none`);
  process.exit(1);
}
await rm(out, { recursive: true, force: true });
await build({
  entryPoints: files.map((name) => join(tests, name)),
  absWorkingDir: web,
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  outdir: out,
  sourcemap: "inline",
  logLevel: "warning",
});

// One file at a time: each drives a browser that keeps the machine busy.
const { status } = spawnSync(
  process.execPath,
  [
    "--enable-source-maps",
    "--test",
    "--test-concurrency=1",
    "--test-reporter=spec",
    ...files.map((name) => join(out, name.replace(/\.ts$/, ".mjs"))),
  ],
  { cwd: web, stdio: "inherit" },
);
process.exit(status ?? 1);
