/**
 * bertlet: fine-tune and run BERT text classifiers inside a web page.
 *
 * The public types of `bertlet.js`, written by hand and held against the source by a type test. All compute
 * runs in one dedicated worker per classifier, started from `worker.js` beside `bertlet.js`, wherever that lies. Nothing is
 * requested but the URLs you pass, the library's own files and, with `hub: true` or a page of the Hub as the source, the
 * Hub's.
 */

/** The library's version, such as `"0.1.0"`. */
export const version: string;

/**
 * What this browser can do. Downloads nothing, starts no worker and loads no model. Never rejects: a missing
 * feature is reported, with the reason.
 */
export function probe(): Promise<Capabilities>;

export interface Capabilities {
  webgpu: {
    /** Whether an adapter answers. Software adapters count. */
    available: boolean;
    /** The adapter's vendor, architecture and description, where the browser tells. */
    adapter?: string;
    /** In English: why WebGPU is missing, or why `auto` does not try it. */
    reason?: string;
    /** The same reason as a code, for programs and translations. */
    autoReason?: AutoReason;
  };
  wasm: {
    /** WebAssembly with 128-bit SIMD, which every device needs. */
    simd: boolean;
    /** Whether the CPU path can use more than one thread here. */
    threads: boolean;
    /**
     * Largest number of CPU threads. On a cross-origin isolated page it is the processor's, up to 8;
     * elsewhere it is 1.
     */
    maxThreads: number;
  };
  /** The device that `"auto"` takes, unless WebGPU is measured to be slower. */
  recommended: "webgpu" | "wasm";
}

/** Why `device: "auto"` took its device. */
export type AutoReason =
  /** This browser has no WebGPU. */
  | { code: "no-webgpu"; detail?: string }
  /** The page is neither on https nor on localhost. */
  | { code: "insecure-context" }
  /** There is WebGPU, but no adapter answers. */
  | { code: "no-adapter"; detail?: string }
  /** The adapter is a software one, which is slower than the CPU path. */
  | { code: "software-adapter"; adapter: string }
  /** WebGPU was tried, and it failed or did not answer in time. */
  | { code: "webgpu-failed"; detail: string }
  /**
   * Both devices were timed, and the faster one was taken. The times are of a forward pass over `texts` texts
   * of `tokens` tokens each, extrapolated from one layer of this checkpoint's sizes. The measurement takes a
   * second or two, besides downloading both builds. The browser keeps it for this version, adapter, number of
   * threads and these sizes.
   */
  | { code: "measured"; webgpuMs: number; wasmMs: number; texts: number; tokens: number };

/** Why a call failed. Codes are stable: programs may rely on them. */
export type ErrorCode =
  /** config.json or adapter_config.json cannot be read, or has impossible values. Download it again. */
  | "bad-config"
  /** Not a BERT, DistilBERT, RoBERTa, XLM-RoBERTa, CamemBERT, ELECTRA or MPNet, or one with a part that is not read. */
  | "unsupported-architecture"
  /**
   * The tokenizer's files cannot be read, or are of a class or kind that is not known. Use the files that came with
   * the checkpoint; make a tokenizer.json of a SentencePiece model in Python.
   */
  | "bad-tokenizer"
  /**
   * model.safetensors cannot be read: truncated, overlapping, not safetensors at all, or of another SHA-256 than was asked for;
   * download it again. Or its numbers are too large: an answer would not be finite. Or a kept model is damaged, or was kept by
   * another version of the library: reload the page.
   */
  | "bad-weights"
  /** A tensor that the model needs is not in the file. Take all files from one checkpoint. */
  | "missing-tensor"
  /** A tensor's shape differs from config.json. Take all files from one checkpoint. */
  | "shape-mismatch"
  /**
   * A tensor's data type is not f32, f64, f16, bf16, or int8 with scales for its rows (`X.weight_scale`). Save the checkpoint in one
   * of these.
   */
  | "unsupported-dtype"
  /**
   * The weights are a Python pickle, which can run code, and is never opened. Convert it to safetensors in
   * Python.
   */
  | "pickle-refused"
  /**
   * A file could not be fetched or read, is not among those given, or a web page came in its place; a zip is damaged
   * or encrypted; a Content-Security-Policy forbids the address. Check the address and the connection.
   */
  | "fetch-failed"
  /** The Hub has no such model, or it is private. Check the id. */
  | "unknown-model"
  /**
   * The Hub gives the model's files only to people who accepted its terms and are signed in. Pass a token of yours by
   * `headers`, or load the downloaded folder.
   */
  | "gated-model"
  /** The model on the Hub has no such branch, tag or commit. */
  | "unknown-revision"
  /** An option or argument is unknown, of the wrong type or out of range. */
  | "bad-option"
  /**
   * The call does not suit the model as it is now: the model lacks the head that the call needs, the
   * masked-LM head is untrained, no adapter is on, or one is on that the call cannot use. The hint names the
   * call to make first.
   */
  | "bad-state"
  /** A text or row does not suit the call. The message names its index. */
  | "bad-row"
  /** A row's label is not one of `info.labels`. Pass all labels of the data to `load`. */
  | "unknown-label"
  /** `device: "webgpu"` was requested, and no adapter computes correctly. Choose "wasm" or "auto". */
  | "no-webgpu"
  /**
   * This browser has no WebAssembly with SIMD, or a Content-Security-Policy forbids WebAssembly: its script-src
   * then needs 'wasm-unsafe-eval'.
   */
  | "no-wasm"
  /**
   * The GPU device was lost or reported an error. The classifier is disposed: load it again, maybe on "wasm".
   */
  | "device-lost"
  /**
   * Memory ran out, or would. Use smaller batches, shorter texts or a smaller model. Where it ran out during
   * work, the classifier is disposed.
   */
  | "out-of-memory"
  /**
   * The loss or the gradient is not finite. Runs report it as an end event instead. Lower the learning rate.
   */
  | "diverged"
  /** The worker died. The classifier is disposed: load it again. */
  | "worker-crashed"
  /**
   * No worker can be started here: there is no Worker (Node.js without `node.js`, a server that renders pages), its
   * file is missing, or a policy forbids it: Content-Security-Policy (worker-src, script-src, Trusted Types),
   * Cross-Origin-Embedder-Policy. The hint names the header that mends it.
   */
  | "no-worker"
  /** bertlet.js and worker.js are of different versions, as after an update under a cache. Reload the page. */
  | "version-mismatch"
  /**
   * The browser's storage, or the disk, is full. The message says what was needed, and what is free. What was kept
   * before is still there. Remove what is not needed, or download the model.
   */
  | "storage-full"
  /**
   * In fewer bits, the model is right on fewer rows than was allowed. Allow more (`maxDrop`), or keep it as it is.
   */
  | "accuracy-fell"
  /** The browser denies storage here, as in some private windows, or there is none. Download the model instead. */
  | "no-storage"
  /** Nothing is kept under this name. The message lists what is. */
  | "unknown-name"
  /**
   * The journal of a run is damaged, or of another run: delete it, and start the run again. Or it was kept by another version of
   * the library: reload the page.
   */
  | "bad-journal"
  /** The call's `signal` was aborted. */
  | "aborted"
  /** The classifier is disposed: by `dispose()`, a crash or a lost device. Load it again. */
  | "disposed"
  /** A run is under way on this classifier. Wait for its `result`, or call its `stop()`. */
  | "busy";

/** The error of every failed call. */
export class BertletError extends Error {
  constructor(code: ErrorCode, message: string, hint?: string, options?: { cause?: unknown });
  readonly name: "BertletError";
  readonly code: ErrorCode;
  /** Advice, where there is some. */
  readonly hint: string | undefined;
}

/**
 * One file of a checkpoint: its bytes, or a URL (relative ones are relative to the page). Bytes in shared or resizable
 * memory are copied. A detached buffer, or a proxy around a file, is `bad-option`.
 */
export type FileSource = Blob | ArrayBuffer | SharedArrayBuffer | Uint8Array | URL | string;

/**
 * Weights in several files, as transformers saves large models. `shards` holds every file that the index names, by
 * its name there; others are ignored. Together they are under 1,920 MiB, else `out-of-memory`. A shard that is missing
 * is `fetch-failed`; one that is damaged, repeats a tensor of another, or has a name that leaves the folder is
 * `bad-weights`; one without a tensor that the index has in it is `missing-tensor`. The message names the shard.
 */
export interface ShardedWeights {
  /** model.safetensors.index.json, under 16 MiB, of at most 1,000 shards. */
  index: FileSource;
  /** The shards by name, such as "model-00001-of-00002.safetensors". */
  shards: Readonly<Record<string, FileSource>>;
}

export interface CheckpointFiles {
  /** config.json */
  config: FileSource;
  /**
   * tokenizer.json, at most 64 MiB, or vocab.txt, at most 16 MiB; told apart by content. WordPiece, byte-level BPE (RoBERTa) and Unigram (XLM-RoBERTa,
   * CamemBERT). The latter two fetch wasm/tokenizers.js and its wasm, which nothing else does.
   */
  tokenizer: FileSource;
  /**
   * tokenizer_config.json. Its settings for lower case, accents, CJK, the first space and the side on which long texts are
   * cut override tokenizer.json's, as in transformers; it names the special tokens. Beside a vocab.txt, its added tokens
   * count too.
   */
  tokenizerConfig?: FileSource;
  /** model.safetensors in f32, f16 or bf16, under 1,920 MiB; or its index and shards. */
  weights: FileSource | ShardedWeights;
  /**
   * Of a folder of sentence-transformers: its modules.json, "1_Pooling/config.json", and where they are there
   * sentence_bert_config.json (or under its name of another encoder) and config_sentence_transformers.json, by these
   * paths, under 1 MiB each. They say the pooling, the length and whether vectors are scaled. White space around
   * a text counts, as in sentence-transformers 6. Others are ignored.
   */
  sentenceTransformers?: Readonly<Record<string, FileSource>>;
}

/**
 * A folder in one of these forms:
 *
 * - Its URL. A query, as of a signed URL, is kept for each file; error messages leave it out.
 * - A zip of it, as a Blob or File. The folder may lie deeper inside. At most 10,000 files, each within the limits of
 *   its kind, by the size that the zip declares and by the real one. An encrypted or damaged zip, or one without the
 *   files, is `fetch-failed`.
 * - Its Files, as of a file input with `webkitdirectory` or `multiple`; or an array of a zip alone. Where several
 *   folders hold a config.json, the least deep one counts; two at the same depth are `fetch-failed`.
 */
export type FolderSource = string | URL | Blob | readonly File[] | FileList;

/**
 * A folder, the files themselves, or, with `hub: true`, a Hugging Face Hub id such as
 * "google-bert/bert-base-uncased". The address of a model's page on the Hub stands for its folder there, such as
 * "https://huggingface.co/owner/name", or ".../tree/v1.0/inside"; a page of anything else there is `bad-option`. The folder
 * holds config.json, model.safetensors, and tokenizer.json, vocab.txt, or vocab.json with merges.txt. Where a folder has no
 * model.safetensors, its model.safetensors.index.json and the shards are read.
 */
export type Source = FolderSource | CheckpointFiles;

/**
 * How a text's hidden states become one vector: BERT's pooler, a dense layer and tanh on the first token's state, as
 * `BertForSequenceClassification` has it; that state itself, as sentence-transformers' "cls"; or the mean or the largest
 * value over the real tokens.
 */
export type Pooling = "pooler" | "cls" | "mean" | "max";

