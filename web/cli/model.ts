// Opens the model that the command names.

import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { LoadOptions } from "../bertlet.d.ts";
import { Classifier } from "../src/node/index.ts";
import { chosen, needed, type Value } from "./arguments.ts";
import { LOADING } from "./options.ts";
import { ADAPTER } from "./out.ts";
import { BadInput } from "./rows.ts";
import { progress, say } from "./say.ts";

export async function openModel(
  given: Record<string, Value>,
  signal: AbortSignal,
  more: Pick<LoadOptions, "labels" | "problemType" | "pooling" | "maxLength"> = {},
): Promise<Classifier> {
  const path = needed(given, "model");
  if (!existsSync(path)) throw new BadInput(`--model ${path}: there is no such folder or zip`);
  const source = statSync(path).isDirectory() ? pathToFileURL(`${resolve(path)}/`) : await zipAt(path);
  const onProgress: LoadOptions["onProgress"] = ({ stage, file }) => progress(`${stage} ${file ?? ""}`);
  const classifier = await Classifier.load(source, {
    ...more,
    ...chosen(given, LOADING),
    onProgress,
    signal,
  });
  if (existsSync(join(path, ADAPTER, "adapter_config.json"))) {
    await classifier.addAdapter("default", pathToFileURL(`${resolve(path)}/${ADAPTER}/`), { signal });
    await classifier.useAdapter("default");
    say(`with the adapter in ${join(path, ADAPTER)}`);
  }
  const { architecture, parameters, device, threads, deviceReason } = classifier.info;
  const where = device === "wasm" ? `the CPU, ${threads} thread(s)` : `WebGPU, ${classifier.info.adapter}`;
  say(
    `${architecture} of ${parameters} parameters on ${where}${deviceReason === undefined ? "" : ` (${deviceReason})`}`,
  );
  return classifier;
}

async function zipAt(path: string): Promise<Blob> {
  const bytes = await readFile(path);
  // A zip's names stand in it as they are.
  if (bytes.includes(`${ADAPTER}/adapter_config.json`))
    throw new BadInput(
      `--model ${path}: the zip has an adapter beside its model, which is read from a folder alone: unpack it first`,
    );
  return new Blob([bytes]);
}

/** The labels of the data as the model's: its own head stays where it has the same ones. */
export async function withLabels(classifier: Classifier, labels: readonly string[]): Promise<void> {
  const own = classifier.info.labels;
  if (own.length === labels.length && labels.every((label) => own.includes(label))) return;
  await classifier.setLabels(labels);
}
