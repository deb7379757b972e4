/**
 * bertlet: fine-tune and run BERT text classifiers inside a web page.
 *
 * The public types of `bertlet.js`, written by hand and held against the source by a type test.
 * All compute runs in one dedicated worker per classifier, started from `worker.js` beside
 * `bertlet.js`. Unless `hub: true` is given, nothing is requested but the URLs you pass and the
 * library's own files.
 */

/** The library's version, such as `"0.1.0"`. */
export const version: string;

/**
 * What this browser can do. Downloads nothing, starts no worker and loads no model.
 * Never rejects: a missing feature is reported, with the reason.
 */
export function probe(): Promise<Capabilities>;

export interface Capabilities {
  webgpu: {
    /** True when an adapter answers, be it a software one. */
    available: boolean;
    /** The adapter's vendor, architecture and description, where the browser tells. */
    adapter?: string;
    /** Why WebGPU is missing, or why `auto` would not even try it. */
    reason?: string;
    /** The same for a program, or for another language. */
    autoReason?: AutoReason;
  };
  wasm: {
    /** WebAssembly with 128-bit SIMD, which every device needs. */
    simd: boolean;
    /** Whether the CPU path can use more than one thread here. */
    threads: boolean;
    /** The most CPU threads: 1, or on a cross-origin isolated page as many as the processor has, up to 8. */
    maxThreads: number;
  };
  /** What `device: "auto"` takes, unless measuring shows "webgpu" to be slower. */
  recommended: "webgpu" | "wasm";
}

/** Why `device: "auto"` took its device. */
export type AutoReason =
  /** This browser has no WebGPU. */
  | { code: "no-webgpu" }
  /** The page is neither on https nor on localhost. */
  | { code: "insecure-context" }
  /** There is WebGPU, but no adapter answers. */
  | { code: "no-adapter"; detail?: string }
  /** The adapter computes on the CPU itself, only slower. */
  | { code: "software-adapter"; adapter: string }
  /** WebGPU was tried, and an error came or nothing in good time. */
  | { code: "webgpu-failed"; detail: string }
  /**
   * A hardware adapter answers, so both devices were timed, and the quicker one was taken: milliseconds of a forward
   * pass over so many texts of so many tokens, from one layer of this checkpoint's sizes. It takes a second or two beside
   * the downloads of both builds and is then remembered, for this version, adapter, number of threads and these sizes.
   */
  | { code: "measured"; webgpuMs: number; wasmMs: number; texts: number; tokens: number };

/** A stable name for each way of failing. */
export type ErrorCode =
  /** config.json cannot be read, or says something impossible. */
  | "bad-config"
  /** The checkpoint is of an architecture other than BERT. */
  | "unsupported-architecture"
  /** tokenizer.json or vocab.txt cannot be read, or is not WordPiece. */
  | "bad-tokenizer"
  /** model.safetensors cannot be read: truncated, overlapping, or not safetensors at all. */
  | "bad-weights"
  /** A tensor that the model needs is not in the file. */
  | "missing-tensor"
  /** A tensor has another shape than config.json asks for. */
  | "shape-mismatch"
  /** A tensor is of a data type other than f32, f16 and bf16. */
  | "unsupported-dtype"
  /** The weights are a Python pickle, which could run code, and are never opened. */
  | "pickle-refused"
  /** A file could not be fetched or read, or a web page came in its place. */
  | "fetch-failed"
  /** An option or argument is unknown, of the wrong type or out of range. */
  | "bad-option"
  /**
   * The call does not suit the model as it is now: the model lacks the head that the call needs, the masked-LM head is untrained,
   * no adapter is on, or one is on that the call cannot use. The hint names the call to make first.
   */
  | "bad-state"
  /** A text or row is not what the call takes; the message names its index. */
  | "bad-row"
  /** A row's label is not one of `info.labels`. */
  | "unknown-label"
  /** `device: "webgpu"` was asked for and there is none that computes correctly. */
  | "no-webgpu"
  /** This browser has no WebAssembly with SIMD. */
  | "no-wasm"
  /** The GPU device was lost or reported an error; the classifier is disposed. */
  | "device-lost"
  /** The model does not fit in memory. Where the memory ran out at work, the classifier is disposed. */
  | "out-of-memory"
  /** The loss or the gradient is not finite. Training reports it as an end event instead of failing. */
  | "diverged"
  /** The worker died or could not be started; the classifier is disposed. */
  | "worker-crashed"
  /** The call's `signal` was aborted. */
  | "aborted"
  /** The classifier is disposed: by `dispose()`, a crash or a lost device. Load it again. */
  | "disposed"
  /** A run is under way on this classifier. Wait for its `result`, or call its `stop()`. */
  | "busy";

/** Every failure of this library. */
export class BertletError extends Error {
  constructor(code: ErrorCode, message: string, hint?: string, options?: { cause?: unknown });
  readonly name: "BertletError";
  readonly code: ErrorCode;
  /** What to do about it, where there is something. */
  readonly hint: string | undefined;
}

/** One file of a checkpoint: its bytes, or a URL (relative ones are relative to the page). */
export type FileSource = Blob | ArrayBuffer | Uint8Array | string;

export interface CheckpointFiles {
  /** config.json */
  config: FileSource;
  /** tokenizer.json, or vocab.txt; told apart by content. */
  tokenizer: FileSource;
  /**
   * tokenizer_config.json: lower-casing, accents and CJK, in which it goes before tokenizer.json, as in transformers; with a
   * vocab.txt, added tokens too.
   */
  tokenizerConfig?: FileSource;
  /** model.safetensors in f32, f16 or bf16; under 2 GiB. */
  weights: FileSource;
}

/**
 * A folder URL (holding config.json, tokenizer.json or vocab.txt, and model.safetensors), the files
 * themselves, or, with `hub: true`, a Hugging Face Hub id such as "google-bert/bert-base-uncased".
 */
export type Source = string | CheckpointFiles;

export type Pooling = "cls" | "mean" | "max";

