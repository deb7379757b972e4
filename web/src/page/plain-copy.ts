// Copies plain data out of what a caller gives: a proxy of Vue, MobX or Svelte, a draft of Immer, an object with
// getters. A worker's message carries none of these. Reads only; throws `bad-option` or `bad-row`.

import type { ErrorCode } from "../../bertlet.d.ts";
import { BertletError, describe } from "../shared/errors.ts";
import { tagOf } from "./file-source.ts";

/** A deep copy of objects, arrays, strings, numbers, booleans and null. `name` is for errors. */
export function plainCopy(name: string, value: unknown, around: readonly object[] = []): unknown {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
    case "undefined":
      return value;
    case "object":
      break;
    default:
      throw notPlain(name, `a ${typeof value}`);
  }
  if (value === null) return null;
  if (around.includes(value)) throw notPlain(name, "an object that holds itself");
  const inside = [...around, value];
  if (Array.isArray(value)) {
    return Array.from(value, (each, index) => plainCopy(`${name}[${index}]`, each, inside));
  }
  if (!isRecord(value)) throw notPlain(name, describe(value));
  const copied = Object.entries(value).map(([key, each]) => [key, plainCopy(`${name}.${key}`, each, inside)]);
  return Object.fromEntries(copied);
}

/**
 * Whether a value is an object of named members. A Map, a Date or a DOM node is not, as its tag says; nor is a revoked
 * proxy, which has no members.
 */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return ["Object", "Module"].includes(tagOf(value));
}

function notPlain(name: string, found: string): BertletError {
  return new BertletError(
    "bad-option",
    `${name} must be plain data: objects, arrays, strings, numbers, booleans and null; found ${found}`,
  );
}

/** Runs `read`. What a getter or a revoked proxy throws becomes an error that names what was read. */
export function readable<T>(name: string, read: () => T, code: ErrorCode = "bad-option"): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BertletError) throw error;
    throw new BertletError(
      code,
      `${name} cannot be read: ${error}`,
      "pass plain data, such as a structuredClone of the framework's own snapshot or toRaw of it",
      { cause: error },
    );
  }
}
