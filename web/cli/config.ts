// Takes --config and the options beside it; gives the options of a run, and what the file says of the model.

import { readFile } from "node:fs/promises";
import type { FinetuneOptions, ModelInfo } from "../bertlet.d.ts";
import { FINETUNE, HEAD } from "../src/shared/defaults.ts";
import { OF_LABELS, optionsOfMethod } from "../src/shared/methods.ts";
import { chosen, Misuse, type Value } from "./arguments.ts";
import { TRAINING } from "./options.ts";
import { BadInput } from "./rows.ts";

/** What recipe.json has beside its options. */
const BESIDE = [
  ...["bertlet", "labels", "problemType", "pooling", "maxLength", "threshold", "step", "selection"],
  ...["classWeights", "adapter", "sha256"],
];
/** Options of the library that a file cannot give, or that the command has no use for. */
const OF_PAGES = ["journal", "onProgress", "signal"];

export interface Config {
  options: FinetuneOptions;
  model: Partial<Pick<ModelInfo, "pooling" | "maxLength" | "problemType">>;
}

/** The options of a run: of the file, and those beside it. */
export async function configOf(given: Record<string, Value>): Promise<Config> {
  const { rank, patience, ...options } = chosen(given, TRAINING) as Record<string, number>;
  const read = typeof given.config === "string" ? await readConfig(given.config) : undefined;
  const merged: FinetuneOptions = { ...ofFile(read?.options ?? {}, options), ...options };
  if (rank !== undefined) merged.lora = { ...merged.lora, rank };
  if (patience !== undefined) merged.earlyStopping = { patience };
  return { options: merged, model: read?.model ?? {} };
}

/** The file's options, without those that belong to its method where another is asked for. */
function ofFile(read: FinetuneOptions, { method, recipe }: FinetuneOptions): FinetuneOptions {
  if (recipe === "auto") {
    const { method: _, ...others } = optionsOfMethod({ ...read, method: "centroid" });
    return others;
  }
  const before = read.method ?? FINETUNE.method;
  if (method === undefined || method === before) return read;
  const kept = optionsOfMethod({ ...read, method });
  // A record of a run has the defaults of its method, too.
  const defaults = before === "head" ? HEAD : FINETUNE;
  for (const name of ["epochs", "learningRate"] as const)
    if (kept[name] === defaults[name]) delete kept[name];
  if (method === "centroid" || method === "contrastive") for (const name of OF_LABELS) delete kept[name];
  return kept;
}

/** recipe.json, as a run that is taken away has it; or the options of a run alone. */
async function readConfig(path: string): Promise<Config> {
  const found = objectIn(path, await jsonOf(path));
  if (!("options" in found)) return { options: checked(path, found), model: {} };
  const other = Object.keys(found).find((name) => name !== "options" && !BESIDE.includes(name));
  if (other !== undefined)
    throw new Misuse(
      `--config ${path}: there is no ${JSON.stringify(other)} beside options, only ${BESIDE.join(", ")}`,
    );
  const { pooling, maxLength, problemType } = found as Config["model"];
  const model = { ...(pooling !== undefined && { pooling }), ...(maxLength !== undefined && { maxLength }) };
  const options = checked(path, objectIn(`${path}: options`, found.options));
  return { options, model: { ...model, ...(problemType !== undefined && { problemType }) } };
}

async function jsonOf(path: string): Promise<unknown> {
  try {
    // A byte order mark, as some editors write it, is no JSON.
    return JSON.parse((await readFile(path, "utf8")).replace(/^\ufeff/, ""));
  } catch (error) {
    throw new BadInput(`--config ${path}: ${(error as Error).message}`);
  }
}

function objectIn(place: string, found: unknown): Record<string, unknown> {
  if (typeof found === "object" && found !== null && !Array.isArray(found))
    return found as Record<string, unknown>;
  throw new BadInput(`--config ${place}: expected an object of options, found another JSON`);
}

/** The library refuses names that it does not know. */
function checked(path: string, options: Record<string, unknown>): FinetuneOptions {
  const other = OF_PAGES.find((name) => name in options);
  if (other === undefined) return options;
  throw new Misuse(
    `--config ${path}: the option ${other} is for pages, and not for the command: leave it out`,
  );
}