export interface LoadOptions {
  /**
   * Default "auto": the quicker one, as measured on this checkpoint's sizes, of WebGPU, where a hardware adapter computes
   * correctly, and the CPU ("wasm").
   */
  device?: "auto" | "webgpu" | "wasm";
  /** CPU threads, from 1 to `probe()`'s `maxThreads`, which is the default. The numbers do not depend on it. */
  threads?: number;
  /**
   * The classifier's labels, in order: 1 to 1,000 distinct, non-empty strings. Where they differ from
   * the checkpoint's, or it has none, a new head is made. Default: the checkpoint's own.
   */
  labels?: readonly string[];
  /**
   * Whether a row has one label (softmax, cross-entropy) or any number of them (a sigmoid and binary cross-entropy for
   * each label), as transformers names it. Default: what the checkpoint says, else "multi_label_classification" where its own
   * head has one label, as of a ranking model (transformers' pipeline takes its sigmoid too), and otherwise
   * "single_label_classification". A head for regression needs this option, or `labels`.
   */
  problemType?: "single_label_classification" | "multi_label_classification";
  /** Default: what the checkpoint says, else "cls" where it has a pooler, else "mean". */
  pooling?: Pooling;
  /**
   * Tokens a text is cut to, [CLS] and [SEP] included: from 3 to the checkpoint's positions. Default 128, or
   * the positions where they are fewer.
   */
  maxLength?: number;
  /**
   * Whether to have the masked-LM head, which `pretrain` and `fillMask` need: the checkpoint's, where it is a BertForMaskedLM
   * or BertForPreTraining, else a new one. Default false, which holds no memory for it.
   */
  maskedLm?: boolean;
  /** Seed of a new head. A whole number from 0. Default 42. */
  seed?: number;
  /** Take a string of the form "owner/name" as a Hub id and fetch from huggingface.co. Default false. */
  hub?: boolean;
  /** With `hub`: a branch, tag or commit. Default "main". */
  revision?: string;
  /** Called with the progress of downloads, of opening the device and of building the model. */
  onProgress?: (progress: LoadProgress) => void;
  /** Aborting rejects with `aborted` and ends the worker. */
  signal?: AbortSignal;
}

/** The two files of a folder of Python's peft. */
export interface AdapterFiles {
  /** adapter_config.json */
  config: FileSource;
  /** adapter_model.safetensors in f32, f16 or bf16. */
  weights: FileSource;
}

/** A small model to be learned from scratch, for teaching. */
export interface CreateOptions {
  /** What the vocabulary is learned from: at least one word. */
  texts: readonly string[];
  /** Tokens of the vocabulary, at most: 100 to 30,000. It has fewer where the texts give no more. Default 8,000. */
  vocabSize?: number;
  /** Encoder layers, 1 to 12. Default 2. */
  layers?: number;
  /** Width of a hidden state, 8 to 768, a multiple of `heads`. Default 128. */
  hiddenSize?: number;
  /** Attention heads, 1 to 64. Default 2. */
  heads?: number;
  /** Width of the feed-forward block, 8 to 3,072. Default: four times `hiddenSize`. */
  intermediateSize?: number;
  /** Tokens a text is cut to, 8 to 512. Default 128. */
  maxLength?: number;
  /** As of `load`. Default: no classification head. */
  labels?: readonly string[];
  /** As of `load`. */
  device?: "auto" | "webgpu" | "wasm";
  /** As of `load`. */
  threads?: number;
  /** Seed of the weights. A whole number from 0. Default 42. */
  seed?: number;
  onProgress?: (progress: LoadProgress) => void;
  /** Aborting rejects with `aborted` and ends the worker. */
  signal?: AbortSignal;
}

export interface LoadProgress {
  /**
   * "download": bytes of `file`. The others are 0 of 1, then 1 of 1: "library", fetching and compiling the wasm
   * binary; "device", opening the device and trying it; "model", building the model on it. Downloads and
   * the first two go on side by side.
   */
  stage: "library" | "download" | "device" | "model";
  /** The file's name, for "download". */
  file?: string;
  /** Done so far. */
  loaded: number;
  /** To do in all, where known. */
  total?: number;
}

/** Progress over rows within one call. */
export interface RowProgress {
  /** "tokenize": texts to tokens; "infer": the model over rows; "dev" and "test": evaluation within a run. */
  stage: "tokenize" | "infer" | "dev" | "test";
  /** Rows done. */
  loaded: number;
  /** Rows in all. */
  total: number;
}

export interface ModelInfo {
  device: "webgpu" | "wasm";
  /** CPU threads in use; 1 on WebGPU. */
  threads: number;
  /** The GPU adapter in use, with "webgpu". */
  adapter?: string;
  /** With `device: "auto"`: why this device, in English. */
  deviceReason?: string;
  /** The same for a program, or for another language. */
  autoReason?: AutoReason;
  /** As config.json names it, such as "BertForSequenceClassification". */
  architecture: string;
  layers: number;
  hiddenSize: number;
  heads: number;
  vocabSize: number;
  /** Trainable numbers in the model, head included. */
  parameters: number;
  /**
   * Bytes that its device keeps them in, as loaded: 4 a number. On WebGPU, 2 in the matrices whose numbers 16-bit floats
   * hold exactly, as those of a checkpoint in `float16` are; what is trained is widened.
   */
  weightBytes: number;
  /** Tokens a text is cut to. */
  maxLength: number;
  pooling: Pooling;
  /** Empty where the checkpoint has no head and `options.labels` was not given; then only `embed` works. */
  labels: readonly string[];
  /** Whether a row has one label or any number of them. */
  problemType: "single_label_classification" | "multi_label_classification";
  /**
   * Where rows may have several labels: a label is predicted from this score on. 0.5, until a run finds a better one on its
   * dev rows; saved and loaded with the model or adapter.
   */
  threshold?: number;
  /** Width of the bottlenecks that the method "adapter" put into the layers, where they are there. */
  adapterSize?: number;
  /** Names of the adapters that were trained or added. */
  adapters: readonly string[];
  /** The one that is on, if any. */
  activeAdapter?: string;
  /** Whether it has the masked-LM head. */
  maskedLm: boolean;
  /** True where the head is new and untrained. */
  newHead: boolean;
  /** Parameters that the checkpoint lacks and that were made anew. */
  newTensors: readonly string[];
  /** Tensors of the checkpoint that the classifier has no use for. */
  unusedTensors: readonly string[];
  /** Size of the checkpoint's files together, as read. */
  checkpointBytes: number;
}

export interface Prediction {
  /** The label with the highest score. */
  label: string;
  /** Its probability, 0 to 1. */
  score: number;
  /**
   * The `topK` best labels, best first; their scores are softmax probabilities over all labels. Where rows may have
   * several labels, each is a probability by itself, the sigmoid of its logit.
   */
  scores: { label: string; score: number }[];
  /** Where rows may have several labels: those whose score is at or over the threshold, best first; there may be none. */
  labels?: string[];
}

