/**
 * The page's tag, as the parts of a lesson need it: its classifier, loaded, and whether it has learned.
 */
import type { Classifier } from "../../src/index.ts";

export interface Tag extends HTMLElement {
  readonly classifier: Classifier | undefined;
  readonly ready: Promise<Classifier>;
}

export function tagOfPage(): Tag {
  const tag = document.querySelector<Tag>("bertlet-classifier");
  if (tag === null) throw new Error("expected a <bertlet-classifier> in the lesson");
  return tag;
}

/** The classifier of the page's tag, once it has learned from examples. */
export function learned(): Classifier | undefined {
  const tag = tagOfPage();
  return tag.matches(":state(askable)") ? tag.classifier : undefined;
}
