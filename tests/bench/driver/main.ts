// The benchmark's driver, run by `cargo xtask bench`: takes the built site, gives tables on standard output.
// --table NAME (again for another), --shape T|M|base and --only PART (of "jax wasm": a contender's file and a
// device) choose parts of it; --browser firefox takes the tables "speed" and "one", forward on the CPU, there; --quick
// takes one sample, and --long 300 steps of M for its memory. The tables "search", "pretraining", "bits" and "scores"
// are asked for by name, with --data and --model: folders of train.csv, dev.csv and test.csv, and of a checkpoint;
// "scores" takes --rows a label (8; 0: all), --seeds (5), and --load and --options, the JSON of one recipe.

import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { LoadOptions } from "../../../web/bertlet.d.ts";
import { launch } from "../../support/browser.ts";
import { root } from "../../support/serve.ts";
import { BASE, SHAPES, type Shape } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import { eightBitsTable } from "../tables/eight-bits.ts";
import { estimatesTable } from "../tables/estimates.ts";
import { growthTable } from "../tables/growth.ts";
import { kernelsTable } from "../tables/kernels.ts";
import { shapeTable, timeToFirstTable, whatTheyLack } from "../tables/markdown.ts";
import { matmulTable } from "../tables/matmul.ts";
import { type Case, memoryTable } from "../tables/memory.ts";
import { methodsTable } from "../tables/methods.ts";
import { FULL as FULL_ONE, oneTables, QUICK as QUICK_ONE } from "../tables/one.ts";
import { pretrainingTable } from "../tables/pretraining.ts";
import { FEW, scoresTable } from "../tables/scores.ts";
import { searchTable } from "../tables/search.ts";
import { FULL, measure, QUICK, type Row } from "../tables/speed.ts";
import { stepsTable } from "../tables/steps.ts";
import {
  FULL as FULL_FIRST,
  QUICK as QUICK_FIRST,
  timeToFirstClassification,
} from "../tables/time-to-first.ts";
import { ofChromium, startFirefox } from "./browsers.ts";
import { contest } from "./contest.ts";
import { load, machine } from "./machine.ts";
import { onnxForms } from "./onnx-forms.ts";
import { benchSite } from "./site.ts";

/** Files of ../libraries. */
const CONTENDERS = ["bertlet", "jax", "tfjs", "onnxruntime"];
const ONE_AT_A_TIME = ["bertlet", "onnxruntime"];

const { values: options } = parseArgs({
  options: {
    table: { type: "string", multiple: true },
    browser: { type: "string", default: "chromium" },
    only: { type: "string", default: "" },
    shape: { type: "string" },
    quick: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    data: { type: "string" },
    model: { type: "string" },
    rows: { type: "string" },
    seeds: { type: "string" },
    load: { type: "string" },
    options: { type: "string" },
  },
});
const { quick } = options;
const isChosen = ({ name }: Shape) => options.shape === undefined || name === options.shape;
if (![...SHAPES, BASE].some(isChosen))
  throw new Error(`expected T, M or base after --shape, found ${options.shape}`);
const shapes = SHAPES.filter(isChosen);
const largest = shapes.at(-1) ?? BASE;

const oneThread: Variant = { device: "wasm", threads: 1 };
const threads: Variant = { device: "wasm", threads: Math.min(availableParallelism(), 8) };
const webgpu: Variant = { device: "webgpu" };
const wanted = ({ device }: Variant) => `bertlet ${device}`.includes(options.only);

const manifest = JSON.parse(await readFile(join(root, "tests/bench/package.json"), "utf8"));
/** As pinned there, and so as installed. */
const versions: Record<string, string> = manifest.devDependencies;
const firefox = options.browser === "firefox";
if (!firefox && options.browser !== "chromium")
  throw new Error(`expected chromium or firefox after --browser, found ${options.browser}`);
const site = await benchSite();
const browser = await launch();
const contestBrowser = firefox ? await startFirefox() : ofChromium(browser);
const rows: Row[] = [];
let failed = false;

