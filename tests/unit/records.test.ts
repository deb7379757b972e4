// Records of runs: TensorBoard's event files by their format, tables, the report page and the model card; and the intervals
// and curves in them against published or independently made numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PbfReader } from "pbf";
import { type Answer, leftOpen, reliability } from "../../web/studio/data/certainty.ts";
import { mixedUp, neverSaid } from "../../web/studio/data/mixed-up.ts";
import type { RunFacts } from "../../web/studio/data/records/facts.ts";
import { type CardModel, modelCard } from "../../web/studio/data/records/model-card.ts";
import { reportPage } from "../../web/studio/data/records/report.ts";
import { runsCsv, runsJson } from "../../web/studio/data/records/tables.ts";
import { eventFile, eventFileName } from "../../web/studio/data/records/tensorboard.ts";
import { crc32c } from "../../web/studio/data/records/tf-record.ts";
import { wilson } from "../../web/studio/data/wilson.ts";
import { dictionary } from "../../web/studio/i18n/language.ts";
import { defaultRecipe } from "../../web/studio/state/recipe.ts";

const LABELS = ["<b>loans</b>", "=rooms"];
const report = {
  loss: 0.5,
  accuracy: 0.75,
  microF1: 0.75,
  macroF1: 0.7,
  perLabel: LABELS.map((label) => ({ label, precision: 0.5, recall: 1, f1: 2 / 3, support: 2 })),
  confusion: [
    [2, 0],
    [1, 1],
  ],
  intervals: { accuracy: [0.5, 1], microF1: [0.5, 1], macroF1: [0.4, 1], loss: [0.1, 0.9] },
} satisfies RunFacts["report"];
const run: RunFacts = {
  number: 3,
  when: 1_700_000_010_000,
  base: { name: "someone/small-bert" },
  recipe: defaultRecipe,
  training: {
    step: 2,
    steps: 2,
    epochs: 1,
    trainedParameters: 1234,
    truncatedRows: 0,
    stepNumbers: [1, 2],
    losses: [0.75, 0.5],
    epochResults: [{ epoch: 1, step: 2, trainLoss: 0.625, dev: report, milliseconds: 9 }],
    reason: "finished",
    milliseconds: 10_000,
  },
  rows: { train: 8, truth: [...LABELS, ...LABELS], part: "test", heldKey: "h", pairs: false },
  labels: LABELS,
  report,
  predictions: [LABELS[0], LABELS[1], LABELS[0], LABELS[0]].map((label = "") => ({ label, score: 0.6 })),
  environment: { bertlet: "0.1.0", device: "wasm", threads: 2, browser: "Test" },
};

interface Value {
  tag: string;
  number?: number;
  text?: string;
  floats?: number[];
  plugin?: string;
}

/** What a reader of event.proto finds in an event. */
function readEvent(bytes: Uint8Array): { seconds: number; step: number; version?: string; value?: Value } {
  const found: ReturnType<typeof readEvent> = { seconds: 0, step: 0 };
  const inside = (pbf: PbfReader, read: (field: number, pbf: PbfReader) => void): void => {
    const end = pbf.readVarint() + pbf.pos;
    while (pbf.pos < end) {
      const key = pbf.readVarint();
      const before = pbf.pos;
      read(key >> 3, pbf);
      if (pbf.pos === before) pbf.skip(key);
    }
  };
  const readValue = (field: number, pbf: PbfReader): void => {
    found.value ??= { tag: "" };
    const { value } = found;
    if (field === 1) value.tag = pbf.readString();
    else if (field === 2) value.number = pbf.readFloat();
    else if (field === 8)
      inside(pbf, (at, tensor) => {
        if (at === 8) value.text = tensor.readString();
        else if (at === 5) {
          const count = tensor.readVarint() / 4;
          value.floats = Array.from({ length: count }, () => tensor.readFloat());
        }
      });
    else if (field === 9)
      inside(pbf, (at, metadata) => {
        if (at !== 1) return;
        inside(metadata, (part, plugin) => {
          if (part === 1) value.plugin = plugin.readString();
        });
      });
  };
  const pbf = new PbfReader(bytes);
  while (pbf.pos < bytes.length) {
    const key = pbf.readVarint();
    if (key >> 3 === 1) found.seconds = pbf.readDouble();
    else if (key >> 3 === 2) found.step = pbf.readVarint();
    else if (key >> 3 === 3) found.version = pbf.readString();
    else if (key >> 3 === 5) inside(pbf, (_, summary) => inside(summary, readValue));
    else assert.fail(`field ${key >> 3}`);
  }
  return found;
}

