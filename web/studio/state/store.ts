/**
 * Takes nothing; gives the store: it holds the state, and calls listeners when a part of it changes. Actions set
 * the state, views read it.
 */
import { initialState, type State } from "./state.ts";

type Listener = { keys: readonly (keyof State)[]; run: (state: State) => void };

export class Store {
  #state = initialState();
  #listeners = new Set<Listener>();

  get state(): Readonly<State> {
    return this.#state;
  }

  set(patch: Partial<State>): void {
    this.#state = { ...this.#state, ...patch };
    for (const listener of [...this.#listeners])
      if (listener.keys.some((key) => key in patch)) listener.run(this.#state);
  }

  /** Changes some fields of one part of the state. */
  patch<K extends Exclude<keyof State, "step" | "device" | "inspection" | "plan" | "runs">>(
    key: K,
    fields: Partial<State[K]>,
  ): void {
    this.set({ [key]: { ...this.#state[key], ...fields } } as Partial<State>);
  }

  /** Runs now and whenever one of `keys` is set, until `signal` aborts. */
  on(keys: readonly (keyof State)[], run: (state: State) => void, signal?: AbortSignal): void {
    const listener = { keys, run };
    this.#listeners.add(listener);
    signal?.addEventListener("abort", () => this.#listeners.delete(listener));
    run(this.#state);
  }
}
