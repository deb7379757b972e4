// What is packed to be shared: the model as it is, and for a lesson that teaches, one that does not know the rows yet.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { makeShared } from "../../web/studio/actions/share.ts";
import { afterRun, FakeModel } from "../support/studio-model.ts";

const fetching = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = fetching;
});

for (const [mode, weights] of [
  ["use", "trained"],
  ["teach", "as the run began"],
] as const)
  test(`a lesson to ${mode} has the model ${weights}`, async () => {
    globalThis.fetch = async () => new Response("{}");
    const [model, base] = [new FakeModel(), new FakeModel()];
    [model.weights, base.weights] = ["trained", "as the run began"];
    const store = await afterRun(model, base);
    const shared = { title: "", lang: "en", src: "model/", mode, fallback: "" };
    const zip = await makeShared(store, "lesson", shared, "");
    assert.ok(zip, JSON.stringify(store.state.share.error));
    // Nothing in it is compressed.
    const [bytes, other] = [await zip.text(), mode === "use" ? "as the run began" : "trained"];
    assert.deepEqual([bytes.includes(weights), bytes.includes(other)], [true, false]);
  });
