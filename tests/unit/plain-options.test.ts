// Options and rows as frameworks give them: proxies, getters, class instances. What the worker gets is plain; what
// cannot be copied is a typed error that names it.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { FinetuneOptions, LabelledText, SearchOptions, SearchState } from "../../web/bertlet.d.ts";
import { Classifier, compare, splitRows } from "../../web/src/index.ts";
import { alternatingRows, eventsOf, hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, type Script, script } from "../support/fake-engine.ts";

let to: Script;
beforeEach(() => {
  to = script();
  install(to);
});

/** Deep proxies, as Vue's reactive and Svelte's $state make them: what is read of one is one, too. */
function reactive<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof AbortSignal) return value;
  return new Proxy(value, { get: (target, key, self) => reactive(Reflect.get(target, key, self)) });
}

function revoked(of: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(of, {});
  revoke();
  return proxy;
}

const OPTIONS: FinetuneOptions[] = [
  { method: "lora", lora: { rank: 2, targetModules: ["query"] } },
  { method: "adalora", adalora: { targetRank: 2, initialRank: 4, targetModules: ["query", "value"] } },
  { classWeights: { a: 2 }, augment: { drop: 0.1 } },
];

describe("options", () => {
  for (const options of OPTIONS) {
    test(`as proxies reach the worker: ${JSON.stringify(options)}`, async () => {
      const classifier = await loadFake();
      const data = reactive({ train: alternatingRows(4), dev: alternatingRows(2) });
      const { signal } = new AbortController();
      const given = reactive({ ...options, epochs: 1, earlyStopping: { patience: 1 }, signal });
      assert.equal((await eventsOf(classifier.finetune(data, given))).at(-1)?.type, "end");
      assert.ok((await classifier.plan(data, given)).steps > 0);
    });
  }

  test("of a search as proxies reach the worker, and its state resumes it", async () => {
    const classifier = await loadFake();
    const data = { train: alternatingRows(8), dev: alternatingRows(4) };
    const options: SearchOptions = reactive({
      space: { learningRate: [1e-5, 1e-3], batchSize: [4, 8], epochs: [1, 2], method: ["lora", "full"] },
      trials: 3,
      budget: { steps: 50 },
      lora: { rank: 2, targetModules: ["query"] },
      method: "lora",
    } satisfies SearchOptions);
    const state = (await classifier.search(data, options).result).state;
    const again = await classifier.search(data, { ...options, resume: reactive(state) }).result;
    assert.deepEqual(again.state, state);
  });

  test("may be accessors of a class, as Svelte's fields are", async () => {
    class Lora {
      #rank = 2;
      get rank() {
        return this.#rank;
      }
    }
    class Options {
      get method() {
        return "lora" as const;
      }
      get lora() {
        return new Lora();
      }
      get epochs() {
        return 3;
      }
    }
    const classifier = await loadFake();
    const events = await eventsOf(classifier.finetune({ train: alternatingRows(4) }, new Options()));
    assert.equal(events.filter(({ type }) => type === "epoch").length, 3);
  });

  test("and names that are revoked proxies are bad-option wherever they stand", async () => {
    const classifier = await loadFake();
    const calls: ((given: never) => Promise<unknown>)[] = [
      (given) => classifier.prune(given),
      (given) => classifier.quantize(given),
      (given) => classifier.useAdapter(given),
      (given) => classifier.addAdapter("a", given),
      (given) => classifier.keep(given),
      (given) => classifier.setLabels(["a"], given),
      (given) => Classifier.load(given),
      (given) => Classifier.load("/m/", given),
      (given) => Classifier.load({ config: given, tokenizer: "b", weights: "c" }),
      (given) => Classifier.load({ config: "a", tokenizer: "b", weights: given }),
      (given) => Classifier.preview(given),
      (given) => Classifier.distill(given, { train: alternatingRows(4) }),
    ];
    for (const [at, call] of calls.entries()) {
      for (const given of [revoked(), revoked([])])
        await assert.rejects(call(given as never), hasCode("bad-option"), String(calls[at]));
    }
  });

  test("and sources that are none are told by the call that took them", async () => {
    await assert.rejects(Classifier.preview(3 as never), hasCode("bad-option", /^preview: source must be/));
    await assert.rejects(
      Classifier.clearCache(3 as never),
      hasCode("bad-option", /^clearCache: source must/),
    );
    await assert.rejects(Classifier.isCached(3 as never), hasCode("bad-option", /^isCached: source must be/));
    const generator = (function* () {
      yield "a";
    })();
    const classifier = await loadFake();
    await assert.rejects(classifier.classify(generator as never), hasCode("bad-row", /found a Generator$/));
  });

  for (const name of ["Host", "cookie", "Sec-Fetch-Mode", "proxy-authorization", "Content-Length", "a b"]) {
    test(`of fetching with the header ${name} are bad-option, and its value is not told`, async () => {
      const loading = Classifier.load("https://x.example/m/", {
        headers: { "X-Own": "1", [name]: "secret" },
      });
      await assert.rejects(
        loading,
        hasCode("bad-option", new RegExp(`option headers must be .*, found "${name}"$`)),
      );
    });
  }

  test("of digests are told by their file", async () => {
    const loading = Classifier.load("https://x.example/m/", { sha256: { "config.json": "00" } });
    await assert.rejects(
      loading,
      hasCode("bad-option", /option sha256 must be .*, found "config.json": "00"$/),
    );
  });

  const cyclic: Record<string, unknown> = { version: 1 };
  cyclic.settings = { cyclic };
  const BAD: [name: string, options: unknown, message: RegExp][] = [
    ["a revoked proxy", revoked(), /finetune: the options must be an object, found .* a revoked proxy/],
    ["a revoked proxy within", { lora: revoked() }, /finetune: option lora must be .* a revoked proxy/],
    ["a Map", new Map([["epochs", 1]]), /the options must be an object, found a Map/],
    ["a Map of weights", { classWeights: new Map([["a", 2]]) }, /option classWeights .* found a Map/],
    ["an array for an object", { lora: [] }, /option lora .* found an array/],
    ["a function", { lora: { rank: () => 2 } }, /option lora must be .*, found rank: function$/],
    ["an unknown member", { lora: { ranks: 2 } }, /option lora must be .*, found the unknown "ranks"$/],
    ["a wrong member", { augment: { drop: 0.1, mask: 1 } }, /option augment must be .*, found mask: 1$/],
    ["a missing member", { earlyStopping: {} }, /option earlyStopping must be .*, found no patience$/],
    ["no weight", { classWeights: { a: 1, b: 0 } }, /option classWeights must be .*, found "b": 0$/],
    [
      "a getter that throws",
      {
        get epochs() {
          throw new Error("not yet");
        },
      },
      /option epochs cannot be read: Error: not yet/,
    ],
  ];
  for (const [name, options, message] of BAD) {
    test(`with ${name} are bad-option`, async () => {
      const classifier = await loadFake();
      const run = classifier.finetune({ train: alternatingRows(4) }, options as FinetuneOptions);
      await assert.rejects(run.result, hasCode("bad-option", message));
    });
  }

  const STATES: [name: string, state: unknown, message: RegExp][] = [
    ["that holds itself", cyclic, /resume\.settings\.cyclic must be plain data.*holds itself/],
    ["with a function", { version: 1, runs: [() => 1] }, /resume\.runs\[0\] must be plain data.*a function/],
    ["with a Date", { version: 1, settings: { at: new Date() } }, /resume\.settings\.at .* a Date/],
  ];
  for (const [name, state, message] of STATES) {
    test(`resume ${name} is bad-option`, async () => {
      const classifier = await loadFake();
      const data = { train: alternatingRows(4), dev: alternatingRows(4) };
      const run = classifier.search(data, { resume: state as SearchState });
      await assert.rejects(run.result, hasCode("bad-option", message));
    });
  }
});

