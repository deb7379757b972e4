// Inspects labelled rows before a run; gives the data report, on what would spoil a model or its scores.
// Reads no weight.

import type { DataReport, Finding } from "../../../bertlet.d.ts";
import { labelKey, labelsOf } from "../../shared/labels.ts";
import type { NamedRows, NamedSplits } from "../../shared/messages.ts";
import { nextTurn } from "../../shared/next-turn.ts";
import { type Job, type Session, thenFree } from "../session.ts";
import { DuplicateFinder } from "./duplicates.ts";
import { Findings } from "./findings.ts";
import { encode, type OnProgress } from "./infer.ts";

/** Rows compared at once: few enough to receive messages in between. */
const SLICE_ROWS = 500;
/** Fewer rows hardly teach a label. */
const FEW_ROWS = 8;
/** Imbalance: rows of the largest label divided by those of the smallest. */
const UNEVEN = 10;
/** Fraction of [UNK] tokens. Emoji and rare characters alone stay far below. */
const MUCH_UNKNOWN = 0.05;

const SPLITS = ["train", "dev", "test"] as const;

export async function inspect(
  session: Session,
  request: NamedSplits,
  job: Job,
  onProgress: OnProgress,
): Promise<DataReport> {
  const findings = new Findings();
  await compareTexts(request, findings, job);
  countLabels(request, findings);
  const report: DataReport = {
    findings: [],
    rows: { train: 0, dev: 0, test: 0 },
    tokens: 0,
    unknownTokens: 0,
  };
  const hasPairs = SPLITS.some((split) => request[split]?.texts.some((text) => typeof text !== "string"));
  // A model of one segment has no pairs.
  const [single, pair] = await session.turn(() =>
    (hasPairs ? [undefined, ""] : [undefined]).map((other) => specialTokens(session, other)),
  );
  for (const split of SPLITS) {
    const texts = request[split]?.texts ?? [];
    report.rows[split] = texts.length;
    const counts = await session.turn(async () => {
      const rows = await encode(session, texts, job, onProgress);
      return thenFree(rows, async () => ({
        lengths: rows.lengths(),
        unknown: session.engine.unknownTokens(rows),
        cut: rows.cutRows(),
      }));
    });
    for (const row of counts.cut) findings.row("too-long", { split, row });
    for (const [row, unknown] of counts.unknown.entries()) {
      const special = (typeof texts[row] === "string" ? single : pair) as number;
      const tokens = Math.max(0, (counts.lengths[row] as number) - special);
      report.tokens += tokens;
      report.unknownTokens += unknown;
      if (unknown > 0 && unknown >= tokens / 2) findings.row("unknown-tokens", { split, row });
    }
  }
  const unknown = report.unknownTokens / Math.max(1, report.tokens);
  if (unknown > MUCH_UNKNOWN || findings.has("unknown-tokens")) findings.share("unknown-tokens", unknown);
  const { train, dev, test } = report.rows;
  report.findings = findings.all(train + dev + test, session.info.maxLength);
  return report;
}

/** How many special tokens stand around a text, or around a pair with `other`: [CLS] and [SEP], and the like. */
function specialTokens({ engine }: Session, other: string | undefined): number {
  const rows = engine.encode([""], [other]);
  const [tokens = 0] = rows.lengths();
  rows.free();
  return tokens;
}

async function compareTexts(request: NamedSplits, findings: Findings, job: Job): Promise<void> {
  const duplicates = new DuplicateFinder();
  for (const split of SPLITS) {
    const { texts = [], labels = [] }: Partial<NamedRows> = request[split] ?? {};
    for (const [row, text] of texts.entries()) {
      if (row % SLICE_ROWS === 0) {
        await nextTurn();
        job.check();
      }
      const place = { split, row };
      if ([text].flat().every((part) => part.trim() === "")) findings.row("empty-text", place);
      else {
        for (const [code, like] of duplicates.add(
          text,
          labelKey(labels[row] as NamedRows["labels"][0]),
          place,
        )) {
          findings.row(code, place, like);
        }
      }
    }
  }
}

function countLabels(request: NamedSplits, findings: Findings): void {
  const inTrain = new Map<string, number>();
  for (const label of request.train.labels.flat()) inTrain.set(label, (inTrain.get(label) ?? 0) + 1);
  const counted: Finding["labels"] = [...inTrain].map(([label, rows]) => ({ label, rows }));
  const sizes = counted.map(({ rows }) => rows);
  const most = sizes.reduce((a, b) => Math.max(a, b), 0);
  const ratio = most / sizes.reduce((a, b) => Math.min(a, b), most);
  const small = counted.filter(({ rows }) => rows * UNEVEN < most);
  findings.labels("imbalance", small, { ratio });
  findings.labels(
    "few-rows",
    counted.filter(({ rows }) => rows < FEW_ROWS),
  );
  const missing = new Set<string>();
  for (const split of ["dev", "test"] as const) {
    for (const [row, labels] of (request[split]?.labels ?? []).entries()) {
      const unknown = labelsOf(labels).filter((label) => !inTrain.has(label));
      if (unknown.length > 0) findings.row("missing-label", { split, row });
      for (const label of unknown) missing.add(label);
    }
  }
  findings.labels(
    "missing-label",
    [...missing].map((label) => ({ label, rows: 0 })),
  );
}
