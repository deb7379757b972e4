/**
 * Takes the data report; gives its findings as notices.
 */
import type { Finding, LabelledText, RowPlace } from "../../../src/index.ts";
import { labelsOf, type Parts } from "../../data/parts.ts";
import { shortened } from "../../data/rows.ts";
import type { Dictionary } from "../../i18n/en.ts";
import type { Notice } from "../../i18n/messages.ts";
import type { Inspection } from "../../state/data.ts";

/** One notice per finding. */
export function noticesOf(t: Dictionary, { report, parts }: Inspection): Notice[] {
  return (report?.findings ?? []).map((finding) => ({
    level: finding.severity,
    text: (words) => words.findings[finding.code].found(finding),
    advice: (words) => words.findings[finding.code].advice,
    details: detailsOf(t, finding, parts),
  }));
}

function detailsOf(t: Dictionary, { examples, labels }: Finding, parts: Parts): string[] {
  const name = ({ split, row }: RowPlace): string => t.data.place(t.roles[split], row + 1);
  const named = (row: LabelledText | undefined): string => (row ? t.rowKinds.list(labelsOf(row)) : "");
  return [
    ...labels.map(({ label, rows }) => `${label}: ${rows}`),
    ...examples.map((place) => {
      const row = parts[place.split][place.row];
      const like = place.like && parts[place.like.split][place.like.row];
      const other = like && named(like) !== named(row) ? ` (${named(like)})` : "";
      const as = place.like ? ` ${t.data.asIn(name(place.like))}${other}` : "";
      return `${name(place)}: ${shortened(row?.text ?? "")} → ${named(row)}${as}`;
    }),
  ];
}
