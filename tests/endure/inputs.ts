// Changed checkpoints in Chromium: each is loaded, classifies, makes two steps, and is saved and loaded back, or is refused by
// a typed error. A worker that dies is a fault, and so are an answer that is no number and a call without an end.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/serve.ts";
import type { Options } from "./main.ts";
import { choose, type Files, mutated } from "./mutate.ts";
import { seeded } from "./random.ts";
import { Stage } from "./stage.ts";

const NAMES = ["config.json", "tokenizer.json", "vocab.txt", "tokenizer_config.json", "model.safetensors"];
/** Codes of what must not be. */
const DEATHS = ["worker-crashed", "out-of-memory", "internal"];
/** An input without an end by then is a fault, on a busy machine, too. */
const LIMIT_MS = 60_000;
/** Pages are left after so many inputs, as people leave them. */
const INPUTS_OF_A_PAGE = 200;

interface Case {
  folder: string;
  limitMs: number;
  options: object;
  method: string;
}

export async function inputs({ times, seed }: Options): Promise<boolean> {
  const stage = await Stage.open();
  const bases = valid();
  const ends = new Map<string, number>();
  let failures = 0;
  let slowestMs = 0;
  for (let number = 0; number < times; number++) {
    const random = seeded(seed * 1_000_003 + number);
    const base = choose(bases, random);
    const files = mutated(base.files, random);
    const folder = `input/${number}/`;
    for (const [name, bytes] of Object.entries(files))
      stage.site.answer(folder + name, (response) => response.end(bytes));
    const given: Case = {
      folder,
      limitMs: LIMIT_MS,
      options: {
        labels: choose([undefined, undefined, ["a", "b"], ["x"], ["x", "y", "z"]], random),
        pooling: choose([undefined, "pooler", "cls", "mean", "max"], random),
        maxLength: choose([3, 4, 8, 8, 16, undefined], random),
      },
      method: choose(["full", "full", "lora", "head", "bitfit", "adapter"], random),
    };
    const beganAt = performance.now();
    const end = await stage.page.evaluate(walk, given).catch((error) => `untyped: ${error}`);
    slowestMs = Math.max(slowestMs, performance.now() - beganAt);
    for (const name of Object.keys(files))
      stage.site.answer(folder + name, (response) => response.writeHead(404).end());
    const code = end.split(":")[0] as string;
    ends.set(code, (ends.get(code) ?? 0) + 1);
    if (DEATHS.includes(code) || end.startsWith("untyped")) {
      failures += 1;
      console.log(`FAILED: input ${number} of seed ${seed}, of ${base.name}: ${end.slice(0, 500)}`);
    }
    if ((number + 1) % INPUTS_OF_A_PAGE === 0) {
      console.log(`${new Date().toISOString().slice(11, 19)} ${number + 1} inputs, ${failures} faults`);
      await stage.turnPage();
    }
  }
  console.log(
    `seed ${seed}: ${times} inputs, ${failures} faults, the slowest took ${Math.round(slowestMs)} ms`,
  );
  console.table(Object.fromEntries([...ends].sort(([, one], [, other]) => other - one)));
  await stage.close();
  return failures === 0;
}

/** The references' checkpoints and encoders; those whose weights are f32 can be changed number by number. */
function valid(): { name: string; files: Files }[] {
  return ["checkpoints", "encoders"].flatMap((kind) => {
    const folder = join(root, "tests/reference/data", kind);
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => {
        const all = readdirSync(join(folder, name));
        const isRead = (file: string) => file !== "vocab.txt" || !all.includes("tokenizer.json");
        const present = all.filter((file) => NAMES.includes(file) && isRead(file));
        const files = present.map((file) => [file, readFileSync(join(folder, name, file))] as const);
        return { name, files: Object.fromEntries(files) };
      });
  });
}

/** In the page: an input's whole way. Gives "served", a code, or what is wrong. */
async function walk({ folder, limitMs, options, method }: Case): Promise<string> {
  const { BertletError, Classifier } = window.bertlet;
  type Model = import("../../web/bertlet.d.ts").Classifier;
  const texts = ["The 漢字 parcel is late", "", "e\u0301 [MASK] ##a ".repeat(20)];
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  let [model, again]: (Model | undefined)[] = [undefined, undefined];
  const whole = async () => {
    model = await Classifier.load(folder, { ...given, device: "wasm", threads: 1 });
    const check = async (of: Model) => {
      if (of.info.labels.length === 0) return;
      for (const { scores } of await of.classify(texts))
        if (!scores.every(({ score }) => Number.isFinite(score))) throw new Error("a score is no number");
    };
    await check(model);
    const { labels } = model.info;
    if (labels.length === 0) return "served";
    const train = texts.map((text, row) => ({ text, label: labels[row % labels.length] as string }));
    const failure = await window.failure(
      () =>
        (model as Model).finetune({ train }, { method: method as "full", epochs: 1, batchSize: 2 }).result,
    );
    if (failure !== null && !["diverged", "bad-option", "bad-row"].includes(failure.code))
      return failure.code;
    await check(model);
    const saved = await model.save();
    const [config, tokenizer, weights] = [
      saved["config.json"],
      saved["tokenizer.json"],
      saved["model.safetensors"],
    ];
    again = await Classifier.load({ config, tokenizer, weights }, { device: "wasm", threads: 1 });
    await check(again);
    return "served";
  };
  const late = new Promise<string>((resolve) => setTimeout(resolve, limitMs, "untyped: no end"));
  try {
    return await Promise.race([whole(), late]);
  } catch (error) {
    return error instanceof BertletError ? `${error.code}: ${error.message}` : `untyped: ${error}`;
  } finally {
    for (const each of [model, again] as (Model | undefined)[]) await each?.dispose();
  }
}
