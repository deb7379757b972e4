// A static server on 127.0.0.1 for the tests: the built site in a sub-folder, the reference data, and a
// test's own answers. Records every request. Writes nothing.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { extname, join, normalize } from "node:path";

/** npm runs the tests in web/. */
export const root = join(process.cwd(), "..");
/** The default checkpoint as it was published, which the site has in int8; `cargo xtask` says where it is. */
const CHECKPOINT = process.env.BERTLET_MODEL ?? join(homedir(), ".cache/bertlet/models/all-MiniLM-L6-v2");
const FOLDERS = {
  "data/": join(root, "tests/reference/data"),
  "models/published/": CHECKPOINT,
  "": join(root, "web/dist"),
};
const BASE = "/some/sub/folder/";

export const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".csv": "text/csv",
};

/** An empty page with the library on `window.bertlet`. */
const HARNESS = `<!doctype html><title>bertlet</title><link rel="icon" href="data:,">
<script type="module">import * as bertlet from "./bertlet.js"; window.bertlet = bertlet;</script>`;

export type Answer = (response: ServerResponse) => void;

export interface Site {
  origin: string;
  /** The site's folder, with a "/" at the end. */
  base: string;
  /** Paths of all requests so far, in their order. */
  requests: string[];
  /** Bodies that were sent whole: of answers with 200, in their order. */
  sent: { path: string; bytes: number }[];
  /** Answers requests of `path`, below the base, in place of a file. */
  answer(path: string, answer: Answer): void;
  /** Headers besides, by the path below the base. */
  headersOf: (path: string) => Record<string, string>;
  /** Has every worker of the library run `script` first. */
  beforeWorkers(script: string): void;
  close(): Promise<void>;
}

/** With `validators`, files have an ETag, as on most static hosts, and are not sent again to who has them. */
export async function serve({ isolated = false, validators = false } = {}): Promise<Site> {
  const answers = new Map<string, Answer>([
    ["harness.html", (response) => send(response, 200, ".html", HARNESS)],
  ]);
  const requests: string[] = [];
  const sent: Site["sent"] = [];
  let first = "";
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
    requests.push(request.method === "HEAD" ? `HEAD ${path}` : path);
    if (isolated) {
      response.setHeader("cross-origin-opener-policy", "same-origin");
      response.setHeader("cross-origin-embedder-policy", "require-corp");
    }
    response.on("finish", () => {
      const bytes = Number(response.getHeader("content-length") ?? 0);
      if (request.method !== "HEAD" && response.statusCode === 200) sent.push({ path, bytes });
    });
    const name = path.startsWith(BASE) ? normalize(path.slice(BASE.length) || "index.html") : "..";
    for (const [header, value] of Object.entries(site.headersOf(name))) response.setHeader(header, value);
    const answer = answers.get(name);
    if (answer !== undefined) {
      answer(response);
      return;
    }
    const [prefix, folder] = Object.entries(FOLDERS).find(([start]) => name.startsWith(start)) as [
      string,
      string,
    ];
    const file = name.startsWith("..") ? undefined : join(folder, name.slice(prefix.length));
    const bytes = file && (await readFile(file).catch(() => undefined));
    if (bytes === undefined || bytes === "")
      send(response, 404, ".html", "<!doctype html><h1>not found</h1>");
    else {
      const body = name === "worker.js" ? first + bytes : bytes;
      const etag = `"${createHash("sha256").update(body).digest("hex")}"`;
      if (validators) response.setHeader("etag", etag);
      if (validators && request.headers["if-none-match"] === etag) response.writeHead(304).end();
      else send(response, 200, extname(name), body);
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const site: Site = {
    origin,
    base: origin + BASE,
    requests,
    sent,
    headersOf: () => ({}),
    answer: (path, answer) => answers.set(path, answer),
    beforeWorkers: (script) => {
      first = script;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
  return site;
}

export function send(
  response: ServerResponse,
  status: number,
  extension: string,
  body: string | Buffer,
): void {
  response.writeHead(status, {
    "content-type": TYPES[extension] ?? "application/octet-stream",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

/** Sends the headers and the first bytes, then nothing until the browser gives up. */
export function stall(body: Buffer, length: number): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": length });
    response.write(body);
  };
}
