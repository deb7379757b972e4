/**
 * The tag <bertlet-classifier>: its attributes, properties, events, states and form value. The library is fetched with the
 * first model. Importing this file without a DOM does nothing.
 */
import type { Classifier, LabelledText, Prediction } from "../src/index.ts";
import { BertletError } from "../src/shared/errors.ts";
import { download } from "../studio/widgets/download.ts";
import { ATTRIBUTES, Fault, LOCKED, type Settings, settingsOf } from "./attributes.ts";
import { Session } from "./session.ts";
import type { Desk, Phase } from "./state.ts";
import { en, type Strings } from "./strings/en.ts";
import { STYLES } from "./styles.ts";
import type { TrainingEnd } from "./training.ts";
import { type Frame, frame } from "./views/frame.ts";
import { verdict } from "./views/parts.ts";

/** A server that renders pages has no elements. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;
const TAG = "bertlet-classifier";
const STATES: readonly Phase[] = [
  "waiting",
  "loading",
  "ready",
  "classifying",
  "training",
  "saving",
  "failed",
];
/** A change of these asks for another model. */
const OF_MODEL = ["src", "adapter", "labels", "mode", "device", "threads"];

export class BertletClassifier extends Base {
  static readonly formAssociated = true;
  static readonly observedAttributes = [...ATTRIBUTES, "name"];

