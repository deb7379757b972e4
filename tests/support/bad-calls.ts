// Bad calls of a good classifier in Chromium, each held to its error code and message. Writes nothing.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { ErrorCode } from "../../web/bertlet.d.ts";
import type { Stage } from "./browser.ts";

/**
 * A call runs in the page with these names: `classifier`, a good checkpoint with the labels "a", "b", "c";
 * `rows`, rows for it; `folder`, the checkpoint's folder; `bertlet`, the library.
 */
export type BadCall = [name: string, code: ErrorCode, call: string, message?: RegExp];

/** Adds a test for each call. Later tests find the classifier in `window.kept.good`. */
export function badCalls(stage: Stage, calls: readonly BadCall[]): void {
  before(async () => {
    await stage.page.evaluate(async () => {
      const folder = "data/checkpoints/sequence_classification_f32/";
      const options = { device: "wasm", labels: ["a", "b", "c"] } as const;
      window.kept.good = await window.bertlet.Classifier.load(folder, options);
    });
  });

  for (const [name, code, call, message = /./] of calls) {
    test(`${name}: ${code}`, async () => {
      const failure = await stage.page.evaluate((call) => {
        const names = ["classifier", "Classifier", "bertlet", "rows", "folder", `return async () => ${call}`];
        const rows = ["a", "b", "c"].map((label) => ({ text: `a text for ${label}`, label }));
        const folder = "data/checkpoints/sequence_classification_f32/";
        const { bertlet } = window;
        return window.failure(
          new Function(...names)(window.kept.good, bertlet.Classifier, bertlet, rows, folder),
        );
      }, call);
      assert.equal(failure?.code, code, failure?.message);
      assert.match(failure.message, message);
    });
  }
}
