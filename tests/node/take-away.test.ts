// A run that is taken away goes on in torch with the page's losses: each method and kind of head on one process and on two,
// planted faults are found, and a run that was taken away on its way ends as the page's own. Takes the built site, and the
// Python of `BERTLET_PYTHON`, else that of tests/reference/setup.sh.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { BlobReader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js/lib/zip-core-native.js";
import type * as Bertlet from "../../web/bertlet.d.ts";
import { root } from "../support/serve.ts";
import { torchRun } from "../support/torch-run.ts";

const { Classifier }: typeof Bertlet = await import(pathToFileURL(join(root, "web/dist/node.js")).href);
const PYTHON = process.env.BERTLET_PYTHON ?? join(homedir(), ".cache/bertlet/python/bin/python");
if (!existsSync(PYTHON))
  throw new Error(`${PYTHON}: expected a Python with torch; tests/reference/setup.sh makes it`);
const MODEL = "checkpoints/sequence_classification_f32";
const { train } = torchRun("in_order");
const LABELS = [...new Set(train.map(({ label }) => label))];

/** Rows of some labels each, none among them; one alone may stand as it is. */
const several = train.map(({ text }, row) => {
  const label = LABELS.filter((_, label) => (row >> label) % 2 === 1);
  return { text, label: label.length === 1 ? (label[0] as string) : label };
});
/** Pairs, and texts alone among them. */
const pairs = train.map((row, at) =>
  at % 3 === 1 ? row : { ...row, textPair: train[(at * 5) % train.length]?.text ?? "" },
);
const common = { epochs: 4, batchSize: 4, learningRate: 1e-3, warmupRatio: 0.2 };

interface Case {
  /** Below the references; the default is a BERT. */
  model?: string;
  load?: Bertlet.LoadOptions;
  data?: Bertlet.FinetuneData;
  options: Bertlet.FinetuneOptions;
}
const CASES: Record<string, Case> = {
  full: { options: { layerDecay: 0.9, schedule: "cosine" } },
  "full, weighted, smoothed, accumulated": {
    options: { classWeights: "balanced", labelSmoothing: 0.1, accumulate: 2, batchSize: 3 },
    data: { train: train.slice(0, 19) },
  },
  "full, several labels, mean": {
    load: { pooling: "mean", problemType: "multi_label_classification" },
    data: { train: several, dev: several.slice(0, 9) },
    options: { classWeights: { [LABELS[1] as string]: 3 }, freezeLayers: 1, labelSmoothing: 0.2 },
  },
  "lora, pairs, cls": {
    load: { pooling: "cls" },
    data: { train: pairs, dev: pairs.slice(0, 7) },
    options: {
      method: "lora",
      headFirst: true,
      lora: { rank: 4, targetModules: ["query", "value", "intermediate.dense"] },
    },
  },
  adalora: {
    options: { method: "adalora", adalora: { initialRank: 6, targetRank: 3, interval: 2 }, epochs: 5 },
  },
  "prompt, max, several labels": {
    load: { pooling: "max", problemType: "multi_label_classification" },
    data: { train: several },
    options: { method: "prompt", virtualTokens: 5 },
  },
  "full, ELECTRA, frozen and decayed": {
    model: "encoders/electra",
    options: { freezeLayers: 1, layerDecay: 0.7 },
  },
  head: { options: { method: "head", weightDecay: 0.1 } },
};
/** In a case whose batches weigh differently by process. */
const FAULTY = 1;
const FAULTS: Record<string, [old: string, now: string]> = {
  "the head drawn again": [
    "model, tokenizer = open_model()\n",
    "model, tokenizer = open_model()\ntorch.nn.init.normal_(model.classifier.weight, std=0.02)\n",
  ],
  "the mean of each process' mean": [
    "mine, total = batch[rank::world], weight_of(batch)",
    "mine = batch[rank::world]; total = weight_of(mine) * world",
  ],
  "another order": [
    "steps = sum(map(len, order))\n",
    "steps = sum(map(len, order))\norder = [list(reversed(epoch)) for epoch in order]\n",
  ],
};

/** Ends as a kill in the fourth epoch would. */
const KILLED: [string, string] = [
  "            loss = step_on([train[row] for row in batch])",
  "            if epoch == 4: sys.exit('killed')\n            loss = step_on([train[row] for row in batch])",
];

