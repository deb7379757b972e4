// The library's calls on a fake engine: which requests the engine gets, in which order, and how failures are
// told apart.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { BertletError, type Classifier } from "../../web/src/index.ts";
import { eventsOf, hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, type Script, script } from "../support/fake-engine.ts";

let to: Script;
const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ text: "x".repeat(i), label: i % 2 === 0 ? "a" : "b" }));

beforeEach(() => {
  to = script();
  install(to);
});

describe("batches", () => {
  test("hold the longest rows first and give results in the order of the input", async () => {
    const classifier = await loadFake();
    const predictions = await classifier.classify(["xx", "", "xxx", "x"], { batchSize: 3 });
    assert.deepEqual(to.calls, ["load", "encode 0", "encode 4", "logits 2,0,3", "logits 1", "free"]);
    const scores = predictions.map(({ scores }) => scores.find(({ label }) => label === "b")?.score);
    assert.deepEqual(scores, [2, 0, 3, 1]);
  });

  test("hold at most 8,192 tokens with padding, and at least one row", async () => {
    const classifier = await loadFake();
    const long = [
      "x".repeat(9000),
      ...Array<string>(3).fill("x".repeat(4000)),
      ...Array<string>(40).fill("x".repeat(128)),
    ];
    await classifier.classify(long, { batchSize: 1000 });
    await classifier.classify(Array<string>(32).fill("x".repeat(128)));
    const rows = to.calls.flatMap((call) => (/^logits/.test(call) ? [call.split(",").length] : []));
    assert.deepEqual(rows, [1, 2, 2, 39, 32]);
  });

  test("of tokens hold 64 texts, or fewer long ones", async () => {
    const classifier = await loadFake();
    const long = "x".repeat(100_000);
    await classifier.embed([...Array<string>(70).fill("x"), long, long, "x"]);
    const encodes = to.calls.filter((call) => /^(encode|free)/.test(call));
    assert.deepEqual(encodes, ["encode 0", "encode 64", "encode 7", "encode 1", "encode 1", "free"]);
  });

  test("of no texts are not made", async () => {
    const classifier = await loadFake();
    assert.deepEqual(await classifier.classify([]), []);
    assert.deepEqual(await classifier.embed([]), []);
    assert.deepEqual(to.calls, ["load", "encode 0", "free", "encode 0", "free"]);
  });
});

describe("tokens", () => {
  test("are lists of one entry a token, for a text, a pair and several", async () => {
    const classifier = await loadFake();
    const row = {
      tokens: ["it", "runs"],
      inputIds: [2, 4],
      tokenTypeIds: [0, 0],
      offsets: [
        [0, 1],
        [1, 2],
      ],
      specialTokensMask: [0, 0],
      truncated: false,
    };
    assert.deepEqual(await classifier.tokenize("it runs"), row);
    assert.deepEqual(await classifier.tokenize([{ text: "it", textPair: "runs" }]), [row]);
    assert.deepEqual(await classifier.tokenize([]), []);
  });

  test("of bad texts are refused, and a call can be aborted between texts", async () => {
    const classifier = await loadFake();
    await assert.rejects(classifier.tokenize([1 as never]), hasCode("bad-row"));
    await assert.rejects(classifier.tokenize("a", { batchSize: 2 } as never), hasCode("bad-option"));
    const stop = new AbortController();
    const seen: number[] = [];
    const call = classifier.tokenize(Array<string>(200).fill("x"), {
      signal: stop.signal,
      onProgress({ loaded }) {
        seen.push(loaded);
        stop.abort();
      },
    });
    await assert.rejects(call, hasCode("aborted"));
    assert.deepEqual(seen, [64]);
  });
});