/** Two texts that are read together: a question and an answer, a premise and a hypothesis. */
export interface TextPair {
  text: string;
  /** May be empty. Together they are cut to `info.maxLength` tokens, the longer one first. */
  textPair: string;
}

/** `LabelledText<string>` has one label. */
export interface LabelledText<Label extends string | readonly string[] = string | readonly string[]> {
  /** May be empty. Unpaired surrogates count as U+FFFD. */
  text: string;
  /** Read together with `text`, as of a TextPair. Needs a checkpoint with two segments, as BERT's are. */
  textPair?: string;
  /**
   * One of `info.labels`; where rows may have several labels, also an array of them, each once. [] has none of them.
   */
  label: Label;
}

export interface Report {
  /**
   * Mean cross-entropy over the rows, natural logarithm; where rows may have several labels, mean binary cross-entropy
   * over rows and labels.
   */
  loss: number;
  /** Share of rows whose label is the predicted one: all labels and no others, where there may be several. 0 to 1. */
  accuracy: number;
  /** F1 of all labels' decisions together. With one label a row it is the accuracy. */
  microF1: number;
  /** Mean of the labels' F1. */
  macroF1: number;
  /** In the order of `info.labels`. A label with no rows has f1 0. */
  perLabel: { label: string; precision: number; recall: number; f1: number; support: number }[];
  /**
   * `confusion[i][j]`: rows of true label i predicted as j, in the order of `info.labels`. [] where rows may have several
   * labels, which are not taken for one another.
   */
  confusion: number[][];
  /** Where rows may have several labels: from which score on a label was predicted. */
  threshold?: number;
  /**
   * 95% confidence intervals: how far the scores would scatter over other samples of as many rows. Percentile
   * bootstrap with 1,000 resamples of the rows (Efron & Tibshirani 1993, chapter 13); the same predictions give the
   * same intervals.
   */
  intervals: { accuracy: Interval; microF1: Interval; macroF1: Interval; loss: Interval };
}

/** Lower and upper end. */
export type Interval = [number, number];

export interface InferenceOptions {
  /** Rows computed at once, from 1. Default 32. */
  batchSize?: number;
  onProgress?: (progress: RowProgress) => void;
  /** Aborting rejects with `aborted` at once. */
  signal?: AbortSignal;
}

export interface ClassifyOptions extends InferenceOptions {
  /** How many labels `scores` lists, from 1. Default: all. */
  topK?: number;
  /** Where rows may have several labels: predict those of at least this score, over 0 and under 1. Default: `info.threshold`. */
  threshold?: number;
}

export interface EvaluateOptions extends InferenceOptions {
  /** As `classify`'s. */
  threshold?: number;
}

export interface EmbedOptions extends InferenceOptions {
  /** Scale each vector to length 1. Default true. */
  normalize?: boolean;
}

export interface FillMaskOptions {
  /** Tokens a mask, from 1. Default 5. */
  topK?: number;
  /** Aborting rejects with `aborted` at once. */
  signal?: AbortSignal;
}

/** A token in the place of a mask, by the names of Hugging Face's fill-mask pipeline. */
export interface FilledMask {
  /** Its probability over the whole vocabulary, 0 to 1. */
  score: number;
  /** Its id. */
  token: number;
  /** Its text; "##" in front where it goes on with a word. */
  token_str: string;
  /** The text with it, as the tokenizer reads it back. With several masks, the others and the special tokens stay in. */
  sequence: string;
}

/** Texts without labels. Those without a word of the vocabulary are left out. */
export interface PretrainData {
  /** At least one text. */
  train: readonly string[];
  /** Evaluated before the run and after each epoch, with the same tokens masked each time. */
  dev?: readonly string[];
}

/** As of `finetune`, with other defaults and without what needs labels. */
export interface PretrainOptions
  extends Pick<
    FinetuneOptions,
    | "batchSize"
    | "accumulate"
    | "weightDecay"
    | "warmupRatio"
    | "schedule"
    | "adamBeta1"
    | "adamBeta2"
    | "adamEpsilon"
    | "maxGradNorm"
    | "dropout"
    | "freezeLayers"
    | "layerDecay"
    | "shuffle"
    | "groupByLength"
    | "seed"
    | "onProgress"
    | "signal"
  > {
  /** Passes over the texts, 1 to 1,000; in each, other tokens are masked. Default 3. */
  epochs?: number;
  /** Over 0, at most 1. Default 5e-5. */
  learningRate?: number;
  /**
   * Probability that a token is chosen, over 0, at most 1. Of those chosen 80% become [MASK], 10% a random token, and 10% stay.
   * Special tokens and [UNK] never are. Default 0.15.
   */
  maskProbability?: number;
  /** Choose whole words, all their pieces together. Default false. */
  wholeWords?: boolean;
}

/** How well masked tokens are told. */
export interface MaskedReport {
  /** Mean cross-entropy of the masked tokens, natural logarithm. */
  loss: number;
  /** e to the loss: among how many tokens, all alike, one would be as much in doubt. */
  perplexity: number;
  /** Tokens that were masked. */
  maskedTokens: number;
}

/** Rows may be empty in none of the splits; leave `dev` or `test` out instead. */
export interface FinetuneData {
  /** Needs rows of at least two labels; where they may have several, rows that differ in them. */
  train: readonly LabelledText[];
  /** Evaluated after each epoch. */
  dev?: readonly LabelledText[];
  /** Evaluated once, when the run has finished. */
  test?: readonly LabelledText[];
}

/**
 * What a run trains beside the head. "full": every parameter. "head": nothing; each row's pooled state is computed once.
 * "lora": a low-rank pair beside chosen dense layers (Hu et al. 2021). "adalora": one whose rank moves to where it matters
 * (Zhang et al. 2023). "adapter": two bottlenecks a layer and every LayerNorm (Houlsby et al. 2019). "prompt": embeddings of
 * virtual tokens before the text (Lester et al. 2021). "prefix": keys and values of virtual tokens in every layer (Li and
 * Liang 2021). "bitfit": every bias (Ben Zaken et al. 2022).
 *
 * Two set the head instead of training it, and suit few rows. "centroid": the label whose rows' mean state is nearest; the
 * rows may be one description a label. "contrastive": the encoder is trained on pairs of rows, so that rows of one label
 * come together (Tunstall et al. 2022, SetFit), then the same. They give one epoch event for the head, after the
 * last of the steps; dev is evaluated there alone.
 */
