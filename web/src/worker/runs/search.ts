// Successive halving: trains the trials rung by rung, each run from the loaded weights, and gives the best.
// Takes the finished runs of a resumed search from its state. Afterwards the weights are what they were
// before.

import type { EpochEvent, SearchResult, SearchState, TrialRun, TrialRunEvent } from "../../../bertlet.d.ts";
import type { SearchRequest, SearchRunEvent, Trial } from "../../shared/messages.ts";
import { budgetUpTo, promoted, ranked, stepsOnRung } from "../../shared/successive-halving.ts";
import type { OnProgress } from "../answers/infer.ts";
import type { Journal } from "../journal/journal.ts";
import { keepProgress } from "../journal/run-keeper.ts";
import { type RunJob, type Session, withWeightsRestored } from "../session.ts";
import { finetune } from "./finetune.ts";

type Emit = (event: SearchRunEvent) => void;

export function search(
  session: Session,
  request: SearchRequest,
  job: RunJob,
  emit: Emit,
  onProgress: OnProgress,
  journal?: Journal,
): Promise<SearchResult> {
  return withWeightsRestored(session, async (restore) => {
    // A trial that was interrupted is trained anew.
    const kept = journal?.slot?.head.progress as TrialRun[] | undefined;
    const from = kept === undefined ? request : { ...request, finished: kept };
    const searcher = new Searcher(session, from, job, emit, onProgress, restore, journal);
    const reason = await searcher.climb();
    return searcher.result(reason);
  });
}

class Searcher {
  readonly #session: Session;
  readonly #request: SearchRequest;
  readonly #job: RunJob;
  readonly #emit: Emit;
  readonly #onProgress: OnProgress;
  readonly #restore: () => Promise<void>;
  readonly #journal: Journal | undefined;
  readonly #runs: TrialRun[] = [];
  #steps = 0;
  #milliseconds = 0;

  constructor(
    session: Session,
    request: SearchRequest,
    job: RunJob,
    emit: Emit,
    onProgress: OnProgress,
    restore: () => Promise<void>,
    journal: Journal | undefined,
  ) {
    this.#session = session;
    this.#request = request;
    this.#job = job;
    this.#emit = emit;
    this.#onProgress = onProgress;
    this.#restore = restore;
    this.#journal = journal;
  }

  async climb(): Promise<SearchResult["reason"]> {
    const { rungs, trials } = this.#request;
    let climbing = trials.map((_, index) => index + 1);
    for (let rung = 1; rung <= rungs; rung++) {
      const runs: TrialRun[] = [];
      for (const trial of climbing) {
        const steps = stepsOnRung(rung, rungs, (trials[trial - 1] as Trial).steps);
        if (runs.length > 0 && !this.#affords(rung, steps)) continue;
        const run = this.#finished(trial, rung) ?? (await this.#train(trial, rung, steps));
        if (run === undefined) return "stopped";
        runs.push(run);
        this.#runs.push(run);
        this.#steps += run.steps;
        this.#milliseconds += run.milliseconds;
        if (this.#finished(trial, rung) === undefined) {
          const { options } = trials[trial - 1] as Trial;
          this.#emit({ type: "trial", ...run, options, state: this.#state() });
          const state = { step: this.#steps, elapsedMs: this.#milliseconds, progress: this.#runs };
          await keepProgress(this.#journal, state, this.#emit);
        }
      }
      climbing = promoted(runs).map(({ trial }) => trial);
    }
    return "finished";
  }

  result(reason: SearchResult["reason"]): SearchResult {
    const { trials, rungs } = this.#request;
    const highest = this.#runs.reduce(
      (most, { rung, devLoss }) => (devLoss === null ? most : Math.max(most, rung)),
      0,
    );
    const [best] = ranked(this.#runs.filter(({ rung }) => rung === highest));
    const result: SearchResult = {
      type: "result",
      reason,
      trials: trials.map(({ options }, index) => ({
        trial: index + 1,
        options,
        runs: this.#runs.filter(({ trial }) => trial === index + 1),
      })),
      steps: this.#steps,
      rungs,
      state: this.#state(),
      milliseconds: this.#milliseconds,
    };
    if (best !== undefined) {
      result.best = {
        trial: best.trial,
        options: (trials[best.trial - 1] as Trial).options,
        devLoss: best.devLoss as number,
        devAccuracy: best.devAccuracy as number,
      };
    }
    return result;
  }

  #affords(rung: number, steps: number): boolean {
    const { budget, rungs } = this.#request;
    if ("steps" in budget) return this.#steps + steps <= budgetUpTo(rung, rungs, budget.steps);
    return this.#milliseconds < budgetUpTo(rung, rungs, budget.minutes * 60_000);
  }

  /** The run as the resumed search finished it, if it did. */
  #finished(trial: number, rung: number): TrialRun | undefined {
    return this.#request.finished.find((run) => run.trial === trial && run.rung === rung);
  }

  /** Trains a trial on a rung. Undefined where the run was stopped. */
  async #train(trial: number, rung: number, limit: number): Promise<TrialRun | undefined> {
    const { train, dev } = this.#request;
    const { recipe, selection } = this.#request.trials[trial - 1] as Trial;
    await this.#restore();
    const epochs: { step: number; event: EpochEvent }[] = [];
    let step = 0;
    const request = { train, dev, recipe, selection, limit };
    const end = await finetune(
      this.#session,
      request,
      this.#job,
      (event) => {
        if (event.type === "step") step = event.step;
        if (event.type === "epoch") epochs.push({ step, event });
        this.#emit({ ...event, trial, rung } as TrialRunEvent);
      },
      this.#onProgress,
    );
    this.#emit({ ...end, trial, rung });
    if (end.reason === "stopped") return undefined;
    // The epoch whose weights the run ends with.
    const last = selection.restoreBest ? epochs[(end.bestEpoch ?? 1) - 1] : epochs.at(-1);
    const report = last?.event.dev;
    const lost = end.reason === "diverged" && !selection.restoreBest;
    const sound = report !== undefined && Number.isFinite(report.loss) && !lost;
    return {
      trial,
      rung,
      steps: end.steps,
      devLoss: sound ? report.loss : null,
      devAccuracy: sound ? report.accuracy : null,
      curve: epochs.flatMap(({ step, event: { trainLoss, dev } }) =>
        // JSON has finite numbers only.
        dev !== undefined && Number.isFinite(dev.loss)
          ? [{ step, trainLoss, devLoss: dev.loss, devAccuracy: dev.accuracy }]
          : [],
      ),
      milliseconds: end.milliseconds,
    };
  }

  #state(): SearchState {
    return { version: 1, settings: this.#request.settings, runs: [...this.#runs] };
  }
}
