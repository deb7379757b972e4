// Explanations in Chromium: integrated gradients against torch, occlusion against `classify`, the words that matter, and the
// nearest examples.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Classifier, Explanation, LabelledText } from "../../../web/bertlet.d.ts";
import { type DeviceName, suite } from "../../support/browser.ts";
import { difference, readJson } from "../../support/checkpoints.ts";

interface Reference {
  checkpoint: string;
  max_length: number;
  steps: number;
  cases: { texts: string[]; label: number; softmax: boolean; evidence: number[]; attributions: number[] }[];
}

const about = readJson<Reference>("explanations/pooler.json");
const { rows } = readJson<{ rows: { text: string; label: number }[] }>("training/rows.json");
const LABELS = ["delivery", "billing", "praise"];
/** Absolute difference of an attribution from torch's in f64. */
const TOLERANCE: Record<DeviceName, number> = { wasm: 1e-5, webgpu: 1e-4 };
const folder = `data/checkpoints/${about.checkpoint}/`;

suite("an explanation", (stage, device) => {
  before(() =>
    stage.page.evaluate(
      async ({ folder, device, maxLength, rows }) => {
        const { Classifier } = window.bertlet;
        window.kept.plain = await Classifier.load(folder, { device, maxLength });
        window.kept.several = await Classifier.load(folder, {
          device,
          maxLength,
          problemType: "multi_label_classification",
        });
        const trained = await Classifier.load(folder, { device, maxLength });
        await trained.finetune({ train: rows }, { epochs: 20, learningRate: 1e-3, dropout: 0 }).result;
        window.kept.trained = trained;
      },
      {
        folder,
        device,
        maxLength: about.max_length,
        rows: rows.map(({ text, label }): LabelledText => ({ text, label: LABELS[label] as string })),
      },
    ),
  );

  test("has torch's attributions, which add up", async () => {
    for (const { texts, label, softmax, evidence, attributions } of about.cases) {
      const found: Explanation = await stage.page.evaluate(
        ([text, textPair, label, kind, steps]) =>
          (window.kept[kind as string] as Classifier).explain(
            textPair ? { text: text as string, textPair } : (text as string),
            { label: label as string, steps: Number(steps) },
          ),
        [texts[0], texts[1], LABELS[label], softmax ? "plain" : "several", `${about.steps}`],
      );
      const tokens = found.tokens ?? [];
      const off = difference(
        tokens.map(({ attribution }) => attribution),
        attributions,
      );
      assert.ok(off <= TOLERANCE[device], `${texts}: ${off}`);
      const { text = 0, blank = 0, delta = 1 } = found.completeness ?? {};
      assert.ok(difference([text, blank], evidence) <= 10 * TOLERANCE[device]);
      assert.ok(Math.abs(delta) <= 0.05 * Math.abs(text - blank), `${delta} of ${text - blank}`);
      const sum = (all: readonly { attribution: number }[]) => all.reduce((a, b) => a + b.attribution, 0);
      assert.ok(
        Math.abs(sum(found.words) - sum(tokens)) < 1e-6,
        "every token but the special ones is of a word",
      );
      for (const { word, segment, start, end } of found.words)
        assert.equal((texts[segment] as string).slice(start, end), word);
    }
  });

  test("by occlusion has classify's answers, of a text and of a pair", async () => {
    const { found, pair } = await stage.page.evaluate(async () => {
      const classifier = window.kept.trained as Classifier;
      const texts = ["My box was not shipped!", { text: "is it late?", textPair: "好的 thank you" }];
      const all = [];
      for (const text of texts) {
        const explained = await classifier.explain(text, { method: "occlusion" });
        const whole = await classifier.classify(text);
        for (const { segment, attribution, without } of explained.words) {
          const left = without?.text ?? "";
          const changed =
            typeof text === "string" ? left : { ...text, [segment === 0 ? "text" : "textPair"]: left };
          const answer = await classifier.classify(changed);
          const scoreOf = ({ scores }: typeof whole) =>
            scores.find(({ label }) => label === explained.label)?.score ?? Number.NaN;
          const own = scoreOf(whole) - scoreOf(answer);
          all.push([Math.abs(own - attribution), Math.abs((without?.score ?? 2) - answer.score)]);
        }
      }
      await classifier.fitScope(["My box was not shipped!", "A box", "is it late?"], { neighbours: 1 });
      const { words, prediction } = await classifier.explain(texts[1] as string, { method: "occlusion" });
      const own = await classifier.classify(texts[1] as string);
      all.push([Math.abs((prediction.similarity ?? 9) - (own.similarity ?? 0))]);
      if (prediction.unsure !== own.unsure || words.some(({ without }) => without?.unsure === undefined))
        throw new Error(`unlike classify: ${JSON.stringify([prediction, own, words])}`);
      return { found: all.flat(), pair: words.map(({ word, segment }) => [word, segment]) };
    });
    assert.ok(found.length >= 20);
    assert.ok(Math.max(...found) <= 1e-6, `${Math.max(...found)}`);
    assert.deepEqual(pair.slice(0, 4), [
      ["is", 0],
      ["it", 0],
      ["late", 0],
      ["?", 0],
    ]);
    assert.deepEqual(pair.at(-1), ["you", 1]);
  });

  test("finds the words that matter: without the first two the score falls more than without the last two", async () => {
    const [first, last] = await stage.page.evaluate(
      async (texts) => {
        const classifier = window.kept.trained as Classifier;
        const sums: [number, number] = [0, 0];
        for (const text of texts) {
          const { label, score, words } = await classifier.explain(text);
          const ranked = [...words].sort((a, b) => b.attribution - a.attribution);
          for (const [at, chosen] of [ranked.slice(0, 2), ranked.slice(-2)].entries()) {
            const places = chosen.sort((a, b) => b.start - a.start);
            const left = places.reduce((all, { start, end }) => all.slice(0, start) + all.slice(end), text);
            const { scores } = await classifier.classify(left);
            const after = scores.find((each) => each.label === label)?.score ?? Number.NaN;
            sums[at] = (sums[at] as number) + score - after;
          }
        }
        return sums;
      },
      rows.map(({ text }) => text).filter((text) => text.split(" ").length >= 4),
    );
    assert.ok(first > 1.5 * last, `${first}, ${last}`);
  });

  test("finds the nearest examples, which are remembered until the model changes", async () => {
    const { first, again, other, embedded } = await stage.page.evaluate(
      async ({ rows, labels }) => {
        const classifier = window.kept.trained as Classifier;
        const examples = rows.map(({ text, label }) => ({ text, label: labels[label] as string }));
        let embedded: number[] = [];
        const explain = async () => {
          const seen: number[] = [];
          const { nearest } = await classifier.explain("I love it!", {
            method: "occlusion",
            examples,
            nearest: 3,
            onProgress: ({ stage, total }) => stage === "tokenize" && seen.push(total),
          });
          embedded = [...embedded, Math.max(...seen)];
          return nearest ?? [];
        };
        const first = await explain();
        const again = await explain();
        await classifier.finetune({ train: examples }, { epochs: 1, learningRate: 1e-3 }).result;
        return { first, again, other: await explain(), embedded };
      },
      { rows, labels: LABELS },
    );
    const [nearest, second] = first;
    assert.equal(nearest?.text, "I love it!");
    assert.equal(rows[nearest?.index ?? -1]?.text, nearest?.text);
    assert.ok(Math.abs((nearest?.similarity ?? 0) - 1) < 1e-5);
    assert.ok((second?.similarity ?? 2) <= (nearest?.similarity ?? 0) && first.length === 3);
    assert.deepEqual(again, first);
    assert.notEqual(other[1]?.similarity, second?.similarity);
    assert.deepEqual(embedded, [rows.length + 1, 5, rows.length + 1]);
  });

  test("can be aborted between its steps", async () => {
    const failure = await stage.page.evaluate(() => {
      const abort = new AbortController();
      const onProgress = ({ stage, total }: { stage: string; total: number }) => {
        if (stage === "infer" && total === 1000) abort.abort();
      };
      const { signal } = abort;
      return window.failure(async () =>
        window.kept.plain?.explain("a text that is explained", { steps: 1000, signal, onProgress }),
      );
    });
    assert.equal(failure?.code, "aborted");
  });
});
