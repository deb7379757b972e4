// The worker of one library: loads its file, which the address names, and answers the page's messages in order.

import "./wasm-memory.ts";
import type { Contender } from "./contender.ts";
import { type Ask, Stand } from "./runner.ts";

const file = new URLSearchParams(location.search).get("library");
const stand = import(new URL(`./libraries/${file}.js`, import.meta.url).href).then(
  ({ peer }: { peer: Contender }) => new Stand(peer),
);

addEventListener("message", async ({ data }: MessageEvent<Ask>) => {
  try {
    postMessage({ value: await (await stand).answer(data) });
  } catch (error) {
    postMessage({ error: error instanceof Error ? `${error.stack}` : String(error) });
  }
});