export interface LoadOptions {
  /**
   * Where the model is computed; "wasm" is the CPU. Default "auto": the faster of the two, measured on this
   * checkpoint's sizes. A software adapter, or one that computes wrongly, is not considered.
   */
  device?: "auto" | "webgpu" | "wasm";
  /**
   * CPU threads, from 1 to the `maxThreads` of `probe()`, which is the default. Results do not depend on it.
   */
  threads?: number;
  /**
   * The classifier's labels, in order: 1 to 1,000 distinct, non-empty strings. Labels other than the
   * checkpoint's make a new head. Default: the checkpoint's own.
   */
  labels?: readonly string[];
  /**
   * Whether a row has one label (softmax and cross-entropy) or any number of labels (sigmoid and binary
   * cross-entropy for each), by transformers' names. Default: what the checkpoint says. A checkpoint that
   * does not say is "multi_label_classification" where its head has a single label, as ranking models have,
   * and else "single_label_classification". A regression head needs this option, or `labels`.
   */
  problemType?: "single_label_classification" | "multi_label_classification";
  /**
   * Default: what the folder says (a modules.json of sentence-transformers; what bertlet saved), else "pooler" for a
   * ...ForSequenceClassification, ...ForPreTraining or ...ForMaskedLM with a pooler, else "mean". "pooler" makes a new,
   * untrained pooler where the checkpoint has none. It is the dense layer after the first token's state: BERT's pooler
   * (tanh), and the one in the other encoders' classification head, which every method but "head", "centroid" and "contrastive" trains with the head: `pre_classifier` (ReLU)
   * in DistilBERT, `classifier.dense` (tanh, in ELECTRA GELU) elsewhere. What sentence-transformers adds beyond pooling and scaling, such as a
   * Dense module, is `unsupported-architecture`.
   */
  pooling?: Pooling;
  /**
   * Largest number of tokens of a text, [CLS] and [SEP] included: from 3 to the checkpoint's positions.
   * Longer texts are cut. Default: what the folder says (sentence_bert_config.json's max_seq_length, else
   * tokenizer_config.json's model_max_length), else 128, of a folder of sentence-transformers all positions; at most the
   * positions.
   */
  maxLength?: number;
  /**
   * What the encoder's dense layers and word embeddings are kept as. "int8" takes a quarter of the memory of "f32" and is
   * quicker on the CPU, "f16" takes half: both are rounded. `quantize` tells what that costs on your rows. The methods lora,
   * adalora, adapter, prompt, prefix, bitfit and head train beside it; a run that changes the encoder makes "f32" of it.
   * Default: "int8" where the file has it, else "f32".
   */
  dtype?: Dtype;
  /**
   * Whether to load the masked-LM head, which `pretrain` and `fillMask` need. A checkpoint without one gets a
   * new one. Default false, which saves the head's memory.
   */
  maskedLm?: boolean;
  /** Seed of a new head. A whole number from 0. Default 42. */
  seed?: number;
  /**
   * Read a source of the form "owner/name" as a Hub id, and fetch it from `hubHost`. A relative URL then needs a "./" or
   * a "/" at its end. Default false.
   */
  hub?: boolean;
  /**
   * The address of the Hub, such as a mirror's: its pages are then known as sources too. Only with a model on the Hub.
   * Default "https://huggingface.co".
   */
  hubHost?: string;
  /** A branch, tag or commit. Only with a model on the Hub, whose page may name it too. Default "main". */
  revision?: string;
  /**
   * URL of the folder where worker.js, thread.js, unzip.js, onnx.js, pack.js and wasm/ lie, all of this version. It may be of another origin
   * that allows this page (CORS). Default: the folder of bertlet.js, or what a bundler makes of these files.
   */
  assets?: string | URL;
  /**
   * Fetches each file of the source in place of the browser's own `fetch`, with the same arguments and result: an
   * absolute URL, and `{ headers, redirect, signal }`. It runs on the page, and its answers are streamed to the worker.
   */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /**
   * Headers of the requests for the source's files, such as `{ Authorization: "Bearer ..." }`; for those of the origin of
   * the folder, or of `config`, and no other. Where a server redirects, a browser takes Authorization off at another
   * origin; with any other header a redirect is `fetch-failed`. Names that a page may not set are `bad-option`.
   */
  headers?: Readonly<Record<string, string>>;
  /**
   * Keep the downloaded files in this browser's storage: a later load of the same source requests nothing, also offline,
   * until `clearCache`. Only for a source that is fetched by its URL. A branch on the Hub stays what it was when it was
   * first loaded: name a commit (`preview` tells it) to know which. The parts of a download that broke off are kept, too.
   * Where the storage is denied or full, the model is loaded all the same, and `info.cached` is false. Default false.
   */
  cache?: boolean;
  /**
   * The SHA-256 of files, in hexadecimal digits, by their names in the folder, such as "model.safetensors". A file with
   * another one is `bad-weights`, or `fetch-failed` for others; a name that is not read is `bad-option`.
   */
  sha256?: Readonly<Record<string, string>>;
  /** Called with the progress of downloads, of opening the device and of building the model. */
  onProgress?: (progress: LoadProgress) => void;
  /** Aborting rejects with `aborted` and ends the worker. */
  signal?: AbortSignal;
}

/** How a source is found, as of `load`. */
export interface CacheOptions {
  hub?: boolean;
  hubHost?: string;
  revision?: string;
  assets?: string | URL;
}

/** As the options of `load`, of which a kept model needs no others. */
export interface OpenOptions {
  device?: "auto" | "webgpu" | "wasm";
  threads?: number;
  assets?: string | URL;
  /** Called with the progress of opening the device and of building the model. */
  onProgress?: (progress: LoadProgress) => void;
  /** Aborting rejects with `aborted` and ends the worker. */
  signal?: AbortSignal;
}

/** A model or a journal that this browser keeps, and that is damaged: nothing opens it, and it takes its bytes until it is removed. */
export interface DamagedEntry {
  damaged: true;
  name: string;
  /** What it takes in the browser's storage. */
  bytes: number;
}

/** A model that this browser keeps; of a damaged one, the name and the bytes alone. */
export type KeptModelInfo = KeptModel | DamagedEntry;

export interface KeptModel {
  damaged?: undefined;
  name: string;
  /** What it takes in the browser's storage. */
  bytes: number;
  keptAt: Date;
  /** As `info.architecture`. */
  architecture: string;
  /** Of the model without an adapter. */
  labels: readonly string[];
  /** Names of its adapters. */
  adapters: readonly string[];
}

export interface KeepResult {
  /** What the model takes in the browser's storage. */
  bytes: number;
  /**
   * Whether the browser may remove the model when the disk runs low: it was asked not to, and has not agreed. Offer the
   * files of `save()` to download, too.
   */
  evictable: boolean;
}

export interface PreviewOptions {
  /** As of `load`. */
  hub?: boolean;
  /** As of `load`. */
  hubHost?: string;
  /** As of `load`. */
  revision?: string;
  /** As of `load`. */
  assets?: string | URL;
  /** As of `load`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** As of `load`. */
  headers?: Readonly<Record<string, string>>;
  /** Aborting rejects with `aborted`. */
  signal?: AbortSignal;
}

/** What `load` would read. */
export interface SourcePreview {
  /** As config.json names it, such as "BertForSequenceClassification". `load` may refuse it. */
  architecture: string;
  /** Bytes of config.json, the tokenizer and the weights. Left out where the server does not tell. */
  bytes?: number;
  /** For a URL or a model on the Hub: the folder's URL, to load. On the Hub it names the commit, where that is known. */
  folder?: string;
  /** On the Hub: the commit that the revision is now. Left out where a mirror does not tell. */
  revision?: string;
  /** On the Hub: the licence that the model's card names, such as "apache-2.0". */
  license?: string;
}

/** The two files of a folder of Python's peft. */
export interface AdapterFiles {
  /** adapter_config.json */
  config: FileSource;
  /** adapter_model.safetensors in f32, f16 or bf16. */
  weights: FileSource;
}

/** A small model to train from scratch, for teaching. */
export interface CreateOptions {
  /** Texts to learn the vocabulary from. They hold at least one word; those of over 100 characters are left out. */
  texts: readonly string[];
  /** Largest size of the vocabulary, 100 to 30,000 tokens. Few texts give fewer. Default 8,000. */
  vocabSize?: number;
  /** Encoder layers, 1 to 12. Default 2. */
  layers?: number;
  /** Width of a hidden state, 8 to 768, a multiple of `heads`. Default 128. */
  hiddenSize?: number;
  /** Attention heads, 1 to 64. Default 2. */
  heads?: number;
  /** Width of the feed-forward block, 8 to 3,072. Default: four times `hiddenSize`. */
  intermediateSize?: number;
  /** Largest number of tokens of a text, 8 to 512. Default 128. */
  maxLength?: number;
  /** As of `load`. Default: no classification head. */
  labels?: readonly string[];
  /** As of `load`. */
  device?: "auto" | "webgpu" | "wasm";
  /** As of `load`. */
  threads?: number;
  /** Seed of the weights. A whole number from 0. Default 42. */
  seed?: number;
  /** As of `load`. */
  assets?: string | URL;
  onProgress?: (progress: LoadProgress) => void;
  /** Aborting rejects with `aborted` and ends the worker. */
  signal?: AbortSignal;
}

export interface LoadProgress {
  /**
   * "download" counts the bytes of `file`. The other stages go from 0 of 1 to 1 of 1: "library" fetches and
   * compiles the wasm binary, "device" opens and checks the device, "model" builds the model on it. Downloads
   * go on beside "library" and "device".
   */
  stage: "library" | "download" | "device" | "model";
  /** The file's name, for "download". */
  file?: string;
  /** Amount done. */
  loaded: number;
  /** Amount in all, where known. */
  total?: number;
}

/** Progress over rows within one call. */
export interface RowProgress {
  /** "tokenize": texts to tokens; "infer": the model over rows; "dev" and "test": evaluation within a run. */
  stage: "tokenize" | "infer" | "dev" | "test";
  /** Rows done; of integrated gradients, steps. */
  loaded: number;
  /** Rows or steps in all. */
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
  /** The same reason as a code, for programs and translations. */
  autoReason?: AutoReason;
  /** As config.json names it, such as "BertForSequenceClassification". */
  architecture: string;
  layers: number;
  hiddenSize: number;
  heads: number;
  vocabSize: number;
  /** Parameters of the model, head included. */
  parameters: number;
  /**
   * Bytes of the parameters on the device, as loaded: 4 for each. WebGPU keeps a matrix in 2 bytes for each
   * where 16-bit floats hold its values exactly, as those of a float16 checkpoint, and its rows are a multiple of 4 long.
   * Those that the option `dtype` keeps in fewer bits take 2 or 1. Trainable parameters always take 4.
   */
  weightBytes: number;
  /** What the encoder's dense layers and word embeddings are kept as; "int8" where one of them is. */
  dtype: Dtype;
  /** Largest number of tokens of a text. Longer texts are cut. */
  maxLength: number;
  /** With an adapter on, that of the model it was trained on. */
  pooling: Pooling;
  /** Whether `embed` scales vectors by default: true, but for a folder of sentence-transformers without a Normalize. */
  normalizes: boolean;
  /**
   * Empty for a model without a classification head: a checkpoint without one, loaded without the option
   * `labels`.
   */
  labels: readonly string[];
  /** Whether a row has one label or any number of them. */
  problemType: "single_label_classification" | "multi_label_classification";
  /**
   * Decision threshold: the least score of a predicted label; multi-label models only. It is 0.5 until a run
   * tunes it on its dev rows. It is saved and loaded with the model or adapter.
   */
  threshold?: number;
  /** After `fitScope`, and of a model that was saved after it: `classify` tells texts unlike the examples. Gone once the encoder changes. */
  scope?: ScopeReceipt;
  /** Width of the bottlenecks of the method "adapter", where the model has them. */
  adapterSize?: number;
  /** Names of the adapters that were trained or added. */
  adapters: readonly string[];
  /** The active adapter, if any. */
  activeAdapter?: string;
  /** Whether it has the masked-LM head. */
  maskedLm: boolean;
  /** True where the head is new and untrained. */
  newHead: boolean;
  /** Parameters that the checkpoint lacks, newly initialized. */
  newTensors: readonly string[];
  /** Tensors of the checkpoint that the model does not use. */
  unusedTensors: readonly string[];
  /** Size of the checkpoint's files together, as read. */
  checkpointBytes: number;
  /** With the option `cache`: whether this browser keeps the files. False where its storage is denied or full. */
  cached?: boolean;
}

