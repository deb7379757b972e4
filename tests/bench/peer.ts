// The worker of one peer: loads its file, which the address names, and answers the page's messages in order.

import "./memory.ts";
import type { Contender } from "./contender.ts";
import { type Ask, Stand } from "./stand.ts";

const file = new URLSearchParams(location.search).get("peer");
const stand = import(new URL(`./peers/${file}.js`, import.meta.url).href).then(
  ({ peer }: { peer: Contender }) => new Stand(peer),
);

addEventListener("message", async ({ data }: MessageEvent<Ask>) => {
  try {
    postMessage({ value: await (await stand).answer(data) });
  } catch (error) {
    postMessage({ error: error instanceof Error ? `${error.stack}` : String(error) });
  }
});
