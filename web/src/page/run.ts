// Takes the events of a run; gives them as an async iterable with controls and a result.
// Keeps events until they are read. May touch the worker through `control` only.

import type { Run as PublicRun } from "../../bertlet.d.ts";
import type { BertletError } from "../shared/errors.ts";

interface Reader<Event> {
  resolve(result: IteratorResult<Event>): void;
  reject(error: unknown): void;
}

/** `Event` includes the result, which is the last event. */
export class Run<Event, Result extends Event> implements PublicRun<Event, Result> {
  readonly result: Promise<Result>;
  readonly #control: (type: "pause" | "resume" | "stop") => void;
  readonly #events: Event[] = [];
  readonly #readers: Reader<Event>[] = [];
  #over = false;
  /** Thrown to one reader, then forgotten. */
  #failure: BertletError | undefined;

  /** `start` begins the work and emits every event but the last. It rejects, but may not throw. */
  constructor(
    start: (emit: (event: Event) => void) => Promise<Result>,
    control: (type: "pause" | "resume" | "stop") => void,
  ) {
    this.#control = control;
    this.result = start((event) => this.#emit(event));
    // This also handles the rejection for those who read the events alone.
    this.result.then(
      (result) => {
        this.#over = true;
        this.#emit(result);
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

  /** As a classifier's: a framework makes no proxy of it. */
  get [Symbol.toStringTag](): string {
    return "Run";
  }

  [Symbol.asyncIterator](): AsyncIterator<Event> {
    return { next: () => this.#next() };
  }

  #emit(event: Event): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#events.push(event);
    else reader.resolve({ done: false, value: event });
  }

  #next(): Promise<IteratorResult<Event>> {
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
