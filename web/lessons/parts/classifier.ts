/**
 * The page's tag, as the parts of a lesson need it: its classifier, loaded, and whether it has learned.
 */
import type { Classifier } from "../../src/index.ts";

export interface Tag extends HTMLElement {
  readonly classifier: Classifier | undefined;
  readonly ready: Promise<Classifier>;
}

/** Other examples were chosen than those that the classifier learned from. */
export const CHOSEN = "lesson-chosen";
let outdated = false;
/** A training under way learns from others than the chosen examples. */
let ofOthers = false;

export function tagOfPage(): Tag {
  const tag = document.querySelector<Tag>("bertlet-classifier");
  if (tag === null) throw new Error("expected a <bertlet-classifier> in the lesson");
  return tag;
}

/** Gives the tag other examples. What it learned before counts no more. */
export function giveRows(address: string, method: string): void {
  const tag = tagOfPage();
  tag.setAttribute("method", method);
  tag.setAttribute("rows", address);
  outdated = true;
  ofOthers = tag.matches(":state(training)");
  tag.addEventListener("bertlet-end", ended);
  tag.dispatchEvent(new Event(CHOSEN));
}

function ended(): void {
  outdated = ofOthers;
  ofOthers = false;
}

/** The classifier of the page's tag, once it has learned from the examples in sight. */
export function learned(): Classifier | undefined {
  const tag = tagOfPage();
  return tag.matches(":state(askable)") && !outdated ? tag.classifier : undefined;
}
