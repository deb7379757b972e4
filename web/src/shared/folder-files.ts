// Takes the files of a folder by their paths; gives those of a checkpoint or an adapter. Decides by names alone:
// the page asks for picked files, the worker for those in a zip. Throws `fetch-failed`.

import { BertletError } from "./errors.ts";

export interface FolderFile<F> {
  /** Its path below whatever was picked, such as "my-model/config.json". */
  path: string;
  file: F;
}

/** Weights in several files: their index, and every safetensors file beside it, by name. */
export interface Shards<F> {
  index: F;
  shards: Record<string, F>;
}

export interface CheckpointAmong<F> {
  config: F;
  tokenizer: F;
  tokenizerConfig?: F;
  /** merges.txt, where the tokenizer is a vocab.json. */
  merges?: F;
  /** special_tokens_map.json and added_tokens.json, beside a vocabulary without tokenizer.json. */
  specialTokens?: F;
  addedTokens?: F;
  weights: F | Shards<F>;
  /** The file's name in the folder, where that is another than tokenizer.json, or model.safetensors. */
  tokenizerName?: "vocab.txt";
  weightsName?: string;
  /** By their paths: modules.json of sentence-transformers, and the files that go with it. */
  sentenceTransformers?: Record<string, F>;
}

/** What makes a folder one of sentence-transformers. */
export const MODULES = "modules.json";
/** The length of its texts, in older folders: the first that is there. */
export const SETTINGS = ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"].map(
  (kind) => `sentence_${kind}_config.json`,
);
/** Its prompts. */
export const PROMPTS = "config_sentence_transformers.json";

/** What SentencePiece writes, and transformers of old saved alone. */
export const SENTENCEPIECE = ["sentencepiece.bpe.model", "spiece.model", "spm.model"];

/** File names that an error lists. */
const NAMES_SHOWN = 8;

/** The files of the checkpoint. `from` says in errors where they are from, such as "the zip". */
export function checkpointAmong<F>(from: string, files: readonly FolderFile<F>[]): CheckpointAmong<F> {
  const folder = folderOf(from, files, "config.json");
  const words = folder.get("tokenizer.json") ?? folder.get("vocab.txt");
  const merges = words === undefined ? folder.get("merges.txt") : undefined;
  const tokenizer = words ?? (merges === undefined ? undefined : folder.get("vocab.json"));
  const sentencepiece = SENTENCEPIECE.find((name) => folder.has(name));
  if (tokenizer === undefined && sentencepiece !== undefined) throw sentencepieceAlone(from, sentencepiece);
  const index = folder.get("model.safetensors.index.json");
  const shards = safetensorsIn(folder);
  const names = Object.keys(shards);
  const weights =
    folder.get("model.safetensors") ??
    (index === undefined ? (names.length === 1 ? shards[names[0] as string] : undefined) : { index, shards });
  const missing = [
    ...(tokenizer === undefined ? ["tokenizer.json"] : []),
    ...(weights === undefined ? ["model.safetensors"] : []),
  ];
  if (tokenizer === undefined || weights === undefined) {
    const hint =
      names.length > 1
        ? "weights in several files take their model.safetensors.index.json beside them"
        : "give all files of the model at once; pytorch_model.bin must be saved again as safetensors";
    throw missingFiles(from, missing, files, hint);
  }
  const tokenizerConfig = folder.get("tokenizer_config.json");
  const older = (name: string) => (folder.has("tokenizer.json") ? undefined : folder.get(name));
  const specialTokens = older("special_tokens_map.json");
  const addedTokens = older("added_tokens.json");
  const sentenceTransformers = modulesIn(folder);
  return {
    config: folder.get("config.json") as F,
    tokenizer,
    weights,
    ...(words !== undefined && !folder.has("tokenizer.json") && { tokenizerName: "vocab.txt" as const }),
    ...(!folder.has("model.safetensors") && index === undefined && { weightsName: names[0] as string }),
    ...(merges === undefined ? {} : { merges }),
    ...(tokenizerConfig === undefined ? {} : { tokenizerConfig }),
    ...(specialTokens === undefined ? {} : { specialTokens }),
    ...(addedTokens === undefined ? {} : { addedTokens }),
    ...(sentenceTransformers === undefined ? {} : { sentenceTransformers }),
  };
}

