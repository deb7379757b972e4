// Picks the texts whose labels would teach the model most: those that it is least sure of, and that differ from each
// other. Never writes the weights.

import type { Suggestion } from "../../../bertlet.d.ts";
import type { Calls } from "../../shared/messages.ts";
import { farApart } from "../../shared/neighbours.ts";
import type { Job, Session } from "../session.ts";
import { checkHasLabels } from "../targets.ts";
import { type OnProgress, scoresOf, vectorsOf } from "./infer.ts";

/** Candidates for each suggestion, the least sure ones. */
const CANDIDATES = 2;

/** To be called within a turn. */
export async function suggest(
  session: Session,
  { texts, count, batchSize }: Calls["suggest"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<Suggestion[]> {
  checkHasLabels("suggest", session.info);
  const { labels, hiddenSize, threshold } = session.info;
  const { scores } = await scoresOf(session, { texts, batchSize }, job, onProgress);
  const all = texts.map((_, index): Suggestion => {
    const own = scores.subarray(index * labels.length, (index + 1) * labels.length);
    return { index, margin: threshold === undefined ? marginOf(own) : nearest(own, threshold) };
  });
  const unsure = all.sort((a, b) => a.margin - b.margin || a.index - b.index).slice(0, count * CANDIDATES);
  const candidates = unsure.map(({ index }) => texts[index] as (typeof texts)[number]);
  const asked = { texts: candidates, batchSize, normalize: true };
  const states = await vectorsOf(session, asked, job, onProgress);
  const chosen = farApart(states, hiddenSize, count).map((at) => unsure[at] as Suggestion);
  return chosen.sort((a, b) => a.margin - b.margin);
}

/** The best score less the second. */
function marginOf(scores: Float32Array): number {
  const [first = 0, second = 0] = Float32Array.from(scores).sort().reverse();
  return first - second;
}

/** The distance of the nearest score to the threshold. */
function nearest(scores: Float32Array, threshold: number): number {
  return scores.reduce((least, score) => Math.min(least, Math.abs(score - threshold)), 1);
}
