// Takes the beginning of a file; throws where it plainly is something else than its name says.
// Judges by content alone, since servers and people name files as they like.

import { BertletError } from "../shared/errors.ts";
import type { FileKind } from "./file-kinds.ts";

/** `url` is where it came from, if it was fetched. */
export function sniffFile(kind: FileKind, head: Uint8Array, url?: string): void {
  if (kind.code === "bad-weights" && isPickle(head)) {
    throw new BertletError(
      "pickle-refused",
      `${kind.name}: expected safetensors, found a Python pickle, which can run code and is never opened`,
      "convert it once in Python: model.save_pretrained(folder, safe_serialization=True)",
    );
  }
  const start = new TextDecoder().decode(head.subarray(0, 256)).trimStart();
  if (/^<(!doctype html|html|head|body)[\s>]/i.test(start)) {
    throw new BertletError(
      url === undefined ? kind.code : "fetch-failed",
      `${kind.name}: expected the file${url === undefined ? "" : ` at ${url}`}, found a web page`,
      url === undefined
        ? "an error page was saved under this name: download the file again"
        : "the server answers with a page where it has no such file: check the address",
    );
  }
  if (start.startsWith("version https://git-lfs.github.com/spec/")) {
    throw new BertletError(
      kind.code,
      `${kind.name}: expected the file, found a Git LFS pointer to it`,
      "run `git lfs pull` in the checkpoint's folder, or download the file itself",
    );
  }
}

/** torch's zip archives, and bare pickles of protocols 2 to 5. */
function isPickle(head: Uint8Array): boolean {
  const [b0, b1, b2, b3, b4, b5, b6, b7, b8] = head;
  const pickle = b0 === 0x80 && b1 !== undefined && b1 >= 2 && b1 <= 5;
  const zip = b0 === 0x50 && b1 === 0x4b && b2 === 0x03 && b3 === 0x04;
  // A safetensors header's length may begin with the same bytes; its "{" follows.
  const safetensors = b4 === 0 && b5 === 0 && b6 === 0 && b7 === 0 && b8 === 0x7b;
  return (pickle || zip) && !safetensors;
}
