// Checked by the compiler, never run: src/index.ts and bertlet.d.ts agree, and misuse of the API does not
// compile.

import type * as Documented from "../../web/bertlet.d.ts";
import type { BertletClassifier } from "../../web/element/element.ts";
import type * as Tag from "../../web/element.d.ts";
import type * as Source from "../../web/src/index.ts";

/** A class without its private members, which make two classes differ however alike they are. */
type Public<C> = { [K in keyof C]: C[K] };
type Same<A, B> = [A, B] extends [B, A] ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

type DocumentedLoad = typeof Documented.Classifier.load;
type SourceLoad = typeof Source.Classifier.load;

/** What the tag has beyond every element; classes with private members are never the same. */
type TagKeys = Exclude<keyof Tag.BertletClassifier, keyof HTMLElement | "classifier" | "ready">;

export function agreement(): void {
  same<keyof typeof Documented, keyof typeof Source>(true);
  same<typeof Documented.version, typeof Source.version>(true);
  same<typeof Documented.probe, typeof Source.probe>(true);
  same<Public<Documented.Classifier>, Public<Source.Classifier>>(true);
  same<keyof typeof Documented.Classifier, keyof typeof Source.Classifier>(true);
  same<Parameters<DocumentedLoad>, Parameters<SourceLoad>>(true);
  same<Public<Awaited<ReturnType<DocumentedLoad>>>, Public<Awaited<ReturnType<SourceLoad>>>>(true);
  same<Public<Documented.BertletError>, Public<Source.BertletError>>(true);
  same<typeof Documented.splitRows, typeof Source.splitRows>(true);
  same<typeof Documented.compare, typeof Source.compare>(true);
  same<Pick<Tag.BertletClassifier, TagKeys>, Pick<BertletClassifier, TagKeys>>(true);
  same<
    ConstructorParameters<typeof Documented.BertletError>,
    ConstructorParameters<typeof Source.BertletError>
  >(true);
}

export async function use(bertlet: typeof Documented): Promise<void> {
  const { Classifier, BertletError, compare, splitRows } = bertlet;
  const classifier = await Classifier.load("models/x/", { labels: ["a", "b"] as const, device: "wasm" });
  const one: Documented.Prediction = await classifier.classify("a text", { topK: 1 });
  const many: Documented.Prediction[] = await classifier.classify([one.label]);
  const vectors: Float32Array[] = await classifier.embed(["a text"], { normalize: false });
  const run = classifier.finetune({ train: [{ text: "x", label: "a" }] }, { dropout: "config" });
  for await (const event of run) {
    switch (event.type) {
      case "start":
        same<typeof event.steps, number>(true);
        break;
      case "step":
        same<typeof event.loss, number>(true);
        break;
      case "epoch":
        same<typeof event.dev, Documented.Report | undefined>(true);
        break;
      case "end":
        same<typeof event.reason, "finished" | "stopped" | "early-stopping" | "diverged">(true);
        break;
      case "resumed":
        same<typeof event.cause, string | undefined>(true);
        break;
      case "journal":
        same<typeof event.kept, "weights" | "nothing">(true);
        break;
      default:
        // Every kind of event is above.
        same<typeof event, never>(true);
    }
  }
  const parts = splitRows([{ text: "x", label: "a", id: 1 }], { dev: 0.2 });
  same<(typeof parts.train)[0]["id"], number>(true);
  const fitting: Documented.FinetuneRun = classifier.finetune(parts, { earlyStopping: { patience: 2 } });
  const { bestEpoch } = await fitting.result;
  same<typeof bestEpoch, number | undefined>(true);
  for await (const event of classifier.crossValidate(parts.train, { folds: 3, epochs: 2 })) {
    if (event.type === "result") same<typeof event.accuracy, Documented.MeanAndSpread>(true);
    else if (event.type !== "resumed" && event.type !== "journal") same<typeof event.fold, number>(true);
  }
  const search = classifier.search(
    { train: parts.train, dev: parts.dev ?? [] },
    { space: { learningRate: [1e-5, 1e-4], batchSize: [8] }, budget: { minutes: 5 } },
  );
  for await (const event of search) {
    if (event.type === "trial") same<typeof event.state, Documented.SearchState>(true);
  }
  classifier.finetune(parts, (await search.result).best?.options);
  const { pValue }: Documented.Comparison = compare(parts.train, many, many);
  const [finding] = (await classifier.inspect(parts)).findings;
  same<typeof pValue, number>(true);
  same<typeof finding, Documented.Finding | undefined>(true);
  const blob: Blob = (await classifier.save({ dtype: "f16" }))["model.safetensors"];
  const onnx = await classifier.save({ as: "onnx", dtype: "int8" });
  same<(typeof onnx)["onnx/model_quantized.onnx"], Blob | undefined>(true);
  const error = new BertletError("busy", `${many.length} ${vectors.length} ${blob.size}`);
  same<typeof error.code, Documented.ErrorCode>(true);
}

export async function misuse({ Classifier, BertletError }: typeof Documented): Promise<void> {
  // @ts-expect-error: made by load alone
  new Classifier();
  // @ts-expect-error: no such device
  await Classifier.load("x/", { device: "cuda" });
  // @ts-expect-error: no such option
  await Classifier.load("x/", { labls: ["a"] });
  // @ts-expect-error: the weights are missing
  await Classifier.load({ config: "config.json", tokenizer: "tokenizer.json" });
  // @ts-expect-error: a number is no file
  await Classifier.load({ config: 1, tokenizer: "tokenizer.json", weights: "model.safetensors" });
  const classifier = await Classifier.load("x/");
  // @ts-expect-error: what was loaded does not change
  classifier.info.labels.push("c");
  // @ts-expect-error: texts are strings
  await classifier.classify([1]);
  // @ts-expect-error: topK is classify's
  await classifier.embed(["x"], { topK: 2 });
  // @ts-expect-error: rows have labels
  await classifier.evaluate([{ text: "x" }]);
  // @ts-expect-error: labels are strings
  classifier.finetune({ train: [{ text: "x", label: 0 }] });
  // @ts-expect-error: there is nothing to train on
  classifier.finetune({ dev: [] });
  // @ts-expect-error: no such schedule
  classifier.finetune({ train: [] }, { schedule: "step" });
  // @ts-expect-error: folds have no dev to stop by
  classifier.crossValidate([], { earlyStopping: { patience: 1 } });
  // @ts-expect-error: recipes are compared on dev
  classifier.search({ train: [] });
  // @ts-expect-error: one budget or the other
  classifier.search({ train: [], dev: [] }, { budget: { hours: 1 } });
  // @ts-expect-error: no such data type
  await classifier.save({ dtype: "bf16" });
  // @ts-expect-error: ONNX is f32 or 8 bits
  await classifier.save({ as: "onnx", dtype: "f16" });
  // @ts-expect-error: codes are known
  new BertletError("oops", "something happened");
}
