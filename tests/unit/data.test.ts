// Splits and folds, the comparison of two models (held against scipy), and the data report. The report is
// held against rows that have each defect once, and against clean rows.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { DataReport, Finding, LabelledText } from "../../web/bertlet.d.ts";
import { type Classifier, compare, splitRows } from "../../web/src/index.ts";
import { foldsOf } from "../../web/src/page/split.ts";
import { textKey } from "../../web/src/shared/text-key.ts";
import { readJson } from "../support/checkpoints.ts";
import { hasCode, loadFake } from "../support/fake-classifier.ts";
import { install, script } from "../support/fake-engine.ts";

/**
 * By scipy and whole numbers: how many rows only the first or only the second model predicted right, and p.
 */
interface Table {
  only_a_right: number;
  only_b_right: number;
  p: number;
}
const references = readJson<{
  mcnemar: Table[];
  compared: Table & { truth: number[]; a: number[]; b: number[] };
}>("model_selection/scores.json");

const WORDS = ["red", "green", "blue", "grey", "pink", "gold", "teal", "lime"];
/** A text of its own for each number, none like another. */
const words = (n: number) => [n, n >> 3, n >> 6, n >> 9].map((digit) => WORDS[digit & 7]).join(" ");
const numbered = (from: number, count: number, label: (index: number) => string): LabelledText[] =>
  Array.from({ length: count }, (_, index) => ({ text: words(from + index), label: label(index) }));

describe("a split", () => {
  const rows = numbered(0, 200, (index) => (index < 150 ? "often" : index < 198 ? "seldom" : "twice"));
  const shares = (part: readonly LabelledText[] = []) =>
    ["often", "seldom", "twice"].map((label) => part.filter((row) => row.label === label).length);

  test("keeps every label's share, every row once and in its order", () => {
    const { train, dev, test: held } = splitRows(rows);
    assert.deepEqual(shares(dev), [15, 5, 0]);
    assert.deepEqual(shares(held), [15, 5, 0]);
    assert.deepEqual(shares(train), [120, 38, 2], "a label of two texts stays in train");
    assert.equal(new Set([...train, ...(dev ?? []), ...(held ?? [])]).size, rows.length);
    for (const part of [train, dev ?? [], held ?? []]) {
      const places = part.map((row) => rows.indexOf(row));
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      );
    }
    const uneven = splitRows(rows, { dev: 0.4, test: 0 });
    assert.deepEqual(shares(uneven.dev), [60, 19, 0]);
    assert.ok(!("test" in uneven), "a part without rows is left out");
  });

  test("is the same for the same seed, and another for another", () => {
    assert.deepEqual(splitRows(rows, { seed: 7 }), splitRows(rows, { seed: 7 }));
    assert.notDeepEqual(splitRows(rows, { seed: 7 }).dev, splitRows(rows, { seed: 8 }).dev);
    for (const seed of [0, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      assert.equal(splitRows(rows, { seed }).dev?.length, 20, `${seed}`);
    }
  });

  test("keeps texts that are alike on one side", () => {
    const alike = rows.flatMap((row) => [row, { ...row, text: `  ${row.text.toUpperCase()}!` }]);
    for (const seed of [1, 2, 3]) {
      const parts = splitRows(alike, { dev: 0.2, test: 0.2, seed });
      const sides = [parts.train, parts.dev ?? [], parts.test ?? []].map(
        (part) => new Set(part.map(({ text }) => textKey(text))),
      );
      assert.equal(
        sides.reduce((sum, side) => sum + side.size, 0),
        rows.length,
      );
      assert.deepEqual(shares(parts.dev), [60, 18, 0], "pairs, so 18 of 19");
    }
  });

  test("leaves something to train on, however large the shares and few the rows", () => {
    for (const count of [1, 2, 3, 4, 5, 7]) {
      const few = numbered(0, count, () => "a");
      const { train, dev = [], test: held = [] } = splitRows(few, { dev: 0.49, test: 0.49 });
      assert.ok(train.length > 0);
      assert.equal(dev.length > 0 && held.length > 0, count >= 3, `${count} rows`);
      assert.equal(train.length + dev.length + held.length, count);
    }
  });

  test("into folds deals every label and every row evenly", () => {
    const twice = [...rows, ...rows.slice(0, 10)];
    const fold = foldsOf(twice, 5, 42);
    const sizes = [0, 1, 2, 3, 4].map((which) => twice.filter((_, row) => fold[row] === which));
    for (const part of sizes) {
      const [often = 0, seldom = 0] = shares(part);
      assert.ok(Math.abs(often - 32) <= 1 && Math.abs(seldom - 9.6) < 1, `${often} ${seldom}`);
      assert.ok(Math.abs(part.length - 42) <= 1, `${part.length}`);
    }
    for (let row = 0; row < 10; row++) assert.equal(fold[row], fold[200 + row]);
    assert.notDeepEqual(fold, foldsOf(twice, 5, 43));
  });

  test("refuses bad rows and options", () => {
    assert.throws(() => splitRows([]), hasCode("bad-row", /at least one row/));
    assert.throws(() => splitRows("a,b" as never), hasCode("bad-row"));
    assert.throws(() => splitRows([{ text: "a" } as never]), hasCode("bad-row", /row 0.*label/));
    for (const options of [
      { dev: 1 },
      { dev: -0.1 },
      { test: Number.NaN },
      { seed: 0.5 },
      { valid: 0.1 },
      3,
    ]) {
      assert.throws(() => splitRows(rows, options as never), hasCode("bad-option"), JSON.stringify(options));
    }
    assert.throws(() => splitRows(rows, { dev: 0.5, test: 0.5 }), hasCode("bad-option", /under 1 together/));
  });
});

