// Makes bad calls of a good classifier in Chromium, and holds each to its code and message. Writes nothing.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { ErrorCode } from "../../web/bertlet.d.ts";
import type { Stage } from "./browser.ts";

/**
 * Each is run in the page, where `classifier` is the good checkpoint on the labels "a", "b", "c", `rows` are rows that
 * suit it, `folder` is where it lies, and `bertlet` is the library.
 */
export type BadCall = [name: string, code: ErrorCode, call: string, message?: RegExp];

/** A test for each, on a classifier that is `window.kept.good` to the tests after them. */
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
