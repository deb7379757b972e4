// Takes calls of the public API; checks them, has the worker do them, and gives plain results.
// May not compute, and may not speak to the worker but through the client.

import type {
  AdapterFiles,
  AddAdapterOptions,
  ClassifyOptions,
  CreateOptions,
  CrossValidateOptions,
  CrossValidationRun,
  DataReport,
  EmbedOptions,
  EvaluateOptions,
  FilledMask,
  FillMaskOptions,
  FinetuneData,
  FinetuneOptions,
  FinetunePlan,
  FinetuneRun,
  InspectData,
  InspectOptions,
  LabelledText,
  LoadOptions,
  LoadProgress,
  ModelInfo,
  Prediction,
  PretrainData,
  PretrainOptions,
  PretrainRun,
  Report,
  RowProgress,
  SaveAdapterOptions,
  SavedAdapter,
  SavedCheckpoint,
  SaveOptions,
  SearchData,
  SearchOptions,
  SearchRun,
  SetLabelsOptions,
  Source,
  TextPair,
} from "../../bertlet.d.ts";
import { hasSimd } from "../shared/capabilities.ts";
import {
  CREATE,
  CROSS_VALIDATE,
  EMBED,
  FILL_MASK,
  FINETUNE,
  INFERENCE,
  LOAD,
  SAVE,
  SAVE_ADAPTER,
  SET_LABELS,
} from "../shared/defaults.ts";
import { sentenceOf } from "../shared/device-reasons.ts";
import { aborted, BertletError } from "../shared/errors.ts";
import type {
  CallName,
  Calls,
  CreateRequest,
  LoadRequest,
  RunEvents,
  RunName,
  Shape,
} from "../shared/messages.ts";
import { type CallHooks, Client, startWorker } from "../shared/worker-client.ts";
import {
  checkAddAdapter,
  checkClassify,
  checkCreate,
  checkCrossValidate,
  checkEmbed,
  checkEvaluate,
  checkFillMask,
  checkFinetune,
  checkInspect,
  checkLabels,
  checkLoad,
  checkName,
  checkPlan,
  checkPretrain,
  checkSave,
  checkSaveAdapter,
  checkSearch,
  checkSetLabels,
} from "./options.ts";
import { checkMultiLabel, modelSelectionOf, pretrainRecipeOf, recipeOf } from "./recipes.ts";
import {
  checkData,
  checkHasLabels,
  checkHasMaskedLm,
  checkPlainTexts,
  checkRows,
  checkSplits,
  checkTexts,
  checkUnlabelled,
  isOne,
  namedRows,
} from "./rows.ts";
import { Run } from "./run.ts";
import { searchRequestOf } from "./sample-recipes.ts";
import { adapterOf, checkpointOf } from "./source.ts";
import { checkFolds } from "./split.ts";

export class Classifier {
  #info: ModelInfo;
  readonly #client: Client;
  /** Set from the start of a run until its result has settled. */
  #running = false;

  private constructor(client: Client, info: ModelInfo) {
    this.#client = client;
    this.#info = info;
    client.onInfo = (changed) => {
      // The page may know better than the worker why the device is what it is.
      const { deviceReason, autoReason } = this.#info;
      const why = { ...(deviceReason && { deviceReason }), ...(autoReason && { autoReason }) };
      this.#info = { ...changed, ...why };
    };
  }

  get info(): ModelInfo {
    return this.#info;
  }

  static async load(source: Source, options?: LoadOptions): Promise<Classifier> {
    const checked = checkLoad(options);
    const request: LoadRequest = {
      checkpoint: checkpointOf(source, checked),
      device: checked.device ?? LOAD.device,
      maskedLm: checked.maskedLm ?? LOAD.maskedLm,
      seed: checked.seed ?? LOAD.seed,
    };
    if (checked.threads !== undefined) request.threads = checked.threads;
    if (checked.labels !== undefined) request.labels = checked.labels.map((label) => label.toWellFormed());
    if (checked.problemType !== undefined) request.problemType = checked.problemType;
    if (checked.pooling !== undefined) request.pooling = checked.pooling;
    if (checked.maxLength !== undefined) request.maxLength = checked.maxLength;
    return Classifier.#open("load", request, checked);
  }

