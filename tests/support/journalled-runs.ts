// Small runs with a journal, to be killed and gone on with in a page: each ends with the SHA-256 of its weights and its losses.

export type Kind = "full" | "best" | "lora" | "pretrain";

/** What a run ended with. */
export interface Found {
  /** SHA-256 of the saved weights, and of the adapter's. */
  weights: string;
  /** The loss of each step; of one that was made again, the later. */
  losses: number[];
  reason: string;
  resumed: number;
  bestEpoch: number | null;
}

/** Where a run is made, and how long it is. */
export interface On {
  device?: "wasm" | "webgpu";
  epochs?: number;
}

declare global {
  interface Window {
    /** Begins a run, and gives its end later. */
    begin(kind: Kind, journal?: string, on?: On): Promise<void>;
    goOn(name: string): Promise<void>;
    found: Promise<Found>;
    steps: number;
    /** Whether the run has ended; what it learned is still to be read. */
    over: boolean;
    /** The run pauses itself after so many steps: a test may be too slow to. */
    pauseAfter: number;
    /** What the worker says once it has the pause. */
    paused: Promise<unknown> | undefined;
    run: { pause(): void; resume(): void; stop(): void };
  }
}

/** In the page: puts `begin` and `goOn` there. */
export function provideRuns(): void {
  const { Classifier } = window.bertlet;
  type Model = import("../../web/bertlet.d.ts").Classifier;
  const rows = Array.from({ length: 24 }, (_, i) => ({
    text: `the box number ${i} ${i % 3 ? "was late again" : "came"} ${"and on ".repeat(i % 5)}`,
    label: ["delivery", "other"][i % 2] as string,
  }));
  const follow = async (
    classifier: Model,
    run: AsyncIterable<{ type: string }>,
    kind: { pretrain: boolean },
  ): Promise<Found> => {
    const losses = new Map<number, number>();
    let [resumed, reason, bestEpoch]: [number, string, number | null] = [0, "", null];
    [window.steps, window.over] = [0, false];
    const kept: string[] = [];
    Object.assign(window, { kept });
    for await (const event of run as AsyncIterable<Record<string, unknown>>) {
      if (event.type === "step") {
        losses.set(event.step as number, event.loss as number);
        window.steps = event.step as number;
        if (window.steps >= window.pauseAfter) {
          window.pauseAfter = Number.POSITIVE_INFINITY;
          window.run.pause();
          window.paused = classifier.classify("late");
        }
      }
      if (event.type === "resumed") resumed += 1;
      if (event.type === "journal") kept.push(event.kept as string);
      if (event.type === "end") {
        reason = event.reason as string;
        bestEpoch = (event.bestEpoch as number | undefined) ?? null;
      }
    }
    window.over = true;
    const saved = await classifier.save({ as: kind.pretrain ? "both" : "classifier" });
    const parts = [saved["model.safetensors"]];
    if (classifier.info.activeAdapter !== undefined) {
      // Its header has texts in any order.
      const adapter = (await classifier.saveAdapter())["adapter_model.safetensors"];
      const header = new DataView(await adapter.slice(0, 8).arrayBuffer()).getUint32(0, true);
      parts.push(adapter.slice(8 + header));
    }
    const digest = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
    const weights = Array.from(new Uint8Array(digest), (byte) => byte.toString(16)).join(" ");
    await classifier.dispose();
    const order = [...losses].sort(([one], [other]) => one - other);
    return { weights, losses: order.map(([, loss]) => loss), reason, resumed, bestEpoch };
  };
  const watch = (found: Promise<Found>) => {
    found.catch(() => {});
    window.found = found;
  };
  window.begin = async (kind, journal, { device = "wasm", epochs = 40 } = {}) => {
    const classifier = await Classifier.load("data/checkpoints/sequence_classification_f32/", {
      device,
      ...(device === "wasm" && { threads: window.crossOriginIsolated ? 2 : 1 }),
      labels: ["delivery", "other"],
      maskedLm: kind === "pretrain",
    });
    const options = {
      batchSize: 4,
      epochs,
      learningRate: 1e-3,
      ...(journal !== undefined && { journal }),
    };
    const [train, dev] = [rows.slice(0, 18), rows.slice(18)];
    const run =
      kind === "pretrain"
        ? classifier.pretrain(
            rows.map(({ text }) => text),
            options,
          )
        : classifier.finetune(kind === "best" ? { train, dev } : { train: rows }, {
            ...options,
            ...(kind === "lora" && { method: "lora" }),
            ...(kind === "best" && { restoreBest: true }),
          });
    window.run = run;
    watch(follow(classifier, run, { pretrain: kind === "pretrain" }));
  };
  window.goOn = async (name) => {
    const { classifier, run } = await Classifier.resume(name);
    window.run = run;
    watch(follow(classifier, run, { pretrain: classifier.info.maskedLm }));
  };
}