describe("a run", () => {
  test("weights an epoch's train loss by rows, evaluates dev each epoch and test at the end", async () => {
    const classifier = await loadFake();
    const data = { train: rows(5), dev: rows(3), test: rows(2) };
    const events = await eventsOf(classifier.finetune(data, { epochs: 2, batchSize: 4 }));
    assert.deepEqual(
      events.map(({ type }) => type),
      ["start", "step", "step", "epoch", "step", "step", "epoch", "end"],
    );
    const losses = events.flatMap((event) => (event.type === "epoch" ? [event.trainLoss] : []));
    assert.deepEqual(losses, [(1 + 2 * 4) / 5, (3 + 4 * 4) / 5]);
    const shares = events.flatMap((event) => (event.type === "epoch" ? [event.paddedShare] : []));
    assert.deepEqual(shares, [0.25, 0.25]);
    const reports = to.calls.filter((call) => /^(report|end)/.test(call));
    assert.deepEqual(reports, ["report 3", "report 3", "end", "report 2"]);
    assert.equal(to.calls.filter((call) => call === "free").length, 3);
  });

  test("of the head alone takes dev through the encoder once", async () => {
    const classifier = await loadFake();
    const data = { train: rows(5), dev: rows(3), test: rows(2) };
    const events = await eventsOf(classifier.finetune(data, { method: "head", epochs: 4 }));
    assert.equal(events.filter(({ type }) => type === "epoch").length, 4);
    const through = to.calls.filter((call) => /^(embed|logits) /.test(call));
    assert.deepEqual(
      through.map((call) => call.split(",").length),
      [3, 2],
      "dev once, and test at the end",
    );
  });

  test("is planned by timing steps that change nothing, and what does not fit is not tried", async () => {
    const classifier = await loadFake();
    const plan = await classifier.plan({ train: rows(5), dev: rows(3) }, { batchSize: 4 });
    assert.ok(plan.fits && (plan.minutes ?? 0) > 0);
    assert.deepEqual([plan.steps, plan.tokens, plan.paddedShare, plan.peakBytes], [10, 100, 0.25, 1000]);
    assert.ok(to.calls.includes("timeStep 2") && !to.calls.some((call) => /^(begin|step)/.test(call)));
    assert.equal(to.calls.filter((call) => call === "free").length, 3);
    to.calls.length = 0;
    to.peakBytes = 2 ** 33;
    const large = await classifier.plan({ train: rows(5) });
    assert.deepEqual([large.fits, large.minutes, large.proposal?.batchSize], [false, undefined, 4]);
    assert.match(large.proposal?.why ?? "", /8\.0 GiB would be needed, and there are 3\.8 GiB: 4 rows/);
    assert.ok(!to.calls.some((call) => call.startsWith("timeStep")));
  });

  test("serves other calls between its steps, each whole", async () => {
    const classifier = await loadFake();
    const run = classifier.finetune({ train: rows(4) }, { epochs: 20, batchSize: 4 });
    const iterator = run[Symbol.asyncIterator]();
    await iterator.next();
    await classifier.evaluate(rows(4), { batchSize: 1 });
    await run.result;
    const first = to.calls.findIndex((call) => call.startsWith("logits"));
    const last = to.calls.findLastIndex((call) => call.startsWith("logits"));
    assert.equal(last - first, 3, "no step between the batches of one call");
    assert.ok(to.calls.indexOf("step 20") > last, "before the run's end");
  });

  test("ends with diverged, the optimizer freed", async () => {
    to.throws.set("step 3", { code: "diverged", message: "the loss is not finite" });
    const classifier = await loadFake();
    const end = await classifier.finetune({ train: rows(4), test: rows(2) }, { batchSize: 2 }).result;
    assert.deepEqual([end.reason, end.steps, end.test], ["diverged", 2, undefined]);
    assert.ok(to.calls.includes("end"));
    assert.equal((await classifier.classify("x")).label, "b");
  });

  test("goes on when nobody reads its events, which are then read once", async () => {
    const classifier = await loadFake();
    const run = classifier.finetune({ train: rows(4) }, { epochs: 1, batchSize: 4 });
    await run.result;
    assert.equal((await eventsOf(run)).length, 4);
    assert.equal((await eventsOf(run)).length, 0);
  });

  test("that fails gives its events and then the failure, once", async () => {
    to.throws.set("step 2", { code: "bad-row", message: "made up" });
    const classifier = await loadFake();
    const run = classifier.finetune({ train: rows(4) }, { epochs: 3, batchSize: 4 });
    const seen: string[] = [];
    const read = async () => {
      for await (const { type } of run) seen.push(type);
    };
    await assert.rejects(read, hasCode("bad-row"));
    assert.deepEqual(seen, ["start", "step", "epoch"]);
    await read();
    await assert.rejects(run.result, hasCode("bad-row"));
    assert.ok(to.calls.includes("end"), "the run is ended");
  });

  test("that wasm has no room for is refused before it starts", async () => {
    to.parameters = 400_000_000;
    const classifier = await loadFake();
    await assert.rejects(classifier.finetune({ train: rows(4) }).result, hasCode("out-of-memory"));
    // The head alone needs next to nothing beside the model.
    const { reason } = await classifier.finetune({ train: rows(4) }, { method: "head", epochs: 1 }).result;
    assert.equal(reason, "finished");
    assert.equal((await classifier.embed(["x"])).length, 1);
  });
});