export type Method =
  | "full"
  | "head"
  | "lora"
  | "adalora"
  | "adapter"
  | "prompt"
  | "prefix"
  | "bitfit"
  | "centroid"
  | "contrastive";

export interface LoraOptions {
  /** Columns of the pair, 1 to 256. Default 8. */
  rank?: number;
  /** The pair's product is multiplied with alpha / rank. Over 0, at most 10,000. Default 16. */
  alpha?: number;
  /** Dropout of what the pair reads, 0 to under 1. Default 0.05. */
  dropout?: number;
  /**
   * Ends of the names of the dense layers that get a pair: query, key, value, attention.output.dense, intermediate.dense,
   * output.dense, dense. Default ["query", "value"].
   */
  targetModules?: readonly string[];
}

export interface AdaloraOptions {
  /** Mean rank at the end, 1 to `initialRank`. Default 8. */
  targetRank?: number;
  /** Rank at the start, 1 to 256. Default 12. */
  initialRank?: number;
  /** The product is multiplied with alpha / initialRank. Over 0, at most 10,000. Default 16. */
  alpha?: number;
  /** As LoRA's. Default 0.05. */
  dropout?: number;
  /** As LoRA's. Default ["query", "value"]. */
  targetModules?: readonly string[];
  /** Share of the steps before the budget begins to fall, 0 to under 1. Default 0.1. */
  warmupRatio?: number;
  /** Share of the steps after it has fallen, 0 to under 1; below 1 together. Default 0.3. */
  finalRatio?: number;
  /** Steps between two decisions on ranks, from 1. Default 5. */
  interval?: number;
  /** Decay of the mean of the importance, 0 to under 1. Default 0.85. */
  beta1?: number;
  /** Decay of the mean of its uncertainty, 0 to under 1. Default 0.85. */
  beta2?: number;
  /** Weight of the term that keeps singular vectors orthogonal, from 0. Default 0.5. */
  orthogonality?: number;
}

export interface FinetuneOptions {
  /** What is trained. Default "full". */
  method?: Method;
  /** With the method "lora". */
  lora?: LoraOptions;
  /** With the method "adalora". */
  adalora?: AdaloraOptions;
  /** With the methods "lora", "adalora", "prompt" and "prefix": what the adapter is called. Default "default". */
  adapterName?: string;
  /** With the method "adapter": the width of the bottlenecks, 1 to 256. Default 64. */
  adapterSize?: number;
  /** With the methods "prompt" and "prefix": 1 to 256, as far as the positions reach. Default 20. */
  virtualTokens?: number;
  /**
   * Layers from the bottom that are not trained, and the embeddings with them, up to `info.layers`; 0 freezes nothing.
   * Default 0.
   */
  freezeLayers?: number;
  /**
   * The learning rate's factor from each layer to the one below (Howard and Ruder 2018, section 3.2), over 0, at most 1; the
   * head's is 1. Default 1.
   */
  layerDecay?: number;
  /**
   * So many times `batchSize` rows make a step, 1 to 1,024, computed `batchSize` at a time: the same numbers as of one large
   * batch, in less memory. Default 1.
   */
  accumulate?: number;
  /** The share of each target that goes to all labels alike, 0 to under 1 (Szegedy et al. 2016). Default 0. */
  labelSmoothing?: number;
  /**
   * What a row of each label counts in the loss: "balanced" is rows / (labels x rows of the label), as scikit-learn has it; an
   * object names weights over 0, and a label that it leaves out counts 1. Default "none".
   */
  classWeights?: "none" | "balanced" | { readonly [label: string]: number };
  /** Passes over the training rows, 1 to 1,000. Default 5. */
  epochs?: number;
  /** Rows a step, 1 to 1,024. Default 8. */
  batchSize?: number;
  /** AdamW's peak learning rate, over 0, at most 1. Default 2e-5. */
  learningRate?: number;
  /** AdamW's decoupled weight decay, 0 to 1; not applied to biases and LayerNorm. Default 0.01. */
  weightDecay?: number;
  /** Share of all steps over which the learning rate rises from 0, 0 to 1. Default 0. */
  warmupRatio?: number;
  /** The learning rate after the warm-up. Default "linear", down to 0. */
  schedule?: "linear" | "constant" | "cosine";
  /** 0 to under 1. Default 0.9. */
  adamBeta1?: number;
  /** 0 to under 1. Default 0.999. */
  adamBeta2?: number;
  /** 1e-30 to 1. Default 1e-8. */
  adamEpsilon?: number;
  /** The gradient's global norm is clipped to this; 0 does not clip. Default 1.0. */
  maxGradNorm?: number;
  /** One probability for every dropout of the model, 0 to under 1; "config" takes config.json's. Default "config". */
  dropout?: number | "config";
  /** Draw a new order of the rows for each epoch. Default true. */
  shuffle?: boolean;
  /**
   * With `shuffle`: rows of like length share a batch, so that less is computed on padding. The shuffled rows are
   * sorted by length within each 50 batches, and the batches shuffled. Default true.
   */
  groupByLength?: boolean;
  /**
   * End the run once the dev loss has not fallen below its lowest for so many epochs in a row, 1 to 1,000 (Prechelt
   * 1998). Needs `dev`. The schedule is still that of all `epochs`. Default: never.
   */
  earlyStopping?: { patience: number };
  /**
   * At the end, take back the weights of the epoch with the lowest dev loss; `test` is evaluated with them. Needs
   * `dev`, and memory for a second copy of the weights. A run ended by `stop()` or its signal keeps its last weights
   * all the same. Default: whether `earlyStopping` is given.
   */
  restoreBest?: boolean;
  /**
   * Where rows may have several labels: at the end of a run that was not stopped, find the threshold with the highest
   * micro F1 on dev, of equals the one nearest to 0.5, with the weights that the run ends with. It becomes
   * `info.threshold`, and `test` is evaluated with it; the epochs' dev reports are not. Needs `dev`. Default: whether
   * there are dev rows and rows may have several labels.
   */
  tuneThreshold?: boolean;
  /**
   * Change each training row anew for each epoch. Not with the methods "head" and "centroid", which read each row once.
   * Default: rows stay as they are.
   */
  augment?: AugmentOptions;
  /** Seed of the order, of augmentation and of dropout. A whole number from 0. Default 42. */
  seed?: number;
  onProgress?: (progress: RowProgress) => void;
  /** Aborting stops the run: `result` rejects with `aborted`, and the weights of the last finished step stay. */
  signal?: AbortSignal;
}

