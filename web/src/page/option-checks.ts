// Checks of option values, each with its text for error messages. Takes a table of checks; gives the check of
// a call's options, which returns plain copies: what a framework gives may be a proxy, which no message carries.

import { mostThreads } from "../shared/capabilities.ts";
import { LIMITS } from "../shared/defaults.ts";
import { BertletError, describe } from "../shared/errors.ts";
import { isRecord, readable } from "./plain-copy.ts";

export interface Check {
  expected: string;
  accepts(value: unknown): boolean;
  /** What is wrong with a refused value, where that is one of its members. */
  found?(value: unknown): string;
  /** A plain copy of an accepted object or array. Other values are passed on as they are. */
  copy?(value: unknown): unknown;
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
  // Told by its shape, so that a signal of another frame passes. A proxy of one throws where it is read.
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    typeof (value as AbortSignal).aborted === "boolean" &&
    "addEventListener" in value,
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

/** The first member that is wrong, by its name. Of a value without members, what it is. */
export function wrongMember(value: unknown, accepts: (member: unknown) => boolean): string {
  const members = isRecord(value) ? Object.entries(value) : [];
  const wrong = members.find(([, member]) => !accepts(member));
  return wrong === undefined ? describe(value) : `${JSON.stringify(wrong[0])}: ${describe(wrong[1])}`;
}

/** An object with these members and no others; `every` requires all of them. */
export function object(expected: string, members: Record<string, Check>, every = true): Check {
  return {
    expected,
    accepts: (value) =>
      isRecord(value) &&
      Object.keys(value).every((name) => Object.hasOwn(members, name)) &&
      Object.entries(members).every(([name, check]) => {
        const member = value[name];
        return member === undefined ? !every : check.accepts(member);
      }),
    found: (value) => {
      if (!isRecord(value)) return describe(value);
      const other = Object.keys(value).find((name) => !Object.hasOwn(members, name));
      if (other !== undefined) return `the unknown ${JSON.stringify(other)}`;
      const isWrong = ([name, check]: [string, Check]) =>
        value[name] === undefined ? every : !check.accepts(value[name]);
      const [name, check] = Object.entries(members).find(isWrong) as [string, Check];
      return value[name] === undefined ? `no ${name}` : `${name}: ${foundOf(check, value[name])}`;
    },
    // By the members' names, since those of a class may be accessors of its prototype.
    copy: (value) => {
      const given = value as Record<string, unknown>;
      const copied = Object.entries(members)
        .filter(([name]) => given[name] !== undefined)
        .map(([name, check]) => [name, copyOf(check, given[name])]);
      return Object.fromEntries(copied);
    },
  };
}

function foundOf(check: Check, value: unknown): string {
  return check.found === undefined ? describe(value) : check.found(value);
}

function copyOf(check: Check, value: unknown): unknown {
  return check.copy === undefined ? value : check.copy(value);
}

/** A non-empty array of `check`'s values. */
export function arrayOf(check: Check): Check {
  return {
    expected: `an array of ${check.expected} each`,
    accepts: (value) =>
      Array.isArray(value) && value.length > 0 && Array.from(value).every((each) => check.accepts(each)),
    copy: (value) => Array.from(value as unknown[], (each) => copyOf(check, each)),
  };
}

export const labels: Check = {
  expected: `an array of ${LIMITS.labels.join(" to ")} distinct, non-empty strings`,
  accepts: (value) =>
    Array.isArray(value) &&
    isWithin(LIMITS.labels, value.length) &&
    Array.from(value).every((label) => typeof label === "string" && label !== "") &&
    new Set(value.map((label: string) => label.toWellFormed())).size === value.length,
  found: describeLabels,
  copy: (value) => Array.from(value as string[]),
};

/** A size, which crosses into wasm as a 32-bit number. */
export const count = integer(1, 0xffff_ffff);
export const seed = integer(0);

/** The address of a folder; where it leads is read when it is used. */
export const address: Check = {
  expected: "a URL or a URL string",
  accepts: (value) => string.accepts(value) || value instanceof URL,
};

/** Headers that no page may set, by the standard of fetch: a browser leaves them out without a word, and Node.js sends them. */
const FORBIDDEN =
  /^(accept-(charset|encoding)|access-control-request-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|(proxy|sec)-.*)$/i;

function isHeader([name, value]: [string, unknown]): boolean {
  if (typeof value !== "string" || FORBIDDEN.test(name)) return false;
  try {
    return new Request("https://localhost/", { headers: { [name]: value } }).headers.has(name);
  } catch {
    return false;
  }
}

export const headers: Check = {
  expected: "an object of strings by the names of headers that a page may set",
  accepts: (value) => isRecord(value) && Object.entries(value).every(isHeader),
  found: (value) => {
    const wrong = isRecord(value) && Object.entries(value).find((each) => !isHeader(each));
    // Its value may be a secret.
    return wrong ? JSON.stringify(wrong[0]) : describe(value);
  },
  copy: (value) => ({ ...(value as Record<string, string>) }),
};

/** The limit depends on the page, so it is read at each check. */
export const threads: Check = {
  get expected() {
    const most = mostThreads();
    return most > 1 ? `a whole number from 1 to ${most}` : "1 (more need a cross-origin isolated page)";
  },
  accepts: (value) => integer(1, mostThreads()).accepts(value),
};

/**
 * Returns plain copies of the given options, without those that are undefined. Throws for an unknown name, a value
 * that its check refuses, or one that cannot be read.
 */
export function checker<T>(call: string, checks: Checks<T>): (given: T | undefined) => T {
  const known = Object.keys(checks) as (keyof T & string)[];
  return (given) => {
    if (given === undefined) return {} as T;
    return readable(`${call}: the options`, () => {
      if (!isRecord(given)) {
        throw new BertletError(
          "bad-option",
          `${call}: the options must be an object, found ${describe(given)}`,
        );
      }
      const other = Object.keys(given).find((name) => !Object.hasOwn(checks, name));
      if (other !== undefined) {
        const hint = `${call} knows ${known.join(", ")}`;
        throw new BertletError("bad-option", `${call}: there is no option ${JSON.stringify(other)}`, hint);
      }
      const checked: Partial<T> = {};
      for (const name of known) {
        readable(`${call}: option ${name}`, () => {
          const value = given[name];
          if (value !== undefined)
            checked[name] = checkedCopy(call, name, checks[name], value) as T[typeof name];
        });
      }
      return checked as T;
    });
  };
}

function checkedCopy(call: string, name: string, check: Check, value: unknown): unknown {
  if (check.accepts(value)) return copyOf(check, value);
  const found = foundOf(check, value);
  throw new BertletError("bad-option", `${call}: option ${name} must be ${check.expected}, found ${found}`);
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

export const share: Check = {
  expected: "a number from 0 to under 1",
  accepts: (value) => Number.isFinite(value) && (value as number) >= 0 && (value as number) < 1,
};

export const threshold: Check = {
  expected: "a number over 0 and under 1",
  accepts: (value) => share.accepts(value) && (value as number) > 0,
};

/** How many layers, or which. */
export const layers: Check = {
  expected: "a whole number from 1, or an array of whole numbers from 0, ascending",
  accepts: (value) => {
    if (!Array.isArray(value)) return count.accepts(value);
    const numbers = Array.from(value as unknown[]);
    const follows = (layer: unknown, at: number) =>
      at === 0 || (layer as number) > (numbers[at - 1] as number);
    return numbers.length > 0 && numbers.every(integer(0, 0xffff_ffff).accepts) && numbers.every(follows);
  },
  copy: (value) => (Array.isArray(value) ? Array.from(value) : value),
};

/** `checkTexts` and `checkRows` check the texts and rows. */
export const array = (of: string): Check => ({ expected: `an array of ${of}`, accepts: Array.isArray });
