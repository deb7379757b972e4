/**
 * What the page knows of the files, of the rows made of them, and of the data report.
 */
import type { DataReport, Source } from "../../src/index.ts";
import type { DataFile, Parts } from "../data/parts.ts";
import type { LikelySeparator, Separator } from "../data/separator.ts";
import type { Failure, Notice } from "../i18n/messages.ts";

export interface DataState {
  files: readonly DataFile[];
  /** The files are the page's own sample: files brought along take its place. */
  sample: boolean;
  reading: boolean;
  textColumn?: string | undefined;
  /** Of the second text, where rows have one. */
  pairColumn?: string | undefined;
  labelColumn?: string | undefined;
  /** What stands between the labels of a row; left out where it has one. */
  separator?: Separator | undefined;
  /** What most likely stands between several labels, whether or not it is taken so. */
  likely?: LikelySeparator | undefined;
  splitSeed: number;
  parts?: Parts | undefined;
  notices: readonly Notice[];
  error?: Failure | undefined;
}

/** The data report, and what it was asked of. */
export interface Inspection {
  parts: Parts;
  source: Source | undefined;
  phase: "working" | "done" | "failed";
  report?: DataReport | undefined;
  error?: Failure | undefined;
}
