// The benchmark's driver, run by `cargo xtask bench`: takes the built site, gives tables on standard output.
// --table NAME (again for another), --shape T|M and --only PART (of "jax wasm": a contender's file and a device) choose
// parts of it; --quick takes one sample, and --long 300 steps of M for its memory.

import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "../browser/browser.ts";
import { root } from "../browser/serve.ts";
import type { Variant } from "./contender.ts";
import { firstClassification } from "./first.ts";
import { growthTable } from "./growth.ts";
import { load, machine } from "./machine.ts";
import { FULL, measure, QUICK, type Row } from "./measure.ts";
import { memoryTable } from "./peak.ts";
import { productsTable } from "./products.ts";
import { SHAPES, type Shape } from "./shape.ts";
import { benchSite } from "./site.ts";
import { stepsTable } from "./steps.ts";
import { firstTable, shapeTable, whatTheyLack } from "./table.ts";

/** Files of peers/, and bertlet.ts. */
const CONTENDERS = ["bertlet", "jax", "tfjs", "onnxruntime"];

const { values: options } = parseArgs({
  options: {
    table: { type: "string", multiple: true },
    only: { type: "string", default: "" },
    shape: { type: "string" },
    quick: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
  },
});
const { quick } = options;
const shapes = SHAPES.filter(({ name }) => options.shape === undefined || name === options.shape);
if (shapes.length === 0) throw new Error(`expected T or M after --shape, found ${options.shape}`);

const oneThread: Variant = { device: "wasm", threads: 1 };
const threads: Variant = { device: "wasm", threads: Math.min(availableParallelism(), 8) };
const webgpu: Variant = { device: "webgpu" };
const wanted = ({ device }: Variant) => `bertlet ${device}`.includes(options.only);

const manifest = JSON.parse(await readFile(join(root, "tests/bench/package.json"), "utf8"));
/** As pinned there, and so as installed. */
const versions: Record<string, string> = manifest.devDependencies;
const site = await benchSite();
const browser = await launch();
const rows: Row[] = [];
let failed = false;

/** Each prints its tables for the chosen shapes; "first" closes the browser, which would take part of the machine. */
const tables: Record<string, () => Promise<void>> = {
  async speed() {
    for (const shape of shapes) {
      const found = await measure(browser, site, shape, CONTENDERS, options.only, quick ? QUICK : FULL);
      rows.push(...found);
      console.log(`\n${shapeTable(shape, found, versions)}`);
    }
    console.log(`\n${whatTheyLack(rows)}`);
  },

  async growth() {
    const shape = shapes.at(-1) as Shape;
    const pace = quick
      ? { warmUps: 1, samples: 1, budgetMs: 1 }
      : { warmUps: 3, samples: 12, budgetMs: 8_000 };
    console.log(`\n${await growthTable(browser, site, shape, threads, pace)}`);
  },

  async memory() {
    const [t, m] = SHAPES as [Shape, Shape];
    const wide = { seqLen: 128 };
    const of = { T: { shape: { ...t, ...wide }, steps: 300 }, M: { shape: { ...m, ...wide }, steps: 40 } };
    if (options.long) of.M.steps = 300;
    const cases = [
      ...shapes.map(({ name }) => ({ ...of[name], variant: threads })),
      ...shapes.filter(({ name }) => name === "T").map((shape) => ({ shape, variant: webgpu, steps: 60 })),
    ];
    console.log(
      `\n${await memoryTable(
        browser,
        site,
        cases.filter(({ variant }) => wanted(variant)).map((each) => (quick ? { ...each, steps: 4 } : each)),
      )}`,
    );
  },

  async products() {
    const variants = (threads.threads === 1 ? [threads, webgpu] : [oneThread, threads, webgpu]).filter(
      wanted,
    );
    console.log(
      `\n${await productsTable(browser, site, shapes.at(-1) as Shape, variants, quick ? 1 : 1_500)}`,
    );
  },

  async steps() {
    const pace = quick
      ? { samples: 1, budgetMs: 1, operationMs: 1 }
      : { samples: 10, budgetMs: 15_000, operationMs: 1_000 };
    for (const shape of shapes) {
      console.log(`\n${await stepsTable(browser, site, shape, [threads, webgpu].filter(wanted), pace)}`);
    }
  },

  async first() {
    await browser.close();
    for (const shape of shapes) {
      console.log(`\n${firstTable(shape, await firstClassification(site, shape, quick ? 1 : 3))}`);
    }
  },
};

const chosen = options.table ?? (options.only === "" ? Object.keys(tables) : ["speed"]);
const unknown = chosen.find((name) => tables[name] === undefined);
if (unknown !== undefined) {
  throw new Error(`expected one of ${Object.keys(tables).join(", ")} after --table, found ${unknown}`);
}
try {
  console.log(await machine(browser, site));
  for (const [name, print] of Object.entries(tables).filter(([name]) => chosen.includes(name))) {
    const begun = performance.now();
    try {
      await print();
    } catch (error) {
      // The other tables are worth having all the same.
      failed = true;
      console.log(`\nThe table "${name}" failed: ${error}`);
    }
    console.error(`${name}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  }
  console.log(`\nAt the end: ${load()}`);
} finally {
  await browser.close();
  await site.close();
}
if (failed || rows.some(({ contender, failure }) => contender.name === "bertlet" && failure !== undefined)) {
  process.exit(1);
}
