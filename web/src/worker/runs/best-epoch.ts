// Early stopping and the best epoch: takes the dev loss after each epoch, keeps the best epoch's weights and
// the threshold to end with, and says when patience has run out. May not train, nor evaluate.

import type { ModelSelection } from "../../shared/recipe.ts";
import type { RunNumbers, RunState, Snapshot } from "../engine/wasm-boundary.ts";
import type { Session } from "../session.ts";

/** What a journal has of the best epoch, beside its weights. Plain JSON. */
export interface BestEpochState {
  epoch: number;
  threshold?: number;
  loss: number;
  waited: number;
  /** With the weights, where they are kept. */
  numbers?: RunNumbers;
}

export class BestEpoch {
  /** The epoch with the lowest dev loss, the first among equals; undefined before the first evaluation. */
  epoch: number | undefined;
  /** The threshold of the weights that the run ends with. */
  threshold: number | undefined;
  #loss = Number.POSITIVE_INFINITY;
  /** Epochs since the best one. */
  #waited = 0;
  #weights: Snapshot | undefined;
  /** The same weights as a journal keeps them. */
  weights: RunState | undefined;
  readonly #session: Session;
  readonly #selection: ModelSelection;
  readonly #journalled: boolean;

  /** `journalled` where a journal asks for the state. */
  constructor(session: Session, selection: ModelSelection, journalled = false) {
    this.#session = session;
    this.#selection = selection;
    this.#journalled = journalled;
  }

  /**
   * Records an epoch, whose weights the engine has now; tells whether to go on. To be called within a turn.
   */
  record(epoch: number, loss: number, threshold: number | undefined): boolean {
    const better = loss < this.#loss || this.epoch === undefined;
    if (better || !this.#selection.restoreBest) this.threshold = threshold;
    if (better) {
      this.epoch = epoch;
      this.#loss = loss;
      this.#waited = 0;
      if (this.#selection.restoreBest) {
        this.#keepWeights();
      }
      return true;
    }
    this.#waited += 1;
    return this.#waited < (this.#selection.patience ?? Number.POSITIVE_INFINITY);
  }

  /**
   * Restores the best epoch's weights, where they were kept, and sets the tuned threshold, if any. To be
   * called within a turn, after the run.
   */
  restore(): void {
    const { engine } = this.#session;
    if (this.#weights !== undefined) engine.restore(this.#weights);
    if (this.threshold !== undefined) engine.setThreshold(this.threshold);
  }

  /** For a journal; undefined before the first evaluation. */
  state(): BestEpochState | undefined {
    if (this.epoch === undefined) return undefined;
    const state: BestEpochState = { epoch: this.epoch, loss: this.#loss, waited: this.#waited };
    if (this.threshold !== undefined) state.threshold = this.threshold;
    if (this.weights !== undefined) state.numbers = this.weights.numbers();
    return state;
  }

  /** Takes a journal's state. With `numbers`, the engine has the best epoch's weights now. To be called within a turn. */
  restoreState({ epoch, loss, waited, threshold, numbers }: BestEpochState): void {
    this.epoch = epoch;
    this.#loss = loss;
    this.#waited = waited;
    this.threshold = threshold;
    if (numbers !== undefined) this.#keepWeights();
  }

  free(): void {
    this.#weights?.free();
    this.weights?.free();
    this.#weights = undefined;
    this.weights = undefined;
  }

  #keepWeights(): void {
    this.free();
    const { engine } = this.#session;
    this.#weights = engine.snapshot();
    if (this.#journalled) this.weights = engine.runState(false);
  }
}
