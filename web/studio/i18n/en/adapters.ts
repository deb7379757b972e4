/**
 * The texts of opening adapters and of choosing among them, in English.
 */
import { isolated } from "../isolated.ts";

export const adapters = {
  title: "Open an adapter",
  help: "An adapter is a folder of Python's peft library with adapter_config.json and adapter_model.safetensors. Step 6 saves such a folder; LoRA, AdaLoRA, prompts and prefixes that were trained elsewhere load too. It must have been trained on the model that is loaded.",
  drop: "Drop the folder, a zip of it, or its two files here.",
  pickFolder: "Choose a folder",
  pickFiles: "Choose files",
  missingHint: "Choose both files at once, or their folder.",
  alone: "This is an adapter, not a model. Load the model that it was trained on, then open the adapter.",
  choose: "Active adapter",
  chooseHelp: "All adapters share one model in memory, so switching takes no time.",
  trained: "Trained here",
  none: "The model alone",
  noneHelp: "It predicts the labels that it came with.",
  base: (base: string) => `trained on ${base}`,
  labels: (labels: readonly string[]) =>
    `${labels.slice(0, 6).map(isolated).join(" · ")}${labels.length > 6 ? ` … (${labels.length})` : ""}`,
  said: (name: string) => `Active now: ${name}.`,
  atWork: "The adapter cannot be changed while the model is busy.",
};
