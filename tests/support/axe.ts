// Accessibility of a page: no serious finding of axe and no sideways scroll, in light and dark, wide and
// narrow.

import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { overflow } from "./studio.ts";

const WIDTHS = [1280, 390];
const SCHEMES = ["light", "dark"] as const;

/** Serious and critical findings, each with the elements it is about. */
async function findings(page: Page): Promise<string[]> {
  // axe's source and its full results are large: the page keeps them, and only the findings leave it.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const { found, rules } = await page.evaluate(async () => {
    // A color on its way is no color of the page: a transition that runs goes on under reduced motion.
    const running = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    await Promise.allSettled(running.map(({ finished }) => finished));
    const { violations, passes } = await (window as unknown as { axe: typeof axe }).axe.run();
    const found = violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map((node) => `${node.target} (${node.failureSummary})`).join("; ")}`,
      );
    return { found, rules: passes.length };
  });
  assert.ok(rules > 10, `axe held ${rules} rules against the page`);
  return found;
}

/**
 * Checks both widths in every language. A language changes nothing but texts for axe, so that axe runs in
 * every width and color scheme only when asked to look `thoroughly`.
 */
export async function inspect(page: Page, place: string, thoroughly: boolean): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 844 });
    assert.ok((await overflow(page)) <= 0, `${place} scrolls sideways at ${width}`);
    for (const colorScheme of SCHEMES) {
      if (!thoroughly && (width !== 390 || colorScheme !== "dark")) continue;
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      assert.deepEqual(await findings(page), [], `${place}, ${colorScheme}, ${width} pixels wide`);
    }
  }
}
