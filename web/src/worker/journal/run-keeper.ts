// Takes the state of a run under way to its journal, and back: weights, moments, the epoch so far, and the best epoch.
// Where the storage is full, keeps less and says so.

import type { JournalEvent } from "../../../bertlet.d.ts";
import { failureOf } from "../../shared/errors.ts";
import type { RunState, WasmModule } from "../engine/wasm-boundary.ts";
import { inPieces, PIECE_BYTES } from "../pieces.ts";
import type { BestEpoch } from "../runs/best-epoch.ts";
import type { Session } from "../session.ts";
import type { Journal } from "./journal.ts";
import type { EpochSums, Progress } from "./progress.ts";
import type { SlotHead } from "./slots.ts";

const PIECE_VALUES = PIECE_BYTES / Float32Array.BYTES_PER_ELEMENT;

export class RunKeeper {
  readonly #journal: Journal;
  readonly #session: Session;
  readonly #steps: number;
  readonly #best: BestEpoch | undefined;
  readonly #emit: (event: JournalEvent) => void;
  /** What there is room for. */
  #kept: "all" | JournalEvent["kept"] = "all";

  constructor(
    journal: Journal,
    session: Session,
    steps: number,
    best: BestEpoch | undefined,
    emit: (event: JournalEvent) => void,
  ) {
    this.#journal = journal;
    this.#session = session;
    this.#steps = steps;
    this.#best = best;
    this.#emit = emit;
  }

  /** Brings the run, which has just begun, to where the journal's state is. Gives its step, its epoch, and its time. */
  async restore(): Promise<{ step: number; epoch: EpochSums; elapsedMs: number } | undefined> {
    const { slot } = this.#journal;
    if (slot === undefined) return undefined;
    this.#journal.slot = undefined;
    const { numbers, epoch, parts, best } = slot.head.progress as Progress;
    const { engine, wasm } = this.#session;
    await this.#session.turn(async () => {
      if (best !== undefined) {
        if (best.numbers !== undefined) {
          await engine.resumeRun(best.numbers, valuesOf(wasm, slot.pieces.slice(parts)));
        }
        this.#best?.restoreState(best);
      }
      await engine.resumeRun(numbers, valuesOf(wasm, slot.pieces.slice(0, parts)));
    });
    return { step: numbers.step, epoch, elapsedMs: slot.head.elapsedMs };
  }

  /** Writes the state after a step, where it is time to, or `now`. */
  async keep(
    step: number,
    epoch: EpochSums,
    elapsedMs: number,
    when: "step" | "epoch" | "now",
  ): Promise<void> {
    if (this.#kept === "nothing") return;
    if (when !== "now" && !this.#journal.isDue(when === "epoch")) return;
    while (this.#kept !== "nothing") {
      try {
        await this.#write(step, epoch, elapsedMs, this.#kept === "all");
        return;
      } catch (error) {
        const failure = failureOf(error);
        if (failure === undefined || failure.code === "device-lost") throw error;
        this.#kept = failure.code === "storage-full" && this.#kept === "all" ? "weights" : "nothing";
        this.#emit({ type: "journal", kept: this.#kept, reason: failure.message });
      }
    }
  }

  async #write(step: number, epoch: EpochSums, elapsedMs: number, withMoments: boolean): Promise<void> {
    const state = await this.#session.turn(() => this.#session.engine.runState(withMoments));
    try {
      const best = this.#best?.state();
      const parts = Math.ceil(state.length / PIECE_VALUES);
      const progress: Progress = { numbers: state.numbers(), epoch, parts };
      if (best !== undefined) progress.best = best;
      const head = { savedAt: Date.now(), step, steps: this.#steps, elapsedMs, progress };
      await this.#journal.save(head, piecesOf([state, this.#best?.weights]));
    } finally {
      if (!this.#session.crashed) state.free();
    }
  }
}

/** Keeps what a run of runs has finished. */
export async function keepProgress(
  journal: Journal | undefined,
  state: Pick<SlotHead, "step" | "elapsedMs" | "progress">,
  emit: (event: JournalEvent) => void,
): Promise<void> {
  try {
    await journal?.save({ ...state, savedAt: Date.now() }, piecesOf([]));
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    emit({ type: "journal", kept: "nothing", reason: failure.message });
  }
}

async function* piecesOf(states: (RunState | undefined)[]): AsyncIterable<Float32Array> {
  const longest = Math.max(0, ...states.map((state) => state?.length ?? 0));
  const piece = new Float32Array(Math.min(longest, PIECE_VALUES));
  for (const state of states) if (state !== undefined) yield* inPieces(state, piece);
}

function valuesOf(wasm: WasmModule, pieces: Float32Array[]) {
  const values = new wasm.RunValues();
  for (const piece of pieces) values.push(piece);
  return values;
}
