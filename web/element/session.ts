/**
 * One tag at work: loads, asks, teaches and saves, and tells the tag of each change and event. Knows no elements.
 */
import type { Classifier, LabelledText, LoadProgress, Prediction, RowProgress } from "../src/index.ts";
import { BertletError } from "../src/shared/errors.ts";
import { DEFAULTS, type Settings } from "./attributes.ts";
import { Lesson } from "./lesson.ts";
import { library, Model } from "./model.ts";
import type { Phase, Place, State } from "./state.ts";
import type { Training, TrainingEnd } from "./training.ts";
import type { Progress } from "./work.ts";

/** An answer that takes no longer shows no progress. */
const SHOWN_AFTER_MS = 500;

export type Emit = (name: string, detail: unknown) => void;

export class Session {
  settings: Settings = DEFAULTS;
  readonly lesson = new Lesson();
  readonly now: State = { phase: "waiting", askable: false, faults: [], errors: {}, disabled: false };
  readonly #model = new Model();
  readonly #emit: Emit;
  readonly #changed: () => void;
  readonly #named: () => string;
  #loading: Promise<Classifier> | undefined;
  #training: Pick<Training, "stop"> | undefined;
  #reading: AbortController | undefined;
  #filling: Promise<void> | undefined;
  /** The rows that the page gave, in place of the attribute's. */
  #given: readonly LabelledText[] | undefined;
  /** Counts how often answers, also those under way, were given up. */
  #forgotten = 0;
  /** Counts the models that were given back: what an earlier one still answers is no news. */
  #unloaded = 0;

  /** `named` tells the tags of a page apart. */
  constructor(emit: Emit, changed: () => void, named: () => string) {
    this.#emit = emit;
    this.#changed = changed;
    this.#named = named;
  }

  get classifier(): Classifier | undefined {
    return this.#model.classifier;
  }