interface Job {
  folder: string;
  arguments: string[];
  fault?: [string, string];
}

/** Runs train.py of each folder in as many processes, with the variables that torchrun sets. */
async function python(jobs: Job[], processes: number): Promise<{ status: number; message: string }[]> {
  const list = join(jobs[0]?.folder ?? "", "..", `jobs-${processes}.json`);
  await writeFile(list, JSON.stringify(jobs));
  const script = join(root, "tests/reference/run_taken_away.py");
  const port = await freePort();
  const all = Array.from({ length: processes }, (_, rank) => {
    const group = { RANK: `${rank}`, WORLD_SIZE: `${processes}`, LOCAL_RANK: `${rank}` };
    const env = {
      ...process.env,
      ...group,
      MASTER_ADDR: "127.0.0.1",
      MASTER_PORT: `${port}`,
      OMP_NUM_THREADS: "1",
    };
    return promisify(execFile)(PYTHON, [script, list], { env, maxBuffer: 2 ** 26 });
  });
  const [first] = await Promise.all(all);
  return (first?.stdout ?? "")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function unpack(zip: Blob, folder: string): Promise<void> {
  const reader = new ZipReader(new BlobReader(zip));
  for (const entry of await reader.getEntries()) {
    if (entry.directory) continue;
    const path = join(folder, entry.filename);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await entry.getData(new Uint8ArrayWriter()));
  }
  await reader.close();
}

const opened: Bertlet.Classifier[] = [];
async function load(options: Bertlet.LoadOptions = {}, model = MODEL): Promise<Bertlet.Classifier> {
  const folder = pathToFileURL(join(root, "tests/reference/data", model)).href;
  const classifier = await Classifier.load(folder, { device: "wasm", threads: 1, maxLength: 24, ...options });
  opened.push(classifier);
  return classifier;
}
// A worker that is left over would hold the process.
after(() => Promise.all(opened.map((classifier) => classifier.dispose())));

describe("a run that is taken away", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bertlet-taken-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("has the page's losses on one process and on two, by every method; faults are found", async () => {
    const names = Object.keys(CASES);
    for (const [at, name] of names.entries()) {
      const { model, load: more, data = { train, dev: train.slice(0, 8) }, options } = CASES[name] as Case;
      const classifier = await load(more, model);
      if (model !== undefined) await classifier.setLabels(LABELS);
      const texts = train.slice(0, 3).map(({ text }) => text);
      const before = [classifier.info, await classifier.classify(texts)];
      await unpack(await classifier.takeAway(data, { ...common, ...options }), join(folder, String(at)));
      assert.deepEqual([classifier.info, await classifier.classify(texts)], before, name);
      await classifier.dispose();
    }
    const checks = names.map((_, at) => ({ folder: join(folder, String(at)), arguments: ["--check"] }));
    const faults = Object.values(FAULTS).map((fault) => ({ ...(checks[FAULTY] as Job), fault }));
    for (const processes of [1, 2]) {
      const found = await python([...checks, ...faults], processes);
      for (const [at, { status, message }] of found.slice(0, names.length).entries()) {
        assert.equal(status, 0, `${names[at]}, ${processes} processes: ${message}`);
        assert.match(message, /steps as in the page/);
      }
      for (const [at, fault] of Object.keys(FAULTS).entries()) {
        if (processes === 1 && fault.startsWith("the mean")) continue;
        const { status, message } = found[names.length + at] as { status: number; message: string };
        assert.equal(status, 1, `${fault}, ${processes} processes: ${message}`);
        assert.match(message, /step \d+ is the first that differs|before the first step/);
      }
    }
  });

  test("on its way, ends on two processes as it ends in the page, also when killed, and loads there", async () => {
    const data = { train, dev: train.slice(0, 8), test: train.slice(8) };
    const options = { ...common, epochs: 5, dropout: 0 };
    const classifier = await load();
    const run = classifier.finetune(data, options);
    const losses: number[] = [];
    const ofEpochs: number[] = [];
    let zip: Promise<Blob> | undefined;
    for await (const event of run) {
      if (event.type === "step") losses.push(event.loss);
      if (event.type === "epoch") ofEpochs.push(event.trainLoss);
      // Within an epoch, whose loss is then of both.
      if (event.type !== "step" || event.epoch !== 3 || zip !== undefined) continue;
      run.pause();
      zip = classifier.takeAway(data, options).finally(() => run.resume());
    }
    const { test: own } = await run.result;
    const taken = join(folder, "on-its-way");
    await unpack((await zip) as Blob, taken);
    const script = (args: string[]) => ({ folder: taken, arguments: args });
    const killed: Job = { ...script([]), fault: KILLED };
    const done = await python([script(["--check"]), killed, script([])], 2);
    assert.deepEqual(
      done.map(({ status }) => status),
      [0, 1, 0],
      JSON.stringify(done),
    );
    const report = JSON.parse(await readFile(join(taken, "out/report.json"), "utf8"));
    const steps = report.steps as { step: number; loss: number }[];
    for (const { step, loss } of steps) assert.ok(Math.abs(loss - (losses[step - 1] as number)) < 1e-4);
    assert.equal(steps.at(-1)?.step, losses.length);
    for (const { epoch, trainLoss } of report.epochs as { epoch: number; trainLoss: number }[])
      assert.ok(Math.abs(trainLoss - (ofEpochs[epoch - 1] as number)) < 1e-4, `epoch ${epoch}`);

    const again = await Classifier.load(pathToFileURL(join(taken, "out/model")).href, { device: "wasm" });
    assert.equal(again.info.newHead, false);
    const loaded = await again.evaluate(data.test);
    for (const found of [loaded, report.test]) {
      assert.ok(Math.abs(found.loss - (own?.loss ?? 0)) < 1e-3, `${found.loss} and ${own?.loss}`);
      assert.equal(Number(found.accuracy.toFixed(6)), Number(own?.accuracy.toFixed(6)));
    }
    await again.dispose();
    await classifier.dispose();
  });
});

