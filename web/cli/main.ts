#!/usr/bin/env node
// The command bertlet: fine-tunes and runs classifiers in a terminal, by the library that the page has.

import { version } from "../package.json";
import { argumentsOf, Misuse } from "./arguments.ts";
import { BadInput, DO, noTest, type Outcome, Stopped } from "./commands.ts";
import { helpOf } from "./help.ts";
import { COMMANDS, flagOf, OPTIONS } from "./options.ts";
import { beQuiet, clear, print, say } from "./say.ts";

/** The exit statuses, which scripts may rely on. */
const STATUS = { failed: 1, misuse: 2, input: 3, under: 4, stopped: 130 };
/** Codes of the library that are about what was given, and not about the work. */
const OF_OPTIONS = ["bad-option", "no-webgpu"];
const OF_INPUT = [
  ...[
    "bad-row",
    "unknown-label",
    "fetch-failed",
    "bad-config",
    "bad-tokenizer",
    "bad-weights",
    "missing-tensor",
  ],
  ...["shape-mismatch", "unsupported-dtype", "unsupported-architecture", "pickle-refused"],
];

async function main(words: readonly string[]): Promise<number> {
  const command = COMMANDS.find((name) => name === words[0]);
  if (words.length === 0 || words.includes("--help") || words.includes("-h") || words[0] === "help") {
    await print(helpOf(command));
    return words.length === 0 ? STATUS.misuse : 0;
  }
  if (words[0] === "--version") {
    await print(`${version}\n`);
    return 0;
  }
  const asked = argumentsOf(words);
  if (asked.given.quiet === true) beQuiet();
  const { failUnder } = asked.given as { failUnder?: number };
  if (failUnder !== undefined && !(failUnder >= 0 && failUnder <= 1))
    throw new Misuse(`--fail-under: expected a share from 0 to 1, found ${failUnder}`);
  const stop = new AbortController();
  // Ctrl+C, and what a container or a service sends before it ends a process.
  for (const ask of ["SIGINT", "SIGTERM"])
    process.on(ask, () => {
      if (stop.signal.aborted) process.exit(STATUS.stopped);
      say("stops after this step; again to end at once");
      stop.abort();
    });
  const { result, lines, accuracy, stopped } = await DO[asked.command](asked, stop.signal);
  clear();
  await print(asked.given.json === true ? `${JSON.stringify(result)}\n` : `${lines.join("\n")}\n`);
  if (stopped) return STATUS.stopped;
  return under(failUnder, accuracy) ? STATUS.under : 0;
}

function under(least: number | undefined, accuracy: Outcome["accuracy"]): boolean {
  if (least === undefined) return false;
  if (accuracy === undefined) throw noTest();
  if (accuracy < least) say(`accuracy ${accuracy.toFixed(4)} is under ${least}`);
  return accuracy < least;
}

/** What went wrong, in a line or two, and the status for it. */
function explain(error: unknown): number {
  clear();
  const { code, message, hint } = error as { code?: string; message: string; hint?: string };
  process.stderr.write(`bertlet: ${inFlags(message)}\n${hint === undefined ? "" : `  ${hint}\n`}`);
  if (error instanceof Misuse) process.stderr.write(`  ${helpAsked()} lists what there is\n`);
  if (error instanceof Misuse || OF_OPTIONS.includes(code ?? "")) return STATUS.misuse;
  if (error instanceof BadInput || OF_INPUT.includes(code ?? "")) return STATUS.input;
  return error instanceof Stopped || code === "aborted" ? STATUS.stopped : STATUS.failed;
}

/** What to write for the help of what was asked. */
function helpAsked(): string {
  const command = COMMANDS.find((name) => name === process.argv[2]);
  return command === undefined ? "bertlet --help" : `bertlet ${command} --help`;
}

/** The library's "option learningRate", and the engine's "option `learningRate`", as it is written here. */
function inFlags(message: string): string {
  const [, , command = "", ...words] = process.argv;
  return message.replace(/\boption (`?)([\w.]+)\1/, (whole, _, named: string) => {
    const part = PARTS.get(named);
    const isGiven = part !== undefined && words.some((word) => word.split("=")[0] === flagOf(part));
    const name = isGiven ? part : (NAMES.get(`${command} ${named}`) ?? named);
    const [, option] = Object.entries(OPTIONS).find(([own]) => own === name) ?? [];
    return option?.of.some((one) => one === command) ? `option ${flagOf(name)}` : whole;
  });
}

/** Options of the library that a command has under another name. */
const NAMES = new Map([
  ["explain label", "forLabel"],
  ["classify batchSize", "inferenceBatch"],
  ["evaluate batchSize", "inferenceBatch"],
]);
/** Options of the library of which a flag is one part; --config may have the others. */
const PARTS = new Map([
  ["lora", "rank"],
  ["lora.rank", "rank"],
  ["earlyStopping", "patience"],
]);

process.exitCode = await main(process.argv.slice(2)).catch(explain);
// A worker of a failed call would hold the process.
process.stdout.write("", () => process.exit());
