/**
 * The number of rows of each label, and the split into train, dev and test. Part of step 2's view.
 */
import { SPLIT } from "../../../src/shared/defaults.ts";
import { setSplitSeed } from "../../actions/dataset.ts";
import { holdOutSome } from "../../actions/pasting.ts";
import { countLabels, type Parts } from "../../data/parts.ts";
import { SAMPLE_SHARES } from "../../data/split.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { DataState } from "../../state/data.ts";
import { barTable } from "../../widgets/bars.ts";
import { field, h } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

/** Rows of the bench of which some may be held out. */
export const FEWEST_TO_SPLIT = 20;
const LABELS_SHOWN = 12;
/** Labels that are listed at all: a column of texts has as many as rows. */
const MOST_LABELS = 500;

export function labelBars(t: Dictionary, parts: Parts): HTMLElement {
  const counts = countLabels([...parts.train, ...parts.dev, ...parts.test]);
  let most = 0;
  for (const rows of counts.values()) most = Math.max(most, rows);
  const bars = parts.labels.map((name) => ({
    name,
    value: String(counts.get(name) ?? 0),
    share: (counts.get(name) ?? 0) / most,
  }));
  const table = (some: typeof bars): HTMLElement =>
    barTable(t.data.labelsCaption, t.data.label, t.data.rows, some);
  return h(
    "div",
    {},
    table(bars.slice(0, LABELS_SHOWN)),
    bars.length > LABELS_SHOWN &&
      h(
        "details",
        { id: "more-labels" },
        h("summary", {}, t.data.moreLabels(bars.length - LABELS_SHOWN)),
        table(bars.slice(LABELS_SHOWN, MOST_LABELS)),
        bars.length > MOST_LABELS &&
          h("p", { class: "help" }, t.data.labelsNotShown(bars.length - MOST_LABELS)),
      ),
  );
}

/** Shares of train, dev and test where the page splits a single file. */
function percentages({ dev, test }: { dev: number; test: number }): [number, number, number] {
  return [1 - dev - test, dev, test].map((share) => Math.round(share * 100)) as [number, number, number];
}

/** The three parts as one bar, with the seed of the split if the page made it. */
export function splitBar({ store, t }: Studio, data: DataState, parts: Parts): HTMLElement {
  const sizes = { train: parts.train.length, dev: parts.dev.length, test: parts.test.length };
  const bar = h("div", { class: "split", "aria-hidden": "true" });
  for (const [name, size] of Object.entries(sizes)) {
    const piece = h("span", { class: `split-${name}` });
    piece.style.flexGrow = String(size);
    if (size > 0) bar.append(piece);
  }
  const seed = h("input", {
    type: "number",
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    step: 1,
    value: data.splitSeed,
    onchange: () => {
      if (seed.validity.valid && seed.value !== "") setSplitSeed(store, Number(seed.value));
    },
  });
  return h(
    "div",
    {},
    bar,
    h(
      "ul",
      { class: "split-key" },
      ...(["train", "dev", "test"] as const).map((part) =>
        h(
          "li",
          {},
          h("span", { class: `swatch split-${part}`, "aria-hidden": "true" }),
          h(
            "span",
            {},
            h("strong", {}, `${t.roles[part]} ${sizes[part]}`),
            " ",
            h("span", { class: "help" }, t.data.partHelp[part]),
          ),
        ),
      ),
    ),
    data.edits.own.length >= FEWEST_TO_SPLIT &&
      sizes.dev + sizes.test === 0 &&
      h(
        "div",
        {},
        h(
          "button",
          { type: "button", id: "hold-out", onclick: () => void holdOutSome(store) },
          t.bench.remedies.holdOut,
        ),
        h("p", { class: "help" }, t.bench.remedies.holdOutHelp),
      ),
    data.files.length === 1 &&
      h(
        "div",
        { class: "stack" },
        h(
          "p",
          {},
          h(
            "button",
            { type: "button", id: "shuffle", onclick: () => setSplitSeed(store, data.splitSeed + 1) },
            t.data.shuffle,
          ),
        ),
        field(
          "split-seed",
          t.data.seed,
          seed,
          t.data.seedHelp(...percentages(data.sample ? SAMPLE_SHARES : SPLIT)),
        ),
      ),
  );
}
