// One contender and its one model. Takes the driver's calls, gives plain values that a message can carry.

import type { FinetuneOptions } from "../../../web/bertlet.d.ts";
import type { Shape } from "../model/shape.ts";
import type { Contender, Measurement, Size, Variant } from "./contender.ts";

export type Task = "forward" | "train";

export type Request =
  | { type: "describe" }
  | { type: "open"; task: Task; shape: Shape; variant: Variant; options?: FinetuneOptions | undefined }
  | { type: "about" }
  | { type: "plan"; steps: number }
  | { type: "measure"; count: number; budgetMs: number; size?: Size | undefined }
  | { type: "answers"; batches: number; size?: Size | undefined };

/** A contender without its functions. */
export interface Description {
  name: string;
  package: string | undefined;
  variants: readonly Variant[];
  lacks: readonly string[];
  trainsOn: readonly Variant["device"][];
}

export class Runner {
  readonly #contender: Contender;
  #measurement: Measurement | undefined;

  constructor(contender: Contender) {
    this.#contender = contender;
  }

  /** The description; the check of the opened model; or milliseconds. */
  async answer(request: Request): Promise<Description | number[]> {
    const { name, package: npm, variants, lacks, train } = this.#contender;
    switch (request.type) {
      case "describe": {
        const allDevices = train === undefined ? [] : variants.map(({ device }) => device);
        return { name, package: npm, variants, lacks, trainsOn: this.#contender.trainsOn ?? allDevices };
      }
      case "open": {
        const open = request.task === "forward" ? this.#contender.forward : train;
        if (open === undefined) throw new Error(`${name} does not train`);
        this.#measurement = await open.call(this.#contender, request.shape, request.variant, request.options);
        return this.#measurement.check;
      }
      case "measure":
        if (this.#measurement === undefined) throw new Error(`${name}: nothing is open`);
        return this.#measurement.measure(request.count, request.budgetMs, request.size);
      case "answers":
        return (await this.#measurement?.answers?.(request.batches, request.size)) ?? [];
      case "about":
        return (await this.#measurement?.about?.()) ?? [];
      case "plan":
        return (await this.#measurement?.plan?.(request.steps)) ?? [];
    }
  }
}
