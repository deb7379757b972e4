// Takes calls of the public API; checks them, sends them to the worker, and gives plain results.
// May not compute, and may speak to the worker through the client only.

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
  FolderSource,
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
  PreviewOptions,
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
  SourcePreview,
  TextPair,
  TokenizedText,
  TokenizeOptions,
} from "../../bertlet.d.ts";
import {
  CROSS_VALIDATE,
  FILL_MASK,
  FINETUNE,
  INFERENCE,
  SAVE,
  SAVE_ADAPTER,
  SET_LABELS,
} from "../shared/defaults.ts";
import { aborted, BertletError } from "../shared/errors.ts";
import type { CallName, Calls, RunEvents, RunName } from "../shared/messages.ts";
import type { CallHooks, Client } from "../shared/worker-client.ts";
import { accessOf } from "./access.ts";
import { createRequestOf, loadRequestOf, openWorker, previewIn } from "./open-worker.ts";
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
  checkPreview,
  checkSave,
  checkSaveAdapter,
  checkSearch,
  checkSetLabels,
  checkTokenize,
} from "./options.ts";
import { checkMultiLabel, modelSelectionOf, pretrainRecipeOf, recipeOf } from "./recipes.ts";
import { adapterFiles, checkpointFiles, predictionsOf } from "./results.ts";
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
import { fetchHook } from "./serve-fetch.ts";
import { adapterOf, withHubHint } from "./source.ts";
import { checkFolds } from "./split.ts";
import { checkWorkers } from "./start-client.ts";

export class Classifier implements AsyncDisposable {
  declare [Symbol.asyncDispose]: () => Promise<void>;
  #info: ModelInfo;
  readonly #client: Client;
  /** Set from the start of a run until its result has settled. */
  #running = false;

  private constructor(client: Client, info: ModelInfo) {
    this.#client = client;
    this.#info = info;
    client.onInfo = (changed) => {
      // Only the page knows the reason where a first worker died.
      const { deviceReason, autoReason } = this.#info;
      const why = { ...(deviceReason && { deviceReason }), ...(autoReason && { autoReason }) };
      this.#info = { ...changed, ...why };
    };
  }

  get info(): ModelInfo {
    return this.#info;
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
    return new Classifier(...(await opening.catch(hinted)));
  }

  static async preview(source: Source, options?: PreviewOptions): Promise<SourcePreview> {
    checkWorkers();
    return previewIn(source, checkPreview(options));
  }