describe("rows and texts", () => {
  test("as proxies are read", async () => {
    const classifier = await loadFake();
    assert.equal((await classifier.classify(reactive(["x", "xx"]))).length, 2);
    assert.equal((await classifier.embed(reactive([{ text: "x", textPair: "y" }]))).length, 1);
    assert.ok((await classifier.evaluate(reactive(alternatingRows(4)))).loss >= 0);
    assert.equal((await classifier.inspect(reactive({ train: alternatingRows(4) }))).rows.train, 4);
    assert.equal(splitRows(reactive(alternatingRows(40))).train.length, 32);
    await classifier.setLabels(reactive(["c", "d"]));
  });

  test("that cannot be read are bad-row", async () => {
    const classifier = await loadFake();
    const bad = hasCode("bad-row", /cannot be read/);
    await assert.rejects(classifier.classify(revoked() as string[]), bad);
    await assert.rejects(classifier.classify([revoked() as never]), bad);
    await assert.rejects(classifier.evaluate([revoked() as LabelledText]), bad);
    await assert.rejects(classifier.evaluate(revoked() as LabelledText[]), bad);
    await assert.rejects(classifier.finetune(revoked() as never).result, bad);
    await assert.rejects(classifier.pretrain(revoked([]) as never).result, bad);
    await assert.rejects(classifier.pretrain([revoked()] as never).result, hasCode("bad-row"));
    const rows = alternatingRows(1);
    const right = [{ label: "a" }];
    for (const one of [revoked([]), [revoked()], [{ label: revoked() }], [{ labels: revoked([]) }]]) {
      assert.throws(() => compare(rows, one as never, right), hasCode("bad-row"));
      assert.throws(() => compare(rows, right, one as never), hasCode("bad-row"));
    }
    assert.throws(() => compare(revoked([]) as never, right, right), bad);
    await assert.rejects(classifier.setLabels(revoked() as string[]), hasCode("bad-option"));
  });
});
