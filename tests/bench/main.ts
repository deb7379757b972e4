// The benchmark's driver, run by `cargo xtask bench`: takes the built site, gives tables on standard output.
// --only PART (of a contender's file name), --shape T|M and --quick (one sample, no rounds) run parts of it.

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
const CONTENDERS = ["bertlet"];

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    shape: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const contenders = CONTENDERS.filter((name) => options.only === undefined || name.includes(options.only));
const shapes = SHAPES.filter(({ name }) => options.shape === undefined || name === options.shape);
if (contenders.length * shapes.length === 0) {
  throw new Error(`expected a part of ${CONTENDERS.join(", ")} after --only and T or M after --shape`);
}

const manifest = JSON.parse(await readFile(join(root, "tests/bench/package.json"), "utf8"));
const versions: Record<string, string> = manifest.devDependencies;
const site = await benchSite();
const browser = await launch();
const rows: Row[] = [];
try {
  console.log(await machine(browser, site));
  for (const shape of shapes) {
    const found = await measure(browser, site, shape, contenders, options.quick ? QUICK : FULL);
    rows.push(...found);
    console.log(`\n${shapeTable(shape, found, versions)}`);
  }
  console.log(`\n${whatTheyLack(rows)}`);
  await browser.close();
  if (contenders.includes("bertlet")) {
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
