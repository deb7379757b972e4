// Measures one shape: every contender's model is opened once, in a page of its own, and then they take turns,
// each round beginning with another one, so that a busy or a hot minute of the machine does not fall on one
// of them.

import type { Browser, Page } from "playwright-core";
import type { Site } from "../../support/serve.ts";
import type { Shape } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import type { Description, Request, Task } from "../page/runner.ts";
import type {} from "../page/wasm-memory.ts";

export interface Pace {
  rounds: number;
  warmUps: number;
  /** Samples a round. */
  samples: number;
  /** What one turn may take; a turn makes one repetition at least, so a slow contender gets fewer. */
  turnMs: number;
}

/**
 * 12 samples after 3 repetitions where one takes up to 5 seconds; fewer where it takes longer; and where it
 * takes longer than a turn, one after one.
 */
export const FULL: Pace = { rounds: 3, warmUps: 3, samples: 4, turnMs: 15_000 };
/** To see that everything runs. */
export const QUICK: Pace = { rounds: 1, warmUps: 1, samples: 1, turnMs: 1 };

export interface Row {
  task: Task;
  contender: Description;
  variant: Variant;
  milliseconds: number[];
  warmUps: number;
  check: number[];
  /** What the contender's wasm memory had grown to in the end. */
  wasmBytes?: number | undefined;
  failure?: string;
}

type OpenContender = Row & {
  page: Page;
  /** One repetition took longer than a turn: there are no further ones for it. */
  slow: boolean;
};

export async function measure(
  browser: Browser,
  site: Site,
  shape: Shape,
  contenders: readonly string[],
  only: string,
  pace: Pace,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const task of ["forward", "train"] as const) {
    const entries: OpenContender[] = [];
    for (const file of contenders) entries.push(...(await open(browser, site, shape, task, file, only)));
    for (const entry of entries) {
      const warmUps = await turn(entry, pace.warmUps, pace.turnMs);
      entry.warmUps = warmUps.length;
      entry.slow = (warmUps.at(-1) ?? 0) > pace.turnMs;
    }
    for (let round = 0; round < pace.rounds; round++) {
      const first = Math.floor((round * entries.length) / pace.rounds);
      for (const entry of [...entries.slice(first), ...entries.slice(0, first)]) {
        if (entry.slow && entry.milliseconds.length > 0) continue;
        entry.milliseconds.push(...(await turn(entry, pace.samples, pace.turnMs)));
      }
    }
    for (const { page, slow: _, ...row } of entries) {
      rows.push({ ...row, wasmBytes: row.failure === undefined ? await wasmBytes(page) : undefined });
      await page.context().close();
    }
  }
  return rows;
}

/** A page with an opened model for each variant of a contender that can do the task. */
async function open(
  browser: Browser,
  site: Site,
  shape: Shape,
  task: Task,
  file: string,
  only: string,
): Promise<OpenContender[]> {
  const visit = async () => {
    const page = await browser.newPage();
    await page.goto(`${site.base}bench.html?contender=${file}`);
    await page.waitForFunction(() => window.bench !== undefined);
    return page;
  };
  const page = await visit();
  const contender = await request<Description>(page, { type: "describe" });
  await page.context().close();
  const entries: OpenContender[] = [];
  for (const variant of contender.variants) {
    if (!`${file} ${variant.device}`.includes(only)) continue;
    if (task === "train" && !contender.trainsOn.includes(variant.device)) continue;
    console.error(`${shape.name} ${task}: opening ${contender.name}, ${variant.device}`);
    const entry: OpenContender = {
      task,
      contender,
      variant,
      milliseconds: [],
      warmUps: 0,
      check: [],
      slow: false,
      page: await visit(),
    };
    try {
      entry.check = await request<number[]>(entry.page, { type: "open", task, shape, variant });
    } catch (error) {
      fail(entry, error);
    }
    entries.push(entry);
  }
  return entries;
}

/** A contender that fails has no more turns; the table shows why. */
async function turn(entry: OpenContender, count: number, budgetMs: number): Promise<number[]> {
  if (entry.failure !== undefined) return [];
  try {
    return await request<number[]>(entry.page, { type: "measure", count, budgetMs });
  } catch (error) {
    fail(entry, error);
    return [];
  }
}

function fail(entry: OpenContender, error: unknown): void {
  entry.failure = error instanceof Error ? error.message : String(error);
  console.error(`${entry.contender.name} ${entry.variant.device} ${entry.task}: ${entry.failure}`);
}

function request<T>(page: Page, call: Request): Promise<T> {
  return page.evaluate((call) => window.bench(call), call) as Promise<T>;
}

/**
 * What the wasm memory of a page's worker has grown to. Its threads share that, and may be blocked: not
 * asked.
 */
async function wasmBytes(page: Page): Promise<number | undefined> {
  const worker = page.workers().find((worker) => /\/(worker|library-worker)\.js/.test(worker.url()));
  return worker?.evaluate(() => globalThis.wasmBytes?.());
}
