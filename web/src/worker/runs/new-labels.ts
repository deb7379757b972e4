// Adds labels that a model lacks to its head, each from the mean pooled state of its rows. Until a step is made with
// them, they can be taken away again.

import { INFERENCE } from "../../shared/defaults.ts";
import { labelsOf } from "../../shared/labels.ts";
import type { NamedRows, Text } from "../../shared/messages.ts";
import { type OnProgress, vectorsOf } from "../answers/infer.ts";
import type { Job, Session } from "../session.ts";

/** The rows' labels beside those of the model, in the order in which they come. */
export function labelsBeside(known: readonly string[], { labels }: NamedRows): string[] {
  return [...new Set(labels.flatMap(labelsOf))].filter((label) => !known.includes(label));
}

export class NewLabels {
  readonly #session: Session;
  readonly #before: ReturnType<Session["engine"]["snapshot"]>;
  #freed = false;

  private constructor(session: Session) {
    this.#session = session;
    this.#before = session.engine.snapshot();
  }

  static add(
    session: Session,
    rows: NamedRows,
    added: string[],
    job: Job,
    onProgress: OnProgress,
  ): Promise<NewLabels> {
    return session.turn(async () => {
      const ofLabel = added.map((label) =>
        rows.texts.filter((_, row) => labelsOf(rows.labels[row] as string | string[]).includes(label)),
      );
      const request = { texts: ofLabel.flat(), batchSize: INFERENCE.batchSize, normalize: false };
      const states = meansOf(
        ofLabel,
        await vectorsOf(session, request, job, onProgress),
        session.info.hiddenSize,
      );
      const labels = new NewLabels(session);
      await session.engine.addLabels(added, states);
      session.refresh(session.scope);
      return labels;
    });
  }

  /** They stay from here on. */
  stay(): void {
    if (this.#freed || this.#session.crashed) return;
    this.#freed = true;
    this.#before.free();
  }

  /** Takes them away, unless they stay. */
  async end(): Promise<void> {
    if (this.#freed || this.#session.crashed) return;
    await this.#session.turn(() => {
      this.#session.engine.restore(this.#before);
      this.#session.refresh(this.#session.scope);
    });
    this.stay();
  }
}

/** The mean of each group's rows, the states of which follow one another. */
function meansOf(groups: readonly Text[][], states: Float32Array, width: number): Float32Array {
  const means = new Float32Array(groups.length * width);
  let row = 0;
  for (const [group, { length }] of groups.entries()) {
    for (const end = row + length; row < end; row++) {
      for (let at = 0; at < width; at++) {
        const place = group * width + at;
        means[place] = (means[place] as number) + (states[row * width + at] as number) / length;
      }
    }
  }
  return means;
}
