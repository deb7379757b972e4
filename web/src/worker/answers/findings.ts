// Takes the rows and labels that stand out; gives the findings of a data report, with advice for each.

import type { Finding, FindingCode, RowPlace } from "../../../bertlet.d.ts";

const EXAMPLES = 5;
const MOST_LABELS = 20;

/** Severities, in the order of a report. */
const SEVERITY: Record<FindingCode, Finding["severity"]> = {
  "empty-text": "warning",
  duplicate: "note",
  "near-duplicate": "note",
  leakage: "warning",
  "conflicting-labels": "warning",
  imbalance: "note",
  "few-rows": "warning",
  "missing-label": "warning",
  "too-long": "note",
  "unknown-tokens": "warning",
};

export class Findings {
  readonly #found = new Map<FindingCode, Omit<Finding, "code" | "severity" | "message">>();

  /** Adds a row to a finding. */
  row(code: FindingCode, place: RowPlace, like?: RowPlace): void {
    const found = this.#of(code);
    found.count += 1;
    if (found.examples.length < EXAMPLES)
      found.examples.push(like === undefined ? place : { ...place, like });
  }

  /** Adds labels to a finding. They are counted where the finding has no rows. */
  labels(code: FindingCode, labels: Finding["labels"], more: { ratio?: number } = {}): void {
    if (labels.length === 0) return;
    const found = Object.assign(this.#of(code), more);
    if (found.examples.length === 0) found.count = labels.length;
    found.labels = [...labels].sort((a, b) => a.rows - b.rows).slice(0, MOST_LABELS);
  }

  /** Sets a finding's share, which needs no row. */
  share(code: FindingCode, share: number): void {
    this.#of(code).share = share;
  }

  has(code: FindingCode): boolean {
    return this.#found.has(code);
  }

  /** All findings, of `rows` rows inspected. */
  all(rows: number, maxLength: number): Finding[] {
    return (Object.keys(SEVERITY) as FindingCode[]).flatMap((code) => {
      const found = this.#found.get(code);
      if (found === undefined) return [];
      const finding: Finding = { code, severity: SEVERITY[code], ...found, message: "" };
      if (code !== "imbalance" && code !== "few-rows") finding.share ??= found.count / rows;
      return [{ ...finding, message: MESSAGE[code](finding, maxLength) }];
    });
  }

  #of(code: FindingCode): Omit<Finding, "code" | "severity" | "message"> {
    const found = this.#found.get(code) ?? { count: 0, examples: [], labels: [] };
    this.#found.set(code, found);
    return found;
  }
}

const MESSAGE: Record<FindingCode, (found: Finding, maxLength: number) => string> = {
  "empty-text": ({ count }) => `${rows(count)} without text: leave them out, or look where the text got lost`,
  duplicate: ({ count }) =>
    `${rows(count)} repeated within a split: keep one of each, or it weighs as much as several`,
  "near-duplicate": ({ count }) =>
    `${rows(count)} repeated but for case, spaces or punctuation: keep one of each, unless that difference matters`,
  leakage: ({ count }) =>
    `${rows(count)} of dev or test already stand in an earlier split: take them out, since they make scores look better; splitRows keeps equal texts together`,
  "conflicting-labels": ({ count }) =>
    `${rows(count)} repeat a text under another label: decide which label is right, since no model can learn both`,
  imbalance: ({ ratio = 0, count }) =>
    `the largest label has ${ratio.toFixed(0)} times the rows of the smallest (${labels(count)} under a tenth of the largest): add rows of the small ones or train with classWeights "balanced", and look at macroF1 rather than accuracy`,
  "few-rows": ({ count }) => `${labels(count)} of under 8 rows in train: add rows, or join them with others`,
  "missing-label": ({ count }) =>
    `${rows(count)} of dev or test with a label that train lacks, which can never be predicted: add it to train, or leave them out`,
  "too-long": ({ count, share = 0 }, maxLength) =>
    `${rows(count)} (${percent(share)}) of over ${maxLength} tokens are cut: load with a larger maxLength where the end of a text matters`,
  "unknown-tokens": ({ count, share = 0 }) =>
    `${percent(share)} of the tokens are [UNK], in ${rows(count)} at least half: the vocabulary does not know this language or script; use a checkpoint trained on it`,
};

function rows(count: number): string {
  return count === 1 ? "1 row" : `${count} rows`;
}

function labels(count: number): string {
  return count === 1 ? "1 label" : `${count} labels`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
