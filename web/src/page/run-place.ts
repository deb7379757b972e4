// Where a run is, as the page sees it: in which call of the current worker, at which step, and what was asked of it.

import type { CallHooks } from "../shared/worker-client.ts";

/** Where a run is: the id of its call in the current worker, its last step, and what was last asked of it. */
export class RunPlace {
  id: number;
  place = "";
  wanted: "pause" | "stop" | undefined;
  #started = false;

  constructor(id: number) {
    this.id = id;
  }

  /** `emit`, after noting the start, or the step. */
  watched(emit: NonNullable<CallHooks["onEvent"]>): NonNullable<CallHooks["onEvent"]> {
    return (event) => {
      if (event.type === "step") {
        const { step, fold, trial, rung } = event as typeof event &
          Record<"fold" | "trial" | "rung", unknown>;
        this.place = [fold, trial, rung, step].join();
      }
      this.#started ||= event.type === "start";
      emit(event);
    };
  }

  /** `emit`, which is watched, without the start of a run that was told before. A fold or a trial begins anew. */
  withoutStart(emit: NonNullable<CallHooks["onEvent"]>): NonNullable<CallHooks["onEvent"]> {
    return (event) => {
      const begins = event.type === "start" && !("fold" in event || "trial" in event);
      if (!begins || !this.#started) emit(event);
    };
  }
}
