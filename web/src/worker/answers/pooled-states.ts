// Remembers pooled states by their texts while the model does not change. Computes nothing.

import type { Text } from "../../shared/messages.ts";

/** What is remembered at most, in bytes of states: as much as a small model. */
const MOST_BYTES = 64 * 2 ** 20;

export class PooledStates {
  #known = new Map<string, Float32Array>();
  #bytes = 0;
  /** Calls under way that change the model. */
  #changing = 0;

  /** Forgets all, and remembers nothing until the function that it gives is called. */
  changing(): () => void {
    this.#changing += 1;
    this.#known = new Map();
    this.#bytes = 0;
    return () => {
      this.#changing -= 1;
    };
  }

  of(text: Text): Float32Array | undefined {
    return this.#known.get(keyOf(text));
  }

  keep(text: Text, state: Float32Array): void {
    if (this.#changing > 0 || this.#bytes + state.byteLength > MOST_BYTES) return;
    this.#bytes += state.byteLength;
    this.#known.set(keyOf(text), state);
  }
}

/** A text and a pair never have the same. */
function keyOf(text: Text): string {
  return typeof text === "string" ? `"${text}` : JSON.stringify(text);
}
