// Builds dist/ from src/, studio/ and wasm/. Writes only its own files: dist/models/ is the caller's.
// Names in dist/ are fixed, since bertlet.js looks for worker.js, and that for the wasm binary, in its own folder.

import { access, cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const dist = join(web, "dist");
const wasm = join(web, "wasm", "bertlet_wasm_bg.wasm");

await access(wasm).catch(() => {
  console.error(`expected ${wasm}, found none: build the whole site with \`cargo xtask build\``);
  process.exit(1);
});
await mkdir(dist, { recursive: true });

/** The page uses the library as everyone does: as bertlet.js beside it, not a second copy inside. */
const libraryBeside = {
  name: "library-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/src\/index\.ts$/ }, () => ({ path: "./bertlet.js", external: true }));
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

await Promise.all([
  build({ ...options, entryPoints: { bertlet: "src/index.ts", worker: "src/worker.ts" } }),
  build({
    ...options,
    entryPoints: [
      { in: "studio/main.ts", out: "studio" },
      { in: "studio/studio.css", out: "studio" },
    ],
    plugins: [libraryBeside],
  }),
  cp(wasm, join(dist, "bertlet_wasm_bg.wasm")),
  cp(join(web, "bertlet.d.ts"), join(dist, "bertlet.d.ts")),
  cp(join(web, "studio", "index.html"), join(dist, "index.html")),
  cp(join(web, "studio", "sample"), join(dist, "sample"), { recursive: true }),
]);