  readonly #internals = this.attachInternals();
  readonly #session = new Session(
    (name, detail) => this.#dispatch(name, detail),
    () => this.#update(),
    () => this.id || (this.getAttribute("name") ?? ""),
  );
  readonly #root = this.attachShadow({ mode: "open" });
  #frame: Frame | undefined;
  /** The language and the mode of the shadow tree. */
  #drawn: string | undefined;
  #rows: readonly LabelledText[] | undefined;
  #error: BertletError | undefined;
  /** What a form sends: the labels of the last text. */
  #answer: readonly string[] = [];
  #changed = new Set<string>();
  #seen: IntersectionObserver | undefined;
  #chosen: Partial<Settings> = {};
  #loaded = Promise.withResolvers<Classifier>();
  #refusing = false;

  constructor() {
    super();
    this.adoptedCallback();
    // The fallback stays until there is more to show.
    this.#root.append(document.createElement("slot"));
    this.#internals.role = "group";
    this.#session.onLesson = () => this.#frame?.drawCards();
    this.#loaded.promise.catch(() => {});
  }

  /** The library's classifier, once it is loaded. */
  get classifier(): Classifier | undefined {
    return this.#session.classifier;
  }

  /** The classifier as soon as it is loaded. Rejects where the next load fails. */
  get ready(): Promise<Classifier> {
    return this.classifier ? Promise.resolve(this.classifier) : this.#loaded.promise;
  }

  get state(): Phase {
    return this.#session.now.phase;
  }

  /** The last error. */
  get error(): BertletError | undefined {
    return this.#error;
  }

  /** The label of the last text, or several with | between them; "" before. */
  get value(): string {
    return this.#answer.join("|");
  }

  get form(): HTMLFormElement | null {
    return this.#internals.form;
  }

  /** Labelled rows for a lesson, in place of the attribute's. */
  get rows(): readonly LabelledText[] {
    return this.#session.lesson.examples.map(({ text, label }) => ({ text, label }));
  }

  set rows(rows: readonly LabelledText[] | string | null | undefined) {
    if (this.#refuse("rows", "rows")) return;
    const isAddress = typeof rows === "string";
    this.#rows = isAddress ? undefined : (rows ?? undefined);
    // A framework sets a property where it means the attribute.
    if (isAddress) this.setAttribute("rows", rows);
    this.#mark("rows");
  }

  classify(text: string): Promise<Prediction> {
    return this.#session.classify(text);
  }

  train(): Promise<TrainingEnd> {
    return this.#session.train();
  }

  /** Ends a training after its step, or a load at once. */
  stop(): void {
    this.#session.stop();
  }

  /** The model's files as a zip. */
  save(): Promise<Blob> {
    return this.#session.save();
  }

  connectedCallback(): void {
    // Set before the tag was defined.
    if (Object.hasOwn(this, "rows")) {
      const { rows } = this;
      Reflect.deleteProperty(this, "rows");
      this.rows = rows;
    }
    this.#mark("all");
  }

  /** A style sheet is of one document: in another one, as a frame's, the tag needs another. */
  adoptedCallback(): void {
    const view = this.ownerDocument.defaultView;
    if (!view) return;
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(STYLES);
    this.#root.adoptedStyleSheets = [sheet];
  }

  disconnectedCallback(): void {
    // A tag that only moves keeps its model.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#seen?.disconnect();
      this.#session.unload();
      this.#update();
    });
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value || this.#refusing) return;
    if (name === "name") this.#setAnswer(this.#answer);
    else if (this.#refuse(name, value ?? "")) {
      this.#refusing = true;
      if (before === null) this.removeAttribute(name);
      else this.setAttribute(name, before);
      this.#refusing = false;
    } else this.#mark(name);
  }

  formResetCallback(): void {
    this.#session.forget();
    if (this.#frame) this.#frame.text.value = "";
    this.#update();
  }

  formDisabledCallback(disabled: boolean): void {
    this.#session.now.disabled = disabled;
    this.#update();
  }

  /** True where the lock holds this setting, which is then told as an error. */
  #refuse(name: string, value: string): boolean {
    const locked = this.#frame !== undefined && this.#session.settings.locked && LOCKED.includes(name);
    if (locked)
      this.#dispatch(
        "error",
        new Fault(name, { kind: "known", detail: "" }, value, "no change, since the tag is locked"),
      );
    return locked;
  }

  /** Several changes at once are taken together; those outside of a page, once the tag is in one. */
  #mark(name: string): void {
    this.#changed.add(name);
    queueMicrotask(() => this.#take());
  }

  #take(): void {
    const changed = this.#changed;
    if (changed.size === 0 || !this.isConnected) return;
    this.#changed = new Set();
    const session = this.#session;
    const first = this.#drawn === undefined;
    const { settings, faults } = settingsOf((name) => this.getAttribute(name));
    const known = session.now.faults.map(({ message }) => message);
    if (changed.has("method") || changed.has("epochs") || settings.locked) this.#chosen = {};
    session.settings = { ...settings, ...this.#chosen };
    session.now.faults = faults;
    const drawn = this.#draw();
    for (const fault of faults) if (!known.includes(fault.message)) this.#dispatch("error", fault);
    const unfilled = first || (changed.has("mode") && session.lesson.labels.length === 0);
    if (settings.mode !== "use" && (unfilled || changed.has("rows") || changed.has("labels")))
      void Promise.all([session.fill(this.#rows), drawn]).then(() => this.#frame?.drawCards());
    // A lesson that is not shown is filled once it is.
    else if (changed.has("rows") || changed.has("labels")) this.#changed.add("rows");
    const model = OF_MODEL.some((name) => changed.has(name));
    if (model && !first) session.unload();
    if (changed.has("all") || changed.has("loading") || model) this.#load(settings);
    this.#update();
  }

  #load({ src, loading }: Settings): void {
    this.#seen?.disconnect();
    if (src === undefined || this.classifier) return;
    if (loading === "eager") this.#begin();
    if (loading !== "visible") return;
    this.#seen = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      this.#seen?.disconnect();
      this.#begin();
    });
    this.#seen.observe(this);
  }

  #begin(): void {
    this.#session.load().catch(() => {});
  }

  /** Makes the shadow tree, where it is not there in this language and for this mode. */
  async #draw(): Promise<void> {
    const chinese = languageAround(this).toLowerCase().startsWith("zh");
    const teaches = this.#session.settings.mode !== "use";
    const drawn = `${chinese} ${teaches}`;
    if (this.#drawn === drawn) return;
    this.#drawn = drawn;
    try {
      const [t, teaching] = await Promise.all([
        chinese ? import("./strings/zh.ts").then(({ zh }) => zh) : en,
        teaches ? import("./teaching.ts") : undefined,
      ]);
      if (this.#drawn === drawn) this.#build(t, teaching?.teachView);
    } catch (error) {
      this.#drawn = undefined;
      this.#session.fail(
        "load",
        new BertletError("fetch-failed", `a file beside element.js could not be loaded: ${error}`),
      );
    }
  }

  #build(t: Strings, teachView: Parameters<typeof frame>[2]): void {
    this.#internals.ariaLabel = t.tag;
    const session = this.#session;
    const desk: Desk = {
      t,
      lesson: session.lesson,
      now: session.now,
      get settings() {
        return session.settings;
      },
      load: () => this.#begin(),
      ask: (text) =>
        void session.classify(text).then(
          (prediction) => {
            if (prediction === session.now.prediction) desk.say(verdict(t, prediction));
          },
          () => {},
        ),
      forget: () => {
        if (session.now.prediction) desk.say("");
        session.forget();
        this.#update();
      },
      teach: () =>
        session.train().then(
          () => {},
          () => {},
        ),
      stop: () => session.stop(),
      download: () =>
        void session.save().then(
          (zip) => download(zip, "my-classifier.zip"),
          () => {},
        ),
      choose: (recipe) => {
        this.#chosen = { ...this.#chosen, ...recipe };
        session.settings = { ...session.settings, ...recipe };
        this.#update();
      },
      say: (line) => {
        made.live.textContent = line;
      },
    };
    const made = frame(desk, this.#frame?.text.value ?? "", teachView);
    this.#frame = made;
    this.#root.replaceChildren(...made.elements);
    this.#update();
  }

  #update(): void {
    const { phase, askable, prediction } = this.#session.now;
    for (const state of STATES) this.#mirror(state, state === phase);
    this.#mirror("askable", askable);
    // A form sends no answer that is not in sight.
    if (!prediction && this.#answer.length > 0) this.#setAnswer([]);
    this.#frame?.update();
  }

  #mirror(state: string, on: boolean): void {
    if (on) this.#internals.states.add(state);
    else this.#internals.states.delete(state);
  }

  #setAnswer(labels: readonly string[]): void {
    this.#answer = labels;
    const name = this.getAttribute("name");
    const data = new FormData();
    if (name !== null) for (const label of labels) data.append(name, label);
    this.#internals.setFormValue(labels.length > 0 && name !== null ? data : null);
  }

  #dispatch(name: string, detail: unknown): void {
    if (name === "error") this.#error = detail as BertletError;
    const notLoaded = name === "error" && detail === this.#session.now.errors.load;
    if (name === "ready" || notLoaded) {
      const { resolve, reject } = this.#loaded;
      this.#loaded = Promise.withResolvers();
      this.#loaded.promise.catch(() => {});
      if (notLoaded) reject(detail);
      else resolve(this.classifier as Classifier);
    }
    if (name === "result") {
      const { label, labels = [label] } = detail as Prediction;
      this.#setAnswer(labels);
    }
    this.dispatchEvent(new CustomEvent(`bertlet-${name}`, { detail, bubbles: true, composed: true }));
  }
}

/** Also that around the shadow trees that an element is in. */
function languageAround(element: Element | undefined): string {
  const own = element?.closest<HTMLElement>("[lang]");
  if (own || !element) return own?.lang ?? "";
  return languageAround((element.getRootNode() as ShadowRoot).host);
}

if (globalThis.customElements && !customElements.get(TAG)) customElements.define(TAG, BertletClassifier);
