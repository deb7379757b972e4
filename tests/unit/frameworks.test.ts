// A classifier inside of a framework's state: Vue's proxies leave it as it is; `await using` ends it.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { reactive, ref } from "@vue/reactivity";
import { hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, script } from "../support/fake-engine.ts";

const train = ["a", "b"].map((label) => ({ text: label, label }));

beforeEach(() => install(script()));

const STATES: Record<string, <T extends object>(value: T) => { value: T }> = {
  "Vue's ref": (value) => ref(value) as unknown as { value: typeof value },
  "Vue's reactive": (value) => reactive({ value }) as { value: typeof value },
};

for (const [name, put] of Object.entries(STATES)) {
  test(`${name} keeps a classifier and a run as they are`, async () => {
    const state = put(await loadFake());
    assert.equal((await state.value.classify("xx")).label, "b");
    const run = put(state.value.finetune({ train }, { epochs: 1 }));
    assert.equal((await run.value.result).reason, "finished");
    await state.value.dispose();
  });
}

test("await using ends a classifier", async () => {
  const classifier = await loadFake();
  await classifier[Symbol.asyncDispose]();
  await assert.rejects(classifier.classify("x"), hasCode("disposed"));
});
