// Takes calls of the public API; checks them, sends them to the worker, and gives plain results.
// May not compute, and may speak to the worker through the client only.

import type {
  AdapterFiles,
  AddAdapterOptions,
  CacheOptions,
  CalibrateOptions,
  CalibrationReceipt,
  ClassifyOptions,
  CreateOptions,
  CrossValidateOptions,
  CrossValidationRun,
  DataReport,
  Distillation,
  DistillOptions,
  DistillRun,
  EmbedOptions,
  EvaluateOptions,
  ExplainOptions,
  Explanation,
  FilledMask,
  FillMaskOptions,
  FinetuneData,
  FinetuneOptions,
  FinetunePlan,
  FinetuneRun,
  FolderSource,
  InspectData,
  InspectOptions,
  JournalInfo,
  KeepResult,
  KeptModelInfo,
  LabelledText,
  LearnOptions,
  LearnRun,
  LoadOptions,
  ModelInfo,
  OpenOptions,
  Prediction,
  PretrainData,
  PretrainOptions,
  PretrainRun,
  PreviewOptions,
  PruneOptions,
  PruneReceipt,
  QuantizeOptions,
  QuantizeReceipt,
  Report,
  ResumedRun,
  ResumeOptions,
  SaveAdapterOptions,
  SavedAdapter,
  SavedCheckpoint,
  SavedOnnx,
  SaveOnnxOptions,
  SaveOptions,
  ScopeOptions,
  ScopeReceipt,
  SearchData,
  SearchOptions,
  SearchRun,
  SetLabelsOptions,
  Source,
  SourcePreview,
  Suggestion,
  SuggestOptions,
  TextPair,
  TokenizedText,
  TokenizeOptions,
} from "../../bertlet.d.ts";
import {
  CALIBRATE,
  CROSS_VALIDATE,
  EXPLAIN,
  FILL_MASK,
  FINETUNE,
  INFERENCE,
  QUANTIZE,
  SAVE,
  SAVE_ADAPTER,
  SCOPE,
  SET_LABELS,
  SUGGEST,
} from "../shared/defaults.ts";
import { BertletError, describe } from "../shared/errors.ts";
import type { Calls, Text } from "../shared/messages.ts";
import { distillRecipeOf, pretrainRecipeOf } from "../shared/recipes.ts";
import type { Client } from "../shared/worker-client.ts";
import { accessOf } from "./access.ts";
import {
  askStorage,
  createRequestOf,
  loadRequestOf,
  openRequestOf,
  openWorker,
  previewIn,
  reopenWorker,
} from "./open-worker.ts";
import {
  checkAddAdapter,
  checkCached,
  checkCalibrate,
  checkClassify,
  checkCreate,
  checkEmbed,
  checkEvaluate,
  checkExplain,
  checkFillMask,
  checkInspect,
  checkKept,
  checkLabels,
  checkLoad,
  checkName,
  checkOpen,
  checkPreview,
  checkPrune,
  checkQuantize,
  checkResume,
  checkSave,
  checkSaveAdapter,
  checkScope,
  checkSetLabels,
  checkSuggest,
  checkTokenize,
} from "./options.ts";
import { isEvictable } from "./persist.ts";
import { learnRequestOf } from "./replay.ts";
import { adapterFiles, checkpointFiles, explanationOf, onnxFiles, predictionsOf } from "./results.ts";
import {
  checkData,
  checkHasMaskedLm,
  checkLabelled,
  checkPlainTexts,
  checkRows,
  checkTexts,
  checkTrainAndDev,
  checkUnlabelled,
  isOne,
  textOf,
} from "./rows.ts";
import {
  checkCrossValidate,
  checkDistill,
  checkFinetune,
  checkLearn,
  checkPlan,
  checkPretrain,
  checkSearch,
  checkTakeAway,
} from "./run-options.ts";
import { fetchHook } from "./serve-fetch.ts";
import { adapterOf, checkpointOf, withHubHint } from "./source.ts";
import { checkFolds } from "./split.ts";
import { checkWorkers } from "./start-client.ts";
import { type Opening, WorkerCalls } from "./worker-calls.ts";

/** Rows that are read and sent in tasks of their own. */
const MANY_ROWS = 10_000;

export class Classifier implements AsyncDisposable {
  declare [Symbol.asyncDispose]: () => Promise<void>;
  readonly #calls: WorkerCalls;