test("CRC-32C of RFC 3720's examples", () => {
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
});

test("an event file: a version, then each loss and score with its step, and options as a text", async () => {
  const bytes = new Uint8Array(await eventFile(run).arrayBuffer());
  const view = new DataView(bytes.buffer);
  const events = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true);
    events.push(readEvent(bytes.subarray(at + 12, at + 12 + length)));
    at += length + 16;
  }
  assert.equal(events[0]?.version, "brain.Event:2");
  const scalars = events.flatMap(({ step, value }) =>
    value?.number === undefined ? [] : [`${value.tag} ${step} ${value.number.toFixed(3)}`],
  );
  for (const line of [
    "train/loss 1 0.750",
    "train/loss 2 0.500",
    "dev/accuracy 2 0.750",
    "test/loss 2 0.500",
  ])
    assert.ok(scalars.includes(line), `${line} in ${scalars}`);
  const recipe = events.find(({ value }) => value?.tag === "recipe")?.value;
  assert.match(recipe?.text ?? "", /\| learningRate \| 0\.0001 \|/);
  assert.equal(recipe?.plugin, "text");
  // Four answers of 0.6, three of them right: by threshold, kept right and wrong ones, the others, precision, recall.
  const curve = events.find(({ value }) => value?.tag === "test/certain_answers")?.value;
  assert.equal(curve?.plugin, "pr_curves");
  const at = (threshold: number) =>
    Array.from({ length: 6 }, (_, row) => curve?.floats?.[row * 101 + threshold]);
  assert.deepEqual(at(60), [3, 1, 0, 0, 0.75, 1]);
  assert.deepEqual(at(61), [0, 0, 1, 3, 1, 0]);
  assert.equal(events.find(({ value }) => value?.tag === "train/loss")?.seconds, 1_700_000_005);
  assert.equal(eventFileName(run), "run-3/events.out.tfevents.1700000010.bertlet");
});

test("tables: JSON holds scores and curves; the CSV has a line for each number, and no formula", async () => {
  const json = JSON.parse(await runsJson("tickets", [run]).text());
  assert.deepEqual(json.runs[0].curves.trainLoss, [0.75, 0.5]);
  assert.deepEqual(json.runs[0].scores.confusion, report.confusion);
  assert.equal(json.runs[0].recipe.learningRate, 0.0001);
  const lines = (await runsCsv([run]).text()).replace("\ufeff", "").split("\r\n");
  for (const line of [
    '"3","train","2","","","","loss","0.5"',
    '"3","confusion","","","\'=rooms","<b>loans</b>","count","1"',
    '"3","recipe","","","","","learningRate","0.0001"',
    '"3","test","","","","","macro_f1","0.7"',
    '"3","test","","","","","macro_f1_low","0.4"',
  ])
    assert.ok(lines.includes(line), `${line} in ${lines.join("\n")}`);
});

