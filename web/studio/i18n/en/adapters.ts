/**
 * The texts of opening adapters and of choosing among them, in English.
 */

export const adapters = {
  title: "Open an addition (adapter)",
  help: "A folder of Python's peft with adapter_config.json and adapter_model.safetensors, as step 6 saves it, or trained elsewhere by LoRA, AdaLoRA, a prompt or a prefix. It must have been trained on the model that is loaded.",
  drop: "Drop the folder or its two files here.",
  pickFolder: "Choose a folder",
  pickFiles: "Choose files",
  missingHint: "Choose both files at once, or their folder.",
  alone: "This is an addition, not a model: load the model that it was trained on, then open it.",
  choose: "Who answers",
  chooseHelp: "All share the one model in memory, so that switching takes no time.",
  trained: "Trained here",
  none: "The model alone",
  noneHelp: "With the labels that it came with.",
  base: (base: string) => `trained on ${base}`,
  labels: (labels: readonly string[]) =>
    `${labels.slice(0, 6).join(" · ")}${labels.length > 6 ? ` … (${labels.length})` : ""}`,
  said: (name: string) => `${name} answers now.`,
  atWork: "While the model is at work, who answers cannot be changed.",
};
