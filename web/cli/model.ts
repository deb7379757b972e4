// Opens the model that the command names, and writes what comes of it as files.

import { accessSync, constants, existsSync, statSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { FinetuneOptions, LoadOptions, ModelInfo } from "../bertlet.d.ts";
import { Classifier } from "../src/node/index.ts";
import { FINETUNE, HEAD } from "../src/shared/defaults.ts";
import { OF_LABELS, optionsOfMethod } from "../src/shared/methods.ts";
import { Misuse, type Value } from "./arguments.ts";
import { LOADING, TRAINING } from "./options.ts";
import { BadInput } from "./rows.ts";
import { progress, say } from "./say.ts";

export function needed(given: Record<string, Value>, name: "model" | "out"): string {
  const path = given[name];
  if (typeof path === "string" && path !== "") return path;
  throw new Misuse(`--${name} is needed`);
}

/** Where a model with virtual tokens has its adapter, in its folder. */
export const ADAPTER = "adapter";
/** What would be read with a saved model, though it is not one of its files. */
const OF_OTHERS = ["modules.json", ADAPTER];

/** Refuses a folder that cannot be written, before anything is computed; and one whose files would change what is saved there. */
export function checkFolder(out: string, withAdapter = false): void {
  checkWritable(out, true);
  const other = OF_OTHERS.find((name) => existsSync(join(out, name)) && !(withAdapter && name === ADAPTER));
  if (other === undefined) return;
  throw new Misuse(
    `--out ${out}: ${join(out, other)} is of another model, and would be read with the saved one: name another folder, or delete it`,
  );
}

/** `out` is a folder, or a file in one; what is not there yet is made later. */
export function checkWritable(out: string, isFolder: boolean): void {
  let place = resolve(out);
  if (existsSync(place) && statSync(place).isDirectory() !== isFolder)
    throw new Misuse(
      `--out ${out}: expected a ${isFolder ? "folder, found a file" : "file, found a folder"}`,
    );
  while (!existsSync(place)) place = dirname(place);
  try {
    if (place !== resolve(out) && !statSync(place).isDirectory()) throw new Error(`${place} is a file`);
    accessSync(place, constants.W_OK);
  } catch (error) {
    throw new Misuse(`--out ${out}: it cannot be written: ${(error as Error).message}`);
  }
}

export async function openModel(
  given: Record<string, Value>,
  more: Pick<LoadOptions, "labels" | "problemType" | "pooling" | "maxLength"> = {},
): Promise<Classifier> {
  const path = needed(given, "model");
  if (!existsSync(path)) throw new BadInput(`--model ${path}: there is no such folder or zip`);
  const source = statSync(path).isDirectory() ? pathToFileURL(`${resolve(path)}/`) : await zipAt(path);
  const onProgress: LoadOptions["onProgress"] = ({ stage, file }) => progress(`${stage} ${file ?? ""}`);
  const classifier = await Classifier.load(source, { ...more, ...chosen(given, LOADING), onProgress });
  if (existsSync(join(path, ADAPTER, "adapter_config.json"))) {
    await classifier.addAdapter("default", pathToFileURL(`${resolve(path)}/${ADAPTER}/`));
    await classifier.useAdapter("default");
    say(`with the adapter in ${join(path, ADAPTER)}`);
  }
  const { architecture, parameters, device, threads, deviceReason } = classifier.info;
  const where = device === "wasm" ? `the CPU, ${threads} thread(s)` : `WebGPU, ${classifier.info.adapter}`;
  say(
    `${architecture} of ${parameters} parameters on ${where}${deviceReason === undefined ? "" : ` (${deviceReason})`}`,
  );
  return classifier;
}

async function zipAt(path: string): Promise<Blob> {
  const bytes = await readFile(path);
  // A zip's names stand in it as they are.
  if (bytes.includes(`${ADAPTER}/adapter_config.json`))
    throw new BadInput(
      `--model ${path}: the zip has an adapter beside its model, which is read from a folder alone: unpack it first`,
    );
  return new Blob([bytes]);
}

/** The given options that a table has. */
export function chosen(given: Record<string, Value>, table: Record<string, unknown>): Record<string, Value> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => name in table));
}

/** The labels of the data as the model's: its own head stays where it has the same ones. */
export async function withLabels(classifier: Classifier, labels: readonly string[]): Promise<void> {
  const own = classifier.info.labels;
  if (own.length === labels.length && labels.every((label) => own.includes(label))) return;
  await classifier.setLabels(labels);
}

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
  let found: Record<string, unknown>;
  try {
    found = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new BadInput(`--config ${path}: ${(error as Error).message}`);
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) {
    throw new BadInput(`--config ${path}: expected an object of options, found another JSON`);
  }
  if (typeof found.options !== "object" || found.options === null) return { options: found, model: {} };
  const { options, pooling, maxLength, problemType } = found;
  const model = { ...(pooling !== undefined && { pooling }), ...(maxLength !== undefined && { maxLength }) };
  return { options, model: { ...model, ...(problemType !== undefined && { problemType }) } } as Config;
}

/** Writes all of them or, where one cannot be written, none: what was there before stays until then. */
export async function writeFiles(folder: string, files: object): Promise<void> {
  const paths: string[] = [];
  const part = (path: string) => `${path}.part`;
  try {
    for (const [name, content] of Object.entries(files) as [string, Blob | string][]) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      paths.push(path);
      await writeFile(
        part(path),
        typeof content === "string" ? content : new Uint8Array(await content.arrayBuffer()),
      );
    }
  } catch (error) {
    for (const path of paths) await rm(part(path), { force: true }).catch(() => {});
    throw error;
  }
  for (const path of paths) await rename(part(path), path);
}

/** Writes a file whose folder may not be there yet. */
export function writeOne(path: string, content: Blob | string): Promise<void> {
  return writeFiles(dirname(resolve(path)), { [basename(path)]: content });
}
