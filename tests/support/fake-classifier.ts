// A classifier on the fake engine, and what the tests of it share: rows, failures by code, events as a list.

import { BertletError, Classifier } from "../../web/src/index.ts";

const file = new Uint8Array([123, 125]);

/** A classifier on the engine that `install` put in place. */
export function loadFake(): Promise<Classifier> {
  return Classifier.load({ config: file, tokenizer: file, weights: file }, { device: "wasm" });
}

/** Rows of 1, 2, 3, ... tokens of the fake engine, with the labels "a" and "b" in turn. */
export function alternatingRows(count: number): { text: string; label: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    text: "x".repeat(i + 1),
    label: i % 2 === 0 ? "a" : "b",
  }));
}

/** Whether a failure has the code, and a message that matches: for `assert.throws` and `assert.rejects`. */
export function hasCode(expected: string, message = /./): (error: unknown) => boolean {
  return (error) => error instanceof BertletError && error.code === expected && message.test(error.message);
}

export async function eventsOf<T>(run: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of run) events.push(event);
  return events;
}