/**
 * How training rows are changed, in this order; each a share of the words, 0 to under 1, default 0. A word is whole, with
 * all its ## pieces; special tokens, [UNK] too, stay where they are; no word leaves its text; at least one word of a row stays and
 * is not masked. Evaluation is not touched.
 */
export interface AugmentOptions {
  /** Left out: word dropout (Iyyer et al. 2015, section 3). */
  drop?: number;
  /** Change places with the next word, from left to right, each once: random swap (Wei and Zou 2019, section 2), of neighbours. */
  swap?: number;
  /** Become [MASK], every piece of them. The tokenizer must have it. */
  mask?: number;
}

/** What a run will take, as foretold before it begins. */
export interface FinetunePlan {
  /** Training steps in all. */
  steps: number;
  /** Tokens computed in them, padding included. */
  tokens: number;
  /** The share of these that is padding: 0 to under 1. Of the first epoch; another differs a little. */
  paddedShare: number;
  /**
   * The most memory held at once where the model is computed (WebAssembly's memory, or the GPU's), in bytes, with the
   * loaded model: counted from the sizes of what is kept. On the CPU within 20% of what the memory then measures.
   */
  peakBytes: number;
  /** What there is, in bytes. Left out on WebGPU: browsers do not tell. */
  limitBytes?: number;
  /** Whether `peakBytes` is within `limitBytes`; true where that is unknown. */
  fits: boolean;
  /**
   * How long the run takes, in minutes, with its evaluations, where it is not stopped early. It rests on a few steps
   * that were timed just now on a copy, on the training rows of a typical batch: as near as the machine stays as busy
   * as it was then. Left out where it does not fit: nothing is tried then.
   */
  minutes?: number;
  /** Where it does not fit, what does, if anything does: options to plan again with. `maxLength` is one of `load`. */
  proposal?: { batchSize: number; maxLength?: number; why: string };
}

export interface StartEvent {
  type: "start";
  /** Steps in all. */
  steps: number;
  epochs: number;
  /** Numbers that the run trains. */
  trainedParameters: number;
  trainRows: number;
  /** 0 where no `dev` was given. */
  devRows: number;
  /** Rows of train, dev and test together that were cut to `info.maxLength` tokens. */
  truncatedRows: number;
}

export interface StepEvent {
  type: "step";
  /** From 1, over the whole run. */
  step: number;
  /** From 1. */
  epoch: number;
  /** Mean cross-entropy of the step's rows, before its update. */
  loss: number;
  /** The learning rate that this step used. */
  learningRate: number;
  /** The gradient's global norm before clipping. */
  gradNorm: number;
  /** Rows of the step: `batchSize`, but for one step of an epoch, which takes what is left over. */
  rows: number;
  /** Tokens of the step's rows, without padding. */
  tokens: number;
  /** Padding added to them, so that all are as long as the longest: it is computed too, for nothing. */
  paddedTokens: number;
  milliseconds: number;
}

export interface EpochEvent {
  type: "epoch";
  /** From 1. */
  epoch: number;
  /** Mean of the epoch's step losses, weighted by rows. */
  trainLoss: number;
  /** Padding as a share of all tokens computed in the epoch's steps, padding included: 0 to under 1. */
  paddedShare: number;
  /** Left out where no `dev` was given, or the run was stopped during the evaluation. */
  dev?: Report;
  /** Of the epoch with its evaluation, without the time spent paused. */
  milliseconds: number;
}

export interface EndEvent {
  type: "end";
  /**
   * "finished": all steps were made. "stopped": by `stop()`. "early-stopping": the dev loss fell no further.
   * "diverged": the loss or the gradient was no longer finite; the weights are the last finite ones, or with
   * `restoreBest` those of the best epoch.
   */
  reason: "finished" | "stopped" | "early-stopping" | "diverged";
  /** The epoch with the lowest dev loss, the first of equals. Left out where dev was not evaluated. */
  bestEpoch?: number;
  /** What `tuneThreshold` found, now `info.threshold`. */
  threshold?: number;
  /** Where `test` was given and the reason is "finished" or "early-stopping". */
  test?: Report;
  /** Steps made. */
  steps: number;
  /** Of the whole run, without the time spent paused. */
  milliseconds: number;
}

export type FinetuneEvent = StartEvent | StepEvent | EpochEvent | EndEvent;

/**
 * Work that takes steps. It goes on whether or not anyone iterates over it: events are kept until they are
 * read, each is given out once, and leaving a `for await` loop early does not stop the run. When the run
 * fails, iteration gives the events so far and then throws what `result` rejects with.
 */
export interface Run<Event, Result> extends AsyncIterable<Event | Result> {
  /** Waits before the next step; an evaluation under way is finished first. */
  pause(): void;
  resume(): void;
  /** Ends the run after the step under way with reason "stopped". */
  stop(): void;
  /**
   * The last event. Rejects with a BertletError: `busy`, `bad-option`, `bad-state`, `bad-row`, `unknown-label` before
   * anything starts; `aborted`, `out-of-memory`, `device-lost`, `worker-crashed`, `disposed` later.
   */
  readonly result: Promise<Result>;
}

/** A fine-tuning run. Where it is stopped its weights stay, and `test` is not evaluated. */
export type FinetuneRun = Run<StartEvent | StepEvent | EpochEvent, EndEvent>;

/** `trainRows` counts the texts that are learned from; `dev` is of before the first step. */
export type PretrainStartEvent = StartEvent & { dev?: MaskedReport };
/** `trainLoss` is that of the masked tokens, each step's weighted by its rows. */
export type PretrainEpochEvent = Omit<EpochEvent, "dev"> & { dev?: MaskedReport };
/** `dev` is of after the last step; left out where the run was stopped. */
export type PretrainEndEvent = Omit<EndEvent, "test" | "bestEpoch" | "reason"> & {
  reason: "finished" | "stopped" | "diverged";
  dev?: MaskedReport;
};
/** A run of `pretrain`. */
export type PretrainRun = Run<PretrainStartEvent | StepEvent | PretrainEpochEvent, PretrainEndEvent>;

