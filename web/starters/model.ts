/**
 * The model of a starter: the site's own, opened once, and taught a starter's examples. Tells how far it is.
 */
import { Classifier, type LabelledText } from "../src/index.ts";

const SOURCE = "./models/default/";

let open: Promise<Classifier> | undefined;

/** The model without labels, for vectors. */
export function encoder(progress: (share: number | undefined) => void): Promise<Classifier> {
  open ??= Classifier.load(SOURCE, {
    cache: true,
    pooling: "mean",
    onProgress: ({ stage, file, loaded, total }) => {
      const weights = stage === "download" && file === "model.safetensors";
      if (weights) progress(total ? loaded / total : undefined);
    },
  });
  // The next press tries again.
  open.catch(() => {
    open = undefined;
  });
  return open;
}

export function rowsOf(examples: Record<string, readonly string[]>): LabelledText[] {
  return Object.entries(examples).flatMap(([label, texts]) => texts.map((text) => ({ text, label })));
}

/** The last teaching, done or not: in another language a starter may be started anew meanwhile, with the same model. */
let last: Promise<unknown> = Promise.resolve();

/** The model with these labels, its head trained in seconds. The rows also tell which texts are unlike all of them. */
export function taught(
  rows: readonly LabelledText[],
  progress: (share: number | undefined) => void,
): Promise<Classifier> {
  const teaching = last.then(() => teach(rows, progress));
  last = teaching.catch(() => {});
  return teaching;
}

async function teach(
  rows: readonly LabelledText[],
  progress: (share: number | undefined) => void,
): Promise<Classifier> {
  const classifier = await encoder(progress);
  await classifier.setLabels([...new Set(rows.map(({ label }) => String(label)))]);
  await classifier.finetune({ train: rows }, { method: "head" }).result;
  await classifier.fitScope(rows.map(({ text }) => text));
  return classifier;
}

/** The cosine of two vectors of length 1. */
export function similarity(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
