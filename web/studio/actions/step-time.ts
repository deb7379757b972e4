/**
 * Takes the time of each step of a run; gives an estimate for the steps that are left.
 */

/** Weight of the newest step in the running mean. */
const NEWEST = 0.1;

export class StepTime {
  #meanMs = 0;

  add(milliseconds: number): void {
    this.#meanMs = this.#meanMs ? (1 - NEWEST) * this.#meanMs + NEWEST * milliseconds : milliseconds;
  }

  secondsFor(steps: number): number {
    return (steps * this.#meanMs) / 1000;
  }
}
