// Where a result goes: refuses a place that would cost the person what stands there, before anything is computed; writes the
// files.

import { accessSync, constants, existsSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type Arguments, Misuse, needed } from "./arguments.ts";

/** Where a model with virtual tokens has its adapter, in its folder. */
export const ADAPTER = "adapter";
/** Files of sentence-transformers, which not every saved model has. */
const OF_SENTENCES = ["modules.json", "1_Pooling/config.json"];
/** What would be read with a saved model, though it is not one of its files. */
const OF_OTHERS = [...OF_SENTENCES, ADAPTER];
/** What the commands write into a folder. */
const WRITTEN = [
  ...["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"],
  ...["modeling_bertlet.py", "report.json", "onnx"],
];

/** The folder of --out. Refuses one that cannot be written, and one whose files would change what is saved there. */
export function outFolder(asked: Arguments, withAdapter = false): string {
  const out = needed(asked.given, "out");
  checkPlace(out, true, asked);
  const isOwn = (name: string) => (name === ADAPTER ? withAdapter : isOurs(out));
  const other = OF_OTHERS.find((name) => existsSync(join(out, name)) && !isOwn(name));
  if (other !== undefined)
    throw new Misuse(
      `--out ${out}: ${join(out, other)} is of another model, and would be read with the saved one: name another folder, or delete it`,
    );
  if (asked.given.force === true || isOurs(out)) return out;
  const own = WRITTEN.find((name) => existsSync(join(out, name)));
  if (own === undefined) return out;
  throw new Misuse(
    `--out ${out}: ${join(out, own)} was not written by bertlet: name another folder, or replace it by --force`,
  );
}

/** The file of --out. */
export function outFile(asked: Arguments): string {
  const out = needed(asked.given, "out");
  checkPlace(out, false, asked);
  if (asked.given.force === true || !existsSync(out)) return out;
  throw new Misuse(`--out ${out}: there is such a file: name another one, or replace it by --force`);
}

/** Refuses what cannot be written, and what is read. What is not there yet is made later. */
function checkPlace(out: string, isFolder: boolean, { files, given }: Arguments): void {
  let place = resolve(out);
  if (existsSync(place) && statSync(place).isDirectory() !== isFolder)
    throw new Misuse(
      `--out ${out}: expected a ${isFolder ? "folder, found a file" : "file, found a folder"}`,
    );
  const inputs = [...files, ...["model", "config", "dev", "test"].map((name) => given[name])];
  const isOut = (path: unknown) => typeof path === "string" && existsSync(path) && isSame(path, place);
  if (existsSync(place) && inputs.some(isOut))
    throw new Misuse(
      `--out ${out}: it is what the command reads: name another ${isFolder ? "folder" : "file"}`,
    );
  while (!existsSync(place)) place = dirname(place);
  try {
    if (place !== resolve(out) && !statSync(place).isDirectory()) throw new Error(`${place} is a file`);
    accessSync(place, constants.W_OK);
  } catch (error) {
    throw new Misuse(`--out ${out}: it cannot be written: ${(error as Error).message}`);
  }
}

/** Whether both lead to the same place, by links too. */
function isSame(path: string, other: string): boolean {
  const [own, its] = [statSync(path, { bigint: true }), statSync(other, { bigint: true })];
  return own.dev === its.dev && own.ino === its.ino;
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Whether the folder's config.json has bertlet's own entry, which each saved model has. */
function isOurs(folder: string): boolean {
  try {
    return "bertlet" in JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  } catch {
    return false;
  }
}

/**
 * Writes all of them or, where one cannot be written, none: what was there before stays until then. A second Ctrl+C ends the
 * process, but not between the first of the new files and the last.
 */
export async function writeFiles(folder: string, files: object): Promise<void> {
  const paths: string[] = [];
  const part = (path: string) => `${path}.part`;
  const leave = () => {
    // A folder of such a name is not ours.
    for (const path of paths) if (isFile(part(path))) rmSync(part(path));
  };
  process.once("exit", leave);
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
    for (const path of paths) renameSync(part(path), path);
    if ("config.json" in files)
      for (const name of OF_SENTENCES) if (!(name in files)) rmSync(join(folder, name), { force: true });
  } finally {
    process.off("exit", leave);
    leave();
  }
}

/** Writes a file whose folder may not be there yet. */
export function writeOne(path: string, content: Blob | string): Promise<void> {
  return writeFiles(dirname(resolve(path)), { [basename(path)]: content });
}