export interface Prediction {
  /** The label with the highest score. */
  label: string;
  /** Its probability, 0 to 1. */
  score: number;
  /**
   * The `topK` best labels, best first. Scores are softmax probabilities over all labels; for a multi-label
   * model, each is the sigmoid of its own logit.
   */
  scores: { label: string; score: number }[];
  /**
   * The predicted labels, best first: those with a score of at least the threshold, maybe none. Multi-label
   * models only.
   */
  labels?: string[];
  /**
   * The mean cosine similarity to the nearest examples of `fitScope`, -1 to 1. Left out where there is no `info.scope`.
   */
  similarity?: number;
  /** Whether the text is unlike the examples: its label says little. Given with `similarity`. */
  unsure?: boolean;
}

/**
 * Two texts that the model reads together, such as a question and an answer, or a premise and a hypothesis.
 */
export interface TextPair {
  text: string;
  /** May be empty; it is still a pair. Both texts together are cut to `info.maxLength` tokens, the longer one first. */
  textPair: string;
}

/** `LabelledText<string>` has one label. */
export interface LabelledText<Label extends string | readonly string[] = string | readonly string[]> {
  /** May be empty. Unpaired surrogates count as U+FFFD. */
  text: string;
  /** Read together with `text`, as of a TextPair. Needs a checkpoint with two segments, as BERT's are. */
  textPair?: string;
  /** One of `info.labels`. For a multi-label model, also an array of distinct labels; [] is no label. */
  label: Label;
}

/** One bin of a reliability diagram: the answers whose score is over `from` and at most `to`; of the first one, also 0. */
export interface ReliabilityBin {
  from: number;
  to: number;
  /** Answers in it. */
  count: number;
  /** Their mean score, 0 to 1; 0 for none. */
  score: number;
  /** The share of them that is right, 0 to 1; 0 for none. */
  accuracy: number;
}

export interface CalibrateOptions extends InferenceOptions {
  /** Aborting rejects with `aborted` and leaves the model as it was; where it comes too late, the call resolves. */
  signal?: AbortSignal;
  /** Bins of equal width in the receipt, 1 to 1,000. Default 15. */
  bins?: number;
}

/** What `calibrate` has done. */
export interface CalibrationReceipt {
  /** Logits are now divided by this. Over 1: the scores were too sure. */
  temperature: number;
  rows: number;
  before: Calibration;
  after: Calibration;
}

/** How well scores tell the share of right answers. Of a multi-label model, each label of each row is an answer. */
export interface Calibration {
  /** Mean negative log likelihood. */
  loss: number;
  /** Expected calibration error: the mean distance between score and accuracy of the bins, by their counts. 0 is perfect. */
  error: number;
  bins: ReliabilityBin[];
}

export interface SuggestOptions extends InferenceOptions {
  /** How many texts to suggest, from 1. Default 10. */
  count?: number;
}

/** A text that would teach the model much, were it labelled. */
export interface Suggestion {
  /** Its place among the texts. */
  index: number;
  /**
   * How sure the model is: the score of its best label less that of the second, 0 to 1. Of a multi-label model: the distance of
   * the score nearest to the threshold.
   */
  margin: number;
}

export interface ScopeOptions extends InferenceOptions {
  /** Aborting rejects with `aborted` and leaves the model as it was; where it comes too late, the call resolves. */
  signal?: AbortSignal;
  /**
   * Texts of the kinds that the model is for, besides the examples: the threshold is found on them. Default: the examples
   * themselves, each compared with the others: at least two, with `dev` at least one.
   */
  dev?: readonly (string | TextPair)[];
  /** Share of these that may come out as unlike the examples, over 0 and under 1. Default 0.05. */
  share?: number;
  /** How many of the nearest examples count, from 1. Default 5, and at most the examples. */
  neighbours?: number;
}

/** What `fitScope` has found. */
export interface ScopeReceipt {
  /** A text is unlike the examples where its `similarity` is under this. */
  threshold: number;
  examples: number;
}

/** Options of `learn`, with the meaning and limits of `finetune`'s. */
export interface LearnOptions
  extends Pick<
    FinetuneOptions,
    "epochs" | "batchSize" | "learningRate" | "classWeights" | "seed" | "onProgress" | "signal"
  > {
  /**
   * Rows that the model knows already. As many as `replayLimit` are drawn from them and trained along, so that old answers hold,
   * and the forgetting is measured on them. Default: none.
   */
  replay?: readonly LabelledText[];
  /** From 1. Default 1,000. */
  replayLimit?: number;
  /**
   * Labels of the rows that the model lacks join its head, after its own. The rows of the head that are there stay as they
   * are until the run's first step. A new one points where its label's texts do: it is the mean of their pooled states, as long as
   * the others (Qi et al. 2018). So `learned.before` has the new rows, and `replayed.before` does not. Where no step is made, the model is as it was.
   * Default false: such a label is `unknown-label`.
   */
  addLabels?: boolean;
  /**
   * "head" trains the head alone, in seconds, with `finetune`'s defaults for it. "full" trains everything, with 3 epochs unless
   * told otherwise. Default "head".
   */
  method?: "head" | "full";
}

/** The reports on the same rows by the model as it was, and as it is now. */
export interface BeforeAndAfter {
  before: Report;
  after: Report;
}

/** The end of `learn`. The reports are left out where the run was stopped or diverged. */
export interface LearnEndEvent extends EndEvent {
  /** On the new rows. */
  learned?: BeforeAndAfter;
  /** On the rows that were trained along: what was forgotten is the fall of its accuracy. Left out without `replay`. */
  replayed?: BeforeAndAfter;
}

export type LearnRun = Run<StartEvent | StepEvent | EpochEvent, LearnEndEvent>;

export interface Report {
  /**
   * Mean cross-entropy over the rows, with the natural logarithm. For a multi-label model, mean binary
   * cross-entropy over rows and labels.
   */
  loss: number;
  /**
   * Fraction of rows predicted correctly, 0 to 1. For a multi-label model, exactly the row's labels must be
   * predicted.
   */
  accuracy: number;
  /** F1 over the decisions of all labels together. It equals the accuracy for single-label models. */
  microF1: number;
  /** Mean of the labels' F1. */
  macroF1: number;
  /** In the order of `info.labels`. A label with no rows has f1 0. */
  perLabel: { label: string; precision: number; recall: number; f1: number; support: number }[];
  /**
   * Confusion matrix: `confusion[i][j]` counts the rows of true label i that were predicted as j, in the
   * order of `info.labels`. [] for a multi-label model.
   */
  confusion: number[][];
  /** Decision threshold of the report; multi-label models only. */
  threshold?: number;
  /**
   * 95% confidence intervals: the scatter of the scores over other samples of as many rows. Percentile
   * bootstrap with 1,000 resamples of the rows (Efron & Tibshirani 1993, chapter 13). The same predictions
   * give the same intervals.
   */
  intervals: { accuracy: Interval; microF1: Interval; macroF1: Interval; loss: Interval };
}

/** Lower and upper end. */
export type Interval = [number, number];

export interface InferenceOptions {
  /**
   * Rows computed at once, from 1; more than 1,024 count as 1,024. Of long rows fewer are: with padding they have at most 8,192
   * tokens, so that an abort is heard soon. Default 32.
   */
  batchSize?: number;
  onProgress?: (progress: RowProgress) => void;
  /** Aborting rejects with `aborted` at once. */
  signal?: AbortSignal;
}

export interface ClassifyOptions extends InferenceOptions {
  /** How many labels `scores` lists, from 1. Default: all. */
  topK?: number;
  /** Decision threshold, over 0 and under 1; multi-label models only. Default: `info.threshold`. */
  threshold?: number;
}

export interface EvaluateOptions extends InferenceOptions {
  /** As `classify`'s. */
  threshold?: number;
}

export interface TokenizeOptions {
  /** Called as texts are tokenized. */
  onProgress?: (progress: RowProgress) => void;
  /** Rejects the call with `aborted`. */
  signal?: AbortSignal;
}

/** The tokens of a text or of a pair. Every list has one entry a token; names are those of transformers' tokenizers. */
export interface TokenizedText {
  /** As the vocabulary writes them: "##ing" goes on with a word in WordPiece, "Ġworld" begins one in byte-level BPE. */
  tokens: string[];
  /** Indices into the vocabulary. */
  inputIds: number[];
  /** Segments: 0, or 1 for the second text of a pair where the tokenizer has segments. */
  tokenTypeIds: number[];
  /**
   * Where each token begins and ends in its own text, in UTF-16 units: `text.slice(begin, end)`. A token that the text does not
   * hold, such as [CLS], has [0, 0].
   */
  offsets: [begin: number, end: number][];
  /** 1 for a special token that was added to the text, such as [CLS]; else 0. */
  specialTokensMask: number[];
  /** Whether tokens were cut off to fit `info.maxLength`. */
  truncated: boolean;
}

export interface EmbedOptions extends InferenceOptions {
  /** Scale each vector to length 1. Default: `info.normalizes`. */
  normalize?: boolean;
}

export interface ExplainOptions {
  /**
   * How a word's part is found. Default "integrated-gradients".
   *
   * "integrated-gradients" (Sundararajan et al. 2017) follows the label's log-odds, log(p / (1 - p)) of its score p, on a straight
   * way from a blank text to the text, in the embeddings' output. The blank text has the padding token in place of each token
   * but the special ones. A multi-label model's log-odds are the label's logit. The attributions add up to the log-odds of the
   * text less those of the blank text.
   *
   * "occlusion" leaves out one word after another, and the white space before it, and classifies what is left. A word's
   * attribution is what the label's score, 0 to 1, loses without it. It asks nothing of the model but its answers.
   */
  method?: "integrated-gradients" | "occlusion";
  /** The label to explain, one of `info.labels`. Default: the one with the highest score. */
  label?: string;
  /**
   * Steps of integrated gradients, 1 to 1,000, by Gauss and Legendre's rule: more are closer, and take longer. Default: 16, and 50 where
   * the attributions of 16 miss their sum by more than 1% of their sizes. `completeness` tells how many it took.
   */
  steps?: number;
  /**
   * Rows among which to look for the nearest, such as the training set's; their labels need not be the model's. They are embedded
   * once, and remembered while the model does not change, up to 64 MiB.
   */
  examples?: readonly LabelledText[];
  /** How many of the examples, from 1. Default 5. */
  nearest?: number;
  /** Called as steps and rows are done. */
  onProgress?: (progress: RowProgress) => void;
  /** Aborting rejects with `aborted` at once. */
  signal?: AbortSignal;
}

/** What the words of a text do for a label. It tells how this model came to its answer, not whether the answer is right. */
export interface Explanation {
  method: "integrated-gradients" | "occlusion";
  /** The label that is explained. */
  label: string;
  /** Its score, 0 to 1, as `classify` gives it. */
  score: number;
  /** As `classify` gives it. */
  prediction: Prediction;
  /** The words that the model read, in order. */
  words: WordAttribution[];
  /** The tokens that the model read, in order, the special ones included: with "integrated-gradients". */
  tokens?: TokenAttribution[];
  /** What the attributions should add up to, in log-odds: with "integrated-gradients". */
  completeness?: {
    /** The label's log-odds of the text. */
    text: number;
    /** Those of the blank text. */
    blank: number;
    /** The sum of the tokens' attributions. */
    sum: number;
    /** sum - (text - blank): what is missing, or too much. */
    delta: number;
    /** The steps along the way from the blank text to the text. */
    steps: number;
  };
  /** The examples with the largest similarity, the largest first: where examples were given. */
  nearest?: NearestExample[];
  /** Whether the text was cut to `info.maxLength`, so that words at its end have no part. */
  truncated: boolean;
}

