// Takes a run that the engine has startedAt; makes its steps, with an evaluation after each epoch, and tells of them.
// Owns the loop, its clock and its interruptions.

import type { EndEvent, EpochEvent, StepEvent } from "../../bertlet.d.ts";
import { failureOf } from "../shared/errors.ts";
import { type RunJob, type Session, Stopped, yieldToMessages } from "./session.ts";
import type { StepReport } from "./wasm-boundary.ts";

/** What comes of an evaluation after an epoch. */
interface EpochEvaluation<Report> {
  evaluate(): Promise<Report>;
  /** Whether to go on after the epoch, whose weights are the engine's. Within a turn. */
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

  /** Where the limit comes within an epoch, the epoch ends there. */
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
      // Other calls may have had their turns since the gate, and their time is not the step's.
      const startedAt = performance.now();
      return { startedAt, report: await this.#session.engine.trainStep() };
    });
    const { epochEnd: _, ...numbers } = report;
    this.steps = report.step;
    this.#emit({ type: "step", ...numbers, milliseconds: performance.now() - startedAt });
    return report;
  }
}

/** What `work` gives, or undefined where the run was stopped meanwhile. */
export async function untilStopped<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}
