// The step loop of a run that the engine has begun: makes its steps, evaluates after each epoch, and emits
// events. Handles the clock, pauses and stops.

import type { EndEvent, EpochEvent, StepEvent } from "../../../bertlet.d.ts";
import { failureOf } from "../../shared/errors.ts";
import { nextTurn } from "../../shared/next-turn.ts";
import type { StepReport } from "../engine/wasm-boundary.ts";
import type { EpochSums } from "../journal/progress.ts";
import type { RunKeeper } from "../journal/run-keeper.ts";
import { type RunJob, type Session, Stopped } from "../session.ts";

/** The evaluation after each epoch, and the decision to go on. */
interface EpochEvaluation<Report> {
  evaluate(): Promise<Report>;
  /** Whether to go on after the epoch. Called within a turn. */
  continues(epoch: number, report: Report): boolean;
}

interface Epoch extends Omit<EpochSums, "milliseconds"> {
  startedAt: number;
  /** The run's pauses before it. */
  pausedMs: number;
}

type LoopEvent<Report> = StepEvent | (Omit<EpochEvent, "dev"> & { dev?: Report });

export class StepLoop<Report> {
  /** Steps made. */
  steps = 0;
  pausedMs = 0;
  readonly #session: Session;
  readonly #job: RunJob;
  readonly #emit: (event: LoopEvent<Report>) => void;
  readonly #keeper: RunKeeper | undefined;
  /** When the run began, or would have, had it not been interrupted. */
  #startedAt: number;

  /** `startedAt` is when the run began. `keeper` has its journal, if it has one. */
  constructor(
    session: Session,
    job: RunJob,
    emit: (event: LoopEvent<Report>) => void,
    startedAt: number,
    keeper?: RunKeeper,
  ) {
    this.#session = session;
    this.#job = job;
    this.#emit = emit;
    this.#startedAt = startedAt;
    this.#keeper = keeper;
  }

  /** Milliseconds of the run so far, pauses excluded. */
  get milliseconds(): number {
    return performance.now() - this.#startedAt - this.pausedMs;
  }

  /**
   * Makes `limit` steps. The last one also ends its epoch. With `goesOn`, the run is not over after them: what is still to come
   * begins with a state of the last step in the journal, so that a run that ends meanwhile goes on with that.
   */
  async run(
    limit: number,
    evaluation: EpochEvaluation<Report> | undefined,
    goesOn = false,
  ): Promise<EndEvent["reason"]> {
    let epoch: Epoch = this.#newEpoch();
    try {
      const restored = await this.#keeper?.restore();
      if (restored !== undefined) {
        this.steps = restored.step;
        this.#startedAt = performance.now() - this.pausedMs - restored.elapsedMs;
        epoch = { ...restored.epoch, ...this.#startOf(restored.epoch.milliseconds) };
      }
      if (epoch.early) return "early-stopping";
      while (this.steps < limit || epoch.owed !== undefined) {
        this.#session.epoch = epoch;
        if (this.#job.keepsNow()) await this.#keep(epoch, "now");
        this.pausedMs += await this.#job.waitWhilePaused();
        if (epoch.owed === undefined) {
          const { loss, rows, tokens, paddedTokens, epochEnd, epoch: number } = await this.#step();
          epoch.rows += rows;
          epoch.loss += loss * rows;
          epoch.tokens += tokens;
          epoch.paddedTokens += paddedTokens;
          if (epochEnd || this.steps === limit) epoch.owed = number;
          else await this.#keep(epoch, "step");
          if (this.steps === limit && evaluation !== undefined) await this.#keep(epoch, "epoch");
        }
        if (epoch.owed !== undefined) {
          const goOn = await this.#endEpoch(epoch, epoch.owed, evaluation);
          const early = !goOn && this.steps < limit;
          epoch = this.#newEpoch();
          if (early) epoch.early = true;
          const isOver = early || this.steps === limit;
          if (!isOver || goesOn) await this.#keep(epoch, isOver ? "now" : "epoch");
          if (early) return "early-stopping";
        }
        await nextTurn();
      }
      this.#job.check();
      return "finished";
    } catch (error) {
      if (error instanceof Stopped) {
        await this.#keep(epoch, "now");
        return "stopped";
      }
      if (failureOf(error)?.code === "diverged") return "diverged";
      throw error;
    }
  }

  /** Evaluates an epoch; tells whether to go on. Throws `Stopped` where the run was stopped meanwhile. */
  async #endEpoch(
    epoch: Epoch,
    number: number,
    evaluation: EpochEvaluation<Report> | undefined,
  ): Promise<boolean> {
    const report = evaluation && (await untilStopped(evaluation.evaluate()));
    const event = {
      type: "epoch",
      epoch: number,
      trainLoss: epoch.loss / epoch.rows,
      paddedShare: epoch.paddedTokens / (epoch.tokens + epoch.paddedTokens),
      milliseconds: this.#since(epoch),
    } as const;
    this.#emit(report === undefined ? event : { ...event, dev: report });
    if (evaluation === undefined) return true;
    if (report === undefined) throw new Stopped();
    return this.#session.turn(() => evaluation.continues(number, report));
  }

  #newEpoch(): Epoch {
    return { rows: 0, loss: 0, tokens: 0, paddedTokens: 0, ...this.#startOf(0) };
  }

  /** The start of an epoch that has taken so many milliseconds. */
  #startOf(milliseconds: number) {
    return { startedAt: performance.now() - milliseconds, pausedMs: this.pausedMs };
  }

  #since({ startedAt, pausedMs }: { startedAt: number; pausedMs: number }): number {
    return performance.now() - startedAt - (this.pausedMs - pausedMs);
  }

  async #keep(epoch: Epoch, when: "step" | "epoch" | "now"): Promise<void> {
    const { startedAt: _, pausedMs: __, ...sums } = epoch;
    const kept: EpochSums = { ...sums, milliseconds: this.#since(epoch) };
    await this.#keeper?.keep(this.steps, kept, this.milliseconds, when);
  }

  async #step(): Promise<StepReport> {
    const { startedAt, report } = await this.#session.turn(async () => {
      // Measured within the turn, so that the turns of other calls do not count.
      const startedAt = performance.now();
      return { startedAt, report: await this.#session.engine.trainStep() };
    });
    const { epochEnd: _, ...numbers } = report;
    this.steps = report.step;
    this.#emit({ type: "step", ...numbers, milliseconds: performance.now() - startedAt });
    return report;
  }
}

/** The result of `work`, or undefined where the run was stopped meanwhile. */
export async function untilStopped<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}
