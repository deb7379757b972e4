// Takes calls of the public API; checks them, sends them to the worker, and gives plain results.
// May not compute, and may speak to the worker through the client only.

import type * as Api from "../../bertlet.d.ts";
import { FILL_MASK, INFERENCE, SAVE, SUGGEST } from "../shared/defaults.ts";
import { BertletError, describe } from "../shared/errors.ts";
import type { Client } from "../shared/worker-client.ts";
import * as Adapters from "./adapters.ts";
import * as Changes from "./changes.ts";
import { studentOf } from "./distill.ts";
import { explainRequestOf, explanationOf } from "./explain.ts";
import {
  createRequestOf,
  loadRequestOf,
  openRequestOf,
  openWorker,
  previewIn,
  reopenWorker,
} from "./open-worker.ts";
import * as Options from "./options.ts";
import { isEvictable } from "./persist.ts";
import { checkpointFiles, onnxFiles, predictionsOf } from "./results.ts";
import * as Rows from "./rows.ts";
import * as RunOptions from "./run-options.ts";
import * as Runs from "./runs.ts";
import { withHubHint } from "./source.ts";
import { checkWorkers } from "./start-client.ts";
import * as Stored from "./stored.ts";
import { type Opening, WorkerCalls } from "./worker-calls.ts";

/** Rows that are read and sent in tasks of their own. */
const MANY_ROWS = 10_000;

export class Classifier implements AsyncDisposable {
  declare [Symbol.asyncDispose]: () => Promise<void>;
  readonly #calls: WorkerCalls;

  private constructor(client: Client, info: Api.ModelInfo, opening: Opening = {}) {
    this.#calls = new WorkerCalls(client, info, opening);
  }

  static readonly isCached = Stored.isCached;
  static readonly clearCache = Stored.clearCache;
  static readonly list = Stored.list;
  static readonly forget = Stored.forget;
  static readonly listJournals = Stored.listJournals;
  static readonly deleteJournal = Stored.deleteJournal;

  get info(): Api.ModelInfo {
    return this.#calls.info;
  }

  /** Frameworks make proxies of plain objects, and a proxy has no private members. By its tag this is not a plain object. */
  get [Symbol.toStringTag](): string {
    return "Classifier";
  }

  static async load(source: Api.Source, options?: Api.LoadOptions): Promise<Classifier> {
    checkWorkers();
    const checked = Options.checkLoad(options);
    const opening = openWorker("load", loadRequestOf(source, checked), checked);
    const hinted = (error: unknown) => Promise.reject(withHubHint(error, source, checked));
    return new Classifier(...(await opening.catch(hinted)), checked);
  }

  static async preview(source: Api.Source, options?: Api.PreviewOptions): Promise<Api.SourcePreview> {
    checkWorkers();
    return previewIn(source, Options.checkPreview(options));
  }

  static async create(options: Api.CreateOptions): Promise<Classifier> {
    checkWorkers();
    const { texts, ...checked } = Options.checkCreate(options ?? ({} as Api.CreateOptions));
    const request = createRequestOf(Rows.checkPlainTexts("create", texts), checked);
    return new Classifier(...(await openWorker("create", request, checked)), checked);
  }

  static async open(name: string, options?: Api.OpenOptions): Promise<Classifier> {
    checkWorkers();
    const checked = Options.checkOpen(options);
    const request = openRequestOf(Options.checkName("open", name), checked);
    return new Classifier(...(await openWorker("open", request, checked)), checked);
  }

  static async resume(
    name: string,
    options?: Api.ResumeOptions,
  ): Promise<{ classifier: Classifier; run: Api.ResumedRun["run"] }> {
    checkWorkers();
    const checked = Options.checkResume(options);
    const { device, threads } = checked;
    const request = {
      name: Options.checkName("resume", name),
      ...(device !== undefined && { device }),
      ...(threads !== undefined && { threads }),
    };
    const [client, reopened] = await reopenWorker(request, checked);
    const classifier = new Classifier(client, reopened.info, checked);
    return { classifier, run: classifier.#calls.continued(request.name, reopened) as Api.ResumedRun["run"] };
  }

  static async distill(
    teacher: Classifier,
    data: Api.FinetuneData,
    options?: Api.DistillOptions,
  ): Promise<Api.Distillation> {
    checkWorkers();
    const checked = RunOptions.checkDistill(options);
    const { onProgress, signal } = checked;
    const splits = Rows.checkData("distill", data, Rows.checkRows);
    // `instanceof` throws at a revoked proxy, and takes another, which has no calls.
    if (typeof teacher !== "object" || teacher === null || !(#calls in teacher)) {
      throw new BertletError(
        "bad-option",
        `distill: teacher must be a Classifier, found ${describe(teacher)}`,
      );
    }
    const { opened, place, recipe } = await studentOf(teacher.#calls, checked);
    const classifier = new Classifier(...opened, place);
    const requestOf = () => ({ ...splits, ...recipe });
    const run = classifier.#calls.run("distill", () => ({
      hooks: { onProgress, signal },
      requestOf,
      journal: undefined,
    }));
    return { classifier, run: run as Api.DistillRun };
  }

