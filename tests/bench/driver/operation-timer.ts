// Opens the worker of operations.ts on one device, and asks it for the milliseconds of operations.

import type { Browser, Page, Worker } from "playwright-core";
import type { Site } from "../../support/serve.ts";
import type { Variant } from "../page/contender.ts";
import type { Milliseconds } from "../page/operations.ts";

/** An operation of crate/src/kernels, by the name of its test entry, and its sizes. */
export type Operation = readonly [name: string, ...sizes: number[]];

export class OperationTimer {
  readonly #page: Page;
  readonly #worker: Worker;
  readonly #budgetMs: number;

  private constructor(page: Page, worker: Worker, budgetMs: number) {
    this.#page = page;
    this.#worker = worker;
    this.#budgetMs = budgetMs;
  }

  /** `budgetMs` is about what each operation's timing may take. */
  static async open(
    browser: Browser,
    site: Site,
    variant: Variant,
    budgetMs: number,
  ): Promise<OperationTimer> {
    const page = await browser.newPage();
    await page.goto(`${site.base}harness.html`);
    const started = page.waitForEvent("worker", (worker) => worker.url().endsWith("/operations.js"));
    await page.evaluate(() => {
      Object.assign(window, { worker: new Worker("./operations.js", { type: "module" }) });
    });
    const worker = await started;
    // The worker is there before its module has run.
    await worker.evaluate(async (variant) => {
      while (globalThis.operations === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      await globalThis.operations.open(variant);
    }, variant);
    return new OperationTimer(page, worker, budgetMs);
  }

  time([name, ...sizes]: Operation): Promise<Milliseconds> {
    return this.#worker.evaluate(
      ({ name, sizes, budgetMs }) => globalThis.operations.time(name, sizes, budgetMs),
      { name, sizes, budgetMs: this.#budgetMs },
    );
  }

  /** Milliseconds of the bare shader's product. */
  shader(size: readonly [m: number, k: number, n: number]): Promise<number> {
    return this.#worker.evaluate(
      ({ size: [m, k, n], budgetMs }) => globalThis.operations.shader(m, k, n, budgetMs),
      { size, budgetMs: this.#budgetMs },
    );
  }

  async close(): Promise<void> {
    await this.#page.context().close();
  }
}
