// Puts what the kit's steps printed into results.json, and a table of it into results.md: `node report.mjs FOLDER`. Each step
// left NAME.json there, or nothing where it was skipped or failed. The schema is in the README.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  /** The GPU's memory that the whole process took at most. */
  memoryMiB?: number;
}

/** Of all launches of a shader. */
interface ShaderTime {
  launches: number;
  microseconds: number;
}

const [folder = "."] = process.argv.slice(2);
const read = (name: string) => {
  const file = join(folder, `${name}.json`);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8").trim();
  // Libraries may print lines of their own before it.
  return text === "" ? undefined : JSON.parse(text.slice(text.lastIndexOf("\n") + 1));
};

/** The times of one process, and its memory. */
const timesOf = (name: string): Times | undefined => {
  const times: Times | undefined = read(name);
  const memory = join(folder, `${name}.memory`);
  if (times !== undefined && existsSync(memory)) times.memoryMiB = Number(readFileSync(memory, "utf8"));
  return times;
};

const MICROSECONDS: Record<string, number> = { ns: 1e-3, µs: 1, ms: 1e3, s: 1e6 };
const LAUNCH = /\| ([\d.]+)(ns|µs|ms|s) *\| (.*?)CubeCount/gs;

/** Reads cubecl's log of a run, and deletes it: megabytes. */
function shadersOf(shape: string): Record<string, ShaderTime> | undefined {
  const file = join(folder, `shaders-${shape}.txt`);
  if (!existsSync(file)) return undefined;
  const found = new Map<string, ShaderTime>();
  for (const [, time, unit = "", kernel = ""] of readFileSync(file, "utf8").matchAll(LAUNCH)) {
    const name =
      /main: (\S+),/.exec(kernel)?.[1] ?? /(\w+):[^:]*$/.exec(kernel.split("{")[0] ?? "")?.[1] ?? "other";
    const total = found.get(name) ?? { launches: 0, microseconds: 0 };
    total.launches++;
    total.microseconds += Number(time) * (MICROSECONDS[unit] ?? Number.NaN);
    found.set(name, total);
  }
  rmSync(file);
  rmSync(join(folder, `shaders-${shape}.json`), { force: true });
  return Object.fromEntries([...found].sort(([, a], [, b]) => b.microseconds - a.microseconds));
}

const SHAPES = ["T", "M", "M32", "B"];
const shaders = Object.fromEntries(SHAPES.map((shape) => [shape, shadersOf(shape)]));
const shapes: Record<string, Record<string, Times | undefined>> = {};
for (const shape of SHAPES) {
  const torch: Record<string, Times> | undefined = read(`torch-${shape}`);
  shapes[shape] = {
    plain: timesOf(`native-${shape}`),
    subgroups: timesOf(`native-subgroups-${shape}`),
    page: timesOf(`page-${shape}`),
    "torch f32": torch?.f32,
    "torch tf32": torch?.tf32,
    "torch bf16": torch?.bf16,
  };
}
const results = {
  machine: read("machine"),
  suite: read("suite"),
  shapes,
  shaders,
  sweep: read("sweep"),
  tiles: read("tiles"),
  products: { bertlet: read("products"), torch: read("torch-products") },
};
writeFileSync(join(folder, "results.json"), `${JSON.stringify(results, null, 1)}\n`);

const ms = (time: number | undefined) => (time === undefined ? "" : time.toPrecision(3));
const difference = (a: number[] | undefined, b: number[] | undefined) =>
  a === undefined || b === undefined
    ? ""
    : Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN)))).toExponential(1);
const lines = [
  "| shape | in | forward | one text | first step | step | step / torch f32 | MiB | logits off torch | losses off torch |",
  "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
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
        times.memoryMiB ?? "",
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
for (const [shape, times] of Object.entries(shaders)) {
  if (times === undefined) continue;
  const all = Object.values(times).reduce((sum, { microseconds }) => sum + microseconds, 0);
  lines.push("", `| ${shape}: shader | launches | GPU time | share |`, "| --- | --- | --- | --- |");
  for (const [name, { launches, microseconds }] of Object.entries(times).slice(0, 10)) {
    const share = Math.round((100 * microseconds) / all);
    lines.push(`| ${name} | ${launches} | ${ms(microseconds / 1e3)} | ${share}% |`);
  }
}
writeFileSync(
  join(folder, "results.md"),
  `${Object.entries(results.machine ?? {})
    .map(([key, value]) => `${key}: ${value}`)
    .join("; ")}. Milliseconds: medians.\n\n${lines.join("\n")}\n`,
);
