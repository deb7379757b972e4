/**
 * What the page knows of the files, of the rows made from them, and of the data report.
 */
import type { DataReport, Source } from "../../src/index.ts";
import type { Edits, Example } from "../data/edits.ts";
import type { DataFile, Parts } from "../data/parts.ts";
import type { Joins, LookAlikes } from "../data/reading/look-alikes.ts";
import type { LikelySeparator, Separator } from "../data/reading/separator.ts";
import type { Failure, Notice } from "../i18n/messages.ts";

export interface DataState {
  files: readonly DataFile[];
  /** Whether the files are the page's own sample, which the person's files replace. */
  sample: boolean;
  reading: boolean;
  textColumn?: string | undefined;
  /** The column of the second text, for rows with pairs. */
  pairColumn?: string | undefined;
  labelColumn?: string | undefined;
  /** The separator between the labels of a row; left out for single-label rows. */
  separator?: Separator | undefined;
  /** The likely separator between labels, whether or not it is chosen. */
  likely?: LikelySeparator | undefined;
  /** Labels that the person joined to others that look alike, and those that may be joined. */
  joins: Joins;
  alike: readonly LookAlikes[];
  /** Which rows are shown to be labelled by hand, in pages from 0. */
  handPage: number;
  splitSeed: number;
  /** What was typed and changed in the bench, and its states before, for undo. */
  edits: Edits;
  past: readonly Edits[];
  /** All rows as they are after the changes. */
  examples: readonly Example[];
  parts?: Parts | undefined;
  notices: readonly Notice[];
  error?: Failure | undefined;
}

/** The data report, and the parts and model that it belongs to. */
export interface Inspection {
  parts: Parts;
  files: readonly DataFile[];
  source: Source | undefined;
  phase: "working" | "done" | "failed";
  report?: DataReport | undefined;
  error?: Failure | undefined;
}
