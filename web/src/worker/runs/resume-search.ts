// Takes the state of an interrupted search, from an untrusted source; gives its finished runs, or throws
// `bad-option`.

import type { SearchState, TrialRun } from "../../../bertlet.d.ts";
import { BertletError, describe } from "../../shared/errors.ts";
import { targetsOf } from "../../shared/labels.ts";
import type { LabelledRows, Trial } from "../../shared/messages.ts";
import { stepsOnRung } from "../../shared/successive-halving.ts";

/** The search to resume. */
interface Search {
  settings: Record<string, unknown>;
  trials: readonly Trial[];
  rungs: number;
}

export function finishedRuns(state: unknown, { settings, trials, rungs }: Search): TrialRun[] {
  const { version, settings: then, runs } = record(state, "resume") as Partial<SearchState>;
  if (version !== 1) throw bad("resume.version", "1", version);
  const before = record(then, "resume.settings");
  for (const [name, now] of Object.entries(settings)) {
    if (canonical(before[name]) === canonical(now)) continue;
    const found = name === "rows" ? "" : `: ${canonical(before[name])}`;
    throw new BertletError(
      "bad-option",
      `search: option resume is of a search with other ${name}${found}`,
      "resume with the same data and options, or begin a new search",
    );
  }
  if (!Array.isArray(runs) || runs.length > trials.length * rungs) {
    throw bad("resume.runs", `an array of at most ${trials.length * rungs} runs`, runs);
  }
  const seen = new Set<string>();
  return runs.map((run: unknown, index) => {
    const checked = checkRun(run, `resume.runs[${index}]`, trials, rungs);
    const key = `${checked.trial} ${checked.rung}`;
    if (seen.has(key)) throw bad(`resume.runs[${index}]`, "one run a trial and rung", "a second one");
    seen.add(key);
    return checked;
  });
}

function checkRun(given: unknown, name: string, trials: readonly Trial[], rungs: number): TrialRun {
  const { trial, rung, steps, devLoss, devAccuracy, curve, milliseconds } = record(given, name);
  const integer = (value: unknown, most: number, of: string, least = 1): number => {
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most)
      return value as number;
    throw bad(`${name}.${of}`, `a whole number from ${least} to ${most}`, value);
  };
  const number = (value: unknown, of: string): number => {
    if (Number.isFinite(value)) return value as number;
    throw bad(`${name}.${of}`, "a finite number", value);
  };
  const orNull = (value: unknown, of: string) => (value === null ? null : number(value, of));
  const [ofTrial, ofRung] = [integer(trial, trials.length, "trial"), integer(rung, rungs, "rung")];
  const limit = stepsOnRung(ofRung, rungs, (trials[ofTrial - 1] as Trial).steps);
  if (!Array.isArray(curve) || curve.length > limit)
    throw bad(`${name}.curve`, "an array of its epochs", curve);
  return {
    trial: ofTrial,
    rung: ofRung,
    // A run may have stopped early, or diverged at once.
    steps: integer(steps, limit, "steps", 0),
    devLoss: orNull(devLoss, "devLoss"),
    devAccuracy: orNull(devAccuracy, "devAccuracy"),
    curve: curve.map((point: unknown, at) => {
      const of = (value: unknown, key: string) => number(value, `curve[${at}].${key}`);
      const { step, trainLoss, devLoss, devAccuracy } = record(point, `${name}.curve[${at}]`);
      return {
        step: of(step, "step"),
        trainLoss: of(trainLoss, "trainLoss"),
        devLoss: of(devLoss, "devLoss"),
        devAccuracy: of(devAccuracy, "devAccuracy"),
      };
    }),
    milliseconds: Math.max(0, number(milliseconds, "milliseconds")),
  };
}

/** A 32-bit checksum (FNV-1a) of the rows' texts and labels, by which a resumed search knows its data. */
export function checksum(splits: readonly LabelledRows[]): number {
  let sum = 0x811c9dc5;
  const add = (word: number) => {
    sum = Math.imul(sum ^ word, 0x01000193);
  };
  for (const rows of splits) {
    add(rows.texts.length);
    for (const [row, text] of rows.texts.entries()) {
      const targets = targetsOf(rows, row);
      if (rows.ends !== undefined) add(targets.length);
      targets.forEach(add);
      for (const part of [text].flat()) {
        add(part.length);
        for (let at = 0; at < part.length; at++) add(part.charCodeAt(at));
      }
    }
  }
  return sum >>> 0;
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  const sorted = (_: string, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  return JSON.stringify(value, sorted) ?? "none";
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw bad(name, "an object", value);
}

function bad(name: string, expected: string, found: unknown): BertletError {
  return new BertletError(
    "bad-option",
    `search: option ${name} must be ${expected}, found ${describe(found)}`,
    'pass the state of a search\'s last event of type "trial", as it was',
  );
}
