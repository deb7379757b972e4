// Takes the dev loss after each epoch; keeps the weights of the best epoch, and says when to wait no longer for a
// better one. Keeps the threshold of the weights that the run ends with. May not train, nor evaluate.

import type { ModelSelection } from "../shared/recipe.ts";
import type { Session } from "./session.ts";
import type { Snapshot } from "./wasm-boundary.ts";

export class BestEpoch {
  /** The epoch with the lowest dev loss, the first of equals; none before dev was evaluated. */
  epoch: number | undefined;
  /** Of the weights that `restore` gives, or leaves. */
  threshold: number | undefined;
  #loss = Number.POSITIVE_INFINITY;
  /** Epochs since then. */
  #waited = 0;
  #weights: Snapshot | undefined;
  readonly #session: Session;
  readonly #selection: ModelSelection;

  constructor(session: Session, selection: ModelSelection) {
    this.#session = session;
    this.#selection = selection;
  }

  /** Whether to go on after `epoch`, whose weights are the engine's. To be called within a turn. */
  record(epoch: number, loss: number, threshold: number | undefined): boolean {
    const better = loss < this.#loss || this.epoch === undefined;
    if (better || !this.#selection.restoreBest) this.threshold = threshold;
    if (better) {
      this.epoch = epoch;
      this.#loss = loss;
      this.#waited = 0;
      if (this.#selection.restoreBest) {
        this.free();
        this.#weights = this.#session.engine.snapshot();
      }
      return true;
    }
    this.#waited += 1;
    return this.#waited < (this.#selection.patience ?? Number.POSITIVE_INFINITY);
  }

  /** Gives the model the best epoch's weights, where they were kept, and the threshold, where one was found. To be called within a turn, after the run. */
  restore(): void {
    const { engine } = this.#session;
    if (this.#weights !== undefined) engine.restore(this.#weights);
    if (this.threshold !== undefined) engine.setThreshold(this.threshold);
  }

  free(): void {
    this.#weights?.free();
    this.#weights = undefined;
  }
}