  static async create(options: CreateOptions): Promise<Classifier> {
    checkWorkers();
    const { texts, ...checked } = checkCreate(options ?? ({} as CreateOptions));
    const request = createRequestOf(checkPlainTexts("create", texts), checked);
    return new Classifier(...(await openWorker("create", request, checked)));
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
    // Read after the scores are there: a run may have tuned the threshold meanwhile.
    const from = threshold ?? this.info.threshold;
    const predictions = predictionsOf(scores, labels, from, topK);
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
    const { vectors } = await this.#call("embed", { texts: list, batchSize, normalize }, hooks);
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
    const { rows } = await this.#call(
      "tokenize",
      { texts: checkTexts("tokenize", one ? [texts] : texts) },
      hooks,
    );
    return one ? (rows[0] as TokenizedText) : rows;
  }

  async evaluate(rows: readonly LabelledText[], options?: EvaluateOptions): Promise<Report> {
    const { batchSize = INFERENCE.batchSize, threshold, ...hooks } = checkEvaluate(options);
    checkHasLabels("evaluate", this.info.labels);
    if (threshold !== undefined) checkMultiLabel("evaluate", "threshold", this.info.problemType);
    const request = { ...checkRows("evaluate", rows, this.info), batchSize };
    return this.#call("evaluate", threshold === undefined ? request : { ...request, threshold }, hooks);
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
      return {
        hooks: { onProgress, signal },
        requestOf: () => this.#finetuneRequest("finetune", data, rest),
      };
    });
  }

  pretrain(texts: readonly string[] | PretrainData, options?: PretrainOptions): PretrainRun {
    return this.#run("pretrain", () => {
      const { onProgress, signal, ...rest } = checkPretrain(options);
      const requestOf = () => ({ ...checkUnlabelled("pretrain", texts), recipe: pretrainRecipeOf(rest) });
      return { hooks: { onProgress, signal }, requestOf };
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
        requestOf: () => ({
          ...checkFolds(rows, folds, rest.seed ?? FINETUNE.seed, this.info),
          recipe: recipeOf("crossValidate", rest, this.info),
        }),
      };
    });
  }

  search(data: SearchData, options?: SearchOptions): SearchRun {
    return this.#run("search", () => {
      const { onProgress, signal, ...rest } = checkSearch(options);
      return { hooks: { onProgress, signal }, requestOf: () => searchRequestOf(data, rest, this.info) };
    });
  }

  async save(options?: SaveOptions): Promise<SavedCheckpoint> {
    const { dtype, as } = { ...SAVE, ...checkSave(options) };
    return checkpointFiles(await this.#call("save", { dtype, as }, {}));
  }

  async setLabels(labels: readonly string[], options?: SetLabelsOptions): Promise<void> {
    const { seed = SET_LABELS.seed } = checkSetLabels(options);
    this.#checkIdle("setLabels");
    await this.#call("setLabels", { labels: checkLabels("setLabels", labels), seed }, {});
  }

  async addAdapter(
    name: string,
    source: FolderSource | AdapterFiles,
    options?: AddAdapterOptions,
  ): Promise<string[]> {
    const { headers, fetch, ...hooks } = checkAddAdapter(options);
    this.#checkIdle("addAdapter");
    const files = adapterOf(source);
    const access = accessOf("addAdapter", files, { ...(headers && { headers }), ...(fetch && { fetch }) });
    const request = { name: checkName("addAdapter", name), files, access };
    return (await this.#call("addAdapter", request, { ...hooks, onFetch: fetchHook(fetch) })).labels;
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
    return adapterFiles(await this.#call("saveAdapter", { base }, {}));
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

  /**
   * `prepare` checks the options, and its `requestOf` the rows. Both happen in the page, before anything
   * starts.
   */
  #run<K extends RunName>(
    call: K,
    prepare: () => { hooks: SignalHooks; requestOf: () => Calls[K]["request"] },
  ): Run<RunEvents[K] | Calls[K]["response"], Calls[K]["response"]> {
    const id = this.#client.newId();
    return new Run(
      async (emit) => {
        const { hooks, requestOf } = prepare();
        this.#checkIdle(call);
        if (call === "pretrain") checkHasMaskedLm(call, this.info);
        else checkHasLabels(call, this.info.labels);
        const request = requestOf();
        this.#running = true;
        try {
          // It settles once the worker has left the run, so that the next call is not "busy".
          const onEvent = emit as CallHooks["onEvent"];
          return await this.#call(call, request, { ...hooks, onEvent }, id, false);
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
    { signal, onProgress, onEvent, onFetch }: SignalHooks,
    id = this.#client.newId(),
    rejectNow = true,
  ): Promise<Calls[K]["response"]> {
    if (signal?.aborted) throw aborted(call, signal.reason);
    const abort = () => this.#client.cancel(id, call, signal?.reason, rejectNow);
    signal?.addEventListener("abort", abort);
    try {
      const hooks: CallHooks = { onProgress: onProgress as CallHooks["onProgress"], onFetch };
      if (onEvent !== undefined) hooks.onEvent = onEvent;
      return await this.#client.call(call, request, hooks, id);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
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

interface SignalHooks {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: RowProgress) => void) | ((progress: LoadProgress) => void) | undefined;
  onEvent?: CallHooks["onEvent"];
  onFetch?: CallHooks["onFetch"];
}
