// A Chromium with a profile on the disk and one page on which small runs with a journal are made. A page that was killed is
// followed by a new one.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { chromiumOptions, openPage } from "../support/browser.ts";
import { type Found, type Kind, type On, provideRuns } from "../support/journalled-runs.ts";
import { letKill, ON_PAGE } from "../support/kill.ts";
import { type Site, serve } from "../support/serve.ts";

/** The GPU's process may crash as often as it likes. */
const FLAGS = ["--disable-gpu-process-crash-limit", "--disable-domain-blocking-for-3d-apis"];

export class Stage {
  readonly site: Site;
  readonly context: BrowserContext;
  page: Page;
  readonly #profile: string;

  private constructor(site: Site, context: BrowserContext, page: Page, profile: string) {
    this.site = site;
    this.context = context;
    this.page = page;
    this.#profile = profile;
  }

  /** `first` runs first in each of the library's workers. */
  static async open(first = ""): Promise<Stage> {
    const site = await serve({ isolated: true });
    letKill(site, first);
    const profile = await mkdtemp(join(tmpdir(), "bertlet-endure-"));
    const { args, ...options } = chromiumOptions();
    const context = await chromium.launchPersistentContext(profile, {
      ...options,
      args: [...args, ...FLAGS],
    });
    const page = await openPage(context, site, [], ON_PAGE);
    await page.evaluate(provideRuns);
    return new Stage(site, context, page, profile);
  }

  get browser(): Browser {
    return this.context.browser() as Browser;
  }

  /** Leaves the page, and goes on in a new one. */
  async turnPage(): Promise<void> {
    await this.page.close();
    this.page = await openPage(this.context, this.site, [], ON_PAGE);
    await this.page.evaluate(provideRuns);
  }

  async begin(kind: Kind, journal: string | undefined, on: On): Promise<void> {
    await this.page.evaluate(([kind, journal, on]) => window.begin(kind, journal, on), [
      kind,
      journal,
      on,
    ] as const);
  }

  /** Goes on from a journal, and gives what the run ended with; or the code of the error. */
  async goOn(name: string): Promise<Found | string> {
    return this.page.evaluate(async (name) => {
      try {
        await window.goOn(name);
        return await window.found;
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
    }, name);
  }

  /** What the run under way ended with; or the code of the error. */
  async found(): Promise<Found | string> {
    return this.page.evaluate(() => window.found.catch((error) => (error.code ?? String(error)) as string));
  }

  async forget(name: string): Promise<void> {
    await this.page.evaluate((name) => window.bertlet.Classifier.deleteJournal(name).catch(() => {}), name);
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.site.close();
    await rm(this.#profile, { recursive: true, force: true });
  }
}
