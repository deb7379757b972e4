// Makes the npm package out of dist/: `node scripts/package.mjs [FOLDER]`, by default package/. Takes the library's files, and
// writes package.json, README, CHANGELOG, licences and third-party notices beside them. Publishes nothing.

import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { asMarkdown, BUNDLED, works } from "./notices.mjs";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(web, "..");
const dist = join(web, "dist");
const folder = resolve(process.argv[2] ?? join(web, "package"));

const LIBRARY = [
  "bertlet.js",
  "bertlet.d.ts",
  "worker.js",
  "thread.js",
  "unzip.js",
  "onnx.js",
  "pack.js",
  "node.js",
  "node-worker.js",
  "cli.js",
  "workbook.js",
  "split.js",
];
/** What a page may import besides the library: the file of each, and what lies beside it. */
const ENTRIES = {
  element: {
    file: "element",
    types: "element",
    parts: ["teach", "zh", "rows", "zip"].map((part) => `element-${part}.js`),
  },
  "service-worker": {
    file: "register-service-worker",
    types: "service-worker",
    parts: ["service-worker.js"],
  },
};
const FILES = [
  ...LIBRARY,
  ...Object.values(ENTRIES).flatMap(({ file, types, parts }) => [`${file}.js`, `${types}.d.ts`, ...parts]),
];

const built = new Set(await readdir(dist).catch(() => []));
const missing = [...FILES, "wasm"].find((name) => !built.has(name));
if (missing !== undefined) {
  console.error(`expected ${missing} in ${dist}, found none: build the site with \`cargo xtask build\``);
  process.exit(1);
}

const { name, version, description, license, engines, devDependencies } = JSON.parse(
  await readFile(join(web, "package.json"), "utf8"),
);
/** The conditions of an entry: its types first, as TypeScript takes the first that it knows. */
const entry = (file, types, others = {}) => ({
  types: `./${types}.d.ts`,
  ...others,
  default: `./${file}.js`,
});
const manifest = {
  name,
  version,
  description,
  keywords: [
    "bert",
    "text-classification",
    "fine-tuning",
    "webgpu",
    "webassembly",
    "browser",
    "transformers",
  ],
  license,
  type: "module",
  // The tag defines itself; in Node.js a Worker is put where there is none.
  sideEffects: [
    "./element.js",
    "./service-worker.js",
    "./node.js",
    "./node-worker.js",
    "./worker.js",
    "./thread.js",
    "./cli.js",
    "./workbook.js",
    "./split.js",
  ],
  bin: { bertlet: "./cli.js" },
  main: "./bertlet.js",
  module: "./bertlet.js",
  types: "./bertlet.d.ts",
  jsdelivr: "./bertlet.js",
  unpkg: "./bertlet.js",
  exports: {
    ".": entry("bertlet", "bertlet", { node: "./node.js" }),
    ...Object.fromEntries(
      Object.entries(ENTRIES).map(([name, { file, types }]) => [`./${name}`, entry(file, types)]),
    ),
    "./service-worker.js": "./service-worker.js",
    "./package.json": "./package.json",
  },
  engines,
  // The command and the library in Node.js compute on a GPU where it is installed.
  peerDependencies: { webgpu: `>=${devDependencies.webgpu}` },
  peerDependenciesMeta: { webgpu: { optional: true } },
};

const inputs = JSON.parse(await readFile(BUNDLED, "utf8"));
const bundled = FILES.flatMap((file) => inputs[file] ?? []);

await rm(folder, { recursive: true, force: true });
await mkdir(join(folder, "wasm"), { recursive: true });
const builds = (await readdir(join(dist, "wasm"))).filter((file) => /\.(js|wasm)$/.test(file));
await Promise.all([
  ...FILES.map((file) => cp(join(dist, file), join(folder, file))),
  ...builds.map((file) => cp(join(dist, "wasm", file), join(folder, "wasm", file))),
  ...["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"].map((file) =>
    cp(join(root, file), join(folder, file)),
  ),
  cp(join(web, "npm", "README.md"), join(folder, "README.md")),
  writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`),
  works(web, bundled).then((all) => writeFile(join(folder, "THIRD-PARTY-NOTICES.md"), asMarkdown(all))),
]);
console.log(`${name} ${version}: ${(await readdir(folder, { recursive: true })).length} files in ${folder}`);
