// Held by the type check alone: src/index.ts and bertlet.d.ts agree, and misuse does not compile. Never run.

import type * as Documented from "../../web/bertlet.d.ts";
import type * as Source from "../../web/src/index.ts";

/** A class without its private members, which make two classes differ however alike they are. */
type Public<C> = { [K in keyof C]: C[K] };
type Same<A, B> = [A, B] extends [B, A] ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

type DocumentedLoad = typeof Documented.Classifier.load;
type SourceLoad = typeof Source.Classifier.load;

export function agreement(): void {
  same<keyof typeof Documented, keyof typeof Source>(true);
  same<typeof Documented.version, typeof Source.version>(true);
  same<typeof Documented.probe, typeof Source.probe>(true);
  same<Public<Documented.Classifier>, Public<Source.Classifier>>(true);
  same<keyof typeof Documented.Classifier, keyof typeof Source.Classifier>(true);
  same<Parameters<DocumentedLoad>, Parameters<SourceLoad>>(true);
  same<Public<Awaited<ReturnType<DocumentedLoad>>>, Public<Awaited<ReturnType<SourceLoad>>>>(true);
  same<Public<Documented.BertletError>, Public<Source.BertletError>>(true);
  same<
    ConstructorParameters<typeof Documented.BertletError>,
    ConstructorParameters<typeof Source.BertletError>
  >(true);
}

export async function use({ Classifier, BertletError }: typeof Documented): Promise<void> {
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
      default:
        // Every kind of event is above.
        same<typeof event, never>(true);
    }
  }
  const blob: Blob = (await classifier.save({ dtype: "f16" }))["model.safetensors"];
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
  // @ts-expect-error: no such data type
  await classifier.save({ dtype: "bf16" });
  // @ts-expect-error: codes are known
  new BertletError("oops", "something happened");
}