/** A place in a text. */
export interface TextSpan {
  /** 0 in the text, 1 in the pair's second text. */
  segment: 0 | 1;
  /** Where it begins in its text, in UTF-16 units. */
  start: number;
  /** Where it ends: `text.slice(start, end)`. */
  end: number;
}

/** A word, a number or a mark of punctuation, as Unicode tells them apart. Words that share a token are one. */
export interface WordAttribution extends TextSpan {
  word: string;
  /**
   * Above 0 where the word speaks for the label, below 0 where against it. In log-odds: the sum over its tokens; with "occlusion"
   * as a difference of scores.
   */
  attribution: number;
  /** What `classify` gives for the text without this word: with "occlusion". */
  without?: Prediction & {
    /** The text without the word; of a pair the one that the word was in. */
    text: string;
  };
}

export interface TokenAttribution extends TextSpan {
  /** As the vocabulary writes it. */
  token: string;
  /** In log-odds. A special token has 0, and its place is 0 to 0. */
  attribution: number;
}

/** One of the given rows, with its place among them. */
export interface NearestExample extends LabelledText {
  /** Its index in `examples`. */
  index: number;
  /** The cosine between the pooled states of both texts, -1 to 1. */
  similarity: number;
}

export interface FillMaskOptions {
  /** Tokens for each mask, from 1. Default 5. */
  topK?: number;
  /** Aborting rejects with `aborted` at once. */
  signal?: AbortSignal;
}

/** A token for a mask, with the field names of Hugging Face's fill-mask pipeline. */
export interface FilledMask {
  /** Its probability over the whole vocabulary, 0 to 1. */
  score: number;
  /** Its id. */
  token: number;
  /** Its text, with "##" in front where it continues a word. */
  token_str: string;
  /**
   * The text with the token in place, as the tokenizer decodes it. With several masks, the other masks and
   * the special tokens stay.
   */
  sequence: string;
}

/** Texts without labels. Those without a word of the vocabulary are left out. */
export interface PretrainData {
  /** At least one text. */
  train: readonly string[];
  /** Evaluated before the run and after each epoch, with the same tokens masked each time. */
  dev?: readonly string[] | undefined;
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
    | "journal"
    | "onProgress"
    | "signal"
  > {
  /** Passes over the texts, 1 to 1,000; in each, other tokens are masked. Default 3. */
  epochs?: number;
  /** Over 0, at most 1. Default 5e-5. */
  learningRate?: number;
  /**
   * Probability that a token is chosen, over 0, at most 1. Of the chosen tokens, 80% become [MASK], 10% a
   * random token, and 10% stay. Special tokens and [UNK] are never chosen. Default 0.15.
   */
  maskProbability?: number;
  /** Choose whole words, with all their pieces. Default false. */
  wholeWords?: boolean;
}

/** How well the model predicts masked tokens. */
export interface MaskedReport {
  /** Mean cross-entropy of the masked tokens, natural logarithm. */
  loss: number;
  /** Perplexity, e to the loss: the number of equally likely tokens with the same uncertainty. */
  perplexity: number;
  /** Tokens that were masked. */
  maskedTokens: number;
}

/** The rows of a run. No split may be empty: leave out `dev` or `test` instead. */
export interface FinetuneData {
  /** Needs rows of at least two labels. For a multi-label model, the rows must differ in their labels. */
  train: readonly LabelledText[];
  /** Evaluated after each epoch. */
  dev?: readonly LabelledText[] | undefined;
  /** Evaluated once, when the run has finished. */
  test?: readonly LabelledText[] | undefined;
}

/**
 * What a run trains besides the head. "full": every parameter. "head": nothing; each row's pooled state is
 * computed once. "lora": a low-rank pair of matrices beside chosen dense layers (Hu et al. 2021). "adalora":
 * low-rank triples that share a budget of rank (Zhang et al. 2023). "adapter": two bottlenecks a layer and
 * every LayerNorm (Houlsby et al. 2019). "prompt": embeddings of virtual tokens before the text (Lester et
 * al. 2021). "prefix": keys and values of virtual tokens in every layer (Li and Liang 2021). "bitfit": every
 * bias (Ben Zaken et al. 2022).
 *
 * Two methods compute the head instead of training it, and suit few rows. "centroid": predicts the label
 * whose rows have the nearest mean state; one description for each label is enough. "contrastive": first
 * trains the encoder on pairs of rows, so that rows of one label come together (Tunstall et al. 2022,
 * SetFit). Both give one more epoch event for the head, and evaluate dev only there.
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
  /** Rank of the pair, 1 to 256. Default 8. */
  rank?: number;
  /** Scaling: the pair's product is multiplied by alpha / rank. Over 0, at most 10,000. Default 16. */
  alpha?: number;
  /** Dropout of the pair's input, 0 to under 1. Default 0.05. */
  dropout?: number;
  /**
   * Dense layers that get a pair, by the ends of their names: query, key, value, attention.output.dense,
   * intermediate.dense, output.dense, dense; in other encoders these or their own names, such as q_lin. Default
   * ["query", "value"].
   */
  targetModules?: readonly string[];
}

export interface AdaloraOptions {
  /** Mean rank at the end, 1 to `initialRank`. Default 8. */
  targetRank?: number;
  /** Rank at the start, 1 to 256. Default 12. */
  initialRank?: number;
  /** Scaling: the product is multiplied by alpha / initialRank. Over 0, at most 10,000. Default 16. */
  alpha?: number;
  /** As LoRA's. Default 0.05. */
  dropout?: number;
  /** As LoRA's. Default ["query", "value"]. */
  targetModules?: readonly string[];
  /** Fraction of the steps before the budget begins to fall, 0 to under 1. Default 0.1. */
  warmupRatio?: number;
  /**
   * Fraction of the steps after the budget has fallen, 0 to under 1. Less than 1 together with `warmupRatio`.
   * Default 0.3.
   */
  finalRatio?: number;
  /** Steps between two allocations of rank, from 1. Default 5. */
  interval?: number;
  /** Decay of the running mean of the importance, 0 to under 1. Default 0.85. */
  beta1?: number;
  /** Decay of the running mean of the uncertainty, 0 to under 1. Default 0.85. */
  beta2?: number;
  /** Weight of the orthogonality term in the loss, from 0. Default 0.5. */
  orthogonality?: number;
}

export interface FinetuneOptions {
  /** What is trained. Default "full". */
  method?: Method;
  /**
   * "auto" chooses the method and its settings by the rows, their lengths, the device and `minutes`; "start" events and
   * `plan` tell what and why. Other options that are given too stay as given. Not with `method` or the options of single
   * methods. Default: no choice, each option has its own default.
   */
  recipe?: "auto";
  /** The most that the run may take by the estimate of `plan`, over 0; with `recipe: "auto"`. Default 10. */
  minutes?: number;
  /**
   * Train the head alone first, as the method "head" does by default, then go on with the method (Kumar et al. 2022, LP-FT): a
   * drawn head does not spoil the encoder's states. With an adapter's method the model's own head is trained so too, and stays
   * so when the adapter is off. Not with the methods "head", "centroid" and "contrastive". Default false.
   */
  headFirst?: boolean;
  /** With the method "lora". */
  lora?: LoraOptions;
  /** With the method "adalora". */
  adalora?: AdaloraOptions;
  /**
   * Name of the trained adapter, with the methods "lora", "adalora", "prompt" and "prefix". Default
   * "default".
   */
  adapterName?: string;
  /** Width of the bottlenecks, 1 to 256, with the method "adapter". Default 64. */
  adapterSize?: number;
  /**
   * Number of virtual tokens, 1 to 256, with the methods "prompt" and "prefix". The positions limit it too.
   * Default 20.
   */
  virtualTokens?: number;
  /**
   * Number of frozen layers, counted from the bottom, 0 to `info.layers`. The embeddings are frozen with
   * them; 0 freezes nothing. Default 0.
   */
  freezeLayers?: number;
  /**
   * Factor of the learning rate from each layer to the one below, over 0, at most 1; the head has the full
   * rate (Howard and Ruder 2018, section 3.2). Default 1.
   */
  layerDecay?: number;
  /**
   * Gradient accumulation: batches for each step, 1 to 1,024. The result is that of one large batch, in less
   * memory. Default 1.
   */
  accumulate?: number;
  /**
   * Label smoothing: the part of each target that all labels share evenly, 0 to under 1 (Szegedy et al.
   * 2016). Default 0.
   */
  labelSmoothing?: number;
  /**
   * Weight of a row in the loss, by its label. "balanced" is rows / (labels x rows of the label), as in
   * scikit-learn. An object names weights over 0, at most 1,000,000; labels that it leaves out have the weight 1. Default
   * "none".
   */
  classWeights?: "none" | "balanced" | { readonly [label: string]: number };
  /** Passes over the training rows, 1 to 1,000. Default 5; with the method "head" 20. */
  epochs?: number;
  /** Rows of a batch, 1 to 1,024. Default 8. */
  batchSize?: number;
  /** AdamW's peak learning rate, over 0, at most 1. Default 2e-5; with the method "head" 1e-2. */
  learningRate?: number;
  /** AdamW's decoupled weight decay, 0 to 1; not applied to biases and LayerNorm. Default 0.01. */
  weightDecay?: number;
  /** Fraction of the steps over which the learning rate rises from 0, 0 to 1. Default 0. */
  warmupRatio?: number;
  /** Course of the learning rate after the warm-up. Default "linear", down to 0. */
  schedule?: "linear" | "constant" | "cosine";
  /** 0 to under 1. Default 0.9. */
  adamBeta1?: number;
  /** 0 to under 1. Default 0.999. */
  adamBeta2?: number;
  /** 1e-30 to 1. Default 1e-8. */
  adamEpsilon?: number;
  /** The gradient's global norm is clipped to this; 0 does not clip. Default 1.0. */
  maxGradNorm?: number;
  /**
   * Dropout probability of the whole model, 0 to under 1; "config" takes those of config.json. Default
   * "config".
   */
  dropout?: number | "config";
  /** Shuffle the rows anew for each epoch. Default true. */
  shuffle?: boolean;
  /**
   * With `shuffle`: batches of rows of similar length, which need less padding. The shuffled rows are sorted
   * by length within each 50 batches, and the batches are shuffled. Default true.
   */
  groupByLength?: boolean;
  /**
   * End the run after `patience` epochs in a row, 1 to 1,000, without a new lowest dev loss (Prechelt 1998).
   * Needs `dev`. The learning rate still follows the schedule of all `epochs`. Default: never.
   */
  earlyStopping?: { patience: number };
  /**
   * End with the weights of the epoch with the lowest dev loss; `test` is evaluated with them. Needs `dev`,
   * and memory for a second copy of the trained weights. A run ended by `stop()` or its signal before its last
   * step keeps its last weights. Default: whether `earlyStopping` is given.
   */
  restoreBest?: boolean;
  /**
   * Tune the decision threshold at the end of a run that was not stopped before its last step; multi-label models only. The
   * threshold with the highest micro F1 on dev becomes `info.threshold`; of equals, the one nearest to 0.5.
   * `test` is evaluated with it, the dev reports of the epochs are not. Needs `dev`. Default: true for a
   * multi-label model with dev rows.
   */
  tuneThreshold?: boolean;
  /**
   * Augment each training row anew for each epoch. Not with the methods "head" and "centroid", which read
   * each row once. Default: no augmentation.
   */
  augment?: AugmentOptions;
  /** Seed of the order, of augmentation and of dropout. A whole number from 0. Default 42. */
  seed?: number;
  /**
   * Keeps a journal of the run in this browser, under this name; it replaces an older one. A run with a journal survives the end
   * of its worker, which is a "resumed" event; `Classifier.resume` goes on with it after the page has ended. The
   * journal has the model as before the run, the rows and options, and the state in two slots: at each epoch and each
   * 60 s, on pause and stop, when the page is hidden or frozen, and after the last step where test rows or a head are still
   * to come. From the second state on, those of epochs and minutes
   * wait until the journal takes at most a twentieth of the run's time. What the run ends with stays in it until
   * `deleteJournal`. A name has room as one of `keep` has. `busy` where a run writes the name in another tab. Default: no
   * journal.
   */
  journal?: string;
  onProgress?: (progress: RowProgress) => void;
  /**
   * Aborting stops the run: `result` rejects with `aborted`, and the weights of the last finished step stay.
   */
  signal?: AbortSignal;
}

