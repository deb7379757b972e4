/**
 * Takes how long each step of a run took; gives how long the steps that are left will take.
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
