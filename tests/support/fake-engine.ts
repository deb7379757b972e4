// A fake of the browser's Worker and of the wasm engine: node drives the whole library in one thread. It
// shows what no browser shows on demand: the order of calls, exhausted memory, a trap.

import type { ToWorker } from "../../web/src/shared/messages.ts";
import type { WorkerPort } from "../../web/src/shared/worker-client.ts";
import type {
  Encoding,
  StepReport,
  WasmEngine,
  WasmModule,
} from "../../web/src/worker/engine/wasm-boundary.ts";
import type { LoadLibrary } from "../../web/src/worker/engine/wasm-builds.ts";
import { WorkerHost } from "../../web/src/worker/worker-host.ts";

/** The fake engine's instructions, and the calls that it got. */
export interface Script {
  labels: string[];
  /** The calls in their order: "encode 3", "logits 2,0", "step 1", ... */
  calls: string[];
  /** Errors by the call that throws them: "step 3", "save", ... */
  throws: Map<string, unknown>;
  memory: WebAssembly.Memory;
  parameters: number;
  layers: number;
  newHead: boolean;
  maskedLm: boolean;
  truncated: number;
  peakBytes: number;
  /** Losses of the next reports; 1 after the last. */
  losses: number[];
  /** Accuracies of the next reports; 1 after the last. */
  accuracies: number[];
  /** The decision threshold; multi-label models only. */
  threshold: number | undefined;
  /** The next best thresholds; 0.25 after the last. */
  thresholds: number[];
  /** The evidence of the blank text, whose attributions add up to that of the text. */
  blankEvidence: number;
}

export function script(): Script {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
  return {
    labels: ["a", "b"],
    calls: [],
    throws: new Map(),
    memory,
    parameters: 100,
    layers: 1,
    newHead: true,
    maskedLm: true,
    truncated: 0,
    peakBytes: 1000,
    losses: [],
    accuracies: [],
    threshold: undefined,
    thresholds: [],
    blankEvidence: 0,
  };
}

/**
 * A token is a character, and "?" is the unknown token. The logit of label k for a text of n characters is n
 * * k, and layer l in fewer bits adds l + 1 hundredths to it. The loss of step n is n.
 */
