// The benchmark's site: the tests' server, cross-origin isolated, with the bundled pages and the other
// libraries' wasm files beside bertlet. bertlet's worker loads wasm-memory.ts, gpu-counters.ts and
// timestamps.ts first. Writes nothing.

import { readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { root, type Site, send, serve } from "../../support/serve.ts";

/** Where web/bench.mjs bundles ../page and ../libraries to: a folder beside this program. */
const BUNDLES = join(import.meta.dirname, "page");
const PACKAGES = join(root, "tests/bench/node_modules");
/** Wasm files and their loaders, which the libraries fetch from their own folder. */
const FETCHED = ["onnxruntime-web/dist", "@tensorflow/tfjs-backend-wasm/dist"];

const PAGE = `<!doctype html><title>bench</title><link rel="icon" href="data:,">
<script type="module" src="./page.js"></script>`;

export async function benchSite(): Promise<Site> {
  const site = await serve({ isolated: true });
  site.answer("bench.html", (response) => send(response, 200, ".html", PAGE));
  const file = (path: string, from: string) =>
    site.answer(path, (response) =>
      send(response, 200, extname(from).replace(".mjs", ".js"), readFileSync(from)),
    );
  for (const name of readdirSync(BUNDLES, { recursive: true, encoding: "utf8" })) {
    if (name.endsWith(".js")) file(name, join(BUNDLES, name));
  }
  const worker = `import "./wasm-memory.js";\nimport "./gpu-counters.js";\nimport "./timestamps.js";\n${readFileSync(join(root, "web/dist/worker.js"), "utf8")}`;
  site.answer("worker.js", (response) => send(response, 200, ".js", worker));
  for (const folder of FETCHED) {
    for (const name of readdirSync(join(PACKAGES, folder))) {
      if (name.includes("wasm") && /\.(wasm|mjs)$/.test(name))
        file(`libraries/${basename(name)}`, join(PACKAGES, folder, name));
    }
  }
  return site;
}
