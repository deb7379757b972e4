// Holds every default and limit in one place against the others: shared/defaults.ts, the prose of bertlet.d.ts, the engine's
// Rust sources, and the studio's recipe and fields.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as defaults from "../../web/src/shared/defaults.ts";
import { idlePretraining } from "../../web/studio/state/masked-lm.ts";
import { defaultRecipe } from "../../web/studio/state/recipe.ts";
import { root } from "../support/serve.ts";

const { LIMITS } = defaults;
const source = (path: string) => readFileSync(join(root, path), "utf8");

/** The text of every file of a folder, subfolders included. */
function sources(folder: string, end: string): string {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(end))
    .map((name) => source(join(folder, name)))
    .join("\n");
}

const found = <T>(value: T | undefined | null, what: string): T => {
  assert.ok(value !== undefined && value !== null, `expected ${what}, found none`);
  return value;
};

describe("bertlet.d.ts tells every default", () => {
  const declarations = source("web/bertlet.d.ts");

  /** The prose of each option of an interface. */
  function proseOf(name: string): Map<string, string> {
    const pattern = new RegExp(`export interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, "s");
    const [, body] = found(declarations.match(pattern), `the interface ${name}`);
    const options = (body as string).matchAll(/ {2}\/\*\*(.*?)\*\/\s+(?:readonly )?(\w+)\??:/gs);
    return new Map(
      [...options].map(([, prose, option]) => [
        option as string,
        (prose as string).replaceAll(/\s*\n\s*\*\s*/g, " ").trim(),
      ]),
    );
  }

  /** What follows "Default", where that is a value. */
  function defaultIn(prose: string): unknown {
    const match = /\b[Dd]efault (`[^`]+`|\[[^\]]*\]|"[^"]*"|true|false|[\d,.e-]*\d)/.exec(prose);
    if (match === null) return undefined;
    const value = (match[1] as string).replaceAll("`", "");
    return /^[\d.,e-]+$/.test(value)
      ? Number(value.replaceAll(",", ""))
      : new Function(`return (${value})`)();
  }

  /** What says its default in words alone. */
  const IN_WORDS: Record<string, string[]> = {
    LoadOptions: ["threads", "labels", "problemType", "pooling", "maxLength"],
    EmbedOptions: ["normalize"],
    ExplainOptions: ["steps"],
    FinetuneOptions: ["augment", "earlyStopping", "restoreBest", "tuneThreshold"],
  };

  for (const [name, values] of Object.entries({
    LoadOptions: defaults.LOAD,
    InferenceOptions: defaults.INFERENCE,
    ExplainOptions: defaults.EXPLAIN,
    FillMaskOptions: defaults.FILL_MASK,
    LoraOptions: defaults.LORA,
    AdaloraOptions: defaults.ADALORA,
    FinetuneOptions: { ...defaults.FINETUNE, ...defaults.STAGES },
    PretrainOptions: defaults.PRETRAIN,
    DistillOptions: defaults.DISTILL,
    CrossValidateOptions: defaults.CROSS_VALIDATE,
    SearchOptions: defaults.SEARCH,
    SplitOptions: defaults.SPLIT,
    CalibrateOptions: defaults.CALIBRATE,
    SuggestOptions: defaults.SUGGEST,
    ScopeOptions: defaults.SCOPE,
    LearnOptions: { ...defaults.LEARN },
    SaveOptions: defaults.SAVE,
    SaveAdapterOptions: defaults.SAVE_ADAPTER,
    SetLabelsOptions: defaults.SET_LABELS,
    CreateOptions: withoutDevice(defaults.CREATE),
  })) {
    test(name, () => {
      const told: Record<string, unknown> = {};
      for (const [option, prose] of proseOf(name)) {
        const value = defaultIn(prose);
        if (value !== undefined && !IN_WORDS[name]?.includes(option)) told[option] = value;
      }
      const stated = Object.entries(values).filter(([option]) => !IN_WORDS[name]?.includes(option));
      assert.deepEqual(told, Object.fromEntries(stated));
    });
  }

  /** Its prose refers to LoadOptions. */
  function withoutDevice({ device, ...rest }: typeof defaults.CREATE) {
    assert.equal(device, defaults.LOAD.device);
    return rest;
  }

  test("AugmentOptions, all alike", () => {
    assert.match(declarations, /each a share of the words, 0 to under 1, default 0\./);
    assert.deepEqual({ ...defaults.AUGMENT }, { drop: 0, swap: 0, mask: 0 });
  });

  for (const [name, options] of Object.entries({
    LoraOptions: { rank: "rank" },
    AdaloraOptions: { initialRank: "initialRank" },
    FinetuneOptions: {
      epochs: "epochs",
      batchSize: "batchSize",
      accumulate: "accumulate",
      adapterSize: "adapterSize",
      virtualTokens: "virtualTokens",
      earlyStopping: "patience",
    },
    LoadOptions: { labels: "labels" },
    ExplainOptions: { steps: "steps" },
    PretrainOptions: { epochs: "epochs" },
    CrossValidateOptions: { folds: "folds" },
    SearchOptions: { trials: "trials" },
    SearchSpace: { batchSize: "batchSize", epochs: "epochs" },
    CreateOptions: {
      vocabSize: "vocabSize",
      layers: "layers",
      hiddenSize: "hiddenSize",
      heads: "heads",
      intermediateSize: "intermediateSize",
      maxLength: "newMaxLength",
    },
  } satisfies Record<string, Record<string, keyof typeof LIMITS>>)) {
    test(`${name}: limits`, () => {
      const prose = proseOf(name);
      for (const [option, limit] of Object.entries(options)) {
        const text = found(prose.get(option), `${name}.${option}`);
        const range = found(/(\d[\d,]*) to (\d[\d,]*)/.exec(text), `a range of ${name}.${option}`);
        const numbers = range.slice(1).map((number) => Number(number.replaceAll(",", "")));
        assert.deepEqual(numbers, [...LIMITS[limit as keyof typeof LIMITS]], `${name}.${option}: ${text}`);
      }
    });
  }
});

