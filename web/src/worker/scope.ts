// Learns what texts of the model's kinds look like, from examples, so that others can be told. The states stay in the
// session until the model changes.

import type { ScopeReceipt } from "../../bertlet.d.ts";
import { BertletError } from "../shared/errors.ts";
import type { Calls, Text } from "../shared/messages.ts";
import { quantile, similaritiesTo } from "../shared/neighbours.ts";
import { type OnProgress, vectorsOf } from "./infer.ts";
import type { Job, Session } from "./session.ts";

/** Two, so that each has another to be compared with. */
const LEAST_EXAMPLES = 2;

/** To be called within a turn, outside of a run. */
export async function fitScope(
  session: Session,
  { examples, dev, share, neighbours, batchSize }: Calls["fitScope"]["request"],
  job: Job,
  onProgress: OnProgress,
): Promise<ScopeReceipt> {
  if (examples.length < LEAST_EXAMPLES || dev?.length === 0) {
    const [name, found] = dev?.length === 0 ? ["dev", 0] : ["examples", examples.length];
    const least = name === "dev" ? 1 : LEAST_EXAMPLES;
    throw new BertletError("bad-row", `fitScope: ${name}: expected at least ${least} texts, found ${found}`);
  }
  const statesOf = (texts: Text[]) =>
    vectorsOf(session, { texts, batchSize, normalize: true }, job, onProgress);
  const states = await statesOf(examples);
  const known = { states, neighbours, width: session.info.hiddenSize };
  const similarities =
    dev === undefined ? similaritiesTo(known, states, "itself") : similaritiesTo(known, await statesOf(dev));
  const threshold = quantile(similarities, share);
  session.scope = { ...known, threshold };
  return { threshold, examples: examples.length };
}