  private constructor(client: Client, info: ModelInfo, opening: Opening = {}) {
    this.#calls = new WorkerCalls(client, info, opening);
  }

  get info(): ModelInfo {
    return this.#calls.info;
  }

  /** Frameworks make proxies of plain objects, and a proxy has no private members. By its tag this is none. */
  get [Symbol.toStringTag](): string {
    return "Classifier";
  }

  static async load(source: Source, options?: LoadOptions): Promise<Classifier> {
    checkWorkers();
    const checked = checkLoad(options);
    const opening = openWorker("load", loadRequestOf(source, checked), checked);
    const hinted = (error: unknown) => Promise.reject(withHubHint(error, source, checked));
    return new Classifier(...(await opening.catch(hinted)), checked);
  }

  static async preview(source: Source, options?: PreviewOptions): Promise<SourcePreview> {
    checkWorkers();
    return previewIn(source, checkPreview(options));
  }

  static async create(options: CreateOptions): Promise<Classifier> {
    checkWorkers();
    const { texts, ...checked } = checkCreate(options ?? ({} as CreateOptions));
    const request = createRequestOf(checkPlainTexts("create", texts), checked);
    return new Classifier(...(await openWorker("create", request, checked)), checked);
  }

  static async isCached(source: Source, options?: CacheOptions): Promise<boolean> {
    const { assets, ...where } = checkCached("isCached")(options);
    return askStorage("isCached", { checkpoint: checkpointOf(source, where) }, assets);
  }

  static async clearCache(source?: Source, options?: CacheOptions): Promise<void> {
    const { assets, ...where } = checkCached("clearCache")(options);
    const request = source === undefined ? {} : { checkpoint: checkpointOf(source, where) };
    await askStorage("clearCache", request, assets);
  }

  static async open(name: string, options?: OpenOptions): Promise<Classifier> {
    checkWorkers();
    const checked = checkOpen(options);
    const request = openRequestOf(checkName("open", name), checked);
    return new Classifier(...(await openWorker("open", request, checked)), checked);
  }

  static async list(options?: Pick<OpenOptions, "assets">): Promise<KeptModelInfo[]> {
    return askStorage("list", null, checkKept("list")(options).assets);
  }

  static async forget(name: string, options?: Pick<OpenOptions, "assets">): Promise<void> {
    await askStorage("forget", { name: checkName("forget", name) }, checkKept("forget")(options).assets);
  }

