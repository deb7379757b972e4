// Builds dist/ from src/, studio/, docs/ and wasm/. Writes only its own files: dist/models/ is the caller's.
// `node build.mjs NAME` adds one build of the wasm to a dist/ that is served already, and leaves the rest as it is.
// Names in dist/ are fixed, since bertlet.js looks for worker.js, and that for wasm/, in its own folder.

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import { apiPage } from "./docs/api/page.mjs";
import { docsPage } from "./docs/assemble.mjs";
import { writeLessons } from "./lessons/assemble.mjs";
import { BUNDLED, works } from "./scripts/notices.mjs";
import { asPage } from "./scripts/notices-page.mjs";

const web = dirname(fileURLToPath(import.meta.url));
const dist = join(web, "dist");
const wasm = join(web, "wasm");

/** What each file of dist/ is made of, by its path: the notices name the packages among them. */
const inputs = {};
async function build(options) {
  const { metafile } = await bundle({ ...options, metafile: true });
  for (const [path, output] of Object.entries(metafile.outputs)) {
    // What the minifier left nothing of is not in it.
    const used = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    inputs[relative("dist", path).replaceAll(sep, "/")] = used.map(([input]) => input);
  }
}

const [added] = process.argv.slice(2);
const builds = (await readdir(wasm).catch(() => [])).filter(
  (name) => added === undefined || [`${added}.js`, `${added}_bg.wasm`].includes(name),
);
if (!builds.some((name) => name.endsWith(".wasm"))) {
  console.error(
    `expected .wasm files in ${wasm}, found none: build the whole site with \`cargo xtask build\``,
  );
  process.exit(1);
}

/** The page uses the library as everyone does: as bertlet.js beside it, not a second copy inside. */
const libraryBeside = {
  name: "library-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/src\/index\.ts$/ }, () => ({ path: "./bertlet.js", external: true }));
  },
};

/** The command takes the library for Node.js in the same way. */
const nodeBeside = {
  name: "node-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/src\/node\/index\.ts$/ }, () => ({ path: "./node.js", external: true }));
  },
};

/** The readers of spreadsheets and of projects and the writers of records are files of their own, fetched with the first one. */
const workbookBeside = {
  name: "workbook-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/unzip-project\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./unzip-project.js", external: true } : undefined,
    );
    onResolve({ filter: /\/records\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./records.js", external: true } : undefined,
    );
    onResolve({ filter: /\/workbook-writer\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./workbook-writer.js", external: true } : undefined,
    );
    onResolve({ filter: /\/workbook\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./workbook.js", external: true } : undefined,
    );
  },
};

/** The reader of zips, the writer of ONNX and what packs a run are files of their own, too. The wasm builds' files lie beside the worker. */
const workerBeside = {
  name: "worker-beside",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/wasm\// }, ({ path }) => ({ path, external: true }));
    onResolve({ filter: /\/(unzip|onnx|pack)\.ts$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: `./${basename(path, ".ts")}.js`, external: true } : undefined,
    );
  },
};

/** Parts of the tag that are fetched where they are needed, by the names of their files. */
const TAG_PARTS = {
  "element-teach": "element/teaching.ts",
  "element-zh": "element/strings/zh.ts",
  "element-rows": "element/rows.ts",
  "element-zip": "element/zip.ts",
};
const tagBeside = {
  name: "tag-beside",
  setup({ onResolve }) {
    // embed.html holds the tag's own file, not a second copy of it.
    onResolve({ filter: /^\.\/element\.ts$/ }, () => ({ path: "./element.js", external: true }));
    onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      const file = relative(web, join(resolveDir, path));
      const part = Object.keys(TAG_PARTS).find((name) => TAG_PARTS[name] === file);
      return kind === "dynamic-import" && part ? { path: `./${part}.js`, external: true } : undefined;
    });
  },
};

const options = {
  absWorkingDir: web,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  outdir: dist,
  loader: { ".md": "text", ".txt": "text", ".py": "text" },
  legalComments: "linked",
  logLevel: "warning",
};

/** Each build's JavaScript by itself: its threads load the very same file. */
const putWasm = () => [
  build({
    ...options,
    bundle: false,
    outdir: join(dist, "wasm"),
    entryPoints: builds.filter((name) => name.endsWith(".js")).map((name) => join(wasm, name)),
  }),
  ...builds
    .filter((name) => name.endsWith(".wasm"))
    .map((name) => cp(join(wasm, name), join(dist, "wasm", name))),
];

/** What a page with the tag needs of dist/, and the bytes of each: the studio packs them into what it shares. */
const listLibrary = async () => {
  const wanted = /^(bertlet|worker|thread|unzip|onnx|pack|scorm|element(-\w+)?)\.js$/;
  const names = (await readdir(dist)).filter((name) => wanted.test(name));
  for (const name of await readdir(join(dist, "wasm"))) names.push(`wasm/${name}`);
  const sizes = names.sort().map(async (name) => [name, (await stat(join(dist, name))).size]);
  await writeFile(join(dist, "library.json"), JSON.stringify(Object.fromEntries(await Promise.all(sizes))));
};

