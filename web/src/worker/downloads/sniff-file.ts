// Takes the first bytes of a file; throws where the file plainly is something else than its name says. Judges
// by content alone. Twin of crate/src/checkpoint/sniff.rs: tests/reference/sniff.json holds both.

import { BertletError } from "../../shared/errors.ts";
import type { FileKind } from "./file-kinds.ts";

/** What a file begins like; "expected" is anything that the engine's own readers decide on. */
export type FileContent = "expected" | "pickle" | "web-page" | "git-lfs";

/** Bytes that are enough to recognize a web page, an LFS pointer or a pickle. */
export const HEAD_BYTES = 1024;

const HTML = /^<(!doctype html|html|head|body)[\s>]/i;
/** How pages and servers' error documents begin beside that; no vocabulary does. */
const MARKUP = /^<(!--|\?xml|!doctype|script|title|meta|svg|error>)/i;

/** Where a fetched file came from: its address, and the content type that the server gave it. */
export interface Fetched {
  url: string;
  type: string;
}

export function sniffFile(kind: FileKind, head: Uint8Array, fetched?: Fetched): void {
  const url = fetched?.url;
  const content = contentOf(kind, head);
  switch (content === "expected" && isMarkup(kind, head, fetched) ? "web-page" : content) {
    case "expected":
      if (fetched !== undefined) checkBeginning(kind, head, fetched);
      return;
    case "pickle":
      throw new BertletError(
        "pickle-refused",
        `${kind.name}: expected safetensors, found a Python pickle, which can run code and is never opened`,
        "convert it once in Python: model.save_pretrained(folder, safe_serialization=True)",
      );
    case "web-page":
      throw new BertletError(
        url === undefined ? kind.code : "fetch-failed",
        `${kind.name}: expected the file${url === undefined ? "" : ` at ${url}`}, found a web page`,
        url === undefined
          ? "an error page was saved under this name: download the file again"
          : "the server answers with a page where it has no such file: check the address",
      );
    case "git-lfs":
      throw new BertletError(
        kind.code,
        `${kind.name}: expected the file, found a Git LFS pointer to it`,
        "run `git lfs pull` in the checkpoint's folder, or download the file itself",
      );
  }
}

/** Some servers say with a text, with nothing or with another JSON, and all the same with HTTP 200, that they lack a file. */
function checkBeginning({ name, begins }: FileKind, head: Uint8Array, { url }: Fetched): void {
  const start = startOf(head);
  if (begins === undefined || start.startsWith(begins)) return;
  throw new BertletError(
    "fetch-failed",
    `${name}: expected JSON that begins with ${begins} at ${url}, found ${JSON.stringify(start.slice(0, 40))}`,
    "the server answers so where it has no such file: check the address",
  );
}

/**
 * Whether a text file is markup, as what a single-page app's server answers for any file that it lacks. A vocabulary
 * may begin with a token such as <s>; JSON begins with no "<". A page may begin with its text.
 */
function isMarkup(kind: FileKind, head: Uint8Array, fetched: Fetched | undefined): boolean {
  const start = startOf(head);
  const typed = /\b(html|xml)\b/i.test(fetched?.type ?? "");
  const json = kind.name.endsWith(".json") && (kind.name !== "tokenizer.json" || kind.begins !== undefined);
  if (json && typed && !/^[[{]/.test(start)) return true;
  if (!start.startsWith("<") || (kind.code === "bad-weights" && isSafetensors(head))) return false;
  return json || MARKUP.test(start) || typed;
}

function startOf(head: Uint8Array): string {
  return new TextDecoder().decode(head).trimStart();
}

/** Tells a file's content by its first bytes. */
export function contentOf(kind: FileKind, head: Uint8Array): FileContent {
  const weights = kind.code === "bad-weights";
  if (weights && isSafetensors(head)) return "expected";
  if (weights && isPickle(head)) return "pickle";
  const text = new TextDecoder().decode(head.subarray(0, 256));
  if (text.startsWith("version https://git-lfs")) return "git-lfs";
  const start = text.trimStart();
  // A vocabulary may begin with a token such as <s>; weights begin with no "<" but a page's.
  if (HTML.test(start) || (weights && start.startsWith("<"))) return "web-page";
  return "expected";
}

/**
 * A header's length, below 4 GiB and little-endian, then its brace. The length's bytes may spell a pickle's
 * beginning.
 */
function isSafetensors(head: Uint8Array): boolean {
  return [4, 5, 6, 7].every((at) => head[at] === 0) && head[8] === 0x7b;
}

/** A bare pickle of protocols 2 to 5, or one in a zip archive, as torch.save writes it. */
function isPickle([b0, b1, b2, b3]: Uint8Array): boolean {
  const bare = b0 === 0x80 && b1 !== undefined && b1 >= 2 && b1 <= 5;
  const zip = b0 === 0x50 && b1 === 0x4b && b2 === 0x03 && b3 === 0x04;
  return bare || zip;
}
