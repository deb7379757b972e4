// Takes the storage away, wholly, to 1 MB, or to almost what is used, while a run writes its journal and a model is kept.
// What was there before stays whole: a kept model, the journal of another run, a fetched checkpoint. The run ends as ever.

import type { Found, On } from "../support/journalled-runs.ts";
import type { Options } from "./main.ts";
import { seeded } from "./random.ts";
import { Stage } from "./stage.ts";

const MODEL = "data/checkpoints/sequence_classification_f32/";
const ON: On = { epochs: 20 };
/** Chromium gives a file that is written a mebibyte at least, whatever it holds. */
const RANGE_BYTES = 6 * 2 ** 20;

/** What the browser keeps, as a page can tell: by answers, not by sizes. */
interface Kept {
  scores: number[];
  again: string;
  cached: boolean;
}

export async function quota({ times, seed }: Options): Promise<boolean> {
  const stage = await Stage.open();
  const random = seeded(seed);
  const devtools = await stage.context.newCDPSession(stage.page);
  const limit = (quotaSize?: number) =>
    devtools.send("Storage.overrideQuotaForOrigin", {
      origin: stage.site.origin,
      ...(quotaSize !== undefined && { quotaSize }),
    });
  await stage.page.evaluate(async (model) => {
    const classifier = await window.bertlet.Classifier.load(model, { device: "wasm", cache: true });
    await classifier.keep("model");
    await classifier.dispose();
  }, MODEL);
  const run = async (kind: "full" | "lora", journal?: string) => {
    await stage.begin(kind, journal, ON);
    return (await stage.found()) as Found;
  };
  const expected = { full: await run("full"), lora: await run("lora", "old") };
  const before = await kept(stage);
  const used = () => stage.page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  const full = await used();
  await run("full", "new");
  const need = (await used()) - full;
  await stage.forget("new");
  console.log(`kept: ${full} bytes; the journal of a run takes ${need} more`);
  const sizes = [
    0,
    2 ** 20,
    ...Array.from({ length: times }, () => Math.round(full + random() * RANGE_BYTES)),
  ];
  const rows: Record<string, object> = {};
  let failures = 0;
  for (const [round, size] of sizes.entries()) {
    await limit(size);
    const name = round % 2 === 0 ? "new" : "old";
    const ended = await run("full", name);
    const notices = await stage.page.evaluate(() => (window as unknown as { kept: string[] }).kept);
    const keeping = await stage.page.evaluate(async () => {
      const classifier = await window.bertlet.Classifier.open("model", { device: "wasm" });
      const failure = await window.failure(() => classifier.keep("model"));
      await classifier.dispose();
      return failure?.code ?? "kept";
    });
    await limit();
    const faults: string[] = [];
    if (typeof ended === "string") faults.push(`the run ended with ${ended}`);
    else if (ended.weights !== expected.full.weights) faults.push("the run has other weights");
    if (!["kept", "storage-full"].includes(keeping)) faults.push(`keep ended with ${keeping}`);
    const after = await kept(stage);
    // The run that wrote over the journal is now in it, if it had the room.
    const journals = [expected.lora.weights, ...(name === "old" ? [expected.full.weights] : [])];
    if (String(after.scores) !== String(before.scores)) faults.push("the kept model has other scores");
    if (!journals.includes(after.again)) faults.push(`the old journal: ${after.again}`);
    if (!after.cached) faults.push("the checkpoint is not there");
    failures += faults.length;
    rows[size] = {
      journal: name,
      notices: notices.join(" ") || "none",
      keep: keeping,
      lost: faults.join("; ") || "nothing",
    };
    await stage.forget("new");
    if (after.again !== expected.lora.weights) {
      await stage.forget("old");
      await run("lora", "old");
    }
  }
  console.table(rows);
  await stage.close();
  return failures === 0;
}

async function kept(stage: Stage): Promise<Kept> {
  const again = await stage.goOn("old");
  return stage.page.evaluate(
    async ([model, again]) => {
      const { Classifier } = window.bertlet;
      const classifier = await Classifier.open("model", { device: "wasm" });
      const { scores } = await classifier.classify("the box was late");
      await classifier.dispose();
      return { scores: scores.map(({ score }) => score), again, cached: await Classifier.isCached(model) };
    },
    [MODEL, typeof again === "string" ? again : again.weights] as const,
  );
}
