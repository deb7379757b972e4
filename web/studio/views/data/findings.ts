/**
 * Takes the data report, and labels that look alike; gives notices.
 */
import type { Finding, LabelledText, RowPlace } from "../../../src/index.ts";
import { joinAlike, takeApart } from "../../actions/dataset.ts";
import { removeExamples } from "../../actions/examples.ts";
import { labelsOf, type Parts } from "../../data/parts.ts";
import { spelledOut } from "../../data/reading/look-alikes.ts";
import { shortened } from "../../data/rows.ts";
import { surplus } from "../../data/surplus.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { isolated } from "../../i18n/isolated.ts";
import type { Notice } from "../../i18n/messages.ts";
import type { DataState, Inspection } from "../../state/data.ts";
import type { Store } from "../../state/store.ts";
import { goToLabel } from "../bench/go-to-label.ts";

const EXAMPLES = 20;

/** One notice per finding, with a button that mends it where the page can. */
export function noticesOf(store: Store, t: Dictionary, { report, parts }: Inspection): Notice[] {
  return (report?.findings ?? []).map((finding) => ({
    level: finding.severity,
    text: (words) => words.findings[finding.code].found(finding),
    advice: (words) => words.findings[finding.code].advice,
    details: detailsOf(t, finding, parts),
    action: remedyOf(store, finding, parts),
  }));
}

function remedyOf(store: Store, { code, examples, labels }: Finding, parts: Parts): Notice["action"] {
  const named = (key: keyof Dictionary["bench"]["remedies"], run: () => void): Notice["action"] => ({
    id: `remedy-${code}`,
    text: (t) => t.bench.remedies[key],
    run,
  });
  const goTo = (step: "bench" | "load", id = ""): void => {
    location.hash = step;
    setTimeout(() => document.querySelector<HTMLElement>(id || "h1")?.focus());
  };
  switch (code) {
    case "duplicate":
    case "near-duplicate":
    case "leakage":
      return named(code, () => removeExamples(store, surplus(store.state.data.examples, code)));
    case "conflicting-labels": {
      const [place] = examples;
      const text = place && parts[place.split][place.row]?.text;
      if (text === undefined) return undefined;
      return named(code, () => {
        store.patch("bench", { search: text });
        goTo("bench", "#bench-search");
      });
    }
    case "few-rows":
    case "imbalance": {
      const [few] = [...labels].sort((a, b) => a.rows - b.rows);
      if (few === undefined) return undefined;
      return named(code, () => {
        location.hash = "bench";
        goToLabel(store, few.label);
      });
    }
    case "unknown-tokens":
      return named(code, () => goTo("load"));
    default:
      return undefined;
  }
}

/** Labels that look alike, with a button that joins them; and what was joined, with one that takes it back. */
export function alikeNotices(store: Store, { alike, joins }: DataState): Notice[] {
  const notices: Notice[] = [];
  if (alike.length > 0) {
    const spellings = alike.reduce((sum, group) => sum + group.length, 0);
    notices.push({
      level: "warning",
      text: (t) => t.rows.alike(spellings, alike.length),
      advice: (t) => t.rows.alikeHelp,
      details: alike
        .slice(0, EXAMPLES)
        .map((group) =>
          group.map(({ label, rows }) => `“${isolated(spelledOut(label))}” ${rows}`).join(" = "),
        ),
      action: { id: "join-alike", text: (t) => t.rows.join, run: () => joinAlike(store) },
    });
  }
  if (joins.size > 0)
    notices.push({
      level: "note",
      text: (t) => t.rows.joinedTo(joins.size),
      details: [...joins]
        .slice(0, EXAMPLES)
        .map(([label, to]) => `“${isolated(spelledOut(label))}” → “${isolated(spelledOut(to))}”`),
      action: { id: "take-apart", text: (t) => t.rows.apart, run: () => takeApart(store) },
    });
  return notices;
}

function detailsOf(t: Dictionary, { examples, labels }: Finding, parts: Parts): string[] {
  const name = ({ split, row }: RowPlace): string => t.data.place(t.roles[split], row + 1);
  const named = (row: LabelledText | undefined): string => (row ? t.rowKinds.list(labelsOf(row)) : "");
  return [
    ...labels.map(({ label, rows }) => `${isolated(label)}: ${rows}`),
    ...examples.map((place) => {
      const row = parts[place.split][place.row];
      const like = place.like && parts[place.like.split][place.like.row];
      const other = like && named(like) !== named(row) ? ` (${named(like)})` : "";
      const as = place.like ? ` ${t.data.asIn(name(place.like))}${other}` : "";
      return `${name(place)}: ${isolated(shortened(row?.text ?? ""))} → ${named(row)}${as}`;
    }),
  ];
}