function fakeWasm(to: Script): WasmModule {
  class Rows implements Encoding {
    texts: string[];
    truncated = to.truncated;
    constructor(texts: string[]) {
      this.texts = texts;
    }
    get length(): number {
      return this.texts.length;
    }
    cutRows = () => Uint32Array.from({ length: this.truncated }, (_, row) => row);
    lengths = () => Uint32Array.from(this.texts, (text) => text.length);
    append = (other: Encoding) => this.texts.push(...(other as Rows).texts);
    free = () => called("free");
  }
  const called = (name: string, ...details: (string | number)[]) => {
    to.calls.push([name, ...details].join(" "));
    if (to.throws.has(name)) throw to.throws.get(name);
    const whole = [name, ...details].join(" ");
    if (to.throws.has(whole)) throw to.throws.get(whole);
  };
  let run:
    | { step: number; steps: number; stepsPerEpoch: number; rows: number; batchSize: number }
    | undefined;
  let rounded: number[] = [];
  const engine: WasmEngine = {
    runState: () => {
      throw new Error("the fake engine has no states");
    },
    resumeRun: async () => called("resumeRun"),
    epochOrder: () => new Uint32Array(),
    takeAway: async (taken) => {
      called(`takeAway ${taken}`);
      return new Uint8Array();
    },
    load: async () => called("load"),
    create: (texts, { vocabSize }) => called("create", texts.length, vocabSize),
    info: () => ({
      architecture: "BertModel",
      layers: to.layers,
      hiddenSize: 2,
      heads: 1,
      vocabSize: 10,
      parameters: to.parameters,
      weightBytes: 4 * to.parameters,
      dtype: "f32",
      maxLength: 16,
      pooling: "pooler",
      normalizes: true,
      labels: to.labels,
      maskedLm: to.maskedLm,
      newHead: to.newHead,
      ...(to.threshold === undefined
        ? { problemType: "single_label_classification" }
        : { problemType: "multi_label_classification", threshold: to.threshold }),
      newTensors: [],
      unusedTensors: [],
    }),
    quantize: async (dtype, f32Layers) => {
      called("quantize", dtype, f32Layers.join());
      rounded = Array.from({ length: to.layers }, (_, layer) => layer).filter(
        (layer) => !f32Layers.includes(layer),
      );
    },
    encode: (texts, pairs) => {
      called(
        "encode",
        texts.length,
        ...(pairs === undefined ? [] : [pairs.map((pair) => pair ?? "-").join()]),
      );
      return new Rows(texts);
    },
    tokenize: (text, pair) => {
      const tokens = `${text} ${pair ?? ""}`.trim().split(" ");
      const places = tokens.flatMap((token, index) => [token.length, 0, index, index + 1, 0]);
      return [...tokens, Uint32Array.of(0, ...places)];
    },
    unknownTokens: (rows) => Uint32Array.from((rows as Rows).texts, (text) => text.split("?").length - 1),
    logits: async (rows, indices) => {
      called("logits", indices.join(","));
      const { texts } = rows as Rows;
      const added = rounded.reduce((sum, layer) => sum + (layer + 1) / 100, 0);
      return Float32Array.from(
        [...indices].flatMap((row) =>
          to.labels.map((_, label) => ((texts[row] as string).length + added) * label),
        ),
      );
    },
    // Each token of the text speaks for a label with 1.
    evidence: async (text) => Float64Array.of(text.split(" ").length, to.blankEvidence),
    integratedGradients: async (text, _pair, _label, steps, from, to) =>
      new Float64Array(text.split(" ").length).fill((to - from) / steps),
    logitsOfPooled: async (pooled) => pooled,
    embed: async (_, indices) => {
      called("embed", indices.join(","));
      return new Float32Array(indices.length * 2).fill(1);
    },
    plan: (train) => ({
      steps: 10,
      tokens: 100,
      paddedTokens: 25,
      work: 1000,
      evaluationWork: 0,
      typicalRows: [...Array(Math.min(2, train.length)).keys()],
      peakBytes: to.peakBytes,
      largestBytes: to.peakBytes,
      ...(to.peakBytes > 2 ** 32 ? { proposal: { batchSize: 4 } } : {}),
    }),
    timeStep: async (_, indices) => {
      called("timeStep", indices.length);
      return { work: indices.length, milliseconds: indices.length };
    },
    checkTraining: () => {},
    beginTraining: (rows, _targets, _ends, { epochs, batchSize }) => {
      const stepsPerEpoch = Math.ceil(rows.length / batchSize);
      called("begin", epochs * stepsPerEpoch);
      run = { step: 0, steps: epochs * stepsPerEpoch, stepsPerEpoch, rows: rows.length, batchSize };
      return { ...run, trainedParameters: to.parameters };
    },
    trainStep: async (): Promise<StepReport> => {
      if (run === undefined) throw new Error("no run");
      called("step", run.step + 1);
      run.step += 1;
      const { step, stepsPerEpoch, batchSize } = run;
      const epoch = Math.ceil(step / stepsPerEpoch);
      const epochEnd = step % stepsPerEpoch === 0;
      // The partial batch comes first: it may stand anywhere in an epoch.
      const first = step % stepsPerEpoch === 1;
      const rows = first ? run.rows - (stepsPerEpoch - 1) * batchSize : batchSize;
      return {
        step,
        epoch,
        loss: step,
        learningRate: 0.1,
        gradNorm: 1,
        rows,
        tokens: 3 * rows,
        paddedTokens: rows,
        epochEnd,
      };
    },
    beginPretraining: (rows, { epochs, batchSize, maskProbability }) => {
      const stepsPerEpoch = Math.ceil(rows.length / batchSize);
      called("pretrain", epochs * stepsPerEpoch, maskProbability);
      run = { step: 0, steps: epochs * stepsPerEpoch, stepsPerEpoch, rows: rows.length, batchSize };
      return { ...run, trainedParameters: to.parameters };
    },
    // Each row has one masked token, whose loss is 2.
    maskedLoss: async (_, { length }) => {
      called("maskedLoss", length);
      return { loss: 2 * length, maskedTokens: length };
    },
    fillMask: async (_, topK) => {
      called("fillMask", topK);
      return [];
    },
    beginDistillation: (rows, targets, ends, recipe, { layers }) => {
      called("distill", layers.join(","));
      to.layers = layers.length;
      return engine.beginTraining(rows, targets, ends, recipe, "");
    },
    pruneVocabulary: async (texts) => called("pruneVocabulary", texts.join("|")),
    pruneLayers: (kept) => {
      called("pruneLayers", kept.join(","));
      to.layers = kept.length;
    },
    logitsWithLayers: async (rows, indices, kept) => {
      called("by layers", kept.join(","));
      return engine.logits(rows, indices);
    },
    endTraining: () => called("end"),
    fitCentroids: () => called("fitCentroids"),
    scaleHead: () => called("scaleHead"),
    setThreshold: (threshold) => {
      called("setThreshold", threshold);
      to.threshold = threshold;
    },
    addLabels: async (labels) => {
      called("addLabels", labels.join());
      to.labels = [...to.labels, ...labels];
    },
    setLabels: (labels) => {
      to.labels = labels;
    },
    addAdapter: (name) => {
      called("addAdapter", name);
      return to.labels;
    },
    useAdapter: (name) => called("useAdapter", name ?? "none"),
    mergeAdapter: () => called("mergeAdapter"),
    adapters: () => ({ names: [] }),
    saveAdapter: async () => ({ config: "{}", weights: new Uint8Array(0) }),
    snapshot: () => {
      called("snapshot");
      return { free: () => called("drop") };
    },
    restore: () => {
      called("restore");
      run = undefined;
      rounded = [];
    },
    fitTiles: async () => new Float32Array(0),
    encoderTime: async () => 1,
    save: (_, dtype) => {
      called("save", dtype);
      return {
        size: 3,
        read: async (at, into) => {
          if (at > 0) return 0;
          into.set([1, 2, 3]);
          return 3;
        },
        free: () => {},
      };
    },
    savedConfig: () => "{}",
    savedTokenizer: () => "{}",
    savedTokenizerConfig: () => "{}",
    savedModelingCode: () => undefined,
  };
  return {
    default: async () => ({ memory: to.memory }),
    WasmEngine: { open: async () => engine },
    RunValues: class {
      push = () => called("push");
    },
    isBeyondWordPiece: () => false,
    softmax: (logits) => logits,
    sigmoid: (logits) => logits.map((logit) => 1 / (1 + Math.exp(-logit))),
    bestThreshold: (_, targets) => {
      called("bestThreshold", targets.length);
      return to.thresholds.shift() ?? 0.25;
    },
    report: (_logits, targets, _ends, _labels, threshold) => {
      called("report", targets.length);
      const none: [number, number] = [0, 0];
      return {
        loss: to.losses.shift() ?? 1,
        accuracy: to.accuracies.shift() ?? 1,
        microF1: 1,
        macroF1: 1,
        ...(to.threshold === undefined ? {} : { threshold }),
        perLabel: [],
        confusion: [],
        intervals: { accuracy: none, microF1: none, macroF1: none, loss: none },
      };
    },
  };
}

function fakeLibrary(to: Script): LoadLibrary {
  return async () => ({ wasm: fakeWasm(to), memory: to.memory, memoryBytes: 2 ** 32, threads: 1 });
}

/** Replaces `Worker`: the library's `new Worker` starts a worker host in this thread, on the script `to`. */
export function install(to: Script): void {
  class FakeWorker extends EventTarget implements WorkerPort {
    #alive = true;
    readonly #host = new WorkerHost(fakeLibrary(to), (message, transfer = []) => {
      const data = structuredClone(message, { transfer: transfer as ArrayBuffer[] });
      setImmediate(() => this.#alive && this.dispatchEvent(new MessageEvent("message", { data })));
    });

    postMessage(message: ToWorker): void {
      const data = structuredClone(message);
      setImmediate(() => this.#alive && data.type !== "hello" && this.#host.receive(data));
    }
    terminate(): void {
      this.#alive = false;
    }
  }
  Object.assign(globalThis, { Worker: FakeWorker, fetch: async () => new Response("wasm") });
}
