// bertlet alone in a page of its own, with one model opened for one task: what the tables of bertlet alone
// measure.

import type { Browser, Page, Worker } from "playwright-core";
import type { FinetuneOptions } from "../../../web/bertlet.d.ts";
import type { Site } from "../../support/serve.ts";
import type { Shape } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import type { Counts } from "../page/gpu-counters.ts";
import type { Request, Task } from "../page/runner.ts";
import type { KernelTime } from "../page/timestamps.ts";

export class BertletPage {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(
    browser: Browser,
    site: Site,
    task: Task,
    shape: Shape,
    variant: Variant,
    options?: FinetuneOptions,
  ): Promise<BertletPage> {
    const page = await browser.newPage();
    await page.goto(`${site.base}bench.html?contender=bertlet`);
    await page.waitForFunction(() => window.bench !== undefined);
    const opened = new BertletPage(page);
    await opened.#request({ type: "open", task, shape, variant, options });
    return opened;
  }

  /**
   * Milliseconds of repetitions: `count` of them, or fewer where they take longer than `budgetMs` together.
   */
  measure(count: number, budgetMs: number): Promise<number[]> {
    return this.#request({ type: "measure", count, budgetMs });
  }

  /** The numbers that a run trains, and the bytes of what is saved after it. */
  about(): Promise<number[]> {
    return this.#request({ type: "about" });
  }

  /** The bytes and the minutes that `plan` estimates for so many steps. */
  plan(steps: number): Promise<number[]> {
    return this.#request({ type: "plan", steps });
  }

  /** What was counted after each step of the last run, whose first step is none of the repetitions. */
  async stepCounts(): Promise<Counts[]> {
    const counts = await this.#worker().evaluate(() => globalThis.stepCounts);
    if (counts === undefined) throw new Error("expected a run to be over, found none");
    return counts;
  }

  /** The GPU's time in one step, by kernel. */
  async timeKernels(): Promise<KernelTime[]> {
    const worker = this.#worker();
    await worker.evaluate(() => globalThis.timeSecondStep?.());
    // A run is one step longer than what it measures.
    await this.measure(2, Number.POSITIVE_INFINITY);
    const times = await worker.evaluate(() => globalThis.kernelTimes?.());
    if (times === undefined) throw new Error("expected times, found none");
    return times;
  }

  async close(): Promise<void> {
    await this.#page.context().close();
  }

  #worker(): Worker {
    const worker = this.#page.workers().find((worker) => /\/worker\.js/.test(worker.url()));
    if (worker === undefined) throw new Error("expected the library's worker, found none");
    return worker;
  }

  #request(call: Request): Promise<number[]> {
    return this.#page.evaluate((call) => window.bench(call), call) as Promise<number[]>;
  }
}