const tables: Record<string, () => AsyncGenerator<string>> = {
  async *speed() {
    const quickly = quick && options.shape === undefined;
    for (const shape of quickly ? shapes : [...SHAPES, BASE].filter(isChosen)) {
      const { field, note } = await contest(contestBrowser, site, shape, CONTENDERS, options.only);
      const found: Row[] = [];
      for (const task of ["forward", "train"] as const) {
        // A training step of BERT-base takes longer than it tells.
        if (task === "train" && (firefox || shape === BASE)) continue;
        found.push(...(await measure({ ...field, task }, quick ? QUICK : FULL, quick ? 1 : 4)));
      }
      rows.push(...found);
      yield `${shapeTable(shape, found, versions)}\n\n${note}`;
    }
    yield whatTheyLack(rows);
  },

  async *one() {
    const { field, note } = await contest(contestBrowser, site, largest, ONE_AT_A_TIME, options.only);
    yield* oneTables({ ...field, task: "forward" }, versions, quick ? QUICK_ONE : FULL_ONE);
    yield note;
  },

  async *growth() {
    const pace = quick
      ? { warmUps: 1, samples: 1, budgetMs: 1 }
      : { warmUps: 3, samples: 12, budgetMs: 5_000 };
    yield await growthTable(browser, site, largest, threads, pace);
  },

  async *memory() {
    const cases = shapes.flatMap((shape) => {
      const steps = shape.name === "T" || options.long ? 300 : 40;
      const onCpu: Case = { shape: { ...shape, seqLen: 128 }, variant: threads, steps };
      return shape.name === "T" ? [onCpu, { shape, variant: webgpu, steps: 60 }] : [onCpu];
    });
    const chosen = cases.filter(({ variant }) => wanted(variant));
    yield await memoryTable(browser, site, quick ? chosen.map((each) => ({ ...each, steps: 4 })) : chosen);
  },

  async *matmul() {
    const variants = (threads.threads === 1 ? [threads, webgpu] : [oneThread, threads, webgpu]).filter(
      wanted,
    );
    yield await matmulTable(browser, site, largest, variants, quick ? 1 : 1_500);
  },

  async *steps() {
    const pace = quick
      ? { samples: 1, budgetMs: 1, operationMs: 1 }
      : { samples: 10, budgetMs: 15_000, operationMs: 1_000 };
    for (const shape of shapes) {
      yield await stepsTable(browser, site, shape, [threads, webgpu].filter(wanted), pace);
    }
  },

  async *methods() {
    const pace = quick
      ? { warmUps: 1, samples: 1, budgetMs: 1 }
      : { warmUps: 3, samples: 10, budgetMs: 60_000 };
    yield await methodsTable(browser, site, largest, threads, pace);
  },

  async *plan() {
    const cases = shapes.flatMap((shape) => {
      const steps = quick ? 4 : shape.name === "T" ? 300 : 30;
      return [
        { shape, steps },
        { shape: { ...shape, seqLen: 128 }, steps },
      ];
    });
    yield await estimatesTable(browser, site, threads, cases);
  },

  async *search() {
    const { data, model } = userFolders();
    yield await searchTable(browser, site, data, model);
  },

  async *pretraining() {
    const { data, model } = userFolders();
    const load: LoadOptions = { device: "wasm", ...JSON.parse(options.load ?? "{}") };
    yield await pretrainingTable(browser, site, data, model, Number(options.seeds ?? 3), load);
  },

  async *bits() {
    const { data, model } = userFolders();
    const [rows, seeds] = [Number(options.rows ?? 0), Number(options.seeds ?? 3)];
    yield await eightBitsTable(browser, site, data, model, rows, seeds, quick ? 20 : 500);
  },

  /** Few rows a label by every method, or with --options all rows by one. */
  async *scores() {
    const rowsALabel = Number(options.rows ?? 8);
    const ways = options.options === undefined ? FEW : { [options.options]: JSON.parse(options.options) };
    const load: LoadOptions = { device: "wasm", ...JSON.parse(options.load ?? "{}") };
    const seeds = Number(options.seeds ?? 5);
    yield await scoresTable(browser, site, { ...userFolders(), rowsALabel, seeds, load, ways });
  },

  async *kernels() {
    if (wanted(webgpu)) for (const shape of shapes) yield await kernelsTable(browser, site, shape);
  },

  /** The last: it starts browsers of its own, and gives the site's files in its own way. */
  async *first() {
    await browser.close();
    const pace = quick ? QUICK_FIRST : FULL_FIRST;
    for (const shape of quick ? shapes.slice(0, 1) : shapes) {
      const made = await onnxForms(shape);
      const onnx = "missing" in made ? undefined : made.folder;
      const found = await timeToFirstClassification(site, shape, pace, onnx);
      yield timeToFirstTable(shape, found, pace.megabitsASecond);
      if ("missing" in made) yield `Missing: onnxruntime-web's forms: ${made.missing}`;
    }
  },
};

function userFolders(): { data: string; model: string } {
  const { data, model } = options;
  if (data === undefined || model === undefined) throw new Error("expected --data and --model with it");
  return { data, model };
}

/** The others ask for more than the site. */
const DEFAULT = firefox
  ? ["speed", "one"]
  : Object.keys(tables).filter((name) => !["search", "pretraining", "bits", "scores"].includes(name));
const chosen = options.table ?? (options.only === "" ? DEFAULT : ["speed"]);
const unknown = chosen.find((name) => tables[name] === undefined);
if (firefox && chosen.some((name) => !["speed", "one"].includes(name)))
  throw new Error(`expected the tables speed and one in Firefox, found ${chosen.join(", ")}`);
if (unknown !== undefined) {
  throw new Error(`expected one of ${Object.keys(tables).join(", ")} after --table, found ${unknown}`);
}
try {
  console.log(await machine(contestBrowser, site));
  for (const [name, make] of Object.entries(tables).filter(([name]) => chosen.includes(name))) {
    const begun = performance.now();
    try {
      for await (const table of make()) console.log(`\n${table}`);
    } catch (error) {
      // The other tables are worth having all the same.
      failed = true;
      console.log(`\nThe table "${name}" failed: ${`${error}`.split("\n")[0]}`);
    }
    console.error(`${name}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  }
  console.log(`\nAt the end: ${load()}`);
} finally {
  await contestBrowser.close();
  await browser.close();
  await site.close();
}
if (failed || rows.some(({ contender, failure }) => contender.name === "bertlet" && failure !== undefined)) {
  process.exit(1);
}
