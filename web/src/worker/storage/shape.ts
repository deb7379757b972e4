// The shape of what was read back: a record may have the SHA-256 that it was written with, and be of another version of the
// library, or not be ours.

/** Why something kept cannot be used: not written to its end; not as it was written; or kept by another version. */
export type Flaw = "torn" | "damaged" | "other-version";

type Is = (value: unknown) => boolean;
type Fields<T> = { [K in keyof Required<T>]: Is };

export const isText: Is = (value) => typeof value === "string";
export const isNumber: Is = (value) => Number.isFinite(value);
export const isCount: Is = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const isFlag: Is = (value) => typeof value === "boolean";
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** JSON has null for a number that is not finite, as a diverged loss. */
export const isLoss: Is = (value) => value === null || isNumber(value);

export function isListOf(is: Is): Is {
  return (value) => Array.isArray(value) && value.every(is);
}

export function isOneOf(...values: unknown[]): Is {
  return (value) => values.includes(value);
}

export function maybe(is: Is): Is {
  return (value) => value === undefined || is(value);
}

export function has<T extends object>(fields: Fields<T>): Is {
  return (value) => isRecord(value) && Object.entries<Is>(fields).every(([name, is]) => is(value[name]));
}

/** The record, if it is of format 1, which one without a format is, too. */
export function shaped<T extends object>(record: unknown, is: Is): T | Flaw {
  if (!isRecord(record)) return "damaged";
  const { format = 1 } = record;
  if (format !== 1 && isCount(format)) return "other-version";
  return is(record) ? (record as T) : "damaged";
}

/** What JSON says; undefined where it is none. */
export function parsed(json: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(json));
  } catch {
    return undefined;
  }
}