/** Where rows may have several labels, folds are evaluated with `info.threshold`. */
export interface CrossValidateOptions
  extends Omit<FinetuneOptions, "earlyStopping" | "restoreBest" | "tuneThreshold"> {
  /** Parts that the rows are dealt into, 2 to 100. Default 5. */
  folds?: number;
}

/** An event of the fine-tuning of one fold, from 1. Its "end" has the report on the fold as `test`. */
export type FoldEvent = FinetuneEvent & { fold: number };

export interface MeanAndSpread {
  mean: number;
  /** Sample standard deviation (of n - 1); 0 of a single fold. */
  std: number;
}

export interface CrossValidation {
  type: "result";
  /** "diverged": training on a fold's other rows did, and the folds end before it. */
  reason: "finished" | "stopped" | "diverged";
  /** How the model trained on the other folds did on each finished fold. */
  folds: Report[];
  /** Over `folds`. */
  accuracy: MeanAndSpread;
  microF1: MeanAndSpread;
  macroF1: MeanAndSpread;
  loss: MeanAndSpread;
  /** Of the whole run, without the time spent paused. */
  milliseconds: number;
}

export type CrossValidationRun = Run<FoldEvent, CrossValidation>;

export interface SearchData {
  /** Needs rows of at least two labels. */
  train: readonly LabelledText[];
  /** Recipes are compared by its loss. */
  dev: readonly LabelledText[];
}

/** What differs between trials; what is left out is the same in all. */
export interface SearchSpace {
  /** Least and most; drawn evenly by logarithm. Over 0, at most 1. */
  learningRate?: readonly [number, number];
  /** Drawn from these, 1 to 1,024 each. */
  batchSize?: readonly number[];
  /** Drawn from these, 1 to 1,000 each. */
  epochs?: readonly number[];
  /** Drawn from these, but not "centroid" or "contrastive", whose dev loss is no measure of a recipe. */
  method?: readonly Method[];
}

export interface SearchOptions extends FinetuneOptions {
  /** Default `{ learningRate: [1e-5, 2e-4], batchSize: [8, 16, 32], epochs: [2, 3, 5] }`. */
  space?: SearchSpace;
  /** Recipes to try at most, 1 to 1,000. The first is the one that the other options tell. Default 9. */
  trials?: number;
  /**
   * What the search may take in all. `steps`: training steps, at least those of the longest recipe of a trial; never
   * exceeded. `minutes`: over 0; looked at between runs, so that the run under way and the first of each rung may
   * exceed it. Default: all that the rungs ask for.
   */
  budget?: { steps: number } | { minutes: number };
  /** The state of a search that was cut off, as its last "trial" event gave it. Everything else must be as it was. */
  resume?: SearchState;
}

/** One training of one trial, from the loaded weights. */
export interface TrialRun {
  /** From 1. */
  trial: number;
  /** From 1. */
  rung: number;
  /** Steps made. */
  steps: number;
  /** On dev, at the end; null where the run diverged. */
  devLoss: number | null;
  devAccuracy: number | null;
  /** An entry for each epoch, and for the part of one that the run ended with. */
  curve: { step: number; trainLoss: number; devLoss: number; devAccuracy: number }[];
  milliseconds: number;
}

/** Plain JSON, to be kept outside the page and given back as `resume`. */
export interface SearchState {
  version: 1;
  /** What was searched: options, and a checksum of the rows. */
  settings: Record<string, unknown>;
  /** Every run that was finished, in order. */
  runs: TrialRun[];
}

/** A run of a trial was finished. */
export interface TrialEvent extends TrialRun {
  type: "trial";
  /** What the trial trains with, ready for `finetune`. */
  options: FinetuneOptions;
  /** The search so far. */
  state: SearchState;
}

/** An event of the run of a trial, both from 1. */
export type TrialRunEvent = FinetuneEvent & { trial: number; rung: number };

export interface SearchResult {
  type: "result";
  reason: "finished" | "stopped";
  /**
   * Of the highest rung reached, the trial with the lowest dev loss: its recipe, ready for `finetune` on the same
   * data, which then on the CPU ends with this dev loss where the rung is the last. Left out where no run was
   * finished, or all diverged.
   */
  best?: { trial: number; options: FinetuneOptions; devLoss: number; devAccuracy: number };
  /** Every trial in order, with its runs: one for each rung that it reached. */
  trials: { trial: number; options: FinetuneOptions; runs: TrialRun[] }[];
  /** Training steps of all runs. */
  steps: number;
  /** Rungs of the search. */
  rungs: number;
  state: SearchState;
  /** Of all runs together, those before `resume` too. */
  milliseconds: number;
}

export type SearchRun = Run<TrialRunEvent | TrialEvent, SearchResult>;

/** What `inspect` looks at. Labels need not be those of the model, nor one a row. */
export interface InspectData {
  train: readonly LabelledText[];
  dev?: readonly LabelledText[];
  test?: readonly LabelledText[];
}

export interface InspectOptions {
  onProgress?: (progress: RowProgress) => void;
  /** Aborting rejects with `aborted` at once. */
  signal?: AbortSignal;
}

export type FindingCode =
  /** Rows whose text is empty or white space. */
  | "empty-text"
  /** Rows that repeat an earlier one of their split, with the same label. */
  | "duplicate"
  /** Rows that repeat an earlier one of their split but for case, white space, punctuation or width. */
  | "near-duplicate"
  /** Rows of dev or test whose text, but for the same, is in a split before theirs (train, dev, test). */
  | "leakage"
  /** Rows whose text, but for the same, came before with another label, or with other labels. */
  | "conflicting-labels"
  /** The largest label of train has over 10 times the rows of the smallest. */
  | "imbalance"
  /** Labels of fewer than 8 rows in train. */
  | "few-rows"
  /** Rows of dev or test with a label that is not in train. */
  | "missing-label"
  /** Rows of more tokens than `info.maxLength`, which are cut. */
  | "too-long"
  /** Rows of which at least half the tokens are [UNK], or over 5% of all tokens are. */
  | "unknown-tokens";

export interface RowPlace {
  split: "train" | "dev" | "test";
  /** From 0. */
  row: number;
}