  classify(text: string | Api.TextPair, options?: Api.ClassifyOptions): Promise<Api.Prediction>;
  classify(
    texts: readonly (string | Api.TextPair)[],
    options?: Api.ClassifyOptions,
  ): Promise<Api.Prediction[]>;
  async classify(
    texts: string | Api.TextPair | readonly (string | Api.TextPair)[],
    options?: Api.ClassifyOptions,
  ): Promise<Api.Prediction | Api.Prediction[]> {
    const { batchSize = INFERENCE.batchSize, topK, threshold, ...hooks } = Options.checkClassify(options);
    const one = Rows.isOne(texts);
    const list = Rows.checkTexts("classify", one ? [texts] : texts);
    const request = { texts: list, batchSize, ...(threshold !== undefined && { threshold }) };
    const predictions = predictionsOf(await this.#calls.call("classify", request, hooks), topK);
    return one ? (predictions[0] as Api.Prediction) : predictions;
  }

  embed(text: string | Api.TextPair, options?: Api.EmbedOptions): Promise<Float32Array>;
  embed(texts: readonly (string | Api.TextPair)[], options?: Api.EmbedOptions): Promise<Float32Array[]>;
  async embed(
    texts: string | Api.TextPair | readonly (string | Api.TextPair)[],
    options?: Api.EmbedOptions,
  ): Promise<Float32Array | Float32Array[]> {
    const {
      batchSize = INFERENCE.batchSize,
      normalize = this.info.normalizes,
      ...hooks
    } = Options.checkEmbed(options);
    const one = Rows.isOne(texts);
    const list = Rows.checkTexts("embed", one ? [texts] : texts);
    const { vectors } = await this.#calls.call("embed", { texts: list, batchSize, normalize }, hooks);
    const { hiddenSize } = this.info;
    const rows = list.map((_, row) => vectors.slice(row * hiddenSize, (row + 1) * hiddenSize));
    return one ? (rows[0] as Float32Array) : rows;
  }

  tokenize(text: string | Api.TextPair, options?: Api.TokenizeOptions): Promise<Api.TokenizedText>;
  tokenize(
    texts: readonly (string | Api.TextPair)[],
    options?: Api.TokenizeOptions,
  ): Promise<Api.TokenizedText[]>;
  async tokenize(
    texts: string | Api.TextPair | readonly (string | Api.TextPair)[],
    options?: Api.TokenizeOptions,
  ): Promise<Api.TokenizedText | Api.TokenizedText[]> {
    const hooks = Options.checkTokenize(options);
    const one = Rows.isOne(texts);
    const { rows } = await this.#calls.call(
      "tokenize",
      { texts: Rows.checkTexts("tokenize", one ? [texts] : texts) },
      hooks,
    );
    return one ? (rows[0] as Api.TokenizedText) : rows;
  }

  async evaluate(rows: readonly Api.LabelledText[], options?: Api.EvaluateOptions): Promise<Api.Report> {
    const { batchSize = INFERENCE.batchSize, threshold, ...hooks } = Options.checkEvaluate(options);
    const request = { rows: Rows.checkRows("evaluate", rows), batchSize };
    return this.#calls.call("evaluate", threshold === undefined ? request : { ...request, threshold }, hooks);
  }

  async explain(text: string | Api.TextPair, options?: Api.ExplainOptions): Promise<Api.Explanation> {
    const { onProgress, signal, ...rest } = Options.checkExplain(options);
    const [request, examples] = explainRequestOf(text, rest);
    const explained = await this.#calls.call("explain", request, { onProgress, signal });
    return explanationOf(explained, request, examples);
  }

  async inspect(data: Api.InspectData, options?: Api.InspectOptions): Promise<Api.DataReport> {
    const hooks = Options.checkInspect(options);
    const checked = Rows.checkData("inspect", data, Rows.checkRows);
    // Many rows are read in one task and sent in another, so that neither holds the page long.
    if (checked.train.texts.length > MANY_ROWS) await new Promise((resolve) => setTimeout(resolve));
    return this.#calls.call("inspect", checked, hooks);
  }

