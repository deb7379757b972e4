// Contenders that take turns: every one's model is opened once, in a page of its own, and each round begins with
// another one, so that a busy or a hot minute of the machine does not fall on one of them.

import type { Site } from "../../support/serve.ts";
import type { BenchBrowser, BenchPage } from "../driver/browsers.ts";
import { cpuSeconds } from "../driver/cpu-time.ts";
import type { Shape } from "../model/shape.ts";
import type { Size, Variant } from "../page/contender.ts";
import type { Description, Task } from "../page/runner.ts";

export interface Pace {
  rounds: number;
  warmUps: number;
  /** Samples a round. */
  samples: number;
  /** What one turn may take; a turn makes one repetition at least, so a slow contender gets fewer. */
  turnMs: number;
}

export interface Samples {
  milliseconds: number[];
  /** Of the whole browser, for each repetition. */
  cpuMs: number;
}

/** A contender with an opened model. */
export interface Entry {
  contender: Description;
  variant: Variant;
  page: BenchPage;
  check: number[];
  failure?: string;
}

export interface Field {
  browser: BenchBrowser;
  site: Site;
  shape: Shape;
  task: Task;
  /** Files of ../libraries. */
  files: readonly string[];
  takesPart(file: string, variant: Variant): boolean;
}

/** A page with an opened model for each variant of each contender that takes part. */
export async function openAll({ browser, site, shape, task, files, takesPart }: Field): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const file of files) {
    const visit = async () => {
      const page = await browser.open(`${site.base}bench.html?contender=${file}`);
      await page.run(async () => {
        while (window.bench === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      });
      return page;
    };
    const page = await visit();
    const contender = await page.request<Description>({ type: "describe" });
    await page.close();
    for (const variant of contender.variants) {
      if (!browser.devices.includes(variant.device) || !takesPart(file, variant)) continue;
      if (task === "train" && (variant.form !== undefined || !contender.trainsOn.includes(variant.device)))
        continue;
      console.error(`${shape.name} ${task}: opening ${contender.name}, ${Object.values(variant).join(", ")}`);
      const entry: Entry = { contender, variant, check: [], page: await visit() };
      entry.check = (await tried(entry, { type: "open", task, shape, variant })) ?? [];
      entries.push(entry);
    }
  }
  return entries;
}

/** Samples of each entry; one whose repetition takes longer than a turn has one sample, after one warm-up. */
export async function takeTurns(
  entries: readonly Entry[],
  pace: Pace,
  size?: Size,
): Promise<Map<Entry, Samples>> {
  const found = new Map(entries.map((entry) => [entry, { milliseconds: [] as number[], cpuMs: 0 }]));
  const slow = new Set<Entry>();
  const turn = async (entry: Entry, count: number) =>
    (await tried(entry, { type: "measure", count, budgetMs: pace.turnMs, size })) ?? [];
  for (const entry of entries) {
    const warmUps = await turn(entry, pace.warmUps);
    if ((warmUps.at(-1) ?? 0) > pace.turnMs) slow.add(entry);
  }
  for (let round = 0; round < pace.rounds; round++) {
    const first = Math.floor((round * entries.length) / pace.rounds);
    for (const entry of [...entries.slice(first), ...entries.slice(0, first)]) {
      const samples = found.get(entry) as Samples;
      if (slow.has(entry) && samples.milliseconds.length > 0) continue;
      const before = cpuSeconds();
      samples.milliseconds.push(...(await turn(entry, pace.samples)));
      samples.cpuMs += (cpuSeconds() - before) * 1000;
    }
  }
  for (const samples of found.values()) samples.cpuMs /= samples.milliseconds.length;
  return found;
}

/** The probabilities of the first batches; none of a contender that failed. */
export async function answersOf(entry: Entry, batches: number, size?: Size): Promise<number[]> {
  return (await tried(entry, { type: "answers", batches, size })) ?? [];
}

/** A contender that fails is asked no more; the table shows why. */
async function tried(entry: Entry, call: Parameters<BenchPage["request"]>[0]): Promise<number[] | undefined> {
  if (entry.failure !== undefined) return undefined;
  try {
    return await entry.page.request<number[]>(call);
  } catch (error) {
    entry.failure = error instanceof Error ? error.message : String(error);
    console.error(`${entry.contender.name} ${Object.values(entry.variant).join(", ")}: ${entry.failure}`);
    return undefined;
  }
}
