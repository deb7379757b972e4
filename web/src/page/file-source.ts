// Takes one file as a caller gives it: a URL, a Blob or bytes; gives what a message can carry, or throws
// `bad-option` with the file's name. Reads no file.

import { BertletError, describe } from "../shared/errors.ts";
import type { FileRequest } from "../shared/loading-requests.ts";

const EXPECTED = "a Blob, File, ArrayBuffer, Uint8Array, URL or URL string";

/** The tag of a value, by which objects of another frame pass, too. A revoked proxy has none of its own. */
export function tagOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    return "Proxy";
  }
}

export function isBlob(value: unknown): value is Blob {
  return ["Blob", "File"].includes(tagOf(value));
}

/** `name` names the file in errors, such as "load: source.config". */
export function fileOf(name: string, file: unknown): FileRequest {
  if (typeof file === "string" || tagOf(file) === "URL") {
    const url = absoluteUrl(name, file as string | URL).href;
    return { url };
  }
  try {
    return { bytes: bytesOf(file) };
  } catch (error) {
    if (error instanceof RangeError) {
      throw new BertletError("out-of-memory", `${name}: there is no memory for a copy: ${error.message}`);
    }
    if (!(error instanceof TypeError)) throw error;
    throw new BertletError(
      "bad-option",
      `${name} must be ${EXPECTED}, found ${describeFile(file)}`,
      "a detached buffer, or a proxy around a file, cannot be read: pass the file itself",
    );
  }
}

/** Throws a TypeError for anything else than readable bytes. */
function bytesOf(file: unknown): Blob | ArrayBuffer | Uint8Array {
  switch (tagOf(file)) {
    case "Blob":
    case "File":
      // A proxy of a Blob has no size of its own.
      void (file as Blob).size;
      return file as Blob;
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return privateBytes(new Uint8Array(file as ArrayBuffer));
    case "Uint8Array":
      return privateBytes(file as Uint8Array);
    default:
      throw new TypeError("no file");
  }
}

/**
 * Bytes on a buffer of their own. A view is copied, since a message carries the whole buffer behind it; bytes in
 * shared or resizable memory, since a text decoder refuses them.
 */
function privateBytes(bytes: Uint8Array): Uint8Array {
  const { buffer } = bytes;
  if ((buffer as { detached?: boolean }).detached === true) throw new TypeError("a detached buffer");
  const plain = tagOf(buffer) === "ArrayBuffer" && (buffer as { resizable?: boolean }).resizable !== true;
  return plain && bytes.byteLength === buffer.byteLength ? bytes : new Uint8Array(bytes);
}

function describeFile(file: unknown): string {
  return typeof file === "object" && file !== null ? `a ${tagOf(file)} that cannot be read` : describe(file);
}

/** An absolute URL without a name and password; relative ones are relative to the page. */
export function absoluteUrl(name: string, url: string | URL): URL {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  let text: string;
  try {
    text = String(url);
  } catch {
    const hint = "a proxy around a URL cannot be read: pass its href, or the URL itself";
    throw new BertletError("bad-option", `${name} must be a URL, found ${describeFile(url)}`, hint);
  }
  let absolute: URL;
  try {
    absolute = new URL(text, base);
  } catch {
    throw new BertletError(
      "bad-option",
      `${name} must be a URL, found ${describe(text)}`,
      base === undefined ? "there is no page here: pass an absolute URL, such as file:///..." : undefined,
    );
  }
  if (absolute.username === "" && absolute.password === "") return absolute;
  throw new BertletError(
    "bad-option",
    `${name} must be a URL without a name and password, which no browser fetches`,
    "for a model's files pass them by the option headers, as Authorization",
  );
}
