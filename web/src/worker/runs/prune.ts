// Makes the loaded model smaller: drops word pieces that texts do not use, and layers that the head needs least. Measures
// that on rows; the engine computes.

import type { ModelSize, PruneReceipt } from "../../../bertlet.d.ts";
import { INFERENCE } from "../../shared/defaults.ts";
import { BertletError } from "../../shared/errors.ts";
import type { Calls } from "../../shared/messages.ts";
import { nextTurn } from "../../shared/next-turn.ts";
import { encode, inBatches, type OnProgress, reportOf } from "../answers/infer.ts";
import { type Job, type Session, thenFree } from "../session.ts";
import { targetRows } from "../targets.ts";

type Request = Calls["prune"]["request"];

/** To be called within a turn. Where it fails, nothing was changed. */
export async function prune(
  session: Session,
  { vocabulary, layers, data }: Request,
  job: Job,
  onProgress: OnProgress,
): Promise<PruneReceipt> {
  const before = sizeOf(session);
  if (vocabulary?.length === 0)
    throw new BertletError("bad-row", "prune: vocabulary: expected at least one text, found none");
  if (layers !== undefined) checkLayers(session, layers, data);
  const chosen =
    typeof layers === "number" ? await chooseLayers(session, layers, data, job, onProgress) : undefined;
  // An abort that has come meanwhile is heard now; from here on there is none.
  await nextTurn();
  job.check();
  const kept = chosen?.kept ?? (layers as number[] | undefined);
  if (vocabulary !== undefined) await session.engine.pruneVocabulary(vocabulary);
  if (kept !== undefined) session.engine.pruneLayers(Uint32Array.from(kept));
  session.forgetSizes();
  session.refresh();
  return {
    before,
    after: sizeOf(session),
    ...(kept !== undefined && { keptLayers: kept }),
    ...(chosen !== undefined && { loss: chosen.loss, dropped: chosen.dropped }),
  };
}

function sizeOf({ info }: Session): ModelSize {
  const { vocabSize, layers, parameters, weightBytes } = info;
  return { vocabSize, layers, parameters, weightBytes };
}

function checkLayers({ info }: Session, layers: number | number[], data: Request["data"]): void {
  const last = info.layers - 1;
  const bad = (expected: string, found: string) =>
    new BertletError("bad-option", `prune: option layers must be ${expected}, found ${found}`);
  if (info.activeAdapter !== undefined) {
    throw new BertletError(
      "bad-state",
      `prune: the adapter ${JSON.stringify(info.activeAdapter)} is on`,
      "mergeAdapter() puts it into the weights; useAdapter(null) leaves it out",
    );
  }
  if (typeof layers !== "number") {
    const unknown = layers.find((layer) => layer > last);
    if (unknown !== undefined) throw bad(`numbers from 0 to ${last}`, String(unknown));
    if (layers.length > last) throw bad(`fewer than the model's ${info.layers} layers`, "all of them");
    return;
  }
  if (layers > last) throw bad(`fewer than the model's ${info.layers} layers`, String(layers));
  if (data === undefined || (info.labels.length > 0 && !info.newHead)) return;
  throw new BertletError(
    "bad-state",
    "prune: layers are chosen by the loss of the head, and this model has no trained one",
    "fine-tune it first, or name the layers that stay: layers: [0, 2, 5]",
  );
}

/** Drops the layer without which the loss is least, again and again (Sajjad et al. 2020). */
async function chooseLayers(
  session: Session,
  count: number,
  data: Request["data"],
  job: Job,
  onProgress: OnProgress,
): Promise<{ kept: number[]; loss: number; dropped: PruneReceipt["dropped"] & {} }> {
  const { texts, ...targets } = targetRows("prune", data as NonNullable<typeof data>, session.info);
  return thenFree(await encode(session, texts, job, onProgress), async (rows) => {
    let kept = [...Array(session.info.layers).keys()];
    let passes = 1;
    for (let left = kept.length; left > count; left--) passes += left;
    const total = passes * rows.length;
    let done = 0;
    const lossOf = async (layers: number[]): Promise<number> => {
      const logits = await inBatches(
        rows,
        session.info.labels.length,
        INFERENCE.batchSize,
        job,
        (loaded) => onProgress({ stage: "infer", loaded: done + loaded, total }),
        (indices) => session.engine.logitsWithLayers(rows, indices, Uint32Array.from(layers)),
      );
      done += rows.length;
      return reportOf(session, logits, targets).loss;
    };
    const loss = await lossOf(kept);
    const dropped: { layer: number; loss: number }[] = [];
    while (kept.length > count) {
      const tried: { layer: number; loss: number }[] = [];
      for (const layer of kept) {
        tried.push({ layer, loss: await lossOf(kept.filter((other) => other !== layer)) });
      }
      const least = tried.reduce((best, one) => (one.loss < best.loss ? one : best));
      dropped.push(least);
      kept = kept.filter((layer) => layer !== least.layer);
    }
    return { kept, loss, dropped };
  });
}
