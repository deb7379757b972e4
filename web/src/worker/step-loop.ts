// The step loop of a run that the engine has begun: makes its steps, evaluates after each epoch, and emits
// events. Handles the clock, pauses and stops.

import type { EndEvent, EpochEvent, StepEvent } from "../../bertlet.d.ts";
import { failureOf } from "../shared/errors.ts";
import { type RunJob, type Session, Stopped, yieldToMessages } from "./session.ts";
import type { StepReport } from "./wasm-boundary.ts";

/** The evaluation after each epoch, and the decision to go on. */
interface EpochEvaluation<Report> {
  evaluate(): Promise<Report>;
  /** Whether to go on after the epoch. Called within a turn. */
  continues(epoch: number, report: Report): boolean;
}

type LoopEvent<Report> = StepEvent | (Omit<EpochEvent, "dev"> & { dev?: Report });

export class StepLoop<Report> {
  /** Steps made. */
  steps = 0;
  pausedMs = 0;
  readonly #session: Session;
  readonly #job: RunJob;
  readonly #emit: (event: LoopEvent<Report>) => void;

  constructor(session: Session, job: RunJob, emit: (event: LoopEvent<Report>) => void) {
    this.#session = session;
    this.#job = job;
    this.#emit = emit;
  }

  /** Makes `limit` steps. The last one also ends its epoch. */
  async run(limit: number, evaluation: EpochEvaluation<Report> | undefined): Promise<EndEvent["reason"]> {
    let epoch = this.#newEpoch();
    try {
      while (this.steps < limit) {
        this.pausedMs += await this.#job.waitWhilePaused();
        const { loss, rows, tokens, paddedTokens, epochEnd, epoch: number } = await this.#step();
        epoch.rows += rows;
        epoch.loss += loss * rows;
        epoch.tokens += tokens;
        epoch.paddedTokens += paddedTokens;
        if (epochEnd || this.steps === limit) {
          const report = evaluation && (await untilStopped(evaluation.evaluate()));
          const milliseconds = performance.now() - epoch.startedAt - (this.pausedMs - epoch.pausedMs);
          const event = {
            type: "epoch",
            epoch: number,
            trainLoss: epoch.loss / epoch.rows,
            paddedShare: epoch.paddedTokens / (epoch.tokens + epoch.paddedTokens),
            milliseconds,
          } as const;
          this.#emit(report === undefined ? event : { ...event, dev: report });
          if (evaluation !== undefined && report !== undefined) {
            const goOn = await this.#session.turn(() => evaluation.continues(number, report));
            if (!goOn && this.steps < limit) return "early-stopping";
          }
          epoch = this.#newEpoch();
        }
        await yieldToMessages();
      }
      this.#job.check();
      return "finished";
    } catch (error) {
      if (error instanceof Stopped) return "stopped";
      if (failureOf(error)?.code === "diverged") return "diverged";
      throw error;
    }
  }

  #newEpoch() {
    return {
      rows: 0,
      loss: 0,
      tokens: 0,
      paddedTokens: 0,
      startedAt: performance.now(),
      pausedMs: this.pausedMs,
    };
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
