// What texts of a model's kinds look like, as config.json keeps it: a few of the examples, each number in a byte. Gives it, and
// takes it with checks. A direction is all that counts, so that a row needs no scale.

import type { ScopeReceipt } from "../../bertlet.d.ts";
import { BertletError, describe } from "../shared/errors.ts";
import type { Neighbours } from "../shared/neighbours.ts";

/** Rows that are kept: of 384 numbers they take 128 KiB of text. */
export const MOST_EXAMPLES = 256;
const LARGEST = 127;

/** States of examples, `[kept, hiddenSize]`, and from which similarity a text is like them. */
export interface Scope extends Neighbours {
  threshold: number;
  /** How many were given. */
  examples: number;
}

export function receiptOf({ threshold, examples }: Scope): ScopeReceipt {
  return { threshold, examples };
}

/** The states as they are saved: rounded, so that a model answers the same before and after. */
export function rounded(states: Float32Array, width: number): Float32Array {
  return statesOf(bytesOf(states, width), width);
}

/** The engine's text of config.json, with the scope in its own entry. All else stays as written: 1.0 is no 1 to Python. */
export function withScope(config: string, scope: Scope | undefined): string {
  if (scope === undefined) return config;
  const { states, width, ...rest } = scope;
  const saved = JSON.stringify({ ...rest, states: toBase64(bytesOf(states, width)) });
  return config.replace(/^ {2}"bertlet": \{/m, (own) => `${own}\n    "scope": ${saved},`);
}

/** The scope that config.json has, if any, for states of this width. Throws `bad-config`. */
export function scopeIn(config: Uint8Array, width: number): (Scope & { pooling: unknown }) | undefined {
  const { bertlet } = JSON.parse(new TextDecoder().decode(config));
  const saved = bertlet?.scope;
  if (saved === undefined || saved === null) return undefined;
  const check = (name: string, expected: string, holds: boolean, found: unknown = saved[name]) => {
    if (holds) return;
    const shown = typeof found === "string" ? describe(found.slice(0, 40)) : JSON.stringify(found);
    throw new BertletError(
      "bad-config",
      `config.json: bertlet.scope.${name} must be ${expected}, found ${shown}`,
      "leave the entry bertlet.scope out: the model then tells no text as unlike its examples",
    );
  };
  const whole = (value: unknown, least: number) => Number.isSafeInteger(value) && (value as number) >= least;
  const { threshold, neighbours, examples, states: text } = saved;
  check("threshold", "a number from -1 to 1", typeof threshold === "number" && Math.abs(threshold) <= 1);
  check("neighbours", "a whole number from 1", whole(neighbours, 1));
  check("examples", "a whole number from 1", whole(examples, 1));
  const bytes = typeof text === "string" ? fromBase64(text) : undefined;
  check("states", "base64 text", bytes !== undefined);
  const rows = (bytes as Int8Array).length / width;
  const fits = Number.isInteger(rows) && rows >= 1 && rows <= MOST_EXAMPLES;
  check(
    "states",
    `1 to ${MOST_EXAMPLES} rows of ${width} bytes`,
    fits,
    `${(bytes as Int8Array).length} bytes`,
  );
  const states = statesOf(bytes as Int8Array, width);
  check("states", "rows that are not all 0", states.every(Number.isFinite), "a row of zeros");
  return { threshold, neighbours, examples, states, width, pooling: bertlet.pooling };
}

/** Each row's numbers as shares of its largest. */
function bytesOf(states: Float32Array, width: number): Int8Array {
  const bytes = new Int8Array(states.length);
  for (let from = 0; from < states.length; from += width) {
    const row = states.subarray(from, from + width);
    const most = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    for (const [at, value] of row.entries()) bytes[from + at] = Math.round((value / most) * LARGEST);
  }
  return bytes;
}

/** Rows of length 1; one of zeros gives no numbers. */
function statesOf(bytes: Int8Array, width: number): Float32Array {
  const states = new Float32Array(bytes.length);
  for (let from = 0; from < bytes.length; from += width) {
    const row = bytes.subarray(from, from + width);
    const length = Math.hypot(...row);
    for (const [at, value] of row.entries()) states[from + at] = value / length;
  }
  return states;
}

function toBase64(bytes: Int8Array): string {
  let text = "";
  for (const byte of new Uint8Array(bytes.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Int8Array | undefined {
  try {
    return Int8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