describe("the engine has the same", () => {
  const rust = sources("crate/src", ".rs");

  /** The fields of `impl Default for NAME`, by their names in JavaScript. */
  function defaultsOf(name: string): Record<string, unknown> {
    const pattern = new RegExp(`impl Default for ${name} \\{.*?Self \\{\\n(.*?)\\n {8}\\}`, "s");
    const [, body] = found(rust.match(pattern), `impl Default for ${name}`);
    const fields = (body as string).matchAll(/^\s*(\w+): (.*),$/gm);
    return Object.fromEntries(
      [...fields].map(([, field, value]) => [camelCase(field as string), literalOf(value as string)]),
    );
  }

  function camelCase(name: string): string {
    return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  }

  function literalOf(text: string): unknown {
    if (/^[\d._]+(e-?\d+)?$/.test(text)) return Number(text.replaceAll("_", ""));
    if (text === "true" || text === "false") return text === "true";
    if (text.startsWith("vec![")) return [...text.matchAll(/"(\w+)"/g)].map(([, word]) => word);
    // A variant of an enum, which serde names in lower case.
    return text.includes("::") ? (text.split("::")[1] as string).toLowerCase() : text;
  }

  test("defaults of fine-tuning, and no option that the other lacks", () => {
    const { lora, adalora, augment, dropout, classWeights, ...rest } = defaultsOf("TrainOptions");
    // JavaScript's null: as config.json says, and all labels alike. The adapter's name is an argument of its own.
    assert.deepEqual([dropout, classWeights], ["None", "None"]);
    const { dropout: config, classWeights: none, adapterName, ...ours } = defaults.FINETUNE;
    assert.deepEqual([config, none, adapterName], ["config", "none", "default"]);
    assert.deepEqual(rest, ours);
    assert.deepEqual([lora, adalora, augment], ["default()", "default()", "default()"]);
  });

  test("defaults of LoRA, AdaLoRA and masking", () => {
    assert.deepEqual(defaultsOf("LoraOptions"), defaults.LORA);
    assert.deepEqual(defaultsOf("AdaloraOptions"), defaults.ADALORA);
    const { maskProbability, wholeWords } = defaults.PRETRAIN;
    const { seed } = defaults.FINETUNE;
    assert.deepEqual(defaultsOf("MaskingOptions"), { maskProbability, wholeWords, seed });
    const [, augment] = found(/((?:#\[.*\]\n)+)pub struct AugmentOptions/.exec(rust), "AugmentOptions");
    assert.match(augment as string, /\bDefault\b/, "derived, so 0 each");
  });

  test("the default of maxLength", () => {
    const [, tokens] = found(/const USUAL_LENGTH: usize = (\d+);/.exec(rust), "maxLength's default");
    assert.equal(Number(tokens), defaults.LOAD.maxLength);
    assert.match(
      source("web/bertlet.d.ts"),
      new RegExp(
        `model_max_length\\), else ${tokens}, of a folder of sentence-transformers all positions; at most the`,
      ),
    );
  });

  test("limits", () => {
    const most = (pattern: RegExp) => {
      const [, number] = found(pattern.exec(rust), String(pattern));
      return Number((number as string).replaceAll("_", ""));
    };
    for (const name of ["epochs", "batchSize", "accumulate"] as const) {
      const count = most(new RegExp(`\\("${name}", self\\.\\w+, ([\\d_]+)\\)`));
      assert.deepEqual([1, count], [...LIMITS[name]], name);
    }
    const largest = most(/const LARGEST: usize = ([\d_]+);/);
    for (const name of ["rank", "initialRank", "adapterSize", "virtualTokens"] as const) {
      assert.match(rust, new RegExp(`check_size\\(\\s*"(?:\\w+\\.)?${name}"`), name);
      assert.deepEqual([1, largest], [...LIMITS[name]], name);
    }
    assert.deepEqual([1, most(/const MOST_LABELS: usize = ([\d_]+);/)], [...LIMITS.labels]);
  });

  test("limits of a new model's shape", () => {
    const text = source("crate/src/engine/create.rs");
    for (const [name, limit] of [
      ["vocabSize", "vocabSize"],
      ["layers", "layers"],
      ["hiddenSize", "hiddenSize"],
      ["heads", "heads"],
      ["intermediateSize", "intermediateSize"],
      ["maxLength", "newMaxLength"],
    ] as const) {
      const told = found(new RegExp(`"${name}",\\s*"from (\\d+) to (\\d+)`).exec(text), name);
      assert.deepEqual(told.slice(1).map(Number), [...LIMITS[limit]], name);
      const [least, largest] = LIMITS[limit];
      const grouped = String(largest).replace(/(?=(\d{3})+$)(?<=\d{2})/, "_?");
      assert.match(text, new RegExp(`\\(${least}\\.\\.=${grouped}\\)\\.contains`), name);
    }
  });
});

describe("the studio has the same", () => {
  /** Few rows and little time ask for more epochs and a higher rate than the library's own. */
  const OF_ITS_OWN = ["epochs", "learningRate", "warmupRatio", "pooling", "targets", "patience"];

  test("defaults of a recipe", () => {
    const library: Record<string, unknown> = {
      ...defaults.FINETUNE,
      ...defaults.LORA,
      dropout: defaults.FINETUNE.dropout,
      maxLength: defaults.LOAD.maxLength,
    };
    for (const [name, value] of Object.entries(defaultRecipe)) {
      if (OF_ITS_OWN.includes(name)) continue;
      assert.deepEqual(value, library[name], name);
    }
  });

  test("defaults of pretraining", () => {
    const { epochs, learningRate, wholeWords } = idlePretraining;
    const { maskProbability: _, ...library } = defaults.PRETRAIN;
    assert.deepEqual({ epochs, learningRate, wholeWords }, { ...library });
  });

  test("limits of its fields", () => {
    const studio = sources("web/studio", ".ts");
    let held = 0;
    for (const [, name, least, most] of studio.matchAll(/\bnumber\("(\w+)", (\d+), ([\d_]+)\)/g)) {
      if (!Object.hasOwn(LIMITS, name as string)) continue;
      held += 1;
      const limits = LIMITS[name as keyof typeof LIMITS];
      assert.deepEqual([Number(least), Number((most as string).replaceAll("_", ""))], [...limits], name);
    }
    assert.ok(held >= 8 || /from "[./]*src\/shared\/defaults\.ts"/.test(studio), `${held} fields`);
  });
});