/**
 * Augmentation of training rows, in this order; each a share of the words, 0 to under 1, default 0. Words are
 * whole, with all their ## pieces. Special tokens and [UNK] stay in place, and no word changes to the other
 * text of a pair. At least one word of a row stays unmasked. Evaluation uses the rows as they are.
 */
export interface AugmentOptions {
  /** Words to leave out: word dropout (Iyyer et al. 2015, section 3). */
  drop?: number;
  /**
   * Words to swap with the next one, from left to right, each at most once: random swap of neighbours (Wei
   * and Zou 2019, section 2).
   */
  swap?: number;
  /** Words to replace by [MASK], piece by piece. The tokenizer must have this token. */
  mask?: number;
}

/** An estimate of a run's memory and time. */
export interface FinetunePlan {
  /** With `recipe: "auto"`: what the rest is an estimate of. */
  recipe?: ChosenRecipe;
  /** Training steps in all. */
  steps: number;
  /** Tokens of all steps, padding included. */
  tokens: number;
  /**
   * Padding as a fraction of these tokens, 0 to under 1. It is the first epoch's; later ones differ slightly. With the
   * method "contrastive" it is that of single rows, and pairs take more.
   */
  paddedShare: number;
  /**
   * Peak memory in bytes, loaded model included, of WebAssembly or of the GPU. It is computed from the sizes
   * of all tensors kept. On the CPU it is within 20% of the memory measured.
   */
  peakBytes: number;
  /** Available memory in bytes. Left out on WebGPU, where browsers do not tell. */
  limitBytes?: number;
  /** Whether `peakBytes` is within `limitBytes`; true where that is unknown. */
  fits: boolean;
  /**
   * Minutes of the whole run, evaluations included and without early stopping. The estimate times a few steps
   * of a typical batch on a copy of the model, so it assumes an equally busy machine. Left out where the run
   * does not fit.
   */
  minutes?: number;
  /**
   * Options that fit, where the planned ones do not. `maxLength` is an option of `load`. Left out where
   * nothing fits.
   */
  proposal?: { batchSize: number; maxLength?: number; why: string };
}

/** Why the automatic recipe is what it is. */
export type RecipeReason =
  /** One row for most labels: the encoder would learn single texts by heart. */
  | "few-rows"
  /** The encoder is trained, after the head. */
  | "enough-rows"
  /** Pairs: their two texts are only compared inside the encoder, which must be trained. */
  | "pairs"
  /** Training the encoder would take longer than `minutes`, or does not fit in memory: the head alone. */
  | "no-time"
  /** As "enough-rows" or "pairs", with fewer epochs, so that the run keeps within `minutes`. */
  | "fewer-epochs";

/** What `recipe: "auto"` has chosen. */
export interface ChosenRecipe {
  reason: RecipeReason;
  /** One sentence in English, with its numbers. */
  why: string;
  /** As `finetune` takes them; without those that were given. */
  options: FinetuneOptions;
}

export interface StartEvent {
  type: "start";
  /** With `recipe: "auto"`. */
  recipe?: ChosenRecipe;
  /** Steps in all. */
  steps: number;
  epochs: number;
  /** Trainable parameters. */
  trainedParameters: number;
  trainRows: number;
  /** 0 where no `dev` was given. */
  devRows: number;
  /** Rows of all splits that were cut to `info.maxLength` tokens. */
  truncatedRows: number;
}

export interface StepEvent {
  type: "step";
  /** From 1, over the whole run. */
  step: number;
  /** From 1. */
  epoch: number;
  /** Mean loss of the step's rows, before its update. */
  loss: number;
  /** Learning rate of this step. */
  learningRate: number;
  /** The gradient's global norm before clipping. */
  gradNorm: number;
  /** Rows of the step: `batchSize` times `accumulate`. One step of an epoch may have fewer. */
  rows: number;
  /** Tokens of the step's rows, without padding. */
  tokens: number;
  /** Padding tokens, which fill rows up to the longest of their batch. */
  paddedTokens: number;
  milliseconds: number;
}

export interface EpochEvent {
  type: "epoch";
  /** From 1. */
  epoch: number;
  /** Mean of the epoch's step losses, weighted by rows. */
  trainLoss: number;
  /** Padding as a fraction of all tokens of the epoch's steps, padding included: 0 to under 1. */
  paddedShare: number;
  /** Left out where no `dev` was given, or the run was stopped during the evaluation. */
  dev?: Report;
  /** Time of the epoch with its evaluation, pauses excluded. */
  milliseconds: number;
}

export interface EndEvent {
  type: "end";
  /**
   * "finished": all steps were made. "stopped": by `stop()`. "early-stopping": the dev loss fell no further.
   * "diverged": the loss or the gradient was not finite. The weights are then the last finite ones, or with
   * `restoreBest` the best epoch's.
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
  /** Time of the whole run, pauses excluded. */
  milliseconds: number;
}

export type FinetuneEvent = StartEvent | StepEvent | EpochEvent | EndEvent | ResumedEvent | JournalEvent;

/**
 * A run goes on from its journal: in another worker, since its own died, or by `Classifier.resume`. Events of the steps
 * after `step` are given again. With the same rows, they have the same losses: on the CPU to the bit. A cross-validation
 * goes on with the fold, and a search with the trial, that was interrupted; each from its beginning.
 */
export interface ResumedEvent {
  type: "resumed";
  call: "finetune" | "pretrain" | "crossValidate" | "search";
  /** Steps done. */
  step: number;
  /** Where it goes on. A lost GPU's work may go to the CPU. */
  device: "webgpu" | "wasm";
  /** Why the earlier worker ended. Left out with `Classifier.resume`. */
  cause?: string;
}

/** The journal keeps less from here on, for want of storage: weights without AdamW's means, or nothing more. */
export interface JournalEvent {
  type: "journal";
  kept: "weights" | "nothing";
  /** In English. */
  reason: string;
}

/** A journal that this browser keeps; of a damaged one, the name and the bytes alone. */
export type JournalInfo = KeptJournal | DamagedEntry;

export interface KeptJournal {
  damaged?: undefined;
  name: string;
  call: ResumedEvent["call"];
  startedAt: Date;
  /** When its last state was written. */
  savedAt: Date;
  /** Steps done in that state. */
  step: number;
  /** Steps in all. Left out before the first state, and of cross-validations and searches. */
  steps?: number;
  /** Whether the run has ended: `resume` then gives its model, and its last event. */
  finished: boolean;
  /** What it takes in the browser's storage. */
  bytes: number;
}

/** As of `open`. Default of `device`: the run's. */
export type ResumeOptions = OpenOptions;

export interface ResumedRun {
  classifier: Classifier;
  /** Of the call that it was: the event "resumed" tells which. */
  run: FinetuneRun | PretrainRun | CrossValidationRun | SearchRun;
}

/**
 * A run in progress. It goes on whether or not anyone iterates over it. Events are kept until they are read,
 * and each is given once. Leaving a `for await` loop early does not stop the run. When the run fails,
 * iteration gives the events so far and then throws what `result` rejects with.
 */
export interface Run<Event, Result> extends AsyncIterable<Event | Result> {
  /** Pauses before the next step. An evaluation under way is finished first. */
  pause(): void;
  resume(): void;
  /** Ends the run after the step under way with reason "stopped". */
  stop(): void;
  /**
   * The last event. Rejects with a BertletError: `busy`, `bad-option`, `bad-state`, `bad-row`,
   * `unknown-label` before anything starts; `aborted`, `out-of-memory`, `device-lost`, `worker-crashed`,
   * `disposed` later.
   */
  readonly result: Promise<Result>;
}

/** A fine-tuning run. A stopped run leaves its weights, and does not evaluate `test`. */
export type FinetuneRun = Run<StartEvent | StepEvent | EpochEvent | ResumedEvent | JournalEvent, EndEvent>;

/** `trainRows` counts the texts with a word to mask. `dev` is the report before the first step. */
export type PretrainStartEvent = StartEvent & { dev?: MaskedReport };
/** `trainLoss` is the mean loss of masked tokens, each step weighted by its rows. */
export type PretrainEpochEvent = Omit<EpochEvent, "dev"> & { dev?: MaskedReport };
/** `dev` is the report after the last step. Left out where the run was stopped. */
export type PretrainEndEvent = Omit<EndEvent, "test" | "bestEpoch" | "reason"> & {
  reason: "finished" | "stopped" | "diverged";
  dev?: MaskedReport;
};
/** A run of `pretrain`. */
export type PretrainRun = Run<
  PretrainStartEvent | StepEvent | PretrainEpochEvent | ResumedEvent | JournalEvent,
  PretrainEndEvent
>;

/** Options of `crossValidate`. Folds of a multi-label model are evaluated with `info.threshold`. */
export interface CrossValidateOptions
  extends Omit<
    FinetuneOptions,
    "recipe" | "minutes" | "headFirst" | "earlyStopping" | "restoreBest" | "tuneThreshold"
  > {
  /** Number of folds, 2 to 100. Default 5. */
  folds?: number;
}

/** An event of one fold's fine-tuning; folds count from 1. Its "end" has the report on the fold as `test`. */
export type FoldEvent = (StartEvent | StepEvent | EpochEvent | EndEvent) & { fold: number };

export interface MeanAndSpread {
  mean: number;
  /** Sample standard deviation, with n - 1; 0 for a single fold. */
  std: number;
}

export interface CrossValidation {
  type: "result";
  /** "diverged": a fold's training did, and the folds end before it. */
  reason: "finished" | "stopped" | "diverged";
  /** Report on each finished fold, by the model trained on the others. */
  folds: Report[];
  /** Over `folds`, as the others; 0 where no fold has finished. */
  accuracy: MeanAndSpread;
  microF1: MeanAndSpread;
  macroF1: MeanAndSpread;
  loss: MeanAndSpread;
  /** Time of the whole run, pauses excluded. */
  milliseconds: number;
}

export type CrossValidationRun = Run<FoldEvent | ResumedEvent | JournalEvent, CrossValidation>;

export interface SearchData {
  /** Needs rows of at least two labels. */
  train: readonly LabelledText[];
  /** Recipes are compared by its loss. */
  dev: readonly LabelledText[];
}

/** The options that trials draw. Those left out are the same in all trials. */
export interface SearchSpace {
  /** Least and largest; drawn log-uniformly. Over 0, at most 1. */
  learningRate?: readonly [number, number];
  /** Drawn from these, 1 to 1,024 each. */
  batchSize?: readonly number[];
  /** Drawn from these, 1 to 1,000 each. */
  epochs?: readonly number[];
  /** Drawn from these, but not "centroid" or "contrastive", whose dev loss is no measure of a recipe. */
  method?: readonly Method[];
}