  async plan(data: Api.FinetuneData, options?: Api.FinetuneOptions): Promise<Api.FinetunePlan> {
    const { onProgress, signal, journal: _, ...rest } = RunOptions.checkPlan(options);
    this.#calls.checkIdle("plan");
    return this.#calls.call(
      "plan",
      { ...Rows.checkData("plan", data, Rows.checkRows), options: rest },
      { onProgress, signal },
    );
  }

  async takeAway(data: Api.FinetuneData, options?: Api.FinetuneOptions): Promise<Blob> {
    const { onProgress, signal, journal: _, ...rest } = RunOptions.checkTakeAway(options);
    if (this.#calls.running !== "finetune") this.#calls.checkIdle("takeAway");
    const request = { ...Rows.checkData("takeAway", data, Rows.checkRows), options: rest };
    return (await this.#calls.call("takeAway", request, { onProgress, signal })).zip;
  }

  finetune(data: Api.FinetuneData, options?: Api.FinetuneOptions): Api.FinetuneRun {
    return this.#calls.run("finetune", () => Runs.finetuneOf(data, options));
  }

  pretrain(texts: readonly string[] | Api.PretrainData, options?: Api.PretrainOptions): Api.PretrainRun {
    return this.#calls.run("pretrain", () => Runs.pretrainOf(texts, options));
  }

  crossValidate(
    rows: readonly Api.LabelledText[],
    options?: Api.CrossValidateOptions,
  ): Api.CrossValidationRun {
    return this.#calls.run("crossValidate", () => Runs.crossValidateOf(rows, options));
  }

  search(data: Api.SearchData, options?: Api.SearchOptions): Api.SearchRun {
    return this.#calls.run("search", () => Runs.searchOf(data, options));
  }

  learn(rows: readonly Api.LabelledText[], options?: Api.LearnOptions): Api.LearnRun {
    return this.#calls.run("learn", () => Runs.learnOf(rows, options)) as Api.LearnRun;
  }

  async fillMask(text: string, options?: Api.FillMaskOptions): Promise<Api.FilledMask[][]> {
    const { topK = FILL_MASK.topK, ...hooks } = Options.checkFillMask(options);
    this.#calls.checkMaskedLm("fillMask");
    const [checked] = Rows.checkPlainTexts("fillMask", [text]) as [string];
    return (await this.#calls.call("fillMask", { text: checked, topK }, hooks)).masks;
  }

  async suggest(
    texts: readonly (string | Api.TextPair)[],
    options?: Api.SuggestOptions,
  ): Promise<Api.Suggestion[]> {
    const {
      count = SUGGEST.count,
      batchSize = INFERENCE.batchSize,
      ...hooks
    } = Options.checkSuggest(options);
    return this.#calls.call("suggest", { texts: Rows.checkTexts("suggest", texts), count, batchSize }, hooks);
  }

  async calibrate(
    rows: readonly Api.LabelledText[],
    options?: Api.CalibrateOptions,
  ): Promise<Api.CalibrationReceipt> {
    return Changes.calibrate(this.#calls, rows, options);
  }

  async fitScope(
    examples: readonly (string | Api.TextPair)[],
    options?: Api.ScopeOptions,
  ): Promise<Api.ScopeReceipt> {
    return Changes.fitScope(this.#calls, examples, options);
  }

  async quantize(options: Api.QuantizeOptions): Promise<Api.QuantizeReceipt> {
    return Changes.quantize(this.#calls, options);
  }

  save(options?: Api.SaveOptions): Promise<Api.SavedCheckpoint>;
  save(options: Api.SaveOnnxOptions): Promise<Api.SavedOnnx>;
  async save(options?: Api.SaveOptions | Api.SaveOnnxOptions): Promise<Api.SavedCheckpoint | Api.SavedOnnx> {
    const checked = Options.checkSave(options);
    if (checked.as === "onnx") {
      const { dtype = SAVE.dtype } = checked;
      return onnxFiles(await this.#calls.call("saveOnnx", { dtype }, {}), dtype);
    }
    const { dtype, as } = { ...SAVE, ...checked };
    return checkpointFiles(await this.#calls.call("save", { dtype, as }, {}));
  }

  async keep(name: string): Promise<Api.KeepResult> {
    const request = { name: Options.checkNewName("keep", name) };
    this.#calls.checkIdle("keep");
    const evictable = isEvictable();
    const { bytes } = await this.#calls.call("keep", request, {});
    return { bytes, evictable: await evictable };
  }

  async setLabels(labels: readonly string[], options?: Api.SetLabelsOptions): Promise<void> {
    return Changes.setLabels(this.#calls, labels, options);
  }

  async prune(options: Api.PruneOptions): Promise<Api.PruneReceipt> {
    return Changes.prune(this.#calls, options);
  }

  async addAdapter(
    name: string,
    source: Api.FolderSource | Api.AdapterFiles,
    options?: Api.AddAdapterOptions,
  ): Promise<string[]> {
    return Adapters.addAdapter(this.#calls, name, source, options);
  }

  async useAdapter(name: string | null): Promise<void> {
    return Adapters.useAdapter(this.#calls, name);
  }

  async mergeAdapter(): Promise<void> {
    return Adapters.mergeAdapter(this.#calls);
  }

  async saveAdapter(options?: Api.SaveAdapterOptions): Promise<Api.SavedAdapter> {
    return Adapters.saveAdapter(this.#calls, options);
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
