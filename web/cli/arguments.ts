// Takes what follows the command's name; gives the command, its files and its options by the library's names. Throws
// `Misuse` for anything that is not in the table.

import { parseArgs } from "node:util";
import { COMMANDS, type Command, flagOf, OPTIONS } from "./options.ts";

/** The command line is wrong: exit status 2. */
export class Misuse extends Error {}

export type Value = string | number | boolean;

export interface Arguments {
  command: Command;
  files: string[];
  given: Record<string, Value>;
}

export function needed(given: Record<string, Value>, name: "model" | "out"): string {
  const path = given[name];
  if (typeof path === "string" && path !== "") return path;
  throw new Misuse(`--${name} is needed`);
}

/** The given options that a table has. */
export function chosen(given: Record<string, Value>, table: Record<string, unknown>): Record<string, Value> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => name in table));
}

export function argumentsOf(words: readonly string[]): Arguments {
  const command = COMMANDS.find((name) => name === words[0]);
  if (command === undefined) {
    throw new Misuse(`expected a command, one of ${COMMANDS.join(", ")}; found ${words[0] ?? "none"}`);
  }
  const flags = Object.entries(OPTIONS).map(([name, { kind }]) => {
    const type = kind === "flag" ? ("boolean" as const) : ("string" as const);
    return [flagOf(name).slice(2), { type }] as const;
  });
  const { values, positionals } = parsed(words.slice(1), Object.fromEntries(flags));
  const given: Record<string, Value> = {};
  for (const [name, option] of Object.entries(OPTIONS)) {
    const value = values[flagOf(name).slice(2)];
    if (value === undefined) continue;
    if (!option.of.includes(command)) {
      throw new Misuse(`${flagOf(name)} goes with ${option.of.join(", ")}, found it with ${command}`);
    }
    given[name] = option.kind === "number" ? numberOf(name, value as string) : (value as Value);
    if (option.choices !== undefined && !option.choices.includes(value as string)) {
      throw new Misuse(`${flagOf(name)}: expected one of ${option.choices.join(", ")}, found ${value}`);
    }
  }
  return { command, files: positionals, given };
}

function parsed(words: readonly string[], options: Record<string, { type: "boolean" | "string" }>) {
  const found = parsedBy(words, options);
  const names = found.tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
  const twice = names.find((name, at) => names.indexOf(name) < at);
  // The last one would count, and the others be left out without a word.
  if (twice !== undefined) throw new Misuse(`--${twice}: expected it once, found it more than once`);
  return found;
}

function parsedBy(words: readonly string[], options: Record<string, { type: "boolean" | "string" }>) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, tokens: true });
  } catch (error) {
    throw new Misuse((error as Error).message.replace(/\. To specify a positional.*$/s, ""));
  }
}

function numberOf(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number)) return number;
  throw new Misuse(`${flagOf(name)}: expected a number, ${OPTIONS[name]?.takes}, found ${value}`);
}