  static async resume(
    name: string,
    options?: ResumeOptions,
  ): Promise<{ classifier: Classifier; run: ResumedRun["run"] }> {
    checkWorkers();
    const checked = checkResume(options);
    const { device, threads } = checked;
    const request = {
      name: checkName("resume", name),
      ...(device !== undefined && { device }),
      ...(threads !== undefined && { threads }),
    };
    const [client, { info, call, step, run }] = await reopenWorker(request, checked);
    const classifier = new Classifier(client, info, checked);
    const journal = { name: request.name, run };
    return { classifier, run: classifier.#calls.continued(call, journal, step) as ResumedRun["run"] };
  }

  static async distill(
    teacher: Classifier,
    data: FinetuneData,
    options?: DistillOptions,
  ): Promise<Distillation> {
    checkWorkers();
    const { onProgress, signal, device, threads, assets, ...rest } = checkDistill(options);
    const splits = checkData("distill", data, checkRows);
    if (!(teacher instanceof Classifier)) {
      throw new BertletError(
        "bad-option",
        `distill: teacher must be a Classifier, found ${describe(teacher)}`,
      );
    }
    const { info } = teacher;
    const [taught, recipe] = distillRecipeOf(rest, info);
    teacher.#calls.checkIdle("distill");
    const saved = checkpointFiles(
      await teacher.#calls.call("save", { dtype: "f32", as: "classifier" }, { signal }),
    );
    const place = { ...teacher.#calls.opening, ...(threads && { threads }), ...(assets && { assets }) };
    const opening = { ...place, device: device ?? info.device, ...(signal && { signal }) };
    const source = {
      config: saved["config.json"],
      tokenizer: saved["tokenizer.json"],
      tokenizerConfig: saved["tokenizer_config.json"],
      weights: saved["model.safetensors"],
    };
    const { pooling, maxLength, problemType, labels } = info;
    const request = loadRequestOf(source, { ...opening, pooling, maxLength, problemType, labels });
    const classifier = new Classifier(...(await openWorker("load", request, opening)), place);
    const requestOf = () => ({ ...splits, options: taught, distill: recipe });
    const hooks = { onProgress, signal };
    const run = classifier.#calls.run("distill", () => ({ hooks, requestOf, journal: undefined }));
    return { classifier, run: run as DistillRun };
  }

  static async listJournals(options?: Pick<OpenOptions, "assets">): Promise<JournalInfo[]> {
    return askStorage("listJournals", null, checkKept("listJournals")(options).assets);
  }

  static async deleteJournal(name: string, options?: Pick<OpenOptions, "assets">): Promise<void> {
    const request = { name: checkName("deleteJournal", name) };
    await askStorage("deleteJournal", request, checkKept("deleteJournal")(options).assets);
  }

  classify(text: string | TextPair, options?: ClassifyOptions): Promise<Prediction>;
  classify(texts: readonly (string | TextPair)[], options?: ClassifyOptions): Promise<Prediction[]>;
  async classify(
    texts: string | TextPair | readonly (string | TextPair)[],
    options?: ClassifyOptions,
  ): Promise<Prediction | Prediction[]> {
    const { batchSize = INFERENCE.batchSize, topK, threshold, ...hooks } = checkClassify(options);
    const one = isOne(texts);
    const list = checkTexts("classify", one ? [texts] : texts);
    const request = { texts: list, batchSize, ...(threshold !== undefined && { threshold }) };
    const predictions = predictionsOf(await this.#calls.call("classify", request, hooks), topK);
    return one ? (predictions[0] as Prediction) : predictions;
  }

  embed(text: string | TextPair, options?: EmbedOptions): Promise<Float32Array>;
  embed(texts: readonly (string | TextPair)[], options?: EmbedOptions): Promise<Float32Array[]>;
  async embed(
    texts: string | TextPair | readonly (string | TextPair)[],
    options?: EmbedOptions,
  ): Promise<Float32Array | Float32Array[]> {
    const {
      batchSize = INFERENCE.batchSize,
      normalize = this.info.normalizes,
      ...hooks
    } = checkEmbed(options);
    const one = isOne(texts);
    const list = checkTexts("embed", one ? [texts] : texts);
    const { vectors } = await this.#calls.call("embed", { texts: list, batchSize, normalize }, hooks);
    const { hiddenSize } = this.info;
    const rows = list.map((_, row) => vectors.slice(row * hiddenSize, (row + 1) * hiddenSize));
    return one ? (rows[0] as Float32Array) : rows;
  }

  tokenize(text: string | TextPair, options?: TokenizeOptions): Promise<TokenizedText>;
  tokenize(texts: readonly (string | TextPair)[], options?: TokenizeOptions): Promise<TokenizedText[]>;
  async tokenize(
    texts: string | TextPair | readonly (string | TextPair)[],
    options?: TokenizeOptions,
  ): Promise<TokenizedText | TokenizedText[]> {
    const hooks = checkTokenize(options);
    const one = isOne(texts);
    const { rows } = await this.#calls.call(
      "tokenize",
      { texts: checkTexts("tokenize", one ? [texts] : texts) },
      hooks,
    );
    return one ? (rows[0] as TokenizedText) : rows;
  }

  async evaluate(rows: readonly LabelledText[], options?: EvaluateOptions): Promise<Report> {
    const { batchSize = INFERENCE.batchSize, threshold, ...hooks } = checkEvaluate(options);
    const request = { rows: checkRows("evaluate", rows), batchSize };
    return this.#calls.call("evaluate", threshold === undefined ? request : { ...request, threshold }, hooks);
  }

  async explain(text: string | TextPair, options?: ExplainOptions): Promise<Explanation> {
    const { method = EXPLAIN.method, label, steps, ...rest } = checkExplain(options);
    const { examples: given, nearest = EXPLAIN.nearest, ...hooks } = rest;
    const [one] = checkTexts("explain", [text]) as [Text];
    const examples = given && checkLabelled("explain: examples", given);
    const request = {
      text: one,
      method,
      nearest,
      ...(steps !== undefined && { steps }),
      ...(label !== undefined && { label: label.toWellFormed() }),
      ...(examples && { examples: examples.map(textOf) }),
    };
    return explanationOf(await this.#calls.call("explain", request, hooks), request, examples);
  }

  async inspect(data: InspectData, options?: InspectOptions): Promise<DataReport> {
    const hooks = checkInspect(options);
    const checked = checkData("inspect", data, checkRows);
    // Many rows are read in one task and sent in another, so that neither holds the page long.
    if (checked.train.texts.length > MANY_ROWS) await new Promise((resolve) => setTimeout(resolve));
    return this.#calls.call("inspect", checked, hooks);
  }

  async plan(data: FinetuneData, options?: FinetuneOptions): Promise<FinetunePlan> {
    const { onProgress, signal, journal: _, ...rest } = checkPlan(options);
    this.#calls.checkIdle("plan");
    return this.#calls.call(
      "plan",
      { ...checkData("plan", data, checkRows), options: rest },
      { onProgress, signal },
    );
  }

  async takeAway(data: FinetuneData, options?: FinetuneOptions): Promise<Blob> {
    const { onProgress, signal, journal: _, ...rest } = checkTakeAway(options);
    if (this.#calls.running !== "finetune") this.#calls.checkIdle("takeAway");
    const request = { ...checkData("takeAway", data, checkRows), options: rest };
    return (await this.#calls.call("takeAway", request, { onProgress, signal })).zip;
  }

  finetune(data: FinetuneData, options?: FinetuneOptions): FinetuneRun {
    return this.#calls.run("finetune", () => {
      const { onProgress, signal, journal, ...rest } = checkFinetune(options);
      return {
        hooks: { onProgress, signal },
        journal,
        requestOf: () => ({ ...checkData("finetune", data, checkRows), options: rest }),
      };
    });
  }

  pretrain(texts: readonly string[] | PretrainData, options?: PretrainOptions): PretrainRun {
    return this.#calls.run("pretrain", () => {
      const { onProgress, signal, journal, ...rest } = checkPretrain(options);
      const requestOf = () => ({ ...checkUnlabelled("pretrain", texts), recipe: pretrainRecipeOf(rest) });
      return { hooks: { onProgress, signal }, journal, requestOf };
    });
  }

