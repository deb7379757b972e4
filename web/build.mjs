// Builds dist/ from src/, studio/, docs/ and wasm/. Writes only its own files: dist/models/ is the caller's.
// `node build.mjs NAME` adds one build of the wasm to a dist/ that is served already, and leaves the rest as it is.
// Names in dist/ are fixed, since bertlet.js looks for worker.js, and that for wasm/, in its own folder.

import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { apiPage } from "./docs/api/page.mjs";
import { docsPage } from "./docs/assemble.mjs";
import { writeLessons } from "./lessons/assemble.mjs";

const web = dirname(fileURLToPath(import.meta.url));
const dist = join(web, "dist");
const wasm = join(web, "wasm");

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

/** The reader of spreadsheets is a file of its own, which the page fetches with the first spreadsheet. */
const workbookBeside = {
  name: "workbook-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/workbook\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./workbook.js", external: true } : undefined,
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

if (added !== undefined) {
  await Promise.all(putWasm());
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
      thread: "src/worker/thread.ts",
      unzip: "src/worker/unzip.ts",
    },
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
    entryPoints: [
      { in: "studio/main.ts", out: "studio" },
      { in: "studio/data/workbook.ts", out: "workbook" },
      { in: "studio/data/split-worker.ts", out: "split" },
      { in: "studio/styles/studio.css", out: "studio" },
    ],
    plugins: [libraryBeside, workbookBeside],
  }),
  build({
    ...options,
    entryPoints: { element: "element/element.ts", ...TAG_PARTS },
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
  cp(join(web, "studio", "index.html"), join(dist, "index.html")),
  cp(join(web, "studio", "sample"), join(dist, "sample"), { recursive: true }),
]);