export interface SearchOptions extends Omit<FinetuneOptions, "recipe" | "minutes" | "headFirst"> {
  /** Default `{ learningRate: [1e-5, 2e-4], batchSize: [8, 16, 32], epochs: [2, 3, 5] }`. */
  space?: SearchSpace;
  /** Largest number of trials, 1 to 1,000. The first one tries the other options as given. Default 9. */
  trials?: number;
  /**
   * Budget of the whole search. `steps`: training steps, never exceeded, and at least those of the longest
   * trial. `minutes`: over 0, checked between runs, so that the run under way and the first run of each rung
   * may exceed it. Default: no limit.
   */
  budget?: { steps: number } | { minutes: number };
  /**
   * State of an interrupted search, from its last "trial" event. Data and other options must be as they were.
   */
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
  /** The options, and a checksum of the rows. */
  settings: Record<string, unknown>;
  /** Every finished run, in order. */
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
export type TrialRunEvent = (StartEvent | StepEvent | EpochEvent | EndEvent) & {
  trial: number;
  rung: number;
};

export interface SearchResult {
  type: "result";
  reason: "finished" | "stopped";
  /**
   * The trial with the lowest dev loss on the highest rung reached. Its options are ready for `finetune`: on
   * the same data and on the CPU it ends with this dev loss, where the rung is the last. Left out where no
   * run finished, or all diverged.
   */
  best?: { trial: number; options: FinetuneOptions; devLoss: number; devAccuracy: number };
  /** Every trial in order, with its runs: one for each rung that it reached. */
  trials: { trial: number; options: FinetuneOptions; runs: TrialRun[] }[];
  /** Training steps of all runs. */
  steps: number;
  /** Rungs of the search. */
  rungs: number;
  state: SearchState;
  /** Time of all runs, those before `resume` included. */
  milliseconds: number;
}

export type SearchRun = Run<TrialRunEvent | TrialEvent | ResumedEvent | JournalEvent, SearchResult>;

/** The rows that `inspect` reads. Labels need not be the model's, and a row may have several. */
export interface InspectData {
  train: readonly LabelledText[];
  dev?: readonly LabelledText[] | undefined;
  test?: readonly LabelledText[] | undefined;
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
  /** Rows of dev or test whose text is also in an earlier split, but for the same differences. */
  | "leakage"
  /** Rows whose text appeared earlier with other labels, but for the same differences. */
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
  /** Number of rows concerned; for "few-rows" and "imbalance", of labels. */
  count: number;
  /**
   * `count` as a fraction of all rows; for "unknown-tokens", [UNK] as a fraction of all tokens. Left out for
   * labels.
   */
  share?: number;
  /** Rows of the largest label divided by those of the smallest, for "imbalance". */
  ratio?: number;
  /** The first 5 of the rows; `like` is the earlier row of the same text. */
  examples: (RowPlace & { like?: RowPlace })[];
  /** The labels concerned, with their rows in train, fewest first; at most 20. */
  labels: { label: string; rows: number }[];
  /** What was found and what to do about it, in English. */
  message: string;
}

export interface DataReport {
  /** The findings, in the order of `FindingCode`. */
  findings: Finding[];
  rows: { train: number; dev: number; test: number };
  /** Tokens after cutting, without [CLS] and [SEP]. */
  tokens: number;
  /** Those that are [UNK]. */
  unknownTokens: number;
}

export interface SplitOptions {
  /** Fraction of the rows of each label or combination of labels, 0 to under 1. Default 0.1. */
  dev?: number;
  /** As `dev`; both together under 1. Default 0.1. */
  test?: number;
  /** A whole number from 0. Default 42. */
  seed?: number;
}

/**
 * Splits rows into train, dev and test, stratified by label. A label of three rows or more has one in each
 * part. Multi-label rows are stratified by their combination of labels; combinations of fewer than three
 * texts count as one. Texts that differ only in case, white space, punctuation or width stay in one part. The
 * rows keep their order. A part without rows is left out. The same rows and seed give the same parts. Throws
 * `bad-option` or `bad-row`.
 */
export function splitRows<Row extends LabelledText>(
  rows: readonly Row[],
  options?: SplitOptions,
): { train: Row[]; dev?: Row[]; test?: Row[] };

export interface Comparison {
  rows: number;
  /** Rows that both models predicted correctly. The next three: only the first, only the second, neither. */
  both: number;
  onlyFirst: number;
  onlySecond: number;
  neither: number;
  /** Accuracy of the second model minus that of the first. */
  difference: number;
  /**
   * McNemar's exact test (McNemar 1947): the probability that two models of equal accuracy differ at least so
   * much by chance. It is two-sided, min(1, 2 P[X <= min(onlyFirst, onlySecond)]) with X binomial of
   * onlyFirst + onlySecond draws at 1/2, as statsmodels' `mcnemar(exact=True)`. Under 0.05 is usually called
   * significant.
   */
  pValue: number;
}

/**
 * Compares two models by their predictions of the same rows, one for each row, as `classify` gives them. A
 * multi-label row is predicted correctly where exactly its labels were. Throws `bad-row`.
 */
export function compare(
  rows: readonly LabelledText[],
  first: readonly Pick<Prediction, "label" | "labels">[],
  second: readonly Pick<Prediction, "label" | "labels">[],
): Comparison;

/**
 * Which heads are saved. "classifier": the classification head, for transformers'
 * BertForSequenceClassification. "masked-lm": the masked-LM head, for BertForMaskedLM. "both": the
 * classifier's folder with the masked-LM head added, which transformers ignores and `load` reads with
 * `maskedLm`.
 */
export type SavedClass = "classifier" | "masked-lm" | "both";

/**
 * Number format of weights. "f32" and "f16" are floats of 32 and 16 bits. "int8" is whole numbers from -63 to 63, with an f32
 * scale for each output of a dense layer and for each word; on the CPU also a dense layer's inputs become whole numbers, from
 * -127 to 127, with a scale for each token. Dense weights of another tool's int8 file are rounded to
 * these 127 steps, too. LayerNorm, attention's products, biases and the head stay f32. On the same device every
 * browser gives the same answers; in int8 those of the CPU and of WebGPU differ a little, by the inputs' rounding. WebGPU rounds
 * as well, but saves no memory, where a matrix's rows are not a multiple of 4 long.
 */
export type Dtype = "f32" | "f16" | "int8";

/** How `quantize` keeps the encoder's matrices, and on which rows it measures that. */
export interface QuantizeOptions {
  /** Rows with labels that the model was not trained on. A few hundred show half a point; ten rows show nothing under ten points. */
  data: readonly LabelledText[];
  /** Default "int8". */
  dtype?: "f16" | "int8";
  /** Most that accuracy on `data` may fall, from 0 to under 1. Default 0.005, half a point. */
  maxDrop?: number;
  /** Rows computed at once, as of `classify`. Default 32. */
  batchSize?: number;
  onProgress?: (progress: RowProgress) => void;
  signal?: AbortSignal;
}

/** What fewer bits cost. */
export interface QuantizeReceipt {
  dtype: "f16" | "int8";
  /** Rows of `data`. */
  rows: number;
  before: { accuracy: number; macroF1: number; weightBytes: number };
  after: { accuracy: number; macroF1: number; weightBytes: number };
  /** Share of the rows with the same prediction before and after. */
  agreement: number;
  /** Largest change of a probability. */
  maxChange: number;
  /** Mean change of a probability. */
  meanChange: number;
  /** Layers that stayed as they were, since accuracy would have fallen by more; ascending from 0. */
  f32Layers: readonly number[];
}

export interface SaveOptions {
  /** Which heads are saved. Default "classifier". */
  as?: SavedClass;
  /**
   * Number format of model.safetensors. Default "f32". "int8" rounds the dense layers and word embeddings, as
   * compressed-tensors' "int-quantized": `load` reads it, and so does transformers with the package compressed-tensors.
   * Not with `as: "masked-lm"`, whose head shares the word embeddings: transformers would compute with the bare integers.
   */
  dtype?: Dtype;
}

export interface SaveOnnxOptions {
  /** A folder for transformers.js and onnxruntime, of the classifier alone. */
  as: "onnx";
  /**
   * Number format of the weights. Default "f32". "int8": what it is in `SaveOptions`, with activations in 8 bits too, by a scale
   * for each token; a quarter of the size, and answers that differ a little.
   */
  dtype?: "f32" | "int8";
}

/** What to leave out of a model. At least one of `vocabulary` and `layers`. */
export interface PruneOptions {
  /**
   * Texts in the language or of the task that the model is for. Word pieces that none of them use are dropped, and the ids of
   * the others follow one another; saved folders have them. These stay, too: special and added tokens; each single
   * character, and its continuation; each piece with a character that is none of these. So a word whose characters are
   * pieces never becomes unknown: it is read by shorter pieces. A text of kept pieces alone has the same answers as before.
   * WordPiece only, which BERT, DistilBERT, ELECTRA and MPNet have.
   */
  vocabulary?: readonly (string | TextPair)[];
  /**
   * How many layers stay, from 1 to one less than the model has: again and again, the layer goes without which the loss of
   * `data` is least (Sajjad et al. 2020). Or the layers that stay, by their numbers from 0, ascending, without `data`, and not all.
   */
  layers?: number | readonly number[];
  /** Rows by which layers are chosen: some hundreds, and none of `test`. Needs a trained head. */
  data?: readonly LabelledText[];
  onProgress?: (progress: RowProgress) => void;
  /** Aborting rejects with `aborted`; nothing is pruned then. */
  signal?: AbortSignal;
}

/** The numbers of `info` that pruning changes. */
export type ModelSize = Pick<ModelInfo, "vocabSize" | "layers" | "parameters" | "weightBytes">;

/** What pruning did. */
export interface PruneReceipt {
  before: ModelSize;
  after: ModelSize;
  /** The layers that stayed, by their numbers before. Left out where layers were not pruned. */
  keptLayers?: number[];
  /** With a number of layers: the loss of `data` before. */
  loss?: number;
  /** With a number of layers: each layer that was dropped, in order, and the loss of `data` without it. */
  dropped?: { layer: number; loss: number }[];
}

/** A run's options, as of `finetune`, and how the student is taught. The method is "full", and there is no journal. */
export interface DistillOptions
  extends Pick<
      FinetuneOptions,
      | "accumulate"
      | "labelSmoothing"
      | "classWeights"
      | "epochs"
      | "batchSize"
      | "learningRate"
      | "weightDecay"
      | "warmupRatio"
      | "schedule"
      | "adamBeta1"
      | "adamBeta2"
      | "adamEpsilon"
      | "maxGradNorm"
      | "dropout"
      | "shuffle"
      | "groupByLength"
      | "earlyStopping"
      | "restoreBest"
      | "tuneThreshold"
      | "seed"
      | "onProgress"
      | "signal"
    >,
    Pick<OpenOptions, "threads" | "assets"> {
  /**
   * The student's layers: how many of the teacher's, spread evenly from the first to the last, or which, by their numbers from
   * 0, ascending. Default: half of them, rounded up.
   */
  layers?: number | readonly number[];
  /** Divides the logits of both before they are compared, 1 to 100 (Hinton et al. 2015). Default 2. */
  temperature?: number;
  /** Weight of the teacher's answers, 0 to 1; the rows' labels have the rest. Default 0.5. */
  alpha?: number;
  /**
   * Weight of the mean squared difference of hidden states, 0 to 1,000; 0 compares none. Each of the student's layers is
   * compared with the teacher's that it began as (Jiao et al. 2020). Default 1.
   */
  hiddenWeight?: number;
  /** Where the student is. Default: the teacher's device. */
  device?: "auto" | "webgpu" | "wasm";
}

/** The end of a distillation. `test` is the student's. */
export interface DistillEndEvent extends EndEvent {
  /** The student at the end. Where `dev` was given and the reason is "finished" or "early-stopping". */
  dev?: Report;
  /** The teacher on the same rows, as the student's copy of it in 32-bit floats answers. */
  teacher: { dev?: Report; test?: Report };
}

/** A distillation. `loss` of its events is the whole loss: of answers, labels and hidden states. */
export type DistillRun = Run<StartEvent | StepEvent | EpochEvent, DistillEndEvent>;

export interface Distillation {
  /** The student, a classifier of its own. Until the run has begun its steps it is the teacher's copy. */
  classifier: Classifier;
  run: DistillRun;
}

export interface SaveAdapterOptions {
  /** Name of the base model in adapter_config.json. Default "base". */
  base?: string;
}

/** A folder that Python's peft loads onto the adapter's base checkpoint. */
export interface SavedAdapter {
  "adapter_config.json": Blob;
  "adapter_model.safetensors": Blob;
}

export interface SetLabelsOptions {
  /** Seed of the new head. A whole number from 0. Default 42. */
  seed?: number;
}

export interface AddAdapterOptions {
  /** As of `load`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** As of `load`. */
  headers?: Readonly<Record<string, string>>;
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
  /** With a pooling other than "pooler", or bottlenecks: the model class for `from_pretrained(folder, trust_remote_code=True)`. */
  "modeling_bertlet.py"?: Blob;
  /**
   * With a pooling other than "pooler", this and the next: `SentenceTransformer(folder).encode(texts)` then gives what `embed` gives.
   * sentence-transformers has no such pooling as "pooler", and leaves bottlenecks out.
   */
  "modules.json"?: Blob;
  "1_Pooling/config.json"?: Blob;
}

/**
 * A folder that transformers.js loads by `pipeline("text-classification", folder)`: put each Blob in a file of that name.
 * One of the two models is in it, and config.json says which, by the `dtype` of transformers.js. Either is an ONNX model of
 * operator set 17, under 2 GiB, which every onnxruntime since 1.12 runs. Inputs: `input_ids`, `attention_mask` and, in BERT and
 * ELECTRA, `token_type_ids`, int64 `[batch, sequence]`; output: `logits`, f32 `[batch, labels]`.
 */
export interface SavedOnnx {
  "config.json": Blob;
  "tokenizer.json": Blob;
  "tokenizer_config.json": Blob;
  /** With `dtype: "f32"`, transformers.js' "fp32". */
  "onnx/model.onnx"?: Blob;
  /** With `dtype: "int8"`, transformers.js' "q8". */
  "onnx/model_quantized.onnx"?: Blob;
}

/**
 * A BERT encoder with a classification head, on one device.
 *
 * Calls may overlap: they are served one after another, in order, and each with the labels and the threshold of its own
 * turn. During a run they are served between its steps, with the weights of the last finished step, also while it is paused. Only a second run, and calls
 * that change the model, are refused, with `busy`. A failed call leaves the classifier as it was, except that
 * `worker-crashed`, `device-lost` and running out of memory at work dispose it: every call under way rejects
 * with that code, and every later one with `disposed`. A run with a journal goes on instead, and the classifier with it.
 */
export class Classifier {
  private constructor();