  async fillMask(text: string, options?: FillMaskOptions): Promise<FilledMask[][]> {
    const { topK = FILL_MASK.topK, ...hooks } = checkFillMask(options);
    checkHasMaskedLm("fillMask", this.info);
    const [checked] = checkPlainTexts("fillMask", [text]) as [string];
    return (await this.#calls.call("fillMask", { text: checked, topK }, hooks)).masks;
  }

  crossValidate(rows: readonly LabelledText[], options?: CrossValidateOptions): CrossValidationRun {
    return this.#calls.run("crossValidate", () => {
      const checked = checkCrossValidate(options);
      const { onProgress, signal, journal, folds = CROSS_VALIDATE.folds, ...rest } = checked;
      return {
        hooks: { onProgress, signal },
        journal,
        requestOf: () => ({
          ...checkFolds(rows, folds, rest.seed ?? FINETUNE.seed),
          options: rest,
        }),
      };
    });
  }

  search(data: SearchData, options?: SearchOptions): SearchRun {
    return this.#calls.run("search", () => {
      const { onProgress, signal, journal, ...rest } = checkSearch(options);
      return {
        hooks: { onProgress, signal },
        journal,
        requestOf: () => ({ ...checkTrainAndDev("search", data), options: rest }),
      };
    });
  }

  learn(rows: readonly LabelledText[], options?: LearnOptions): LearnRun {
    const run = this.#calls.run("learn", () => {
      const { onProgress, signal, ...rest } = checkLearn(options);
      const requestOf = () => learnRequestOf(rows, rest);
      return { hooks: { onProgress, signal }, requestOf, journal: undefined };
    });
    return run as LearnRun;
  }

  async suggest(texts: readonly (string | TextPair)[], options?: SuggestOptions): Promise<Suggestion[]> {
    const { count = SUGGEST.count, batchSize = INFERENCE.batchSize, ...hooks } = checkSuggest(options);
    return this.#calls.call("suggest", { texts: checkTexts("suggest", texts), count, batchSize }, hooks);
  }

  async calibrate(rows: readonly LabelledText[], options?: CalibrateOptions): Promise<CalibrationReceipt> {
    const { bins = CALIBRATE.bins, batchSize = INFERENCE.batchSize, ...hooks } = checkCalibrate(options);
    const checked = checkRows("calibrate", rows);
    this.#calls.checkIdle("calibrate");
    return this.#calls.call("fitTemperature", { rows: checked, bins, batchSize }, hooks);
  }

  async fitScope(examples: readonly (string | TextPair)[], options?: ScopeOptions): Promise<ScopeReceipt> {
    const { dev, share, neighbours, batchSize, ...hooks } = {
      ...SCOPE,
      ...INFERENCE,
      ...checkScope(options),
    };
    const texts = checkTexts("fitScope", examples);
    const request = { examples: texts, share, neighbours, batchSize };
    this.#calls.checkIdle("fitScope");
    return this.#calls.call(
      "fitScope",
      dev === undefined ? request : { ...request, dev: checkTexts("fitScope: dev", dev) },
      hooks,
    );
  }

  async quantize(options: QuantizeOptions): Promise<QuantizeReceipt> {
    const { data, dtype, maxDrop, batchSize, ...hooks } = {
      ...QUANTIZE,
      ...checkQuantize(options ?? ({} as QuantizeOptions)),
    };
    const rows = checkRows("quantize", data);
    this.#calls.checkIdle("quantize");
    return this.#calls.call("quantize", { rows, dtype, maxDrop, batchSize }, hooks);
  }

  save(options?: SaveOptions): Promise<SavedCheckpoint>;
  save(options: SaveOnnxOptions): Promise<SavedOnnx>;
  async save(options?: SaveOptions | SaveOnnxOptions): Promise<SavedCheckpoint | SavedOnnx> {
    const checked = checkSave(options);
    if (checked.as === "onnx") {
      const { dtype = SAVE.dtype } = checked;
      return onnxFiles(await this.#calls.call("saveOnnx", { dtype }, {}), dtype);
    }
    const { dtype, as } = { ...SAVE, ...checked };
    return checkpointFiles(await this.#calls.call("save", { dtype, as }, {}));
  }

  async keep(name: string): Promise<KeepResult> {
    const request = { name: checkName("keep", name) };
    this.#calls.checkIdle("keep");
    const evictable = isEvictable();
    const { bytes } = await this.#calls.call("keep", request, {});
    return { bytes, evictable: await evictable };
  }

  async setLabels(labels: readonly string[], options?: SetLabelsOptions): Promise<void> {
    const { seed = SET_LABELS.seed } = checkSetLabels(options);
    this.#calls.checkIdle("setLabels");
    await this.#calls.call("setLabels", { labels: checkLabels("setLabels", labels), seed }, {});
  }

  async prune(options: PruneOptions): Promise<PruneReceipt> {
    const { vocabulary, layers, data, ...hooks } = checkPrune(options);
    this.#calls.checkIdle("prune");
    const request: Calls["prune"]["request"] = {};
    if (vocabulary !== undefined) request.vocabulary = checkTexts("prune", vocabulary).flat();
    if (layers !== undefined) request.layers = typeof layers === "number" ? layers : [...layers];
    if (data !== undefined) request.data = checkRows("prune", data);
    return this.#calls.call("prune", request, hooks);
  }

  async addAdapter(
    name: string,
    source: FolderSource | AdapterFiles,
    options?: AddAdapterOptions,
  ): Promise<string[]> {
    const { headers, fetch, ...hooks } = checkAddAdapter(options);
    this.#calls.checkIdle("addAdapter");
    const files = adapterOf(source);
    const access = accessOf("addAdapter", files, { ...(headers && { headers }), ...(fetch && { fetch }) });
    const request = { name: checkName("addAdapter", name), files, access };
    return (await this.#calls.call("addAdapter", request, { ...hooks, onFetch: fetchHook(fetch) })).labels;
  }

  async useAdapter(name: string | null): Promise<void> {
    this.#calls.checkIdle("useAdapter");
    await this.#calls.call("useAdapter", { name: name === null ? null : checkName("useAdapter", name) }, {});
  }

  async mergeAdapter(): Promise<void> {
    this.#calls.checkIdle("mergeAdapter");
    await this.#calls.call("mergeAdapter", null, {});
  }

  async saveAdapter(options?: SaveAdapterOptions): Promise<SavedAdapter> {
    const { base = SAVE_ADAPTER.base } = checkSaveAdapter(options);
    return adapterFiles(await this.#calls.call("saveAdapter", { base }, {}));
  }

  async dispose(): Promise<void> {
    this.#calls.end();
  }
}

// Browsers without `await using` lack the symbol.
if (Symbol.asyncDispose !== undefined) {
  Object.defineProperty(Classifier.prototype, Symbol.asyncDispose, {
    value: Classifier.prototype.dispose,
    configurable: true,
    writable: true,
  });
}
