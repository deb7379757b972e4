/**
 * Takes dropped or picked files; gives the source that a checkpoint is loaded from.
 */
import type { Source } from "../../src/index.ts";
import { PageError } from "../i18n/messages.ts";
import { zipAmong } from "./zip-names.ts";

const PICKLE = /\.(bin|pt|pth|ckpt)$/i;
/** File names that a failure lists. */
const NAMES_SHOWN = 8;
/** Forms of a tokenizer. The library refuses the last two by name. */
const TOKENIZERS = ["tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model"];

/** The source of dropped or picked files: a zip, or the files of the folder that holds config.json. */
export function sourceFromFiles(files: readonly File[]): { source: Source; name: string } {
  const zip = zipAmong(files);
  if (zip) return { source: zip, name: zip.name.replace(/\.zip$/i, "") };
  // A folder may hold the checkpoints of its training, deeper than its own files.
  const configs = files.filter((file) => file.name.toLowerCase() === "config.json");
  const config = configs.sort((a, b) => levelOf(a) - levelOf(b))[0];
  const own = files.filter((file) => config !== undefined && folderOf(file) === folderOf(config));
  const tokenizer = TOKENIZERS.map((name) => fileNamed(own, name)).find((file) => file !== undefined);
  const single = fileNamed(own, "model.safetensors");
  const index = fileNamed(own, "model.safetensors.index.json");
  const parts = own.filter((file) => /\.safetensors$/i.test(file.name));
  const weights = single ?? index ?? (parts.length === 1 ? parts[0] : undefined);
  if (!config || !tokenizer || !weights) {
    throw missingFiles("missing-file", own.length > 0 ? own : files, {
      "config.json": config,
      "tokenizer.json": tokenizer,
      [parts.length > 1 ? "model.safetensors.index.json" : "model.safetensors"]: weights,
    });
  }
  return { source: own, name: folderOf(config) || (weights === index ? "model.safetensors" : weights.name) };
}

function folderOf(file: File): string {
  return file.webkitRelativePath.split("/").slice(0, -1).join("/");
}

function levelOf(file: File): number {
  return file.webkitRelativePath.split("/").length;
}

export function fileNamed(files: readonly File[], name: string): File | undefined {
  return files.find((file) => file.name.toLowerCase() === name);
}

/** What is missing, what was found instead, and what to do: `wanted` ends with the weights. */
export function missingFiles(
  code: "missing-file" | "missing-adapter-file",
  files: readonly File[],
  wanted: Record<string, File | undefined>,
): PageError {
  const missing = Object.keys(wanted).filter((name) => wanted[name] === undefined);
  const found = files.slice(0, NAMES_SHOWN).map((file) => file.name);
  const pickle = Object.values(wanted).at(-1) ? undefined : files.find((file) => PICKLE.test(file.name));
  return new PageError(
    code,
    (t) => t.load.missing(missing.join(", "), found.join(", ")),
    (t) => {
      if (pickle) return t.load.pickle(pickle.name);
      return code === "missing-file" ? t.load.missingHint : t.adapters.missingHint;
    },
  );
}
