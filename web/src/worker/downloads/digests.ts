// The SHA-256 that the page expects of files, by their names: each file is held to its own, and each must be read.

import { BertletError } from "../../shared/errors.ts";
import { hexOf, sha256 } from "../storage/digest.ts";
import type { FileKind } from "./file-kinds.ts";

export class Digests {
  readonly #expected: Record<string, string>;
  readonly #unread: Set<string>;

  constructor(expected: Record<string, string>) {
    this.#expected = expected;
    this.#unread = new Set(Object.keys(expected));
  }

  async check({ name, code }: FileKind, bytes: Uint8Array): Promise<void> {
    if (!this.#unread.delete(name)) return;
    const [expected, found] = [this.#expected[name]?.toLowerCase(), hexOf(await sha256(bytes))];
    if (found === expected) return;
    throw new BertletError(
      code === "bad-weights" ? code : "fetch-failed",
      `${name}: expected the SHA-256 ${expected}, found ${found}`,
      "the file is another one, or was changed on its way: check the source, and the revision",
    );
  }

  /** A digest that was compared with no file protects nothing. */
  checkAllRead(): void {
    const [name] = this.#unread;
    if (name === undefined) return;
    throw new BertletError(
      "bad-option",
      `load: option sha256 names ${name}, which the source does not have, or which was not read`,
      "name the files as they are in the folder",
    );
  }
}
