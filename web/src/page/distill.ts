// Takes a teacher's worker and the checked options of a distillation; gives a worker with the teacher's copy on it, and the
// recipe by which it becomes the student.

import type { DistillOptions, FinetuneOptions, ModelInfo } from "../../bertlet.d.ts";
import { aborted, BertletError } from "../shared/errors.ts";
import type { DistillRecipe } from "../shared/recipe.ts";
import { distillRecipeOf } from "../shared/recipes.ts";
import type { Client } from "../shared/worker-client.ts";
import { loadRequestOf, openWorker } from "./open-worker.ts";
import { checkpointFiles } from "./results.ts";
import type { Opening, WorkerCalls } from "./worker-calls.ts";

interface Student {
  opened: [Client, ModelInfo];
  place: Opening;
  /** The options of the run, and how the student is taught. */
  recipe: { options: FinetuneOptions; distill: DistillRecipe };
}

export async function studentOf(teacher: WorkerCalls, checked: DistillOptions): Promise<Student> {
  try {
    return await openStudent(teacher, checked);
  } catch (error) {
    // The caller asked for neither the save nor the load.
    const isAborted = error instanceof BertletError && error.code === "aborted";
    throw isAborted ? aborted("distill", error.cause) : error;
  }
}

async function openStudent(teacher: WorkerCalls, checked: DistillOptions): Promise<Student> {
  const { signal, device, threads, assets, onProgress: _, ...rest } = checked;
  const { info } = teacher;
  const [options, distill] = distillRecipeOf(rest, info);
  teacher.checkIdle("distill");
  const saved = checkpointFiles(await teacher.call("save", { dtype: "f32", as: "classifier" }, { signal }));
  const place = { ...teacher.opening, ...(threads && { threads }), ...(assets && { assets }) };
  const opening = { ...place, device: device ?? info.device, ...(signal && { signal }) };
  const source = {
    config: saved["config.json"],
    tokenizer: saved["tokenizer.json"],
    tokenizerConfig: saved["tokenizer_config.json"],
    weights: saved["model.safetensors"],
  };
  const { pooling, maxLength, problemType, labels } = info;
  const request = loadRequestOf(source, { ...opening, pooling, maxLength, problemType, labels });
  return { opened: await openWorker("load", request, opening), place, recipe: { options, distill } };
}