  /**
   * Starts a worker, opens the device and loads a checkpoint. Options and sources may be proxies of a framework, such
   * as Vue's, MobX's or Svelte's: plain copies are sent to the worker. What cannot be copied is `bad-option`.
   *
   * Rejects with `bad-option`, `fetch-failed`, `unknown-model`, `gated-model`, `unknown-revision`, `bad-config`,
   * `unsupported-architecture`, `bad-tokenizer`, `bad-weights`, `missing-tensor`, `shape-mismatch`,
   * `unsupported-dtype`, `pickle-refused`, `no-webgpu`, `no-wasm`, `no-worker`, `version-mismatch`, `device-lost`,
   * `out-of-memory`, `worker-crashed` or `aborted`; its worker is then gone.
   */
  static load(source: Source, options?: LoadOptions): Promise<Classifier>;

  /**
   * Tells what `load` would read, so that a page can say the size first. Reads config.json and the sizes of the other
   * files; of a model on the Hub also the Hub's description of it. Contacts the same hosts as `load`, and computes nothing.
   *
   * ```js
   * const { bytes, license, folder } = await Classifier.preview("google-bert/bert-base-uncased", { hub: true });
   * const size = bytes === undefined ? "an unknown size" : `${(bytes / 1e6).toFixed(0)} MB`;
   * if (folder && confirm(`Download ${size} (${license})?`)) await Classifier.load(folder);
   * ```
   *
   * Rejects with `bad-option`, `fetch-failed` (also for a model on the Hub without model.safetensors or tokenizer),
   * `unknown-model`, `gated-model`, `unknown-revision`, `bad-config`, `out-of-memory` where the weights are too large,
   * `no-worker` or `aborted`.
   */
  static preview(source: Source, options?: PreviewOptions): Promise<SourcePreview>;

  /**
   * Starts a worker, opens the device, learns a WordPiece vocabulary from the texts, and makes a model with
   * random weights, mean pooling and a masked-LM head: something to `pretrain`. The same texts, shape and
   * seed make the same model.
   *
   * Rejects with `bad-option`, `bad-row`, `fetch-failed`, `no-webgpu`, `no-wasm`, `no-worker`,
   * `version-mismatch`, `device-lost`, `out-of-memory`, `worker-crashed` or `aborted`; its worker is then gone.
   */
  static create(options: CreateOptions): Promise<Classifier>;

  /**
   * Opens a model that `keep` has kept, with its adapters, the same one active. On the CPU it has the same `info`
   * and gives the same scores to the bit. All of it is in this browser: nothing is fetched but the library.
   *
   * Rejects with `bad-option`, `unknown-name`, `bad-weights` where what is kept is damaged (each byte is checked by
   * SHA-256) or of another version of the library, `no-webgpu`, `no-wasm`, `no-worker`, `version-mismatch`, `device-lost`, `out-of-memory`, `worker-crashed`
   * or `aborted`.
   *
   * ```js
   * await classifier.keep("moods");
   * const tomorrow = await Classifier.open("moods");
   * ```
   */
  static open(name: string, options?: OpenOptions): Promise<Classifier>;

  /** Whether this browser keeps all files of a source, so that `load` with `cache: true` requests none. */
  static isCached(source: Source, options?: CacheOptions): Promise<boolean>;

  /** Removes the kept files of a source, also those of a download that broke off; without a source, of all. */
  static clearCache(source?: Source, options?: CacheOptions): Promise<void>;

  /**
   * The models that this browser keeps for this site, the newest first. Unfinished ones are left out, and those of another
   * version of the library. Descriptions are checked, not weights: `open` checks these.
   */
  static list(options?: Pick<OpenOptions, "assets">): Promise<KeptModelInfo[]>;

  /** Removes a kept model. Rejects with `bad-option`, `unknown-name` or `no-worker`. */
  static forget(name: string, options?: Pick<OpenOptions, "assets">): Promise<void>;

  /**
   * Goes on with a run whose journal this browser keeps, after the page or its browser has ended: opens the model, and
   * starts the run from its last whole state. A run that was stopped goes on, too; of one that has ended, `run` gives the
   * last event alone.
   *
   * ```js
   * const { classifier, run } = await Classifier.resume("moods");
   * for await (const event of run) if (event.type === "step") console.log(event.step, event.loss);
   * ```
   *
   * Rejects as `open` does; with `bad-journal` where it is damaged, or of another version of the library; with `busy` while a run
   * writes it. Where its last state alone is damaged, the run goes on from the one before.
   */
  static resume(name: string, options?: ResumeOptions): Promise<ResumedRun>;

  /**
   * Teaches a smaller model: a student with some of the teacher's layers learns its answers, its hidden states and the labels of
   * the rows (Hinton et al. 2015; Sanh et al. 2019, DistilBERT). The student is in a worker of its own, and the teacher stays
   * as it is; its active "lora" or "adalora" adapter is merged into the student. The loss is alpha x T² x KL(teacher,
   * student) of the softened answers, plus (1 - alpha) x the loss of the labels, plus `hiddenWeight` x the mean squared
   * difference of states. Needs memory for the teacher too while the run goes on.
   *
   * ```js
   * const { classifier: student, run } = await Classifier.distill(teacher, { train, dev }, { layers: 3 });
   * const { dev: smaller, teacher: larger } = await run.result;
   * console.log(smaller?.accuracy, larger.dev?.accuracy);
   * ```
   *
   * Rejects with `bad-option`, `bad-row`, `bad-state` where the teacher has no trained head, or a "prompt" or "prefix" adapter
   * on, with `busy` during a run of the teacher, and as `load` does. The run's `result` rejects as `finetune`'s.
   */
  static distill(teacher: Classifier, data: FinetuneData, options?: DistillOptions): Promise<Distillation>;

  /**
   * The journals that this browser keeps for this site, the newest first; without those of another version of the library.
   * Descriptions are checked, not weights: `resume` checks these.
   */
  static listJournals(options?: Pick<OpenOptions, "assets">): Promise<JournalInfo[]>;

  /** Removes a journal. Rejects with `bad-option`, `unknown-name`, `busy` or `no-worker`. */
  static deleteJournal(name: string, options?: Pick<OpenOptions, "assets">): Promise<void>;

  /**
   * The loaded model, frozen. A call that changes the model gives a new object: a run, `setLabels`, `quantize`,
   * `prune`, `calibrate`, `fitScope`, or a call about adapters.
   */
  get info(): ModelInfo;

  /**
   * Predicts the label of each text, in order. [] gives []. Rejects with `bad-option`, `bad-state` where the
   * model has no labels, `bad-row`, `aborted` or `disposed`.
   */
  classify(text: string | TextPair, options?: ClassifyOptions): Promise<Prediction>;
  classify(texts: readonly (string | TextPair)[], options?: ClassifyOptions): Promise<Prediction[]>;

  /**
   * Computes the pooled vector of each text, of `info.hiddenSize` numbers, in order. [] gives []. Needs no
   * labels. Rejects with `bad-option`, `bad-row`, `aborted` or `disposed`.
   */
  embed(text: string | TextPair, options?: EmbedOptions): Promise<Float32Array>;
  embed(texts: readonly (string | TextPair)[], options?: EmbedOptions): Promise<Float32Array[]>;

  /**
   * The tokens that the model reads of each text, in order: cut to `info.maxLength`, with the special ones. [] gives [].
   * Rejects with `bad-option`, `bad-row`, `bad-tokenizer`, `aborted` or `disposed`.
   *
   * @example
   * const { tokens, offsets } = await classifier.tokenize("unbelievable!");
   * console.log(tokens); // ["[CLS]", "unbelievable", "!", "[SEP]"]
   */
  tokenize(text: string | TextPair, options?: TokenizeOptions): Promise<TokenizedText>;
  tokenize(texts: readonly (string | TextPair)[], options?: TokenizeOptions): Promise<TokenizedText[]>;

  /**
   * Tells what each word of the text does for a label, by one of two methods that can be held against each other, and which
   * examples are nearest to it.
   *
   * ```js
   * const { label, words, completeness } = await classifier.explain("the parcel came late");
   * console.log(label, words.map(({ word, attribution }) => [word, attribution]));
   * const { words: left } = await classifier.explain("the parcel came late", { method: "occlusion" });
   * console.log(left.map(({ word, without }) => [word, without?.label, without?.score]));
   * ```
   *
   * Takes as long as `2 * steps` classifications of the text, or with "occlusion" one for each word. Works with pairs, with any
   * adapter that is on, and with a model in fewer bits: there, the attributions add up less exactly. Rejects with `bad-option`,
   * `bad-row`, `bad-state` where the model has no labels, or only one that every text has; with `aborted` or `disposed`.
   */
  explain(text: string | TextPair, options?: ExplainOptions): Promise<Explanation>;

  /**
   * Evaluates the model on labelled rows, at least one. Rejects with `bad-option`, `bad-state` where the
   * model has no labels, `bad-row`, `unknown-label`, `aborted` or `disposed`.
   */
  evaluate(rows: readonly LabelledText[], options?: EvaluateOptions): Promise<Report>;

  /**
   * Estimates the memory and the minutes of a run with this data and these options. It times a few steps,
   * which takes some seconds and changes no weight. Rejects with `busy`, `bad-option`, `bad-state`,
   * `bad-row`, `unknown-label`, `aborted` or `disposed`.
   */
  plan(data: FinetuneData, options?: FinetuneOptions): Promise<FinetunePlan>;

  /**
   * Inspects the data before training for what would spoil a model or its scores. Changes nothing. Time and
   * memory are proportional to the text. Rejects with `bad-option`, `bad-row`, `aborted` or `disposed`.
   */
  inspect(data: InspectData, options?: InspectOptions): Promise<DataReport>;