for (const language of ["en", "zh"] as const)
  test(`the report page: charts, no script, no markup of a label (${language})`, async () => {
    const words = dictionary(language).recipe.schedule.names;
    const page = await reportPage(dictionary(language), "tickets & <co>", run, [
      { ...run, number: 2 },
      run,
    ]).text();
    assert.ok(!/<script|<b>|undefined|NaN|\[object/.test(page), page);
    assert.ok(page.includes("&#60;b&#62;loans&#60;/b&#62;") && page.includes("tickets &#38; &#60;co&#62;"));
    assert.equal(page.match(/<svg viewBox="0 0 640 240"/g)?.length, 2);
    assert.match(page, /p = 1\.000/);
    assert.ok(page.includes(`<td>${words.linear}</td>`));
  });

test("a label that runs from right to left, or turns the direction, leaves its neighbours where they are", async () => {
  const [arabic, turned] = ["\u0641\u0627\u062a\u0648\u0631\u0629", "\u202eabc\u2069"];
  for (const language of ["en", "zh"] as const) {
    const t = dictionary(language);
    assert.equal(t.evaluation.takenFor(arabic, turned), `\u2068${arabic}\u2069 → \u2068\u202eabc\u2069`);
    assert.equal(t.evaluation.takenFor("loans", "1"), "loans → 1", "others stay as they are");
    assert.ok(t.use.said(arabic, 0.5).startsWith(`\u2068${arabic}\u2069`));
    assert.ok(t.evaluation.fix(t.rowKinds.list([arabic])).endsWith(` \u2068${arabic}\u2069`), "once");
    const page = await reportPage(t, "p", { ...run, labels: [arabic, turned] }, []).text();
    assert.ok(page.includes(`<bdi>${arabic}</bdi>`) && page.includes(`<bdi>${turned}</bdi>`), page);
  }
});

test("the report of a run of very many steps", async () => {
  const losses = Array.from({ length: 200_000 }, (_, at) => 1 / (at + 1));
  const training = { ...run.training, losses, stepNumbers: losses.map((_, at) => at + 1) };
  assert.match(await reportPage(dictionary("en"), "long", { ...run, training }, []).text(), /<polyline/);
});

test("the model card: front matter for the Hub, scores with Wilson's interval, limits", () => {
  const model: CardModel = {
    name: 'tickets: "new"',
    labels: LABELS,
    multiLabel: false,
    threshold: undefined,
    pairs: false,
    remoteCode: true,
    leaveOpen: 0.6,
    adapter: false,
    version: "0.1.0",
  };
  const card = modelCard(model, run);
  const head = card.split("---\n")[1] ?? "";
  for (const line of [
    "library_name: transformers",
    "pipeline_tag: text-classification",
    'base_model: "someone/small-bert"',
    '- name: "tickets: \\"new\\""',
    "      value: 0.75",
  ])
    assert.ok(head.includes(`${line}\n`), `${line} in ${head}`);
  assert.match(card, /3 of 4 test texts right: 75\.0%, 95% interval 30\.1% to 95\.4% \(Wilson\)/);
  assert.match(card, /score under 0\.60 open/);
  assert.match(card, /\\<b\\>loans/);
  const odd = modelCard(
    { ...model, name: "a <b> *c*", labels: ["- x", "1. y", "&lt;"], adapter: true },
    {
      ...run,
      base: { name: "默认模型" },
    },
  );
  for (const line of ["# a \\<b\\> \\*c\\*", "- \\- x", "- 1\\. y", "- \\&lt;"])
    assert.ok(odd.includes(`${line}\n`), `${line} in ${odd}`);
  assert.ok(odd.includes("THE_MODEL_IT_WAS_TRAINED_FROM") && !odd.includes('load("默认模型'));
  const bare = modelCard({ ...model, remoteCode: false }, undefined);
  assert.ok(!bare.includes("model-index") && !bare.includes("trust_remote_code"));
  // A pipeline does not cut texts by itself.
  assert.match(bare, /model="PATH_OR_ID", truncation=True\)/);
  assert.match(card, /trust_remote_code=True, truncation=True\)/);

  const pairs = modelCard({ ...model, multiLabel: true, pairs: true, threshold: 0.43219 }, run);
  assert.match(pairs, /classify\(\[\{"text": "\.\.\.", "text_pair": "\.\.\."\}\], top_k=None\)\[0\]/);
  assert.match(pairs, /found\["score"\] >= 0\.4322/);
  assert.match(pairs, /3 of 4 test texts with exactly their labels/);

  const adapter = modelCard({ ...model, remoteCode: false, adapter: true }, run);
  for (const line of [
    "library_name: peft",
    'base_model: "someone/small-bert"',
    "base_model_relation: adapter",
  ])
    assert.ok(adapter.includes(`${line}\n`), `${line} in ${adapter}`);
  assert.match(adapter, /from_pretrained\(\n {4}"someone\/small-bert", num_labels=2/);
  // Other poolings than the pooler are not transformers' own.
  const pooled = modelCard({ ...model, adapter: true }, run);
  assert.ok(
    pooled.includes('load("someone/small-bert", { hub: true });') &&
      !pooled.includes("PeftModel") &&
      !pooled.includes("custom_code"),
  );
});