describe("a comparison", () => {
  /** Rows of which both, the first alone, the second alone and neither are right. */
  function table(both: number, onlyFirst: number, onlySecond: number, neither: number) {
    const of = (count: number, first: boolean, second: boolean) => Array(count).fill([first, second]);
    const right: [boolean, boolean][] = [
      ...of(both, true, true),
      ...of(onlyFirst, true, false),
      ...of(onlySecond, false, true),
      ...of(neither, false, false),
    ];
    const rows = right.map((_, index) => ({ text: "x", label: index % 2 ? "a" : "b" }));
    const predict = (which: 0 | 1) =>
      right.map((hit, row) => ({ label: hit[which] ? (rows[row]?.label as string) : "c" }));
    return compare(rows, predict(0), predict(1));
  }

  test("counts the rows and gives McNemar's exact p", () => {
    const found = table(50, 3, 12, 5);
    const { pValue, ...counts } = found;
    const expected = { rows: 70, both: 50, onlyFirst: 3, onlySecond: 12, neither: 5, difference: 9 / 70 };
    assert.deepEqual(counts, expected);
    for (const { only_a_right: first, only_b_right: second, p } of references.mcnemar) {
      const { pValue } = table(1, first, second, 1);
      assert.ok(Math.abs(pValue - p) <= 1e-12 + 1e-9 * p, `${first} ${second}: ${pValue}, ${p}`);
    }
    const { truth, a, b, p, ...only } = references.compared;
    const of = (labels: number[]) => labels.map((label) => ({ text: "x", label: `${label}` }));
    const compared = compare(of(truth), of(a), of(b));
    assert.deepEqual([compared.onlyFirst, compared.onlySecond], [only.only_a_right, only.only_b_right]);
    assert.ok(Math.abs(compared.pValue - p) < 1e-12);
  });

  test("stands thousands of rows", () => {
    const { pValue } = table(0, 30_000, 29_000, 0);
    assert.ok(pValue > 3e-5 && pValue < 5e-5, `${pValue}`);
    assert.equal(table(0, 40_000, 0, 0).pValue, 0);
  });

  test("refuses predictions that are not the rows'", () => {
    const rows = numbered(0, 2, () => "a");
    const two = [{ label: "a" }, { label: "b" }];
    assert.throws(() => compare([], [], []), hasCode("bad-row"));
    assert.throws(() => compare(rows, two, two.slice(1)), hasCode("bad-row", /second must be an array of 2/));
    assert.throws(() => compare(rows, "a" as never, two), hasCode("bad-row", /first/));
    assert.throws(
      () => compare(rows, [{}, null] as never, two),
      hasCode("bad-row", /prediction 0.*undefined/),
    );
  });
});

