// A Hub for tests on two ports of 127.0.0.1: one answers as huggingface.co does, with its headers and descriptions;
// the other is the host that it sends large files from. Records every request of both. Speaks to nobody.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HubRepository {
  files: Record<string, Buffer>;
  /** Which revisions there are; `main` stands for the first commit. */
  revisions?: string[];
  gated?: boolean;
  license?: string;
}

export interface Hub {
  /** Its address, without a "/" at the end. */
  origin: string;
  /** The host of large files. */
  cdn: string;
  models: Record<string, HubRepository>;
  /** "METHOD path" of all requests so far, to either host. */
  requests: string[];
  /** Whether it describes models; some mirrors do not. */
  describes: boolean;
  /** Bytes of a large file after which its host goes silent. */
  stallsAfter: number;
  close(): Promise<void>;
}

/** Opens the gated models. */
export const TOKEN = "hf_token";
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const EXPOSED =
  "X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Linked-Size,ETag,Link,Accept-Ranges";

export async function serveHub(models: Record<string, HubRepository>): Promise<Hub> {
  const cdn = await listen((request, response) => {
    const token = request.headers.authorization === undefined ? "" : " with a token";
    hub.requests.push(`${request.method} cdn ${request.url}${token}`);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    const [, id, name] = /^\/blob\/(.*?)\/-\/(.*)$/.exec(decodeURIComponent(pathname)) ?? [];
    const file = hub.models[id ?? ""]?.files[name ?? ""];
    // Signed for the method GET: a HEAD is refused, as by S3.
    const signed = searchParams.get("X-Amz-Signature") === "abc" && request.method === "GET";
    response.setHeader("access-control-allow-origin", "*");
    if (file === undefined || !signed) {
      response.writeHead(403).end();
      return;
    }
    response.writeHead(200, { "content-length": file.length });
    if (hub.stallsAfter < file.length) response.write(file.subarray(0, hub.stallsAfter));
    else response.end(file);
  });
  const main = await listen((request, response) => answer(hub, request, response));
  const hub: Hub = {
    origin: origin(main),
    cdn: origin(cdn),
    models,
    requests: [],
    describes: true,
    stallsAfter: Number.POSITIVE_INFINITY,
    close: async () => {
      for (const server of [main, cdn]) {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
      }
    },
  };
  return hub;
}

function answer(hub: Hub, request: IncomingMessage, response: ServerResponse): void {
  hub.requests.push(`${request.method} ${request.url}`);
  const path = new URL(request.url ?? "/", "http://x").pathname.slice(1);
  response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
  response.setHeader("access-control-expose-headers", EXPOSED);
  if (request.method === "OPTIONS") {
    response.setHeader("access-control-allow-headers", "authorization");
    response.writeHead(204).end();
    return;
  }
  const refuse = (status: number, code?: string): void => {
    if (code !== undefined) response.setHeader("x-error-code", code);
    response.writeHead(status, { "content-type": "text/plain" }).end(code ?? "Not Found");
  };
  const described = /^api\/models\/(.*)\/revision\/([^/]+)$/.exec(path);
  const [, id = "", encoded = "", name] = described ?? /^(.*?)\/resolve\/([^/]+)\/(.*)$/.exec(path) ?? [];
  const model = hub.models[id];
  if (described && !hub.describes) {
    refuse(404);
    return;
  }
  if (model === undefined) {
    refuse(401, "RepoNotFound");
    return;
  }
  const revision = decodeURIComponent(encoded);
  if (!["main", COMMIT, ...(model.revisions ?? [])].includes(revision)) {
    refuse(404, "RevisionNotFound");
    return;
  }
  if (described) {
    const siblings = Object.entries(model.files).map(([rfilename, { length: size }]) => ({
      rfilename,
      size,
    }));
    const card = model.license === undefined ? {} : { cardData: { license: model.license } };
    const body = JSON.stringify({ id, sha: COMMIT, gated: model.gated ? "auto" : false, siblings, ...card });
    response.writeHead(200, { "content-type": "application/json" }).end(body);
    return;
  }
  if (model.gated && request.headers.authorization !== `Bearer ${TOKEN}`) {
    refuse(401, "GatedRepo");
    return;
  }
  const file = model.files[decodeURIComponent(name ?? "")];
  if (file === undefined) {
    refuse(404, "EntryNotFound");
    return;
  }
  response.setHeader("x-repo-commit", COMMIT);
  if (/\.(safetensors|bin)$/.test(name ?? "")) {
    const location = `${hub.cdn}/blob/${id}/-/${name}?X-Amz-Expires=3600&X-Amz-Signature=abc`;
    response.writeHead(302, { location, "x-linked-size": file.length }).end();
    return;
  }
  response.writeHead(200, { "content-type": "text/plain", "content-length": file.length });
  response.end(request.method === "HEAD" ? undefined : file);
}

async function listen(serve: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(serve);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