export interface Finding {
  code: FindingCode;
  /** "warning": scores will be worse, or wrong. "note": worth a look. */
  severity: "warning" | "note";
  /** Rows that it concerns; of "few-rows" and "imbalance", labels. */
  count: number;
  /** `count` as a share of the rows looked at; of "unknown-tokens", [UNK] as a share of all tokens; not of labels. */
  share?: number;
  /** The largest label's rows by the smallest's, of "imbalance". */
  ratio?: number;
  /** The first 5 of the rows; `like` is the earlier row of the same text. */
  examples: (RowPlace & { like?: RowPlace })[];
  /** The labels it concerns with their rows in train, the fewest first; at most 20. */
  labels: { label: string; rows: number }[];
  /** What was found and what to do about it, in a line of English. */
  message: string;
}

export interface DataReport {
  /** In the order of `FindingCode`; empty where there is nothing to say. */
  findings: Finding[];
  rows: { train: number; dev: number; test: number };
  /** Tokens after cutting, without [CLS] and [SEP]. */
  tokens: number;
  /** Those that are [UNK]. */
  unknownTokens: number;
}

export interface SplitOptions {
  /** Share of each label's rows, or of those of each combination of labels, 0 to under 1. Default 0.1. */
  dev?: number;
  /** Likewise; both together under 1. Default 0.1. */
  test?: number;
  /** A whole number from 0. Default 42. */
  seed?: number;
}

/**
 * Draws train, dev and test parts in which every label keeps its share, at least one row of each where it has three.
 * Where rows have several labels, what is kept is the share of each combination; those of fewer than three texts count as one.
 * Rows whose texts differ in nothing but case, white space, punctuation or width stay in one part. The rows keep
 * their order. A part without rows is left out. The same rows and seed give the same parts.
 * Throws `bad-option` or `bad-row`.
 */
export function splitRows<Row extends LabelledText>(
  rows: readonly Row[],
  options?: SplitOptions,
): { train: Row[]; dev?: Row[]; test?: Row[] };

export interface Comparison {
  rows: number;
  /** Rows that both, the first model alone, the second alone, or neither predicted right. */
  both: number;
  onlyFirst: number;
  onlySecond: number;
  neither: number;
  /** Accuracy of the second model minus that of the first. */
  difference: number;
  /**
   * How likely two models of equal accuracy differ at least so much by chance: McNemar's exact test (McNemar 1947),
   * two-sided, min(1, 2 P[X <= min(onlyFirst, onlySecond)]) for X binomial of onlyFirst + onlySecond draws at 1/2. As
   * statsmodels' `mcnemar(exact=True)`. Under 0.05 is usually called significant.
   */
  pValue: number;
}

/**
 * Compares two models by what `classify` gave for the texts of the same rows, one prediction a row. A row of several labels
 * is right where all of them were predicted and no others.
 * Throws `bad-row`.
 */
export function compare(
  rows: readonly LabelledText[],
  first: readonly Pick<Prediction, "label" | "labels">[],
  second: readonly Pick<Prediction, "label" | "labels">[],
): Comparison;

/**
 * "classifier": the classification head, for transformers' BertForSequenceClassification. "masked-lm": the head over words,
 * for BertForMaskedLM. "both": the classifier's folder with the head over words beside, which transformers passes over and
 * `load` reads with `maskedLm`.
 */
export type SavedClass = "classifier" | "masked-lm" | "both";

export interface SaveOptions {
  /** What the folder holds. Default "classifier". */
  as?: SavedClass;
  /** Data type of model.safetensors. Default "f32". */
  dtype?: "f32" | "f16";
}

export interface SaveAdapterOptions {
  /** What adapter_config.json says of the checkpoint that the adapter stands on. Default "base". */
  base?: string;
}

/** A folder that Python's peft loads onto the checkpoint it was trained on. */
export interface SavedAdapter {
  "adapter_config.json": Blob;
  "adapter_model.safetensors": Blob;
}

export interface SetLabelsOptions {
  /** Seed of the new head. A whole number from 0. Default 42. */
  seed?: number;
}

export interface AddAdapterOptions {
  onProgress?: (progress: LoadProgress) => void;
  /** Aborting rejects with `aborted`. */
  signal?: AbortSignal;
}

/** A folder that transformers loads: put each Blob in a file of that name. */
export interface SavedCheckpoint {
  "config.json": Blob;
  "tokenizer.json": Blob;
  "tokenizer_config.json": Blob;
  "model.safetensors": Blob;
  /** With pooling "mean" or "max": the model class for `from_pretrained(folder, trust_remote_code=True)`. */
  "modeling_bertlet.py"?: Blob;
}

/**
 * A BERT encoder with a classification head, on one device.
 *
 * Calls may overlap: they are served one after another in the order they came. During a run (paused or
 * not) they are served between its steps, on the weights of the last finished step; only a second
 * `finetune` is refused, with `busy`. A failed call leaves the classifier as it was, except that
 * `worker-crashed`, `device-lost` and running out of memory at work dispose it: every call under way
 * rejects with that code, and every later one with `disposed`.
 */
export class Classifier {
  private constructor();

  /**
   * Starts a worker, opens the device and loads a checkpoint.
   *
   * Rejects with `bad-option`, `fetch-failed`, `bad-config`, `unsupported-architecture`, `bad-tokenizer`,
   * `bad-weights`, `missing-tensor`, `shape-mismatch`, `unsupported-dtype`, `pickle-refused`, `no-webgpu`,
   * `no-wasm`, `device-lost`, `out-of-memory`, `worker-crashed` or `aborted`; its worker is then gone.
   */
  static load(source: Source, options?: LoadOptions): Promise<Classifier>;

  /**
   * Starts a worker, opens the device, learns a WordPiece vocabulary from the texts, and makes a model with random weights,
   * mean pooling and a masked-LM head: something to `pretrain`. The same texts, shape and seed make the same model.
   *
   * Rejects with `bad-option`, `bad-row`, `fetch-failed`, `no-webgpu`, `no-wasm`, `device-lost`, `out-of-memory`,
   * `worker-crashed` or `aborted`; its worker is then gone.
   */
  static create(options: CreateOptions): Promise<Classifier>;

  /** What is loaded. A new object after a call that changed it: a run, `setLabels`, or one about adapters. */
  get info(): ModelInfo;

  /**
   * The label of each text, in the order given; of [] it is [].
   * Rejects with `bad-option`, `bad-state` where the model has no labels, `bad-row`, `aborted` or `disposed`.
   */
  classify(text: string | TextPair, options?: ClassifyOptions): Promise<Prediction>;
  classify(texts: readonly (string | TextPair)[], options?: ClassifyOptions): Promise<Prediction[]>;