  /** Whether what is trained stays in the browser. */
  get #keeps(): boolean {
    return this.settings.keep === "browser" && this.settings.mode !== "use";
  }

  async #name(): Promise<string> {
    const { keptName } = await import("./teaching.ts");
    return keptName(this.settings, this.#given, this.#named());
  }

  /** Loads once; a load that failed may be tried again. */
  load(): Promise<Classifier> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async classify(text: string): Promise<Prediction> {
    return this.#at("use", async () => {
      const classifier = this.classifier ?? (await this.load());
      if (!this.now.askable)
        throw new BertletError("bad-state", "the model has learned no labels", "train it first");
      const shows = this.now.phase === "ready";
      if (shows) this.#set("classifying");
      const timer = setTimeout(() => {
        if (this.now.phase === "classifying")
          this.#set("classifying", { work: "asking", done: 0, sinceMs: performance.now() });
      }, SHOWN_AFTER_MS);
      const forgotten = this.#forgotten;
      try {
        const prediction = await classifier.classify(text);
        if (forgotten === this.#forgotten) {
          this.now.prediction = prediction;
          this.#emit("result", prediction);
        }
        return prediction;
      } finally {
        clearTimeout(timer);
        if (shows && this.now.phase === "classifying") this.#set("ready");
      }
    });
  }

  async train(): Promise<TrainingEnd> {
    return this.#at("train", async () => {
      if (this.#training) throw new BertletError("busy", "a training is under way");
      // From the call on, before there is one.
      let stopped = false;
      this.#training = {
        stop() {
          stopped = true;
        },
      };
      try {
        // The tag takes its attributes and rows a moment after it is made, and rows of an address come later.
        await null;
        await this.#filling;
        const lacking = this.lesson.reason();
        if (lacking)
          throw new BertletError(
            "bad-row",
            lacking.why === "labels"
              ? "training needs at least two labels"
              : `the label "${lacking.label}" has no example`,
          );
        const { Training } = await import("./teaching.ts");
        const training = new Training();
        this.#training = training;
        if (stopped) training.stop();
        try {
          await this.load();
          return await this.#train(training);
        } finally {
          if (this.now.phase === "training") {
            if (!this.classifier) {
              this.#loading = undefined;
              Object.assign(this.now, { info: undefined, askable: false });
            }
            this.#set(this.classifier ? "ready" : training.signal.aborted ? "waiting" : "failed");
          }
        }
      } finally {
        this.#training = undefined;
      }
    });
  }

  async #train(training: Training): Promise<TrainingEnd> {
    const { settings, now } = this;
    Object.assign(now, { estimate: undefined, end: undefined, prediction: undefined });
    const { maxMinutes } = settings;
    this.#set("training", {
      work: maxMinutes === undefined ? "tokenize" : "estimate",
      done: 0,
      sinceMs: performance.now(),
    });
    const labels = [...this.lesson.labels];
    const { splitRows } = await library();
    const rows = this.lesson.examples.map(({ text, label }) => ({ text, label }));
    const data = this.lesson.checkable ? splitRows(rows, { dev: 0, test: 0.2 }) : { train: rows };
    const unloaded = this.#unloaded;
    const { askable } = now;
    const before = this.#loading;
    now.askable = false;
    // It may be loaded anew: who asks for it meanwhile waits. Where that fails, what was there stays.
    const follow = (progress: LoadProgress) => this.#follow(progress);
    this.#loading = this.#model.prepare(settings, labels, follow, training.signal);
    const classifier = await this.#loading.catch((error) => {
      // Unless that was given back meanwhile.
      if (unloaded === this.#unloaded) {
        now.askable = askable;
        this.#loading = before;
      }
      throw error;
    });
    now.info = classifier.info;
    const loops = settings.method !== "centroid" && settings.method !== "contrastive";
    let steps = 0;
    let sinceMs = performance.now();
    const end = await training.run(classifier, data, settings, {
      onEvent: (event) => {
        if (event.type === "start") [steps, sinceMs] = [event.steps, performance.now()];
        if (event.type === "step") {
          now.askable = loops;
          this.#set("training", { work: "steps", done: event.step, total: steps, sinceMs });
        }
        if (event.type !== "start") this.#emit(event.type, event);
      },
      onProgress: (progress) => this.#follow(progress),
      onEstimate: (minutes) => {
        now.estimate = minutes;
        this.#changed();
      },
    });
    if (unloaded !== this.#unloaded) throw new BertletError("aborted", "loading was aborted");
    Object.assign(now, { info: classifier.info, askable: end.learned, end });
    this.#set("ready");
    this.#emit("end", end);
    if (this.#keeps && end.learned) {
      await this.#model.keep(this.#name()).catch((error) => this.fail("keep", failureOf(error)));
    }
    return end;
  }

  stop(): void {
    if (this.now.phase === "loading") {
      this.unload();
      this.#set("waiting");
    } else this.#training?.stop();
  }

  async save(): Promise<Blob> {
    return this.#at("keep", async () => {
      const classifier = this.classifier ?? (await this.load());
      const { phase } = this.now;
      if (phase === "ready") this.#set("saving", { work: "saving", done: 0, sinceMs: performance.now() });
      try {
        const { zipOf } = await import("./zip.ts");
        return await zipOf(await classifier.save());
      } finally {
        if (this.now.phase === "saving") this.#set("ready");
      }
    });
  }

  /** Takes rows that the page gives, or reads those of the attribute. */
  async fill(rows: readonly LabelledText[] | undefined): Promise<void> {
    this.#given = rows;
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    const { settings, lesson } = this;
    const work = async () => {
      const address = settings.rows;
      const read =
        rows ?? (address ? await (await import("./rows.ts")).readRows(address, reading.signal) : []);
      if (reading.signal.aborted) return;
      lesson.fill(read, settings.labels);
      this.#ownLabels();
    };
    // A failure is shown, and told as an event.
    this.#filling = this.#at("rows", work).catch(() => {});
    await this.#filling;
  }

  forget(): void {
    this.#forgotten++;
    this.now.prediction = undefined;
  }

  /** Gives the model back, as when the tag leaves its page. */
  unload(): void {
    this.#training?.stop();
    this.#model.dispose();
    this.#loading = undefined;
    this.#unloaded++;
    Object.assign(this.now, {
      phase: "waiting",
      progress: undefined,
      info: undefined,
      askable: false,
      prediction: undefined,
      end: undefined,
    });
  }

  fail(place: Place, error: BertletError): void {
    this.now.errors = { ...this.now.errors, [place]: error };
    this.#emit("error", error);
    this.#changed();
  }

  async #load(): Promise<Classifier> {
    // Who asks for the model at once asks before the tag has taken its attributes.
    await null;
    const { settings, now } = this;
    const unloaded = this.#unloaded;
    delete now.errors.load;
    this.#set("loading", { work: "library", done: 0, sinceMs: performance.now() });
    try {
      if (settings.src === undefined)
        throw new BertletError("bad-option", "the attribute src is missing", "give the address of a model");
      const follow = (progress: LoadProgress) => this.#follow(progress);
      const kept = this.#keeps ? await this.#model.open(this.#name(), settings, follow) : undefined;
      const classifier = kept ?? (await this.#model.load(settings, follow));
      const { info } = classifier;
      const trained = info.labels.length > 0 && !info.newHead;
      if (settings.mode === "use" && !trained)
        throw new BertletError(
          "bad-state",
          "this model has no trained labels",
          'give a classifier, or mode "teach"',
        );
      Object.assign(now, { info, askable: kept !== undefined || (trained && settings.mode !== "teach") });
      this.#ownLabels();
      this.#set("ready");
      this.#emit("ready", info);
      return classifier;
    } catch (error) {
      const failure = error as BertletError;
      if (failure.code === "aborted" || unloaded !== this.#unloaded) throw failure;
      this.#model.dispose();
      this.#loading = undefined;
      this.#set("failed");
      this.fail("load", failure);
      throw failure;
    }
  }

  /** A model to be taught further brings its own labels, where the page names none. */
  #ownLabels(): void {
    const { info } = this.now;
    const { mode, labels } = this.settings;
    if (mode !== "both" || !info || info.newHead || labels || this.lesson.labels.length > 0) return;
    this.lesson.fill([], info.labels);
    this.onLesson();
  }

  /** Called where the lesson was filled; the tag redraws it. */
  onLesson: () => void = () => {};

  #follow(progress: LoadProgress | RowProgress): void {
    const { stage, loaded, total } = progress;
    const { progress: before } = this.now;
    const file = "file" in progress ? progress.file : undefined;
    this.#emit("progress", progress);
    // Small files would make the bar jump: the weights are what takes time.
    if (stage === "download" && !/\.safetensors$/.test(file ?? "")) return;
    if (before?.work === "download" && (stage === "library" || stage === "device") && loaded === 0) return;
    const sinceMs = before?.work === stage ? before.sinceMs : performance.now();
    this.#set(this.now.phase, { work: stage, done: loaded, total, sinceMs });
  }

  #set(phase: Phase, progress?: Progress): void {
    this.now.phase = phase;
    this.now.progress = progress;
    this.#changed();
  }

  /** Does work whose failure is shown at a place. What was aborted on purpose is no failure. */
  async #at<Result>(place: Place, work: () => Promise<Result>): Promise<Result> {
    const unloaded = this.#unloaded;
    if (this.now.errors[place]) {
      delete this.now.errors[place];
      this.#changed();
    }
    try {
      const result = await work();
      this.#changed();
      return result;
    } catch (caught) {
      const error = failureOf(caught);
      // Of a model that was given back, also by a training that began: the one that is there now has not failed.
      if (unloaded !== this.#unloaded || (error.code === "disposed" && this.#training)) throw error;
      if (this.#model.drop(error)) {
        this.#loading = undefined;
        Object.assign(this.now, { phase: "failed", progress: undefined, info: undefined, askable: false });
      }
      // A failed load is shown where models are loaded.
      if (error.code !== "aborted" && error !== this.now.errors.load) this.fail(place, error);
      throw error;
    }
  }
}

function failureOf(caught: unknown): BertletError {
  const { code } = (caught ?? {}) as { code?: unknown };
  if (typeof code === "string") return caught as BertletError;
  return new BertletError("worker-crashed", `unexpected: ${caught}`, "reload the page", {
    cause: caught,
  });
}