  /**
   * Packs a run to go on with elsewhere, as a zip: a Python script for torch on any number of devices, every option, the rows and
   * their order, and the model at its next step, with its head. `python train.py --check` there holds 20 steps without dropout
   * against the page's losses. What comes out loads as any folder. It makes these steps here on a copy, so it takes their time;
   * the model stays as it was. What packs is pack.js, which nothing else fetches.
   *
   * During a run of `finetune` with these rows and options, it takes that run away from the step it has come to, with
   * AdamW's means: pause it first. Then the steps of both are the same ones. With `headFirst`, the head is trained here before.
   *
   * ```js
   * const zip = await classifier.takeAway({ train, dev, test }, { method: "lora", epochs: 10 });
   * ```
   *
   * The methods full, lora, adalora, prompt and head. Rejects with `bad-option` for another, for `augment`, and for other rows
   * or options than those of the run under way, or where that is of adalora or keeps its best epoch; with `bad-state` where
   * the encoder is kept as "int8"; with `busy` during a run of another call; `bad-row`, `unknown-label`, `diverged`,
   * `fetch-failed` where pack.js is not beside worker.js, `aborted`, `out-of-memory`, `device-lost` or `disposed`.
   */
  takeAway(data: FinetuneData, options?: FinetuneOptions): Promise<Blob>;

  /** Starts a run. Never throws: whatever is wrong, the run's `result` rejects with it. */
  finetune(data: FinetuneData, options?: FinetuneOptions): FinetuneRun;

  /**
   * Starts a run of masked-language modelling on texts without labels (Devlin et al. 2019): tokens are
   * masked, and the encoder and the masked-LM head learn to predict them. A later `finetune` starts from that
   * encoder. The classification head and the pooler stay unchanged. All word embeddings are trained, which
   * takes more memory than `finetune`. Needs a masked-LM head, by `maskedLm: true` at `load` or by `create`,
   * and no active adapter. Never throws: whatever is wrong, the run's `result` rejects with it, as of
   * `finetune`.
   */
  pretrain(texts: readonly string[] | PretrainData, options?: PretrainOptions): PretrainRun;

  /**
   * Predicts the likeliest tokens for each [MASK] of the text, which RoBERTa writes <mask>: one list for each mask, best
   * first. Rejects with `bad-row` where there is no mask among the first `info.maxLength` tokens; with `bad-state` where
   * the model has no masked-LM head, or an untrained one; with `bad-option`, `aborted` or `disposed`.
   */
  fillMask(text: string, options?: FillMaskOptions): Promise<FilledMask[][]>;

  /**
   * Starts a cross-validation (Stone 1974). Rows are dealt into folds, stratified by label, with equal texts
   * in one fold. For each fold it fine-tunes the current weights on the other folds, and evaluates on that
   * one. Afterwards the classifier is as it was, however the run ends. Calls in between use the weights of
   * the fold under way. Needs memory for a second copy of the weights. Never throws, as `finetune`.
   */
  crossValidate(rows: readonly LabelledText[], options?: CrossValidateOptions): CrossValidationRun;

  /**
   * Searches for the options with the lowest dev loss by successive halving (Jamieson & Talwalkar 2016; Li et
   * al. 2018). On the first rung all trials make a small part of their steps; on each later rung the best
   * third make three times as many. Every run starts from the current weights, so `state` is all that a
   * resumed search needs. On the CPU, without a budget of minutes, the same seed gives the same search.
   * Afterwards the classifier is as it was, however the search ends. It takes no `test`: keep that for the
   * model that you fine-tune with `best.options`. Never throws, as `finetune`.
   */
  search(data: SearchData, options?: SearchOptions): SearchRun;

  /**
   * Learns new rows, such as corrected answers, on top of what the model knows, and tells what that did to rows that it knew.
   * It is `finetune` from the current weights on the new rows and on those of `replay`. The rows' labels must be the model's, or are
   * added with `addLabels`. While an adapter is on it rejects with `bad-state`: merge it first. Never throws, as `finetune`.
   *
   * ```js
   * const end = await classifier.learn(corrections, { replay: train }).result;
   * console.log(end.replayed?.before.accuracy, end.replayed?.after.accuracy);
   * ```
   */
  learn(rows: readonly LabelledText[], options?: LearnOptions): LearnRun;

  /**
   * The texts whose labels would teach the model most (active learning): among those that it is least sure of, by margin (Scheffer
   * et al. 2001), the ones most unlike each other, by their pooled states (k-center greedy, Sener and Savarese 2018). The least
   * sure comes first.
   *
   * Rejects as `classify`.
   */
  suggest(texts: readonly (string | TextPair)[], options?: SuggestOptions): Promise<Suggestion[]>;

  /**
   * Makes scores tell the share of right answers: finds the temperature of least loss on rows that the model was not trained on
   * (Guo et al. 2017), and divides the head's weights by it, so that saved folders have it, too. No predicted label changes; a
   * multi-label model's threshold moves along.
   *
   * Rejects with `busy`, `bad-option`, `bad-row` (also where the rows fit no temperature: all right, or no better than chance),
   * `unknown-label`, `bad-state` without labels, `aborted`, `device-lost` or `disposed`.
   */
  calibrate(rows: readonly LabelledText[], options?: CalibrateOptions): Promise<CalibrationReceipt>;

  /**
   * Learns what the examples look like, so that `classify` can tell a text unlike all of them: its `similarity`, and `unsure` (Sun
   * et al. 2022: out-of-distribution detection by nearest neighbours). From then on `classify` computes each text twice. Of more than
   * 256 examples, 256 spread over all are compared with; without `dev` the threshold is then found on others of them.
   *
   * `info.scope` tells that it is there. `save` writes it into config.json and `keep` keeps it: `load` and `open` bring it back, unless
   * they are told another pooling or other labels. Adapter folders and ONNX do not have it. It lasts while the encoder stays: a new head by the methods "head"
   * and "centroid", by `calibrate`, or by `learn` with its method "head", leaves it; any other training, another adapter, `quantize`, `prune` and `setLabels` end it.
   *
   * Rejects with `busy`, `bad-option`, `bad-row`, `aborted`, `device-lost` or `disposed`.
   */
  fitScope(examples: readonly (string | TextPair)[], options?: ScopeOptions): Promise<ScopeReceipt>;

  /**
   * Keeps the encoder in fewer bits, and tells what that costs on `data`. Where accuracy falls by more than `maxDrop`, the most
   * sensitive layers stay as they were, up to half of them; where it still falls by more, the call rejects with `accuracy-fell`
   * and the model is as it was. It needs memory for a second copy of the encoder meanwhile.
   *
   * ```js
   * const receipt = await classifier.quantize({ data: rows });
   * console.log(receipt.before.accuracy, receipt.after.accuracy, receipt.agreement);
   * const folder = await classifier.save({ dtype: "int8" });
   * ```
   *
   * Rejects with `busy`, `bad-option`, `bad-row`, `bad-state` without labels, `accuracy-fell`, `aborted`, `device-lost` or `disposed`.
   */
  quantize(options: QuantizeOptions): Promise<QuantizeReceipt>;

  /**
   * Keeps the model in this browser's storage under a name, with its weights in f32, its masked-LM head and all adapters;
   * a model of that name is replaced once the new one is whole. It belongs to this site, in this browser alone, and clearing
   * the site's data removes it. A name of up to 35 UTF-16 units (`name.length`)
   * always fits: it becomes a file's name, which has room for 70 Chinese characters or 210 small Latin letters.
   *
   * Rejects with `bad-option`, `busy`, `storage-full`, `no-storage`, `device-lost` or `disposed`. What was kept stays.
   */
  keep(name: string): Promise<KeepResult>;

  /**
   * Replaces the classification head by a new, untrained one for other labels: 1 to 1,000 distinct, non-empty
   * strings. Rejects with `busy`, `bad-option`, `bad-state` while an adapter is on, or `disposed`.
   */
  setLabels(labels: readonly string[], options?: SetLabelsOptions): Promise<void>;

  /**
   * Makes the model smaller, for good: fewer word pieces, fewer layers, or both. What is saved afterwards loads as any
   * checkpoint. Without layers the answers change; `finetune` wins back much of what is lost. Adapters that are off are
   * dropped with layers, since they no longer fit.
   *
   * There is no pruning of attention heads: transformers 5 loads no BERT whose layers have fewer heads than config.json says,
   * and heads that are only set to 0 save neither bytes nor time.
   *
   * ```js
   * const { before, after } = await classifier.prune({ vocabulary: rows.map(({ text }) => text) });
   * console.log(before.weightBytes, after.weightBytes);
   * ```
   *
   * Rejects with `busy`, `bad-option`, `bad-row`, `unknown-label`, `bad-state` where the tokenizer is not WordPiece, where layers
   * are pruned while an adapter is on, or chosen without a trained head; with `aborted`, `device-lost` or `disposed`.
   */
  prune(options: PruneOptions): Promise<PruneReceipt>;

  /**
   * Reads an adapter from a folder of Python's peft (LORA, ADALORA, PROMPT_TUNING or PREFIX_TUNING for
   * SEQ_CLS). It replaces an adapter of the same name, and is not switched on. Gives the adapter's labels:
   * those saved with it, else the model's where there are as many, else LABEL_0 and so on. Of LoRA, dense layers are
   * read, with `bias: "none"`; of `modules_to_save`, the classifier and the pooler. What else a folder has is refused by
   * name. A run that is begun meanwhile waits for it. Rejects with `busy`, `bad-option`, `bad-state` while an adapter of that name is on, `fetch-failed`, `bad-config`,
   * `bad-weights`, `missing-tensor`, `shape-mismatch`, `unsupported-dtype`, `pickle-refused`, `aborted` or
   * `disposed`.
   */
  addAdapter(
    name: string,
    source: FolderSource | AdapterFiles,
    options?: AddAdapterOptions,
  ): Promise<string[]>;

  /**
   * Switches to an adapter, with its head, labels, pooling and problem type, or with null to the model's own. Adapters share
   * the encoder, so this takes no time. A run of "lora", "adalora", "prompt" or "prefix" leaves its adapter
   * on. While an adapter is on, a run must have the same method, settings and `adapterName`, and continues
   * it. Rejects with `busy`, `bad-option` or `disposed`.
   */
  useAdapter(name: string | null): Promise<void>;

  /**
   * Merges the active "lora" or "adalora" adapter into the weights, which keeps the predictions: on a model in fewer bits
   * nearly, since the merged matrices are kept as 32-bit floats. Drops the
   * other adapters, since they belong to the weights before. A run that changes these weights drops them too.
   * Rejects with `busy`, `bad-state` where no adapter is on, or one of "prompt" or "prefix", which add no
   * weights; or `disposed`.
   */
  mergeAdapter(): Promise<void>;

  /**
   * Saves the active adapter as files. Rejects with `bad-option`, `bad-state` where none is on, or
   * `disposed`.
   */
  saveAdapter(options?: SaveAdapterOptions): Promise<SavedAdapter>;

  /**
   * Saves the model as files, with an active "lora" or "adalora" adapter merged. With `as: "onnx"`, for transformers.js and
   * onnxruntime; `load` does not read ONNX, so keep the other folder too. What writes it is onnx.js, which nothing else fetches.
   *
   * Rejects with `bad-option` ("f16" where a weight is beyond 65,504, too), `bad-state` (a "prompt" or "prefix" adapter is on, or
   * the head to save is missing),
   * `out-of-memory` (an ONNX file over 2 GiB too), `fetch-failed` where onnx.js is not beside worker.js, or `disposed`.
   */
  save(options?: SaveOptions): Promise<SavedCheckpoint>;
  save(options: SaveOnnxOptions): Promise<SavedOnnx>;

  /** Ends the worker and frees its memory. Calls under way reject with `disposed`. May be called again. */
  dispose(): Promise<void>;

  /** As `dispose`, for `await using`, where the browser has it. */
  [Symbol.asyncDispose](): Promise<void>;

  /** "Classifier". By it Vue makes no proxy of a classifier in a `ref`. */
  readonly [Symbol.toStringTag]: string;
}

declare global {
  interface SymbolConstructor {
    /** As in TypeScript's library "esnext.disposable", which need not be on. */
    readonly asyncDispose: unique symbol;
  }
}
