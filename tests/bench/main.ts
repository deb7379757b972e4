// The benchmark's driver, run by `cargo xtask bench`: takes the built site, gives tables on standard output.
// --only PART (of "jax wasm": a contender's file and a device), --shape T|M and --quick (one sample) run parts of it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "../browser/browser.ts";
import { root } from "../browser/serve.ts";
import { firstClassification } from "./first.ts";
import { load, machine } from "./machine.ts";
import { FULL, measure, QUICK, type Row } from "./measure.ts";
import { SHAPES } from "./shape.ts";
import { benchSite } from "./site.ts";
import { firstTable, shapeTable, whatTheyLack } from "./table.ts";

/** Files of peers/, and bertlet.ts. */
const CONTENDERS = ["bertlet", "jax", "tfjs", "onnxruntime"];

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    shape: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const shapes = SHAPES.filter(({ name }) => options.shape === undefined || name === options.shape);
if (shapes.length === 0) throw new Error(`expected T or M after --shape, found ${options.shape}`);

const manifest = JSON.parse(await readFile(join(root, "tests/bench/package.json"), "utf8"));
/** As pinned there, and so as installed. */
const versions: Record<string, string> = manifest.devDependencies;
const site = await benchSite();
const browser = await launch();
const rows: Row[] = [];
try {
  console.log(await machine(browser, site));
  for (const shape of shapes) {
    const found = await measure(browser, site, shape, CONTENDERS, options.only, options.quick ? QUICK : FULL);
    rows.push(...found);
    console.log(`\n${shapeTable(shape, found, versions)}`);
  }
  console.log(`\n${whatTheyLack(rows)}`);
  await browser.close();
  if (options.only === "") {
    for (const shape of shapes) {
      console.log(`\n${firstTable(shape, await firstClassification(site, shape, options.quick ? 1 : 3))}`);
    }
  }
  console.log(`\nAt the end: ${load()}`);
} finally {
  await browser.close();
  await site.close();
}
if (rows.some(({ contender, failure }) => contender.name === "bertlet" && failure !== undefined))
  process.exit(1);
