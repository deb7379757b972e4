/**
 * The model of one tag: fetches the library with the first model, loads, makes ready for training, and gives memory back.
 */
import type * as Library from "../src/index.ts";
import type { Classifier, LoadOptions, LoadProgress } from "../src/index.ts";
import { BertletError } from "../src/shared/errors.ts";
import type { Settings } from "./attributes.ts";

/** The library. It is no part of the tag's own file. */
export async function library(): Promise<typeof Library> {
  try {
    return await import("../src/index.ts");
  } catch (error) {
    throw new BertletError(
      "fetch-failed",
      `bertlet.js could not be loaded: ${error}`,
      "bertlet.js must lie beside element.js",
    );
  }
}

export class Model {
  classifier: Classifier | undefined;
  #loading: AbortController | undefined;
  /** Whether a training changed more than the head. */
  #changed = false;

  /** Loads anew; a load under way is given up. Throws `aborted` where this one is. */
  async load(settings: Settings, onProgress: (progress: LoadProgress) => void): Promise<Classifier> {
    this.dispose();
    return this.#loadAnew(settings, onProgress);
  }

  /**
   * The model that is there stays until the new one's weights come, so that nothing is lost where they cannot be had. Two at once
   * are too much for a phone.
   */
  async #loadAnew(
    settings: Settings,
    onProgress: (progress: LoadProgress) => void,
    ...stopping: AbortSignal[]
  ): Promise<Classifier> {
    const loading = new AbortController();
    this.#loading = loading;
    const signal = AbortSignal.any([loading.signal, ...stopping]);
    const { Classifier } = await library();
    const classifier = await Classifier.load(settings.src as string, {
      ...optionsOf(settings),
      signal,
      onProgress: (progress) => {
        if (progress.loaded && /\.safetensors$/.test(progress.file ?? "")) this.#giveBack();
        onProgress(progress);
      },
    });
    try {
      if (settings.adapter !== undefined) {
        await classifier.addAdapter("adapter", settings.adapter, { signal });
        await classifier.useAdapter("adapter");
      }
      signal.throwIfAborted();
    } catch (error) {
      void classifier.dispose();
      throw signal.aborted ? new BertletError("aborted", "loading was aborted") : error;
    }
    this.#giveBack();
    this.#changed = false;
    this.classifier = classifier;
    return classifier;
  }

  /** What was trained here and kept in this browser; undefined where there is nothing whole. */
  async open(
    name: Promise<string>,
    settings: Settings,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<Classifier | undefined> {
    this.dispose();
    const loading = new AbortController();
    this.#loading = loading;
    const { device, threads } = settings;
    const options = { device, ...(threads !== undefined && { threads }), signal: loading.signal, onProgress };
    const { Classifier } = await library();
    try {
      this.classifier = await Classifier.open(await name, options);
    } catch (error) {
      // A damaged one is trained again, and where nothing is kept there is none.
      if (["unknown-name", "bad-weights", "no-storage"].includes((error as BertletError).code))
        return undefined;
      throw error;
    }
    this.#changed = true;
    return this.classifier;
  }

  /** Keeps the trained model in this browser, for `open`. */
  async keep(name: Promise<string>): Promise<void> {
    await this.classifier?.keep(await name);
  }

  /**
   * The model as a training begins: as it was loaded, so that trainings do not add up, and with a new head for these labels
   * unless `mode` "both" goes on with the model's own. Throws `aborted` where `stopping` ends a load.
   */
  async prepare(
    settings: Settings,
    labels: readonly string[],
    onProgress: (progress: LoadProgress) => void,
    stopping: AbortSignal,
  ): Promise<Classifier> {
    const classifier =
      this.classifier === undefined || this.#changed
        ? await this.#loadAnew(settings, onProgress, stopping)
        : this.classifier;
    // As it was loaded, so with the adapter: what is trained then stands on it.
    if (classifier.info.activeAdapter) await classifier.mergeAdapter();
    const { info } = classifier;
    const same = labels.length === info.labels.length && labels.every((label) => info.labels.includes(label));
    if (!same || settings.mode === "teach") await classifier.setLabels(labels);
    // In mode "teach" a new head undoes these, which change nothing else.
    this.#changed = settings.mode === "both" || !["centroid", "head"].includes(settings.method);
    return classifier;
  }

  /** Whether a failed call took the model with it. */
  drop(error: BertletError): boolean {
    const gone = ["worker-crashed", "device-lost", "disposed", "out-of-memory"].includes(error.code);
    if (gone) this.dispose();
    return gone;
  }

  dispose(): void {
    this.#loading?.abort();
    this.#loading = undefined;
    this.#giveBack();
  }

  #giveBack(): void {
    void this.classifier?.dispose();
    this.classifier = undefined;
  }
}

function optionsOf({ mode, labels, device, threads }: Settings): LoadOptions {
  const options: LoadOptions = { device };
  if (threads !== undefined) options.threads = threads;
  if (mode === "use" && labels !== undefined) options.labels = labels;
  return options;
}
