// Puts what the kit's steps printed into results.json, and a table of it into results.md: `node report.mjs FOLDER`. Each step
// left NAME.json there, or nothing where it was skipped or failed. The schema is in the README.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Times {
  logits?: number[];
  scores?: number[];
  losses: number[];
  firstForwardMs: number;
  forwardMs: [median: number, least: number, most: number];
  oneTextMs: [number, number, number];
  firstStepMs: number;
  stepMs: [number, number, number];
}

const [folder = "."] = process.argv.slice(2);
const read = (name: string) => {
  const file = join(folder, `${name}.json`);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8").trim();
  // Libraries may print lines of their own before it.
  return text === "" ? undefined : JSON.parse(text.slice(text.lastIndexOf("\n") + 1));
};

const SHAPES = ["T", "M", "M32", "B"];
const shapes: Record<string, Record<string, Times | undefined>> = {};
for (const shape of SHAPES) {
  const torch: Record<string, Times> | undefined = read(`torch-${shape}`);
  shapes[shape] = {
    plain: read(`native-${shape}`),
    subgroups: read(`native-subgroups-${shape}`),
    page: read(`page-${shape}`),
    "torch f32": torch?.f32,
    "torch tf32": torch?.tf32,
    "torch bf16": torch?.bf16,
  };
}
const results = {
  machine: read("machine"),
  suite: read("suite"),
  shapes,
  sweep: read("sweep"),
  products: { bertlet: read("products"), torch: read("torch-products") },
};
writeFileSync(join(folder, "results.json"), `${JSON.stringify(results, null, 1)}\n`);

const ms = (time: number | undefined) => (time === undefined ? "" : time.toPrecision(3));
const difference = (a: number[] | undefined, b: number[] | undefined) =>
  a === undefined || b === undefined
    ? ""
    : Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN)))).toExponential(1);
const lines = [
  "| shape | in | forward | one text | first step | step | step / torch f32 | logits off torch | losses off torch |",
  "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
];
for (const [shape, found] of Object.entries(shapes)) {
  const torch = found["torch f32"];
  for (const [name, times] of Object.entries(found)) {
    if (times === undefined) continue;
    const ratio = torch === undefined ? "" : (times.stepMs[0] / torch.stepMs[0]).toFixed(2);
    lines.push(
      `| ${[
        shape,
        name,
        ms(times.forwardMs[0]),
        ms(times.oneTextMs[0]),
        ms(times.firstStepMs),
        ms(times.stepMs[0]),
        ratio,
        difference(times.logits, torch?.logits),
        difference(times.losses, torch?.losses),
      ].join(" | ")} |`,
    );
  }
}
lines.push("", "| product | bertlet GFLOP/s | torch f32 | torch tf32 |", "| --- | --- | --- | --- |");
const { bertlet, torch } = results.products;
for (const n of Object.keys(bertlet ?? torch?.f32 ?? {})) {
  lines.push(
    `| ${n} | ${[bertlet?.[n], torch?.f32[n], torch?.tf32[n]].map((r) => (r ? Math.round(r) : "")).join(" | ")} |`,
  );
}
writeFileSync(
  join(folder, "results.md"),
  `${Object.entries(results.machine ?? {})
    .map(([key, value]) => `${key}: ${value}`)
    .join("; ")}. Milliseconds: medians.\n\n${lines.join("\n")}\n`,
);
