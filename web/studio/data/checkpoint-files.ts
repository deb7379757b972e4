/**
 * Takes dropped or picked files, or an address; gives the source that a checkpoint is loaded from.
 */
import type { Source } from "../../src/index.ts";
import { PageError } from "../i18n/messages.ts";

const PICKLE = /\.(bin|pt|pth|ckpt)$/i;
/** File names that a failure lists. */
const NAMES_SHOWN = 8;

/** The config, tokenizer and weights of a checkpoint among dropped or picked files, by their names. */
export function sourceFromFiles(files: readonly File[]): { source: Source; name: string } {
  const config = fileNamed(files, "config.json");
  const tokenizer = fileNamed(files, "tokenizer.json") ?? fileNamed(files, "vocab.txt");
  const tokenizerConfig = fileNamed(files, "tokenizer_config.json");
  const weights =
    fileNamed(files, "model.safetensors") ?? files.find((file) => /\.safetensors$/i.test(file.name));
  if (!config || !tokenizer || !weights) {
    throw missingFiles("missing-file", files, {
      "config.json": config,
      "tokenizer.json": tokenizer,
      "model.safetensors": weights,
    });
  }
  const folder = config.webkitRelativePath.split("/").slice(0, -1).join("/");
  return {
    source: { config, tokenizer, weights, ...(tokenizerConfig ? { tokenizerConfig } : {}) },
    name: folder || weights.name,
  };
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

/** The address of a folder that holds a checkpoint, checked and ended with a slash. */
export function sourceFromAddress(address: string): string {
  let url: URL;
  try {
    url = new URL(address.trim(), document.baseURI);
  } catch {
    throw new PageError("bad-address", (t) => t.load.badAddress(address));
  }
  if (address.trim() === "" || !/^https?:$/.test(url.protocol))
    throw new PageError("bad-address", (t) => t.load.badAddress(address));
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}
