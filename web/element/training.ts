/**
 * Takes a classifier and labelled rows; trains within the given minutes, and says how it ended. Knows no page.
 */
import type {
  Classifier,
  EndEvent,
  EpochEvent,
  FinetuneData,
  FinetuneOptions,
  FinetuneRun,
  RowProgress,
  StartEvent,
  StepEvent,
} from "../src/index.ts";
import { METHOD_DEFAULTS, WARMUP_RATIO } from "../studio/state/method-defaults.ts";
import type { Settings } from "./attributes.ts";

/** The library's end event, and what the tag adds. */
export interface TrainingEnd extends EndEvent {
  /** Whether the minutes of `max-minutes` were over before the last step. */
  outOfTime: boolean;
  /** Whether the model can be asked now. */
  learned: boolean;
  /** Rows kept back from training, and those of them that the model labels correctly. */
  checked?: { rows: number; correct: number };
}

export interface TrainingHooks {
  onEvent(event: StartEvent | StepEvent | EpochEvent): void;
  onProgress(progress: RowProgress): void;
  /** The minutes that the whole run is estimated to take. */
  onEstimate(minutes: number): void;
}

export function optionsOf({ method, epochs }: Settings): FinetuneOptions {
  const usual = METHOD_DEFAULTS[method];
  return {
    method,
    epochs: epochs ?? usual.epochs,
    learningRate: usual.learningRate,
    warmupRatio: WARMUP_RATIO,
  };
}

/** One training, which `stop` ends after the step under way. */
export class Training {
  readonly #stopping = new AbortController();
  readonly signal = this.#stopping.signal;
  #run: FinetuneRun | undefined;
  #outOfTime = false;

  stop(): void {
    this.#stopping.abort();
    this.#run?.stop();
  }

  async run(
    classifier: Classifier,
    data: FinetuneData,
    settings: Settings,
    hooks: TrainingHooks,
  ): Promise<TrainingEnd> {
    const options = { ...optionsOf(settings), onProgress: hooks.onProgress };
    const { maxMinutes } = settings;
    const timer =
      maxMinutes !== undefined &&
      setTimeout(() => {
        this.#outOfTime = true;
        this.stop();
      }, maxMinutes * 60_000);
    try {
      if (maxMinutes !== undefined) await this.#estimate(classifier, data, options, hooks);
      const end: EndEvent = this.signal.aborted
        ? { type: "end", reason: "stopped", steps: 0, milliseconds: 0 }
        : await this.#follow(classifier.finetune(data, options), hooks);
      return await this.#finish(classifier, data, options, end, hooks);
    } finally {
      if (timer) clearTimeout(timer);
    }
  }

  async #estimate(
    classifier: Classifier,
    data: FinetuneData,
    options: FinetuneOptions,
    hooks: TrainingHooks,
  ): Promise<void> {
    try {
      const { minutes } = await classifier.plan(data, { ...options, signal: this.signal });
      if (minutes !== undefined) hooks.onEstimate(minutes);
    } catch (error) {
      if (!this.signal.aborted) throw error;
    }
  }

  async #follow(run: FinetuneRun, hooks: TrainingHooks): Promise<EndEvent> {
    this.#run = run;
    for await (const event of run) {
      // Only a run with a journal has the other kinds.
      if (event.type === "start" || event.type === "step" || event.type === "epoch") hooks.onEvent(event);
    }
    return run.result;
  }

  /** "contrastive" sets the head after its last step: a run that was stopped sets it from the weights it has. */
  async #finish(
    classifier: Classifier,
    data: FinetuneData,
    options: FinetuneOptions,
    end: EndEvent,
    hooks: TrainingHooks,
  ): Promise<TrainingEnd> {
    const { method } = options;
    if (end.reason !== "stopped") return this.#ended(end, end.reason !== "diverged", data);
    if (method !== "contrastive") return this.#ended(end, method !== "centroid" && end.steps > 0);
    if (end.steps === 0 && !this.#outOfTime) return this.#ended(end, false);
    const head = classifier.finetune(
      { train: data.train },
      { method: "centroid", onProgress: options.onProgress ?? (() => {}) },
    );
    return this.#ended(end, (await this.#follow(head, hooks)).reason === "finished");
  }

  #ended(end: EndEvent, learned: boolean, data?: FinetuneData): TrainingEnd {
    const ended: TrainingEnd = { ...end, learned, outOfTime: this.#outOfTime && end.reason === "stopped" };
    const rows = data?.test?.length;
    if (end.test && rows) ended.checked = { rows, correct: Math.round(end.test.accuracy * rows) };
    return ended;
  }
}