  /**
   * The pooled vector of each text, of `info.hiddenSize` numbers; of [] it is []. Needs no labels.
   * Rejects with `bad-option`, `bad-row`, `aborted` or `disposed`.
   */
  embed(text: string | TextPair, options?: EmbedOptions): Promise<Float32Array>;
  embed(texts: readonly (string | TextPair)[], options?: EmbedOptions): Promise<Float32Array[]>;

  /**
   * How well the model does on labelled rows, of which it needs at least one.
   * Rejects with `bad-option`, `bad-state` where the model has no labels, `bad-row`, `unknown-label`, `aborted` or `disposed`.
   */
  evaluate(rows: readonly LabelledText[], options?: EvaluateOptions): Promise<Report>;

  /**
   * Foretells the memory and the minutes of a run on this data with these options. Changes no weight. Takes a few
   * seconds, in which a few steps are timed.
   * Rejects with `busy`, `bad-option`, `bad-state`, `bad-row`, `unknown-label`, `aborted` or `disposed`.
   */
  plan(data: FinetuneData, options?: FinetuneOptions): Promise<FinetunePlan>;

  /**
   * A look at the data before training: what would spoil a model or its scores. Changes nothing; takes time and memory
   * in proportion to the text.
   * Rejects with `bad-option`, `bad-row`, `aborted` or `disposed`.
   */
  inspect(data: InspectData, options?: InspectOptions): Promise<DataReport>;

  /** Starts a run. Never throws: whatever is wrong, the run's `result` rejects with it. */
  finetune(data: FinetuneData, options?: FinetuneOptions): FinetuneRun;

  /**
   * Starts a run of masked-language modelling (Devlin et al. 2019) on texts without labels: tokens are hidden, and the encoder
   * and the masked-LM head learn to tell them. `finetune` afterwards starts from that encoder. The classification
   * head and the pooler stay as they are. Every word embedding is trained, so that it takes more memory than `finetune`.
   * Needs `maskedLm: true` at `load`, or `create`, and no adapter that is on. Never throws: whatever is wrong, the run's
   * `result` rejects with it, as of `finetune`.
   */
  pretrain(texts: readonly string[] | PretrainData, options?: PretrainOptions): PretrainRun;

  /**
   * The likeliest tokens in the place of each [MASK] of the text: a list a mask, best first.
   * Rejects with `bad-row` where there is no [MASK] among the first `info.maxLength` tokens; with `bad-state` where the model has no
   * masked-LM head, or an untrained one; with `bad-option`, `aborted` or `disposed`.
   */
  fillMask(text: string, options?: FillMaskOptions): Promise<FilledMask[][]>;

  /**
   * Deals the rows into folds, every label evenly and equal texts into one; fine-tunes on all folds but one from the
   * weights as they are now, evaluates on that one, and so on for each (Stone 1974). Afterwards the classifier is as
   * it was, however the run ends. Calls served meanwhile meet the weights of the fold under way. Needs memory for a
   * second copy of the weights. Never throws, as `finetune`.
   */
  crossValidate(rows: readonly LabelledText[], options?: CrossValidateOptions): CrossValidationRun;

  /**
   * Looks for the recipe with the lowest dev loss by successive halving (Jamieson & Talwalkar 2016; Li et al. 2018):
   * all trials make a small share of their steps, the best third of them three times as much, and so on up to the
   * whole recipe. Every run begins anew from the weights as they are now, so that a rung's losses are those of
   * recipes alone and nothing but `state` is to be kept. On the CPU, under a budget of steps or none, the same seed
   * gives the same search. Afterwards the classifier is as it was, however the search ends. `test` is not taken: it
   * is for the model that you fine-tune afterwards with `best.options`. Never throws, as `finetune`.
   */
  search(data: SearchData, options?: SearchOptions): SearchRun;

  /**
   * Gives the model a new, untrained head for other labels: 1 to 1,000 distinct, non-empty strings.
   * Rejects with `busy`, `bad-option`, `bad-state` while an adapter is on, or `disposed`.
   */
  setLabels(labels: readonly string[], options?: SetLabelsOptions): Promise<void>;

  /**
   * Reads a folder of Python's peft (LORA, ADALORA, PROMPT_TUNING or PREFIX_TUNING for SEQ_CLS) under a name; one of that name
   * is replaced. It is not switched on. Gives its labels: those it was saved with, else the model's where they are as
   * many, else LABEL_0 and so on.
   * Rejects with `busy`, `bad-option`, `bad-state` while an adapter of that name is on, `fetch-failed`, `bad-config`, `bad-weights`,
   * `missing-tensor`, `shape-mismatch`, `unsupported-dtype`, `pickle-refused`, `aborted` or `disposed`.
   */
  addAdapter(name: string, source: string | AdapterFiles, options?: AddAdapterOptions): Promise<string[]>;

  /**
   * Switches an adapter on, with its head and labels, or with null the model's own. All share one encoder, so this
   * costs no time. A run of "lora", "adalora", "prompt" or "prefix" leaves its adapter on; while one is on, only a run of
   * the same method, settings and `adapterName` may go on with it.
   * Rejects with `busy`, `bad-option` or `disposed`.
   */
  useAdapter(name: string | null): Promise<void>;

  /**
   * Adds what the "lora" or "adalora" adapter that is on adds to the weights to them: the same answers without it. The other
   * adapters stood on the weights as they were, and are dropped; so does every run that changes these weights.
   * Rejects with `busy`, `bad-state` where no adapter is on, or one of "prompt" or "prefix", which add no weights; or `disposed`.
   */
  mergeAdapter(): Promise<void>;

  /** The adapter that is on, as files. Rejects with `bad-option`, `bad-state` where none is on, or `disposed`. */
  saveAdapter(options?: SaveAdapterOptions): Promise<SavedAdapter>;

  /**
   * The model as files, with a "lora" or "adalora" adapter that is on merged.
   * Rejects with `bad-option`, `bad-state` (a "prompt" or "prefix" adapter is on, or the head to save is missing),
   * `out-of-memory` or `disposed`.
   */
  save(options?: SaveOptions): Promise<SavedCheckpoint>;

  /** Ends the worker and frees its memory. Calls under way reject with `disposed`. May be called again. */
  dispose(): Promise<void>;
}
