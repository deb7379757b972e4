// Packs what goes on with a run elsewhere: a zip with the script, the recipe, the rows, their order and the checkpoint.
// Built as pack.js of its own, since few pages need it: take-away.ts loads it.

import { downloadZip } from "client-zip";
import type { FinetuneOptions, ModelInfo, Report } from "../../../bertlet.d.ts";
import { version } from "../../../package.json";
import type { NamedRows } from "../../shared/messages.ts";
import { optionsOfMethod } from "../../shared/methods.ts";
import type { ModelSelection, Recipe } from "../../shared/recipe.ts";
import type { Session } from "../session.ts";
import { hexOf, sha256 } from "../storage/digest.ts";
import readme from "./README.md";
import requirements from "./requirements.txt";
import script from "./train.py";

/** A run at its first step, or at the one that it has come to. */
export interface Run {
  recipe: Recipe;
  selection: ModelSelection;
  /** Whether its head was trained before its first step. */
  headFirst: boolean;
  info: ModelInfo;
  /** In the order of the labels. */
  classWeights: readonly number[];
  /** Steps done. */
  step: number;
  /** The sums over the steps that are done of the epoch under way, or of an earlier run where no step is done. */
  epoch?: Session["epoch"];
  /** The rows of each step of each epoch. */
  order: readonly (readonly (readonly number[])[])[];
  /** model.safetensors without the adapter; and where they are: the adapter, and AdamW's means. */
  weights: { base: Uint8Array; adapter?: Uint8Array; mean?: Uint8Array; square?: Uint8Array };
  files: {
    config: string;
    tokenizer: string;
    tokenizerConfig: string;
    modelingCode: string | undefined;
    adapterConfig: string | undefined;
  };
  expected: {
    /** The next steps without dropout. */
    steps: { loss: number; learningRate: number; gradNorm: number }[];
    /** Of dev and test before them. */
    scores: Record<string, Report>;
  };
  rows: { train: NamedRows; dev?: NamedRows | undefined; test?: NamedRows | undefined };
}

type Files = Record<string, string | Uint8Array>;

export async function pack(run: Run): Promise<Blob> {
  const { files, weights, rows, info } = run;
  const held: Files = { "order.json": JSON.stringify(run.order) };
  for (const [split, given] of Object.entries(rows)) {
    if (given !== undefined) held[`data/${split}.jsonl`] = linesOf(given);
  }
  held["checkpoint/config.json"] = files.config;
  held["checkpoint/tokenizer.json"] = files.tokenizer;
  held["checkpoint/tokenizer_config.json"] = files.tokenizerConfig;
  if (files.modelingCode !== undefined) held["checkpoint/modeling_bertlet.py"] = files.modelingCode;
  held["checkpoint/model.safetensors"] = weights.base;
  for (const name of ["adapter", "mean", "square"] as const) {
    if (weights[name] !== undefined) held[`checkpoint/${name}.safetensors`] = weights[name];
  }
  held["expected.json"] = JSON.stringify({ device: info.device, ...run.expected }, null, 1);
  const all: Files = {
    "README.md": readme,
    "train.py": script,
    "requirements.txt": requirements,
    "recipe.json": `${JSON.stringify(await recipeOf(run, held), null, 2)}\n`,
    ...held,
  };
  const lastModified = new Date();
  return downloadZip(
    Object.entries(all).map(([name, input]) => ({ name, input, lastModified })) as {
      name: string;
      input: string;
    }[],
  ).blob();
}

/** recipe.json: every option, and what the script needs to know of the model and of its files. */
async function recipeOf(
  { recipe, selection, headFirst, info, classWeights, step, epoch, files }: Run,
  held: Files,
) {
  const { labels, problemType, pooling, maxLength, threshold } = info;
  const { adapterConfig } = files;
  const { target_modules, modules_to_save } = JSON.parse(adapterConfig ?? "{}");
  const digests: Record<string, string> = {};
  for (const [name, content] of Object.entries(held)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    digests[name] = hexOf(await sha256(bytes));
  }
  return {
    bertlet: version,
    options: { ...optionsOf(recipe, selection, labels), ...(headFirst && { headFirst }) },
    labels,
    problemType,
    pooling,
    maxLength,
    threshold,
    step,
    // What an epoch under way brings to its mean loss; one whose steps are all made is over elsewhere.
    lossSoFar:
      step > 0 && epoch && epoch.rows > 0 && epoch.owed === undefined
        ? [[epoch.loss / epoch.rows, epoch.rows]]
        : [],
    selection,
    classWeights,
    ...(adapterConfig !== undefined && { adapter: { target_modules, modules_to_save } }),
    sha256: digests,
  };
}

/** The recipe as `finetune` takes it. */
function optionsOf(
  { classWeights, dropout, augment: _, ...recipe }: Recipe,
  { patience, restoreBest, tuneThreshold }: ModelSelection,
  labels: readonly string[],
): FinetuneOptions {
  const weights = Array.isArray(classWeights)
    ? Object.fromEntries(labels.map((label, index) => [label, classWeights[index] as number]))
    : (classWeights ?? "none");
  return optionsOfMethod({
    ...recipe,
    classWeights: weights,
    dropout: dropout ?? "config",
    ...(patience !== undefined && { earlyStopping: { patience } }),
    ...(restoreBest && { restoreBest }),
    ...(tuneThreshold && { tuneThreshold }),
  });
}

function linesOf({ texts, labels }: NamedRows): string {
  const lines = texts.map((text, row) => {
    const label = labels[row];
    const [first, textPair] = typeof text === "string" ? [text] : text;
    return JSON.stringify(textPair === undefined ? { text: first, label } : { text: first, textPair, label });
  });
  return `${lines.join("\n")}\n`;
}