  static async create(options: CreateOptions): Promise<Classifier> {
    const { texts, ...rest } = (options ?? {}) as Partial<CreateOptions>;
    const checked = checkCreate(rest);
    const { hiddenSize = CREATE.hiddenSize, intermediateSize, labels } = checked;
    const shape: Shape = {
      vocabSize: checked.vocabSize ?? CREATE.vocabSize,
      layers: checked.layers ?? CREATE.layers,
      hiddenSize,
      heads: checked.heads ?? CREATE.heads,
      maxLength: checked.maxLength ?? CREATE.maxLength,
      seed: checked.seed ?? CREATE.seed,
    };
    if (intermediateSize !== undefined) shape.intermediateSize = intermediateSize;
    if (labels !== undefined) shape.labels = labels.map((label) => label.toWellFormed());
    const device = checked.device ?? CREATE.device;
    const request: CreateRequest = { texts: checkPlainTexts("create", texts), shape, device };
    if (checked.threads !== undefined) request.threads = checked.threads;
    return Classifier.#open("create", request, checked);
  }

  static async #open<K extends "load" | "create">(
    call: K,
    request: Calls[K]["request"],
    checked: Pick<LoadOptions, "onProgress" | "signal">,
  ): Promise<Classifier> {
    if (!hasSimd()) {
      throw new BertletError("no-wasm", "this browser has no WebAssembly with SIMD", "use a current browser");
    }
    let openingDevice = false;
    const onProgress = (progress: LoadProgress | RowProgress) => {
      if (progress.stage === "device") openingDevice = progress.loaded === 0;
      checked.onProgress?.(progress as LoadProgress);
    };
    try {
      const [client, info] = await start(call, request, checked.signal, onProgress);
      return new Classifier(client, info);
    } catch (error) {
      // A driver that takes the worker down while WebGPU is being tried is one more reason for the CPU.
      const died = error instanceof BertletError && ["worker-crashed", "device-lost"].includes(error.code);
      if (!(request.device === "auto" && openingDevice && died)) throw error;
      const [client, info] = await start(call, { ...request, device: "wasm" }, checked.signal, onProgress);
      const autoReason = { code: "webgpu-failed", detail: error.message } as const;
      return new Classifier(client, { ...info, autoReason, deviceReason: sentenceOf(autoReason) });
    }
  }

  classify(text: string | TextPair, options?: ClassifyOptions): Promise<Prediction>;
  classify(texts: readonly (string | TextPair)[], options?: ClassifyOptions): Promise<Prediction[]>;
  async classify(
    texts: string | TextPair | readonly (string | TextPair)[],
    options?: ClassifyOptions,
  ): Promise<Prediction | Prediction[]> {
    const { batchSize = INFERENCE.batchSize, topK, threshold, ...hooks } = checkClassify(options);
    const { labels, problemType } = this.info;
    checkHasLabels("classify", labels);
    if (threshold !== undefined) checkMultiLabel("classify", "threshold", problemType);
    const one = isOne(texts);
    const list = checkTexts("classify", one ? [texts] : texts);
    const { scores } = await this.#call("classify", { texts: list, batchSize }, hooks);
    // As it is now that the scores are there: a run may have found another meanwhile.
    const from = threshold ?? this.info.threshold;
    const predictions = list.map((_, row) => {
      const ranked = labels
        .map((label, index) => ({ label, score: scores[row * labels.length + index] as number }))
        .sort((a, b) => b.score - a.score);
      const { label, score } = ranked[0] as { label: string; score: number };
      const prediction = { label, score, scores: ranked.slice(0, topK) };
      if (from === undefined) return prediction;
      const over = ranked.filter(({ score }) => score >= from);
      return { ...prediction, labels: over.map(({ label }) => label) };
    });
    return one ? (predictions[0] as Prediction) : predictions;
  }

  embed(text: string | TextPair, options?: EmbedOptions): Promise<Float32Array>;
  embed(texts: readonly (string | TextPair)[], options?: EmbedOptions): Promise<Float32Array[]>;
  async embed(
    texts: string | TextPair | readonly (string | TextPair)[],
    options?: EmbedOptions,
  ): Promise<Float32Array | Float32Array[]> {
    const { batchSize = INFERENCE.batchSize, normalize = EMBED.normalize, ...hooks } = checkEmbed(options);
    const one = isOne(texts);
    const list = checkTexts("embed", one ? [texts] : texts);
    const { vectors } = await this.#call("embed", { texts: list, batchSize, normalize }, hooks);
    const { hiddenSize } = this.info;
    const rows = list.map((_, row) => vectors.slice(row * hiddenSize, (row + 1) * hiddenSize));
    return one ? (rows[0] as Float32Array) : rows;
  }

  async evaluate(rows: readonly LabelledText[], options?: EvaluateOptions): Promise<Report> {
    const { batchSize = INFERENCE.batchSize, threshold, ...hooks } = checkEvaluate(options);
    checkHasLabels("evaluate", this.info.labels);
    if (threshold !== undefined) checkMultiLabel("evaluate", "threshold", this.info.problemType);
    const asked = { ...checkRows("evaluate", rows, this.info), batchSize };
    return this.#call("evaluate", threshold === undefined ? asked : { ...asked, threshold }, hooks);
  }

  async inspect(data: InspectData, options?: InspectOptions): Promise<DataReport> {
    const hooks = checkInspect(options);
    return this.#call("inspect", checkData("inspect", data, namedRows), hooks);
  }

  async plan(data: FinetuneData, options?: FinetuneOptions): Promise<FinetunePlan> {
    const { onProgress, signal, ...rest } = checkPlan(options);
    this.#checkIdle("plan");
    checkHasLabels("plan", this.info.labels);
    return this.#call("plan", this.#finetuneRequest("plan", data, rest), { onProgress, signal });
  }

  finetune(data: FinetuneData, options?: FinetuneOptions): FinetuneRun {
    return this.#run("finetune", () => {
      const { onProgress, signal, ...rest } = checkFinetune(options);
      return { hooks: { onProgress, signal }, request: () => this.#finetuneRequest("finetune", data, rest) };
    });
  }

  pretrain(texts: readonly string[] | PretrainData, options?: PretrainOptions): PretrainRun {
    return this.#run("pretrain", () => {
      const { onProgress, signal, ...rest } = checkPretrain(options);
      const request = () => ({ ...checkUnlabelled("pretrain", texts), recipe: pretrainRecipeOf(rest) });
      return { hooks: { onProgress, signal }, request };
    });
  }

  async fillMask(text: string, options?: FillMaskOptions): Promise<FilledMask[][]> {
    const { topK = FILL_MASK.topK, ...hooks } = checkFillMask(options);
    checkHasMaskedLm("fillMask", this.info);
    const [checked] = checkPlainTexts("fillMask", [text]) as [string];
    return (await this.#call("fillMask", { text: checked, topK }, hooks)).masks;
  }

  crossValidate(rows: readonly LabelledText[], options?: CrossValidateOptions): CrossValidationRun {
    return this.#run("crossValidate", () => {
      const { onProgress, signal, folds = CROSS_VALIDATE.folds, ...rest } = checkCrossValidate(options);
      return {
        hooks: { onProgress, signal },
        request: () => ({
          ...checkFolds(rows, folds, rest.seed ?? FINETUNE.seed, this.info),
          recipe: recipeOf("crossValidate", rest, this.info),
        }),
      };
    });
  }

  search(data: SearchData, options?: SearchOptions): SearchRun {
    return this.#run("search", () => {
      const { onProgress, signal, ...rest } = checkSearch(options);
      return { hooks: { onProgress, signal }, request: () => searchRequestOf(data, rest, this.info) };
    });
  }

  async save(options?: SaveOptions): Promise<SavedCheckpoint> {
    const { dtype, as } = { ...SAVE, ...checkSave(options) };
    const saved = await this.#call("save", { dtype, as }, {});
    const json = { type: "application/json" };
    const files: SavedCheckpoint = {
      "config.json": new Blob([saved.config], json),
      "tokenizer.json": new Blob([saved.tokenizer], json),
      "tokenizer_config.json": new Blob([saved.tokenizerConfig], json),
      "model.safetensors": new Blob([saved.weights as Uint8Array<ArrayBuffer>]),
    };
    if (saved.modelingCode !== undefined) {
      files["modeling_bertlet.py"] = new Blob([saved.modelingCode], { type: "text/x-python" });
    }
    return files;
  }

  async setLabels(labels: readonly string[], options?: SetLabelsOptions): Promise<void> {
    const { seed = SET_LABELS.seed } = checkSetLabels(options);
    this.#checkIdle("setLabels");
    await this.#call("setLabels", { labels: checkLabels("setLabels", labels), seed }, {});
  }

  async addAdapter(
    name: string,
    source: string | AdapterFiles,
    options?: AddAdapterOptions,
  ): Promise<string[]> {
    const hooks = checkAddAdapter(options);
    this.#checkIdle("addAdapter");
    const request = { name: checkName("addAdapter", name), files: adapterOf(source) };
    return (await this.#call("addAdapter", request, hooks)).labels;
  }

  async useAdapter(name: string | null): Promise<void> {
    this.#checkIdle("useAdapter");
    await this.#call("useAdapter", { name: name === null ? null : checkName("useAdapter", name) }, {});
  }

  async mergeAdapter(): Promise<void> {
    this.#checkIdle("mergeAdapter");
    await this.#call("mergeAdapter", null, {});
  }

  async saveAdapter(options?: SaveAdapterOptions): Promise<SavedAdapter> {
    const { base = SAVE_ADAPTER.base } = checkSaveAdapter(options);
    const { config, weights } = await this.#call("saveAdapter", { base }, {});
    return {
      "adapter_config.json": new Blob([config], { type: "application/json" }),
      "adapter_model.safetensors": new Blob([weights as Uint8Array<ArrayBuffer>]),
    };
  }

  async dispose(): Promise<void> {
    this.#client.end(new BertletError("disposed", "the classifier is disposed", "load it again"));
  }

  #finetuneRequest(call: string, data: FinetuneData, options: FinetuneOptions): Calls["finetune"]["request"] {
    const splits = checkSplits(call, data, this.info);
    const selection = modelSelectionOf(call, options, splits.dev !== undefined, this.info);
    return { ...splits, recipe: recipeOf(call, options, this.info), selection };
  }

  #checkIdle(call: string): void {
    if (!this.#running) return;
    throw new BertletError("busy", `${call}: a run is under way`, "wait for its result, or stop it");
  }

  /** `prepare` checks the options, its `ask` the rows: both in the page, before anything starts. */
  #run<K extends RunName>(
    call: K,
    prepare: () => { hooks: SignalHooks; request: () => Calls[K]["request"] },
  ): Run<RunEvents[K] | Calls[K]["response"], Calls[K]["response"]> {
    const id = this.#client.newId();
    return new Run(
      async (emit) => {
        const { hooks, request } = prepare();
        this.#checkIdle(call);
        if (call === "pretrain") checkHasMaskedLm(call, this.info);
        else checkHasLabels(call, this.info.labels);
        const asked = request();
        this.#running = true;
        try {
          // Not settled before the worker is out of the run, so that the next call is no longer "busy".
          const onEvent = emit as CallHooks["onEvent"];
          return await this.#call(call, asked, { ...hooks, onEvent }, id, false);
        } finally {
          this.#running = false;
        }
      },
      (type) => this.#client.control(type, id),
    );
  }

  async #call<K extends CallName>(
    call: K,
    request: Calls[K]["request"],
    { signal, onProgress, onEvent }: SignalHooks,
    id = this.#client.newId(),
    rejectNow = true,
  ): Promise<Calls[K]["response"]> {
    if (signal?.aborted) throw aborted(call, signal.reason);
    const abort = () => this.#client.cancel(id, call, signal?.reason, rejectNow);
    signal?.addEventListener("abort", abort);
    try {
      const hooks: CallHooks = { onProgress: onProgress as CallHooks["onProgress"] };
      if (onEvent !== undefined) hooks.onEvent = onEvent;
      return await this.#client.call(call, request, hooks, id);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}

interface SignalHooks {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: RowProgress) => void) | ((progress: LoadProgress) => void) | undefined;
  onEvent?: CallHooks["onEvent"];
}

/** A worker with a model; where that fails or is aborted, the worker is ended. */
async function start<K extends "load" | "create">(
  call: K,
  request: Calls[K]["request"],
  signal: AbortSignal | undefined,
  onProgress: NonNullable<CallHooks["onProgress"]>,
): Promise<[Client, ModelInfo]> {
  if (signal?.aborted) throw aborted(call, signal.reason);
  const client = new Client(startWorker());
  const abort = () => client.end(aborted(call, signal?.reason));
  signal?.addEventListener("abort", abort);
  try {
    return [client, await client.call(call, request, { onProgress })];
  } catch (error) {
    client.end(error as BertletError);
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
