// Learns what texts of the model's kinds look like, from examples, so that others can be told. The session has it until the
// encoder changes; saved models have it, too.

import type { ScopeReceipt } from "../../../bertlet.d.ts";
import { BertletError } from "../../shared/errors.ts";
import type { Calls, Text } from "../../shared/messages.ts";
import { quantile, similaritiesTo } from "../../shared/neighbours.ts";
import { MOST_EXAMPLES, receiptOf, rounded } from "../saved-scope.ts";
import type { Job, Session } from "../session.ts";
import { type OnProgress, vectorsOf } from "./infer.ts";

const ROUNDING = 1e-6;

/** To be called within a turn, outside of a run. */
export async function fitScope(
  session: Session,
  { examples, dev, share, neighbours, batchSize }: Calls["fitScope"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<ScopeReceipt> {
  checkCount("dev", dev, 1);
  // Without dev, each example is compared with the others.
  checkCount("examples", examples, dev === undefined ? 2 : 1);
  const width = session.info.hiddenSize;
  const statesOf = (texts: Text[]) =>
    vectorsOf(session, { texts, batchSize, normalize: true }, job, onProgress);
  // Enough to tell by, spread over all; more would only make answers slower, and files larger.
  const [kept, others] = spread(examples, MOST_EXAMPLES);
  const own = await statesOf(kept);
  const known = { states: rounded(own, width), neighbours, width };
  const among = dev ?? (others.length > 0 ? others : undefined);
  const similarities =
    among === undefined ? similaritiesTo(known, own, "itself") : similaritiesTo(known, await statesOf(among));
  // Sums differ a little from batch to batch: the same text may come out below itself.
  const threshold = Math.max(-1, quantile(similarities, share) - ROUNDING);
  const scope = { ...known, threshold, examples: examples.length };
  session.refresh(scope);
  return receiptOf(scope);
}

function checkCount(name: string, texts: readonly Text[] | undefined, least: 1 | 2): void {
  if (texts === undefined || texts.length >= least) return;
  const expected = least === 1 ? "at least one text" : "at least 2 texts";
  throw new BertletError("bad-row", `fitScope: ${name}: expected ${expected}, found ${texts.length}`);
}

/** At most `most` of the texts, evenly over all of them, and as many of the others as are needed to find a threshold. */
function spread(texts: readonly Text[], most: number): [Text[], Text[]] {
  if (texts.length <= most) return [[...texts], []];
  const chosen = new Set(Array.from({ length: most }, (_, at) => Math.floor((at * texts.length) / most)));
  const others = texts.filter((_, at) => !chosen.has(at));
  return [texts.filter((_, at) => chosen.has(at)), spread(others, 4 * most)[0]];
}
