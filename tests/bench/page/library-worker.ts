// The worker of one library: loads its file, which the address names, and answers the page's messages in
// order.

import "./wasm-memory.ts";
import type { Contender } from "./contender.ts";
import { type Request, Runner } from "./runner.ts";

const file = new URLSearchParams(location.search).get("library");
const runner = import(new URL(`./libraries/${file}.js`, import.meta.url).href).then(
  ({ library }: { library: Contender }) => new Runner(library),
);

addEventListener("message", async ({ data }: MessageEvent<Request>) => {
  try {
    postMessage({ value: await (await runner).answer(data) });
  } catch (error) {
    postMessage({ error: error instanceof Error ? `${error.stack}` : String(error) });
  }
});