const REFUSED: [code: Bertlet.ErrorCode, options: object, says: RegExp][] = [
  ...["adapter", "prefix", "bitfit", "centroid", "contrastive"].map(
    (method): [Bertlet.ErrorCode, object, RegExp] => [
      "bad-option",
      { method },
      /cannot go on elsewhere: \w+/,
    ],
  ),
  ["bad-option", { augment: { drop: 0.1 } }, /augment cannot go on elsewhere/],
  ["bad-option", { epochs: 0 }, /epochs must be/],
  ["bad-option", { wheels: 4 }, /no option "wheels"/],
  ["aborted", { signal: AbortSignal.abort() }, /aborted/],
];

test("what cannot go on elsewhere is refused by name, also on its way", async () => {
  const classifier = await load();
  const data = { train };
  for (const [code, options, message] of REFUSED) {
    await assert.rejects(classifier.takeAway(data, options), (error: Bertlet.BertletError) => {
      assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
      return true;
    });
  }
  await assert.rejects(classifier.takeAway({ train: [] }), { code: "bad-row" });
  const options = { method: "adalora", epochs: 2 } as const;
  const run = classifier.finetune(data, options);
  for await (const event of run) {
    if (event.type !== "step" || event.step !== 2) continue;
    const others = { train: train.slice(1) };
    await assert.rejects(classifier.takeAway(others, options), {
      code: "bad-option",
      message: /other rows or options/,
    });
    await assert.rejects(classifier.takeAway(data, { ...options, epochs: 3 }), { code: "bad-option" });
    await assert.rejects(classifier.takeAway(data, options), {
      message: /adalora cannot be taken away on its way/,
    });
  }
  assert.equal((await run.result).reason, "finished");
  const folds = classifier.crossValidate(train, { folds: 2, method: "adalora", epochs: 1 });
  await assert.rejects(classifier.takeAway(data, options), { code: "busy" });
  folds.stop();
  await folds.result;
  await classifier.dispose();

  const rounded = await load({ dtype: "int8" });
  await assert.rejects(rounded.takeAway(data), { code: "bad-state", message: /int8/ });
  // A run that was refused is none that is under way, and a full one makes floats of the model, whichever epoch was best.
  await assert.rejects(rounded.finetune(data, { freezeLayers: 99 }).result, { code: "bad-option" });
  await rounded.finetune({ train, dev: train }, { epochs: 1, restoreBest: true }).result;
  assert.equal(rounded.info.dtype, "f32");
  assert.ok((await rounded.takeAway(data, { method: "head", epochs: 1 })).size > 0);
  await rounded.dispose();
});
