/**
 * The name by which a tag's trained model is kept in this browser.
 */
import type { LabelledText } from "../src/index.ts";
import { BertletError } from "../src/shared/errors.ts";
import type { Settings } from "./attributes.ts";

/**
 * Of the tags of a site, those of one source, one set of labels and one file of rows, or the same rows, share a kept model. A
 * tag without labels and rows has its own, by its page and its `id` or name there.
 */
export async function keptName(
  { src, adapter, labels, rows }: Settings,
  given: readonly LabelledText[] | undefined,
  named: string,
): Promise<string> {
  const { subtle } = globalThis.crypto;
  if (subtle === undefined) throw new BertletError("no-storage", "only pages on https keep models");
  const lesson = given ?? rows;
  const place = lesson === undefined && labels === undefined ? [location.pathname, named] : [];
  const of = JSON.stringify([src, adapter, labels, lesson, ...place]);
  const digest = new Uint8Array(await subtle.digest("SHA-256", new TextEncoder().encode(of)));
  return `tag ${Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
