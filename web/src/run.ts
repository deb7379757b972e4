// Takes the events of a fine-tuning run; gives them as an async iterable with controls and a result.
// Keeps events until they are read. May not touch the worker but through `controls`.

import type { EndEvent, FinetuneEvent, FinetuneRun } from "../bertlet.d.ts";
import type { BertletError } from "./errors.ts";

interface Reader {
  resolve(result: IteratorResult<FinetuneEvent>): void;
  reject(error: unknown): void;
}

export class Run implements FinetuneRun {
  readonly result: Promise<EndEvent>;
  readonly #control: (type: "pause" | "resume" | "stop") => void;
  readonly #events: FinetuneEvent[] = [];
  readonly #readers: Reader[] = [];
  #over = false;
  /** Thrown to one reader, then forgotten. */
  #failure: BertletError | undefined;

  /** `start` begins the work, giving each event but the last to `emit`; it may not throw. */
  constructor(
    start: (emit: (event: FinetuneEvent) => void) => Promise<EndEvent>,
    control: (type: "pause" | "resume" | "stop") => void,
  ) {
    this.#control = control;
    this.result = start((event) => this.#emit(event));
    // Also keeps a failure from counting as unhandled where only the events are read.
    this.result.then(
      (end) => {
        this.#over = true;
        this.#emit(end);
        this.#finish();
      },
      (error: BertletError) => {
        this.#over = true;
        this.#failure = error;
        this.#finish();
      },
    );
  }

  pause(): void {
    this.#control("pause");
  }

  resume(): void {
    this.#control("resume");
  }

  stop(): void {
    this.#control("stop");
  }

  [Symbol.asyncIterator](): AsyncIterator<FinetuneEvent> {
    return { next: () => this.#next() };
  }

  #emit(event: FinetuneEvent): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#events.push(event);
    else reader.resolve({ done: false, value: event });
  }

  #next(): Promise<IteratorResult<FinetuneEvent>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      if (this.#over) this.#finish();
    });
  }

  #finish(): void {
    for (const reader of this.#readers.splice(0)) {
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(failure);
    }
  }
}
