/**
 * The tag <bertlet-classifier>: importing "bertlet/element" (or element.js) defines it. Its attributes, events, slots, parts
 * and variables are in the documentation, under "The tag".
 *
 * JSX of React 19, in a file of your own:
 *
 *     declare module "react" {
 *       namespace JSX {
 *         interface IntrinsicElements {
 *           "bertlet-classifier": React.HTMLAttributes<BertletClassifier> & BertletClassifierAttributes;
 *         }
 *       }
 *     }
 */
import type {
  BertletError,
  Classifier,
  EndEvent,
  EpochEvent,
  LabelledText,
  LoadProgress,
  Method,
  ModelInfo,
  Prediction,
  RowProgress,
  StepEvent,
} from "./bertlet.js";

/** The attributes as they are written in HTML. A value that cannot be honoured is a `bertlet-error`. */
export interface BertletClassifierAttributes {
  /** Address of the model's folder. Needed. */
  src?: string;
  /** Address of an adapter's folder, for that model. */
  adapter?: string;
  /** The labels to teach, with | between them. In mode "use" they must be the model's own. */
  labels?: string;
  /** Default "use". "both" shows the model's own answers from the start, and teaches it further. */
  mode?: "use" | "teach" | "both";
  /** Address of a CSV, TSV or JSON file with a text and a label in each row. */
  rows?: string;
  /** Default "centroid". */
  method?: Method;
  /** 1 to 1,000. Default: what is usual for the method. */
  epochs?: number | string;
  /** Training stops in this time, over 0, at most 1,440. Default: no limit. */
  "max-minutes"?: number | string;
  /** The recipe, the labels and the sources cannot be changed. */
  locked?: boolean | "";
  /** As of `Classifier.load`. */
  device?: "auto" | "webgpu" | "wasm";
  /** As of `Classifier.load`. */
  threads?: number | string;
  /** A language that begins with "zh" is Chinese, every other one English. Default: the surroundings'. */
  lang?: string;
  theme?: "auto" | "light" | "dark";
  /** When the model is fetched. Default "visible". */
  loading?: "visible" | "eager" | "click";
  /** "download" offers the model as a zip; "browser" keeps what is taught here in this browser. Default "none". */
  keep?: "none" | "download" | "browser";
  /** Name of the value in a form. */
  name?: string;
}

export interface TrainingEnd extends EndEvent {
  /** Whether `max-minutes` ended it. */
  outOfTime: boolean;
  /** Whether the model can be asked now. */
  learned: boolean;
  /** A fifth of the rows, where each label has five or more: kept back, and labelled after training. */
  checked?: { rows: number; correct: number };
}

/** Also a custom state, for `:state(training)`; so is `askable`. */
export type BertletClassifierState =
  | "waiting"
  | "loading"
  | "ready"
  | "classifying"
  | "training"
  | "saving"
  | "failed";

export class BertletClassifier extends HTMLElement {
  /** Once it is loaded. */
  readonly classifier: Classifier | undefined;
  /** The classifier as soon as it is loaded. Rejects where the next load fails. */
  readonly ready: Promise<Classifier>;
  readonly state: BertletClassifierState;
  /** The last error. Tell errors by `code`: the tag's own are not `instanceof` the library's class. */
  readonly error: BertletError | undefined;
  /** The last text's label, or several with | between them; "" before. */
  readonly value: string;
  readonly form: HTMLFormElement | null;
  /** The rows of the lesson. Set them in place of the attribute's. */
  get rows(): readonly LabelledText[];
  set rows(rows: readonly LabelledText[] | string | null | undefined);
  classify(text: string): Promise<Prediction>;
  /** Trains on the lesson's rows, from the model as it was loaded. */
  train(): Promise<TrainingEnd>;
  /** Ends a training after its step, or a load at once. */
  stop(): void;
  /** The model's files as a zip. */
  save(): Promise<Blob>;
}

/** All bubble and are composed. */
export interface BertletClassifierEventMap {
  "bertlet-progress": CustomEvent<LoadProgress | RowProgress>;
  "bertlet-ready": CustomEvent<ModelInfo>;
  "bertlet-step": CustomEvent<StepEvent>;
  "bertlet-epoch": CustomEvent<EpochEvent>;
  "bertlet-end": CustomEvent<TrainingEnd>;
  "bertlet-result": CustomEvent<Prediction>;
  "bertlet-error": CustomEvent<BertletError>;
}

declare global {
  interface HTMLElementTagNameMap {
    "bertlet-classifier": BertletClassifier;
  }
  interface HTMLElementEventMap extends BertletClassifierEventMap {}
}
