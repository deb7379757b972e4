// Runs tests of ../tests with node's own runner: `node test.mjs unit | node | browser | studio | others [PART of a file's path]`.
// Bundles them first, because node does not read TypeScript and the packages lie here, not beside the tests.

import { mkdir, readdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The folders of each suite, below ../tests. */
const SUITES = {
  unit: ["unit"],
  node: ["node"],
  browser: ["browser/library", "browser/errors"],
  studio: ["browser/studio"],
  others: ["browser/others"],
};
/** Files that begin first, so that none of them is left over alone at the end. */
const LONGEST = [
  ...["operations", "finetune", "forward", "methods", "model-selection", "multi-label"].map(
    (name) => `browser/library/${name}.test`,
  ),
  ...["accessibility", "pairs-and-labels", "masked-lm", "finetune", "docs-page"].map(
    (name) => `browser/studio/${name}.test`,
  ),
];
/** Files that hold times against estimates: nothing else runs beside them. */
const ALONE = ["browser/library/plan.test"];
const SLOWEST = 10;
/** Two at a time, but where these say otherwise: WebKitGTK without a network can stop answering beside another browser. */
const FILES_AT_ONCE = { unit: availableParallelism(), others: 1 };

const web = dirname(fileURLToPath(import.meta.url));
const tests = join(web, "..", "tests");
const [suite, part = ""] = process.argv.slice(2);
if (SUITES[suite] === undefined) {
  console.error(`expected one of ${Object.keys(SUITES).join(", ")}, found ${suite}`);
  process.exit(2);
}

const names = [];
for (const folder of SUITES[suite]) {
  const found = (await readdir(join(tests, folder))).filter((name) => name.endsWith(".test.ts"));
  names.push(...found.map((name) => `${folder}/${name.replace(/\.ts$/, "")}`));
}
const rank = (name) => (LONGEST.indexOf(name) + LONGEST.length + 1) % (LONGEST.length + 1);
const chosen = names.filter((name) => name.includes(part)).sort((a, b) => rank(a) - rank(b));
if (chosen.length === 0) {
  console.error(`expected tests of "${suite}" with "${part}" in their path, found none in ${tests}`);
  process.exit(1);
}

const out = join(web, "node_modules", ".cache", `bertlet-tests-${suite}`);
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: chosen.map((name) => join(tests, `${name}.ts`)),
  outbase: tests,
  absWorkingDir: web,
  bundle: true,
  packages: "external",
  loader: { ".md": "text", ".txt": "text", ".py": "text" },
  // What the build makes lies beside worker.js.
  external: ["./wasm/*"],
  platform: "node",
  target: "node20",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  outdir: out,
  sourcemap: "inline",
  logLevel: "warning",
});

process.chdir(web);
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --enable-source-maps`;

const counts = { tests: 0, pass: 0, fail: 0 };
const times = [];

/** Runs files, `concurrency` at a time, each in a process and a Chromium of its own. Prints the tests of each. */
async function runFiles(files, concurrency) {
  if (files.length === 0) return;
  const stream = run({ files: files.map((name) => join(out, `${name}.mjs`)), concurrency });
  const count = (outcome) => (event) => {
    if (event.details.type === "suite") return;
    counts.tests += 1;
    counts[outcome] += 1;
    times.push({ name: event.name, file: event.file ?? "", milliseconds: event.details.duration_ms });
  };
  stream.on("test:pass", count("pass")).on("test:fail", count("fail"));
  for await (const text of stream.compose(spec)) process.stdout.write(text);
}

const begun = performance.now();
await runFiles(
  chosen.filter((name) => !ALONE.includes(name)),
  FILES_AT_ONCE[suite] ?? Number(process.env.BERTLET_TEST_FILES ?? 2),
);
await runFiles(
  chosen.filter((name) => ALONE.includes(name)),
  1,
);

const seconds = (milliseconds) => (milliseconds / 1000).toFixed(1).padStart(7);
console.log(`\nThe slowest ${SLOWEST} tests of ${suite}, in seconds:`);
times.sort((a, b) => b.milliseconds - a.milliseconds);
for (const { name, file, milliseconds } of times.slice(0, SLOWEST))
  console.log(`${seconds(milliseconds)}  ${relative(tests, file)}: ${name}`);
console.log(`${seconds(performance.now() - begun)}  all of ${suite}, ${chosen.length} files`);
for (const [name, value] of Object.entries(counts)) console.log(`# ${name} ${value}`);
process.exit(counts.fail === 0 && counts.tests > 0 ? 0 : 1);
