// Takes the source of a checkpoint or adapter; gives absolute URLs and bytes for the worker, or throws
// `bad-option`. Decides whether the Hub may be asked. Fetches nothing.

import type { AdapterFiles, CheckpointFiles, LoadOptions } from "../../bertlet.d.ts";
import { LOAD } from "../shared/defaults.ts";
import { BertletError, describe } from "../shared/errors.ts";
import type { AdapterRequest, CheckpointRequest, FileRequest } from "../shared/messages.ts";

const HUB = "https://huggingface.co/";
/** A Hub id, "name" or "owner/name". A folder's URL differs by a "/" at its start or end. */
const HUB_ID = /^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/;
const NAMES = ["config", "tokenizer", "tokenizerConfig", "weights"] as const;

export function checkpointOf(source: unknown, options: LoadOptions): CheckpointRequest {
  const hub = options.hub === true && typeof source === "string" && HUB_ID.test(source);
  if (options.revision !== undefined && !hub) {
    throw new BertletError(
      "bad-option",
      `load: option revision must come with hub: true and a Hub id, found the source ${describe(source)}`,
    );
  }
  if (hub) {
    const revision = encodeURIComponent(options.revision ?? LOAD.revision);
    return { folder: `${HUB}${source}/resolve/${revision}/` };
  }
  if (typeof source === "string") return { folder: absolute("source", source.replace(/\/?$/, "/")) };
  if (typeof source !== "object" || source === null || Array.isArray(source)) {
    throw new BertletError(
      "bad-option",
      `load: source must be a folder URL or { config, tokenizer, weights }, found ${describe(source)}`,
    );
  }
  const other = Object.keys(source).find((name) => !(NAMES as readonly string[]).includes(name));
  if (other !== undefined) {
    throw new BertletError(
      "bad-option",
      `load: source has no file ${JSON.stringify(other)}; it takes ${NAMES.join(", ")}`,
    );
  }
  const files = source as CheckpointFiles;
  const request: CheckpointRequest = {
    config: fileOf("config", files.config),
    tokenizer: fileOf("tokenizer", files.tokenizer),
    weights: fileOf("weights", files.weights),
  };
  if (files.tokenizerConfig !== undefined) {
    request.tokenizerConfig = fileOf("tokenizerConfig", files.tokenizerConfig);
  }
  return request;
}

/** As `checkpointOf`, for a peft folder, which has no Hub id. */
export function adapterOf(source: unknown): AdapterRequest {
  if (typeof source === "string") {
    return { folder: absolute("source", source.replace(/\/?$/, "/"), "addAdapter") };
  }
  const known = ["config", "weights"];
  if (
    typeof source !== "object" ||
    source === null ||
    !known.every((name) => name in source) ||
    !Object.keys(source).every((name) => known.includes(name))
  ) {
    throw new BertletError(
      "bad-option",
      `addAdapter: source must be a folder URL or { config, weights }, found ${describe(source)}`,
    );
  }
  const files = source as AdapterFiles;
  return {
    config: fileOf("config", files.config, "addAdapter"),
    weights: fileOf("weights", files.weights, "addAdapter"),
  };
}

function fileOf(name: string, file: unknown, call = "load"): FileRequest {
  if (typeof file === "string") return { url: absolute(`source.${name}`, file, call) };
  // Told by their tag, so that objects of another frame pass.
  switch (Object.prototype.toString.call(file)) {
    case "[object Blob]":
    case "[object File]":
      return { bytes: file as Blob };
    case "[object ArrayBuffer]":
      return { bytes: file as ArrayBuffer };
    case "[object Uint8Array]": {
      const bytes = file as Uint8Array;
      // A view is copied, since a message carries the whole buffer behind it.
      return { bytes: bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice() };
    }
    default:
      throw new BertletError(
        "bad-option",
        `${call}: source.${name} must be a Blob, File, ArrayBuffer, Uint8Array or URL string, found ${describe(file)}`,
      );
  }
}

function absolute(name: string, url: string, call = "load"): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(url, base).href;
  } catch {
    throw new BertletError("bad-option", `${call}: ${name} must be a URL, found ${describe(url)}`);
  }
}