/** A SentencePiece model is a binary file of its own, which Python makes a tokenizer.json of. */
export function sentencepieceAlone(from: string, name: string): BertletError {
  return new BertletError(
    "bad-tokenizer",
    `${from}: expected tokenizer.json, found ${name} alone, the file of a SentencePiece model`,
    'write it once in Python: transformers.AutoTokenizer.from_pretrained("FOLDER").save_pretrained("FOLDER")',
  );
}

/** modules.json, and what it may name: settings beside it, and the config.json of each module's folder. */
function modulesIn<F>(folder: Map<string, F>): Record<string, F> | undefined {
  if (!folder.has(MODULES)) return undefined;
  const named = ([path]: [string, F]) =>
    [MODULES, ...SETTINGS, PROMPTS].includes(path) || /^[^/]+\/config\.json$/.test(path);
  return Object.fromEntries([...folder].filter(named));
}

/** The two files of a peft folder. */
export function adapterAmong<F>(from: string, files: readonly FolderFile<F>[]): { config: F; weights: F } {
  const folder = folderOf(from, files, "adapter_config.json");
  const weights = folder.get("adapter_model.safetensors");
  if (weights === undefined) {
    throw missingFiles(from, ["adapter_model.safetensors"], files, "give both files of the adapter at once");
  }
  return { config: folder.get("adapter_config.json") as F, weights };
}

/**
 * The files, by name, of the folder that holds `name`, and those of its folders by "folder/name": of several such folders the one that is least deep, as a
 * checkpoint's own beside those of its training. Names in lower case stand for any case.
 */
function folderOf<F>(from: string, files: readonly FolderFile<F>[], name: string): Map<string, F> {
  const usable = files.map(({ path, file }) => ({ parts: path.split(/[/\\]/), file })).filter(isOwn);
  const holders = usable.filter(({ parts }) => parts.at(-1)?.toLowerCase() === name);
  const depth = Math.min(...holders.map(({ parts }) => parts.length));
  const nearest = holders.filter(({ parts }) => parts.length === depth);
  const [first, second] = nearest;
  if (first === undefined) {
    throw missingFiles(from, [name], files, "give the folder that holds it, or all of its files");
  }
  if (second !== undefined) {
    const places = [first, second].map(({ parts }) => parts.join("/")).join(" and ");
    throw new BertletError(
      "fetch-failed",
      `${from}: found ${name} twice: ${places}`,
      "give one folder alone",
    );
  }
  const inside = first.parts.slice(0, -1);
  const folder = new Map<string, F>();
  for (const { parts, file } of usable) {
    if (inside.some((part, at) => parts[at] !== part)) continue;
    const own = parts.slice(inside.length).join("/");
    const anyCase = !own.includes("/") && (/\.(json|txt)$/i.test(own) || /^model\.safetensors$/i.test(own));
    const key = anyCase ? own.toLowerCase() : own;
    if (!folder.has(key)) folder.set(key, file);
  }
  return folder;
}

/** What macOS puts beside each file of a zip is no file of the folder. */
function isOwn({ parts }: { parts: string[] }): boolean {
  return parts[0] !== "__MACOSX" && !parts.at(-1)?.startsWith("._") && parts.at(-1) !== "";
}

function safetensorsIn<F>(folder: Map<string, F>): Record<string, F> {
  return Object.fromEntries(
    [...folder].filter(([name]) => /^[^/]+\.safetensors$/i.test(name) && !name.startsWith("adapter_model")),
  );
}

function missingFiles(
  from: string,
  missing: readonly string[],
  files: readonly FolderFile<unknown>[],
  hint: string,
): BertletError {
  const shown = files.slice(0, NAMES_SHOWN).map(({ path }) => path);
  const found = shown.join(", ") + (files.length > NAMES_SHOWN ? ", ..." : "");
  const message = `${from}: expected ${missing.join(", ")}, found ${found === "" ? "no file" : found}`;
  return new BertletError("fetch-failed", message, hint);
}
