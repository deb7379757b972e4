// Takes a run that the engine has begun; makes its steps, with an evaluation after each epoch, and tells of them.
// Owns the loop, its clock and its interruptions.

import type { EndEvent, EpochEvent, StepEvent } from "../../bertlet.d.ts";
import { failureOf } from "../shared/errors.ts";
import { breathe, type RunJob, type Session, Stopped } from "./session.ts";
import type { StepReport } from "./wasm-boundary.ts";

/** What comes of an evaluation after an epoch. */
interface Judged<Report> {
  evaluate(): Promise<Report>;
  /** Whether to go on after the epoch, whose weights are the engine's. Within a turn. */
  goesOn(epoch: number, report: Report): boolean;
}

type LoopEvent<Report> = StepEvent | (Omit<EpochEvent, "dev"> & { dev?: Report });

export class Loop<Report> {
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
  async run(limit: number, judged: Judged<Report> | undefined): Promise<EndEvent["reason"]> {
    let epoch = this.#newEpoch();
    try {
      while (this.steps < limit) {
        this.pausedMs += await this.#job.gate();
        const { loss, rows, tokens, paddedTokens, epochEnd, epoch: number } = await this.#step();
        epoch.rows += rows;
        epoch.loss += loss * rows;
        epoch.tokens += tokens;
        epoch.paddedTokens += paddedTokens;
        if (epochEnd || this.steps === limit) {
          const report = judged && (await untilStopped(judged.evaluate()));
          const milliseconds = performance.now() - epoch.begun - (this.pausedMs - epoch.pausedMs);
          const event = {
            type: "epoch",
            epoch: number,
            trainLoss: epoch.loss / epoch.rows,
            paddedShare: epoch.paddedTokens / (epoch.tokens + epoch.paddedTokens),
            milliseconds,
          } as const;
          this.#emit(report === undefined ? event : { ...event, dev: report });
          if (judged !== undefined && report !== undefined) {
            const goOn = await this.#session.turn(() => judged.goesOn(number, report));
            if (!goOn && this.steps < limit) return "early-stopping";
          }
          epoch = this.#newEpoch();
        }
        await breathe();
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
      begun: performance.now(),
      pausedMs: this.pausedMs,
    };
  }

  async #step(): Promise<StepReport> {
    const { begun, report } = await this.#session.turn(async () => {
      // Other calls may have had their turns since the gate, and their time is not the step's.
      const begun = performance.now();
      return { begun, report: await this.#session.engine.trainStep() };
    });
    const { epochEnd: _, ...numbers } = report;
    this.steps = report.step;
    this.#emit({ type: "step", ...numbers, milliseconds: performance.now() - begun });
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
