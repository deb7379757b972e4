// The studio's actions without a page: a store, rows in it, and a model that answers at once and notes what it was asked.

import { Classifier, type Report } from "../../web/src/index.ts";
import { adoptModel } from "../../web/studio/actions/model.ts";
import type { Parts } from "../../web/studio/data/parts.ts";
import { Store } from "../../web/studio/state/store.ts";

// What the actions ask of a page.
(globalThis as { navigator?: object }).navigator ??= { userAgent: "node" };
(globalThis as { document?: object }).document ??= { baseURI: "http://page.example/" };

type Row = Parts["train"][number];

export const report: Report = {
  ...{ loss: 0.5, accuracy: 0.5, microF1: 0.5, macroF1: 0.5, perLabel: [], confusion: [] },
  intervals: { accuracy: [0, 1], microF1: [0, 1], macroF1: [0, 1], loss: [0, 1] },
};

/** A run that has these events, one after another. */
function runOf(events: readonly object[]): object {
  return {
    result: Promise.resolve(events.at(-1)),
    stop: () => undefined,
    async *[Symbol.asyncIterator]() {
      yield* events;
    },
  };
}

/** Stands for a classifier. `events` are those of its next run, whose last is its end. */
export class FakeModel {
  readonly asked: [call: string, ...given: unknown[]][] = [];
  events: object[] = [{ type: "end", reason: "finished", steps: 2, milliseconds: 1 }];
  weights = "weights";
  info: Record<string, unknown> = {
    ...{ labels: ["a", "b"], adapters: [], problemType: "single_label_classification" },
    ...{ maxLength: 128, maskedLm: false, parameters: 1, unusedTensors: [], pooling: "pooler" },
  };

  /** How often it was asked this. */
  count(call: string): number {
    return this.asked.filter(([name]) => name === call).length;
  }

  learn(rows: Row[], options: object): object {
    this.asked.push(["learn", rows, options]);
    this.info = { ...this.info };
    return runOf(this.events);
  }

  finetune(data: object, options: object): object {
    this.asked.push(["finetune", data, options]);
    this.info = { ...this.info };
    return runOf(this.events);
  }

  async fitScope(texts: readonly unknown[]): Promise<void> {
    this.asked.push(["fitScope", texts]);
    this.info = { ...this.info, scope: { threshold: 0.5, examples: texts.length } };
  }

  async calibrate(): Promise<object> {
    return { temperature: 2 };
  }

  async useAdapter(name: string | null): Promise<void> {
    const { scope: _, ...others } = this.info;
    this.info = { ...others, activeAdapter: name ?? undefined };
  }

  async save(): Promise<object> {
    this.asked.push(["save"]);
    return {
      "model.safetensors": new Blob([this.info.scope ? `${this.weights} with a scope` : this.weights]),
    };
  }

  async saveAdapter(): Promise<object> {
    this.asked.push(["saveAdapter"]);
    return { "adapter_config.json": new Blob(["{}"]) };
  }

  async evaluate(): Promise<Report> {
    return report;
  }

  async classify(texts: readonly unknown[]): Promise<object[]> {
    return texts.map(() => ({ label: "a", score: 0.9, scores: [{ label: "a", score: 0.9 }] }));
  }

  async dispose(): Promise<void> {}
}

export function partsOf(train: readonly Row[], test: readonly Row[] = [], dev: readonly Row[] = []): Parts {
  return { train, test, dev, labels: ["a", "b"], pairs: false, multiLabel: false } as unknown as Parts;
}

export const TRAIN: readonly Row[] = [
  { text: "one", label: "a" },
  { text: "two", label: "b" },
  { text: "three", label: "a" },
];
const HELD: readonly Row[] = [
  { text: "four", label: "a" },
  { text: "five", label: "b" },
];

/** A store as it is after a run of `model` on `TRAIN`. The page then loads `base`, which is the same model unless told otherwise. */
export async function afterRun(model: FakeModel, base = model): Promise<Store> {
  const store = new Store();
  const parts = partsOf(TRAIN, HELD, HELD);
  const fake = model as unknown as Classifier;
  Classifier.load = async () => base as unknown as Classifier;
  await adoptModel(
    store,
    { phase: "ready", name: "base", source: "./base/", usable: true },
    async () => fake,
  );
  store.patch("project", { phase: "denied" });
  store.patch("data", { parts });
  store.patch("training", { phase: "done", parts, recipe: store.state.recipe });
  store.patch("evaluation", { report, part: "test", total: HELD.length, done: HELD.length });
  return store;
}
