// Has onnxruntime's own Python tools make the forms of a shape's ONNX model that people run (onnx_forms.py), and puts
// them on the site. Keeps them in the cache outside the clone, under a hash of all that they are made from. Where
// PyPI's packages cannot be installed, says so.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { root, type Site, send } from "../../support/serve.ts";
import { onnxModel } from "../model/onnx-graph.ts";
import { randomWeights, type Shape, turned, type Weights } from "../model/shape.ts";
import { CACHE } from "./cache.ts";

const BENCH = join(root, "tests/bench");
const SCRIPT = join(BENCH, "driver/onnx_forms.py");
const REQUIREMENTS = join(BENCH, "driver/onnx_requirements.txt");
/** What the models are made from. */
const SOURCES = [SCRIPT, REQUIREMENTS, join(BENCH, "model/onnx-graph.ts"), join(BENCH, "model/shape.ts")];
export const FORMS = ["fused", "int8"] as const;
const PIP_MS = 600_000;

const run = promisify(execFile);

export type Made = { folder: string; versions: string } | { missing: string };

/** The folder with `${form}.onnx` of `FORMS`, or why there is none. */
export async function onnxForms(shape: Shape): Promise<Made> {
  try {
    const requirements = await readFile(REQUIREMENTS, "utf8");
    const versions = ["onnx", "onnxruntime"].map(
      (name) => requirements.match(new RegExp(`^${name}==.*$`, "m"))?.[0],
    );
    const sources = await Promise.all(SOURCES.map((path) => readFile(path, "utf8")));
    const folder = join(
      CACHE,
      `onnx-${shape.name}-${hash([...sources, JSON.stringify({ ...shape, batch: 0, seqLen: 0 })])}`,
    );
    if (!existsSync(folder)) {
      await makeForms(shape, randomWeights(shape), folder);
      await removeOthers(folder, `onnx-${shape.name}-`);
    }
    return { folder, versions: versions.join(" and ").replaceAll("==", " ") };
  } catch (error) {
    return { missing: `${error}`.trim().split("\n").at(-1) as string };
  }
}

/** Puts the forms where libraries/onnxruntime.ts fetches them. */
export async function serveOnnxForms(site: Site, shape: Shape): Promise<Made> {
  const made = await onnxForms(shape);
  if ("missing" in made) return made;
  for (const form of FORMS) {
    site.answer(`onnx/${shape.name}/${form}.onnx`, async (response) =>
      send(response, 200, ".onnx", await readFile(join(made.folder, `${form}.onnx`))),
    );
  }
  return made;
}

/** The interpreter of an environment with the pinned packages, which PyPI gives. */
async function python(): Promise<string> {
  const requirements = await readFile(REQUIREMENTS, "utf8");
  const folder = join(CACHE, `python-${hash([requirements])}`);
  const program = join(folder, "bin/python");
  const installed = join(folder, "installed");
  if (existsSync(installed)) return program;
  console.error(
    "Installing onnx and onnxruntime for Python (about 250 MB) with pip: their tools make the models",
  );
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await run("python3", ["-m", "venv", folder]);
  const words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"];
  await run(program, [...words, "--requirement", REQUIREMENTS], { timeout: PIP_MS });
  await writeFile(installed, "");
  return program;
}

/** Makes the folder with the forms of a model, whole or not at all. */
export async function makeForms(shape: Shape, weights: Weights, folder: string): Promise<void> {
  const program = await python();
  console.error(`${shape.name}: onnxruntime's tools fuse and quantize the model`);
  const working = await mkdtemp(`${folder}-`);
  try {
    const exported = join(working, "exported.onnx");
    await writeFile(exported, onnxModel(shape, turned(weights)));
    await run(program, [SCRIPT, exported, `${shape.heads}`, `${shape.hidden}`, working]);
    await rm(exported);
    await rename(working, folder);
  } finally {
    await rm(working, { recursive: true, force: true });
  }
}

/** Models that were made from other sources: those of BERT-base have half a gigabyte. */
async function removeOthers(kept: string, start: string): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const other = join(CACHE, name);
    if (name.startsWith(start) && other !== kept) await rm(other, { recursive: true, force: true });
  }
}

function hash(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
}