test("an aborted call says why, also where the worker ends it", async () => {
  const data = { train: rows(8), dev: rows(8) };
  const calls: Record<string, (c: Classifier, signal: AbortSignal) => Promise<unknown>> = {
    classify: (c, signal) => c.classify(["x"], { signal }),
    finetune: (c, signal) => c.finetune(data, { signal }).result,
    learn: (c, signal) => c.learn(rows(8), { signal }).result,
    pretrain: (c, signal) => c.pretrain(["x", "xx"], { signal }).result,
    crossValidate: (c, signal) => c.crossValidate(rows(8), { folds: 2, signal }).result,
    search: (c, signal) => c.search(data, { trials: 2, signal }).result,
    quantize: (c, signal) => c.quantize({ data: rows(8), signal }),
    calibrate: (c, signal) => c.calibrate(rows(8), { signal }),
    fitScope: (c, signal) => c.fitScope(["x", "xx", "xxx"], { signal }),
  };
  for (const [call, begin] of Object.entries(calls)) {
    const classifier = await loadFake();
    const stop = new AbortController();
    const reason = new Error("too late");
    to.calls.push = () => {
      stop.abort(reason);
      return 0;
    };
    await assert.rejects(begin(classifier, stop.signal), (error: BertletError) => {
      assert.deepEqual([error.code, error.message], ["aborted", `${call} was aborted`]);
      assert.equal(error.cause, reason);
      return error instanceof BertletError;
    });
    Reflect.deleteProperty(to.calls, "push");
  }
});

describe("a trap", () => {
  test("is worker-crashed for every pending call, and nothing of wasm is called again", async () => {
    to.throws.set("logits", new WebAssembly.RuntimeError("unreachable"));
    const classifier = await loadFake();
    const calls = [classifier.classify("x"), classifier.embed(["y"]), classifier.save()];
    const settled = await Promise.allSettled(calls);
    const codes = settled.map((one) => one.status === "rejected" && (one.reason as BertletError).code);
    assert.deepEqual(codes, ["worker-crashed", "worker-crashed", "worker-crashed"]);
    await assert.rejects(classifier.classify("x"), hasCode("disposed"));
    await classifier.dispose();
    assert.ok(!to.calls.includes("free"));
  });

  test("with the memory full is out-of-memory", async () => {
    to.memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    to.throws.set("save", new WebAssembly.RuntimeError("unreachable"));
    const classifier = await loadFake();
    await assert.rejects(classifier.save(), hasCode("out-of-memory"));
    await assert.rejects(classifier.save(), hasCode("disposed"));
  });

  test("while loading is worker-crashed", async () => {
    to.throws.set("load", new Error("panic: somewhere"));
    await assert.rejects(loadFake(), hasCode("worker-crashed"));
  });
});

test("a disposed classifier is told as one, whatever its model lacks", async () => {
  to.maskedLm = false;
  const classifier = await loadFake();
  await assert.rejects(classifier.fillMask("[MASK]"), hasCode("bad-state"));
  await classifier.dispose();
  await assert.rejects(classifier.fillMask("[MASK]"), hasCode("disposed"));
  await assert.rejects(classifier.pretrain(["x"]).result, hasCode("disposed"));
});

describe("labels", () => {
  test("that a model does not have are asked for by the calls that need them", async () => {
    to.labels = [];
    const classifier = await loadFake();
    await assert.rejects(classifier.classify("x"), hasCode("bad-state"));
    await assert.rejects(classifier.evaluate(rows(1)), hasCode("bad-state"));
    await assert.rejects(classifier.finetune({ train: rows(4) }).result, hasCode("bad-state"));
    assert.equal((await classifier.embed("x")).length, 2);
  });
});
