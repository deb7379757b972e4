// What an option may be, in words and as a test; takes a table of these, gives the check of a call's options.

import { mostThreads } from "../shared/capabilities.ts";
import { LIMITS } from "../shared/defaults.ts";
import { BertletError, describe } from "../shared/errors.ts";

export interface Check {
  expected: string;
  accepts(value: unknown): boolean;
}

export type Checks<T> = { [K in keyof Required<T>]: Check };

export const number: Check = { expected: "a finite number", accepts: Number.isFinite };
export const boolean: Check = { expected: "true or false", accepts: (value) => typeof value === "boolean" };
export const string: Check = {
  expected: "a non-empty string",
  accepts: (value) => typeof value === "string" && value !== "",
};
export const callback: Check = { expected: "a function", accepts: (value) => typeof value === "function" };
export const signal: Check = {
  expected: "an AbortSignal",
  // By shape, so that a signal of another frame passes.
  accepts: (value) =>
    typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value,
};

/** The least and the most, both included. */
type Limits = readonly [least: number, most: number];

export function range([least, most]: Limits): string {
  return most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
}

export function isWithin([least, most]: Limits, value: number): boolean {
  return value >= least && value <= most;
}

export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): Check {
  return {
    expected: `a whole number ${range([least, most])}`,
    accepts: (value) => Number.isSafeInteger(value) && isWithin([least, most], value as number),
  };
}

export function oneOf(...names: string[]): Check {
  return {
    expected: names.map((name) => JSON.stringify(name)).join(", "),
    accepts: (value) => typeof value === "string" && names.includes(value),
  };
}

/** An object of these members and no others. */
export function object(expected: string, members: Record<string, Check>, every = true): Check {
  return {
    expected,
    accepts: (value) =>
      typeof value === "object" &&
      value !== null &&
      Object.keys(value).every((name) => Object.hasOwn(members, name)) &&
      Object.entries(members).every(([name, check]) => {
        const member = (value as Record<string, unknown>)[name];
        return member === undefined ? !every : check.accepts(member);
      }),
  };
}

/** A non-empty array of `check`'s values. */
export function arrayOf(check: Check): Check {
  return {
    expected: `an array of ${check.expected} each`,
    accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(check.accepts),
  };
}

export const labels: Check = {
  expected: `an array of ${LIMITS.labels.join(" to ")} distinct, non-empty strings`,
  accepts: (value) =>
    Array.isArray(value) &&
    isWithin(LIMITS.labels, value.length) &&
    value.every((label) => typeof label === "string" && label !== "") &&
    new Set(value.map((label: string) => label.toWellFormed())).size === value.length,
};

/** Sizes that cross into wasm as 32-bit numbers. */
export const count = integer(1, 0xffff_ffff);
export const seed = integer(0);

/** What a page may have is known only when it asks. */
export const threads: Check = {
  get expected() {
    const most = mostThreads();
    return most > 1
      ? `a whole number from 1 to ${most}`
      : "1 (more need a cross-origin isolated page and a browser with relaxed SIMD)";
  },
  accepts: (value) => integer(1, mostThreads()).accepts(value),
};

/** `given` by name, where every name is one of `checks` and every value passes; undefined is not given. */
export function checker<T>(call: string, checks: Checks<T>): (given: T | undefined) => T {
  const known = Object.keys(checks);
  return (given) => {
    if (given === undefined) return {} as T;
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw new BertletError(
        "bad-option",
        `${call}: the options must be an object, found ${describe(given)}`,
      );
    }
    const checked: Partial<T> = {};
    for (const name of Object.keys(given) as (keyof T & string)[]) {
      const check: Check | undefined = Object.hasOwn(checks, name) ? checks[name] : undefined;
      if (check === undefined) {
        const hint = `${call} knows ${known.join(", ")}`;
        throw new BertletError("bad-option", `${call}: there is no option ${JSON.stringify(name)}`, hint);
      }
      const value = given[name];
      if (value === undefined) continue;
      if (!check.accepts(value)) {
        const found = name === "labels" ? describeLabels(value) : describe(value);
        throw new BertletError(
          "bad-option",
          `${call}: option ${name} must be ${check.expected}, found ${found}`,
        );
      }
      checked[name] = value;
    }
    return checked as T;
  };
}

export function describeLabels(value: unknown): string {
  if (!Array.isArray(value)) return describe(value);
  const seen = new Set<unknown>();
  for (const [index, label] of value.entries()) {
    if (typeof label !== "string" || label === "") return `${describe(label)} at index ${index}`;
    if (seen.has(label)) return `${describe(label)} twice`;
    seen.add(label);
  }
  return describe(value);
}