if (added !== undefined) {
  await Promise.all(putWasm());
  await listLibrary();
  process.exit(0);
}
await rm(join(dist, "wasm"), { recursive: true, force: true });
await rm(join(dist, "docs"), { recursive: true, force: true });
await rm(join(dist, "lessons"), { recursive: true, force: true });
await mkdir(join(dist, "wasm"), { recursive: true });
await mkdir(join(dist, "docs", "examples"), { recursive: true });
await Promise.all([
  build({
    ...options,
    entryPoints: {
      bertlet: "src/index.ts",
      worker: "src/worker/worker.ts",
      thread: "src/worker/engine/thread.ts",
      unzip: "src/worker/files/unzip.ts",
      onnx: "src/worker/onnx/onnx.ts",
      pack: "src/worker/take-away/pack.ts",
    },
    plugins: [workerBeside],
  }),
  build({
    ...options,
    platform: "node",
    entryPoints: [
      { in: "src/node/index.ts", out: "node" },
      { in: "src/node/worker-scope.ts", out: "node-worker" },
    ],
    plugins: [libraryBeside],
  }),
  build({
    ...options,
    platform: "node",
    entryPoints: [{ in: "cli/main.ts", out: "cli" }],
    plugins: [nodeBeside, libraryBeside, workbookBeside],
  }),
  build({
    ...options,
    entryPoints: [
      { in: "studio/main.ts", out: "studio" },
      { in: "studio/data/reading/workbook.ts", out: "workbook" },
      { in: "studio/data/workbook-writer.ts", out: "workbook-writer" },
      { in: "studio/data/project/unzip-project.ts", out: "unzip-project" },
      { in: "studio/data/records/records.ts", out: "records" },
      { in: "studio/data/split-worker.ts", out: "split" },
      { in: "studio/styles/studio.css", out: "studio" },
    ],
    plugins: [libraryBeside, workbookBeside],
  }),
  build({
    ...options,
    entryPoints: [
      { in: "starters/starters.ts", out: "starters" },
      { in: "starters/starters.css", out: "starters" },
    ],
    plugins: [libraryBeside],
  }),
  build({
    ...options,
    entryPoints: [{ in: "service-worker/register.ts", out: "register-service-worker" }],
  }),
  build({
    ...options,
    entryPoints: {
      element: "element/element.ts",
      embed: "element/embed.ts",
      scorm: "element/scorm.ts",
      ...TAG_PARTS,
    },
    plugins: [libraryBeside, tagBeside],
  }),
  ...putWasm(),
  build({
    ...options,
    entryPoints: [
      { in: "docs/docs.ts", out: "docs/docs" },
      { in: "docs/docs.css", out: "docs/docs" },
      { in: "docs/rows.ts", out: "docs/examples/rows" },
      { in: "docs/api/api.ts", out: "docs/api" },
      { in: "docs/api/api.css", out: "docs/api" },
    ],
  }),
  build({
    ...options,
    entryPoints: [
      { in: "lessons/lessons.ts", out: "lessons/lessons" },
      { in: "lessons/front.ts", out: "lessons/front" },
      { in: "lessons/lessons.css", out: "lessons/lessons" },
    ],
  }),
  writeLessons(join(dist, "lessons")),
  cp(join(web, "docs", "examples"), join(dist, "docs", "examples"), { recursive: true }),
  apiPage().then((page) => writeFile(join(dist, "docs", "api.html"), page)),
  docsPage().then((page) => writeFile(join(dist, "docs", "index.html"), page)),
  cp(join(web, "bertlet.d.ts"), join(dist, "bertlet.d.ts")),
  cp(join(web, "service-worker.d.ts"), join(dist, "service-worker.d.ts")),
  cp(join(web, "element.d.ts"), join(dist, "element.d.ts")),
  cp(join(web, "studio", "index.html"), join(dist, "index.html")),
  cp(join(web, "starters", "starters.html"), join(dist, "starters.html")),
  cp(join(web, "element", "embed.html"), join(dist, "embed.html")),
  cp(join(web, "studio", "sample"), join(dist, "sample"), { recursive: true }),
]);
await listLibrary();
await writeFile(join(dist, "licences.html"), asPage(await works(web, Object.values(inputs).flat())));
await mkdir(dirname(BUNDLED), { recursive: true });
await writeFile(BUNDLED, JSON.stringify(inputs));
// Last, since it knows the version of all the others.
await build({
  ...options,
  format: "iife",
  define: { SITE_VERSION: JSON.stringify(await siteVersion()) },
  entryPoints: [{ in: "service-worker/service-worker.ts", out: "service-worker" }],
});

/** A hash of every file of the site but the checkpoints. */
async function siteVersion() {
  const hash = createHash("sha256");
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name !== "service-worker.js")
    .map((entry) => relative(dist, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((name) => !name.startsWith(`models${sep}`))
    .sort();
  for (const name of files) hash.update(`${name}\n`).update(await readFile(join(dist, name)));
  return hash.digest("hex").slice(0, 16);
}