test("Wilson's interval equals Newcombe's table I (1998), method 3", () => {
  for (const [right, of, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const)
    for (const [end, known] of [
      [wilson(right, of)[0], low],
      [wilson(right, of)[1], high],
    ] as const)
      assert.ok(Math.abs(end - known) < 5e-5, `${end}`);
  assert.deepEqual(wilson(0, 0), [0, 1]);
});

/** The same draws as numpy's below: a linear congruential generator, since numpy's own has no twin here. */
function draws(count: number): Answer[] {
  let state = 42;
  const next = (): number => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  return Array.from({ length: count }, () => {
    const score = Math.sqrt(next());
    return { score, right: next() < score * score };
  });
}

test("the reliability curve and its error equal numpy's", () => {
  /*
   * import numpy as np
   * state, rows = 42, []
   * def draw():
   *     global state; state = state * 16807 % 2147483647; return state / 2147483647
   * for _ in range(500):
   *     s = np.sqrt(draw()); rows.append((s, draw() < s * s))
   * s, r = np.array(rows).T; b = np.clip(np.ceil(s * 10) - 1, 0, 9).astype(int)
   * for k in range(10): print((b == k).sum(), s[b == k].mean(), r[b == k].mean())
   * print(sum(abs(r[b == k].mean() - s[b == k].mean()) * (b == k).mean() for k in range(10)))
   */
  const NUMPY: [count: number, certainty: number, accuracy: number][] = [
    [5, 0.062085429, 0.0],
    [16, 0.154525122, 0.0625],
    [27, 0.253030842, 0.0],
    [30, 0.35029726, 0.166666667],
    [54, 0.457648418, 0.222222222],
    [47, 0.554080814, 0.276595745],
    [77, 0.65048996, 0.428571429],
    [74, 0.751044974, 0.527027027],
    [87, 0.852202334, 0.712643678],
    [83, 0.954798631, 0.915662651],
  ];
  const ERROR = 0.177866674;
  const { bins, error } = reliability(draws(500));
  assert.deepEqual(
    bins.map(({ count }) => count),
    NUMPY.map(([count]) => count),
  );
  bins.forEach(({ score, accuracy }, bin) => {
    assert.ok(Math.abs(score - (NUMPY[bin]?.[1] ?? 0)) < 1e-6);
    assert.ok(Math.abs(accuracy - (NUMPY[bin]?.[2] ?? 0)) < 1e-6);
  });
  assert.ok(Math.abs(error - ERROR) < 1e-6);
  assert.deepEqual(reliability([]), { bins: [], error: 0 });
});

test("a limit leaves the answers under it open, and counts the rest", () => {
  const answers = [0.2, 0.6, 0.6, 0.9].map((score, at) => ({ score, right: at > 1 }));
  assert.deepEqual(leftOpen(answers, 0), { open: 0, answered: 4, right: 2 });
  assert.deepEqual(leftOpen(answers, 0.6), { open: 1, answered: 3, right: 2 });
  assert.deepEqual(leftOpen(answers, 0.95), { open: 4, answered: 0, right: 0 });
});

test("labels that are mixed up, the most frequent first, and those never said", () => {
  const confusion = [
    [5, 1, 0],
    [2, 3, 0],
    [1, 0, 0],
  ];
  const pairs = mixedUp(confusion, ["a", "b", "c"]).map(Object.values);
  assert.deepEqual(pairs, [
    ["b", "a", 2],
    ["a", "b", 1],
    ["c", "a", 1],
  ]);
  assert.deepEqual(neverSaid(confusion, ["a", "b", "c"]), ["c"]);
});
