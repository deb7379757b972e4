// Takes labelled rows one after another, split by split; finds those whose text came before. Keeps of each text its
// folded form and where it first stood.

import type { RowPlace } from "../../bertlet.d.ts";
import type { Text } from "../shared/messages.ts";
import { textKey } from "../shared/text-key.ts";

export type DuplicateKind = "duplicate" | "near-duplicate" | "leakage" | "conflicting-labels";

interface First {
  place: RowPlace;
  label: string;
  /** The row that was first in the split looked at. */
  inSplit: RowPlace;
}

export class DuplicateFinder {
  readonly #firsts = new Map<string, First>();
  /** Texts of the split looked at, letter by letter. */
  readonly #exact = new Set<string>();
  #split: RowPlace["split"] | undefined;

  /** What the row is, and the earlier row. Splits must come whole. */
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