describe("a data report", () => {
  let classifier: Classifier;
  before(async () => {
    install(script());
    classifier = await loadFake();
  });

  const two = (index: number) => (index % 2 ? "a" : "b");
  const clean = () => ({
    train: numbered(0, 60, two),
    dev: numbered(100, 20, two),
    test: numbered(200, 20, two),
  });
  const codes = ({ findings }: DataReport) => findings.map(({ code }) => code);

  /** The clean file with a row more. */
  function planted(split: "train" | "dev" | "test", ...rows: LabelledText[]) {
    const data = clean();
    data[split].push(...rows);
    return data;
  }

  test("on a clean file has nothing to say", async () => {
    const report = await classifier.inspect(clean());
    assert.deepEqual(report.findings, []);
    assert.deepEqual(report.rows, { train: 60, dev: 20, test: 20 });
    assert.ok(report.tokens > 100 && report.unknownTokens === 0);
    assert.deepEqual(codes(await classifier.inspect({ train: clean().train })), []);
  });

  const text = words(10); // train's row 10, of label "b"
  const last = (split: "train" | "dev" | "test") => ({ split, row: split === "train" ? 60 : 20 });
  const cases: [Finding["code"], ReturnType<typeof clean>, Partial<Finding>][] = [
    ["empty-text", planted("dev", { text: " \n", label: "a" }), { examples: [last("dev")] }],
    [
      "duplicate",
      planted("train", { text, label: "b" }),
      { examples: [{ ...last("train"), like: { split: "train", row: 10 } }] },
    ],
    [
      "near-duplicate",
      planted("train", { text: ` ${text.toUpperCase().replace(" ", ", ")}!`, label: "b" }),
      { examples: [{ ...last("train"), like: { split: "train", row: 10 } }] },
    ],
    [
      "leakage",
      planted("test", { text: `${text}.`, label: "b" }),
      { examples: [{ ...last("test"), like: { split: "train", row: 10 } }] },
    ],
    [
      "conflicting-labels",
      planted("train", { text, label: "a" }),
      { examples: [{ ...last("train"), like: { split: "train", row: 10 } }] },
    ],
    [
      "imbalance",
      planted("train", ...numbered(300, 250, () => "a"), ...numbered(700, 9, () => "c")),
      { count: 1, ratio: 280 / 9, labels: [{ label: "c", rows: 9 }], examples: [] },
    ],
    [
      "few-rows",
      planted("train", ...numbered(300, 7, () => "c")),
      { count: 1, labels: [{ label: "c", rows: 7 }], examples: [] },
    ],
    [
      "missing-label",
      planted("test", { text: words(300), label: "c" }),
      { labels: [{ label: "c", rows: 0 }], examples: [last("test")] },
    ],
  ];
  for (const [code, data, expected] of cases) {
    test(`finds ${code} where it is planted, and nothing else`, async () => {
      const report = await classifier.inspect(data);
      assert.deepEqual(codes(report), [code]);
      const [found] = report.findings;
      const { count = 1, ...rest } = expected;
      assert.equal(found?.count, count);
      for (const [name, value] of Object.entries(rest))
        assert.deepEqual(found?.[name as keyof Finding], value);
      assert.match(found?.message ?? "", /\d+ (rows?|labels?|times).*: /);
      assert.ok(["warning", "note"].includes(found?.severity ?? ""));
    });
  }

  test("counts a text that comes a third time, in another split and under another label", async () => {
    const data = planted("dev", { text, label: "a" }, { text, label: "a" });
    const found = (await classifier.inspect(data)).findings;
    assert.deepEqual(
      found.map(({ code, count }) => [code, count]),
      [
        ["leakage", 2],
        ["conflicting-labels", 2],
      ],
    );
    const thrice = planted(
      "dev",
      { text: "new", label: "a" },
      { text: "new", label: "a" },
      { text: "New", label: "a" },
    );
    assert.deepEqual(codes(await classifier.inspect(thrice)), ["duplicate", "near-duplicate"]);
  });

  test("gives at most five examples of what there are many of", async () => {
    const data = planted("train", ...numbered(0, 30, two));
    const [found] = (await classifier.inspect(data)).findings;
    assert.deepEqual([found?.count, found?.examples.length], [30, 5]);
    assert.equal(found?.share, 30 / 130);
  });

  test("takes signs, emoji and other scripts for what they are", async () => {
    const data = planted(
      "train",
      ...["!", ";", "😀", "😢", "C++", "C", "好的", "好 的。", "…"].map((text) => ({ text, label: "a" })),
    );
    const found = (await classifier.inspect(data)).findings;
    assert.deepEqual(codes({ findings: found } as DataReport), []);
  });

  test("takes time in proportion: 200,000 rows", async () => {
    const many = Array.from({ length: 200_000 }, (_, index) => ({
      text: `${index} ${words(index)}`,
      label: two(index),
    }));
    const begun = process.cpuUsage();
    assert.deepEqual(codes(await classifier.inspect({ train: many })), []);
    assert.ok(process.cpuUsage(begun).user < 60_000_000);
  });

  test("can be aborted, and refuses bad rows and options", async () => {
    const abort = new AbortController();
    const waiting = classifier.inspect(clean(), { signal: abort.signal });
    abort.abort();
    await assert.rejects(waiting, hasCode("aborted"));
    for (const data of [
      undefined,
      [],
      { train: [] },
      { train: "x" },
      { train: [null] },
      { train: clean().train, dev: [] },
    ]) {
      await assert.rejects(classifier.inspect(data as never), hasCode("bad-row"), JSON.stringify(data));
    }
    await assert.rejects(classifier.inspect({ ...clean(), valid: [] } as never), hasCode("bad-row", /valid/));
    await assert.rejects(
      classifier.inspect({ train: [{ text: "a", label: 1 }] } as never),
      hasCode("bad-row", /label/),
    );
    await assert.rejects(classifier.inspect(clean(), { deep: true } as never), hasCode("bad-option", /deep/));
  });
});
