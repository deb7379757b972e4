// Finds rows whose text came before: takes labelled rows one after another, split by split. Keeps the key of
// each text and the place of its first row.

import type { RowPlace } from "../../../bertlet.d.ts";
import type { Text } from "../../shared/messages.ts";
import { textKey } from "../../shared/text-key.ts";

export type DuplicateKind = "duplicate" | "near-duplicate" | "leakage" | "conflicting-labels";

interface First {
  place: RowPlace;
  label: string;
  /** The first row with this text in the current split. */
  inSplit: RowPlace;
}

export class DuplicateFinder {
  readonly #firsts = new Map<string, First>();
  /** The exact texts of the current split. */
  readonly #exact = new Set<string>();
  #split: RowPlace["split"] | undefined;

  /** What the row repeats, with the earlier row. The rows of a split must come together. */
  add(text: Text, label: string, place: RowPlace): [DuplicateKind, RowPlace][] {
    if (place.split !== this.#split) this.#exact.clear();
    this.#split = place.split;
    const exact = typeof text === "string" ? text : text.join("\0");
    const known = this.#exact.has(exact);
    this.#exact.add(exact);
    const key = textKey(text);
    const first = this.#firsts.get(key);
    if (first === undefined) {
      this.#firsts.set(key, { place, label, inSplit: place });
      return [];
    }
    const found: [DuplicateKind, RowPlace][] = [];
    if (first.place.split !== place.split) found.push(["leakage", first.place]);
    if (first.label !== label) found.push(["conflicting-labels", first.place]);
    else if (first.inSplit.split === place.split) {
      found.push([known ? "duplicate" : "near-duplicate", first.inSplit]);
    }
    if (first.inSplit.split !== place.split) first.inSplit = place;
    return found;
  }
}
