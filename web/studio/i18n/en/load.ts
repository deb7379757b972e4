/**
 * The texts of step 1, in English.
 */
import { count, size } from "./amounts.ts";
import { autoReason } from "./device-reasons.ts";

export const load = {
  none: "Load a model in step 1 first.",
  defaultTitle: "Start with the small English model",
  defaultText: "It comes with this page and is quick. Take it if you have no other in mind.",
  defaultButton: (bytes: number | undefined, kept: boolean): string =>
    kept || bytes === undefined ? "Load" : `Load (${size(bytes)}, kept for next time)`,
  defaultName: "Default model",
  ownTitle: "A model of your own",
  drop: "Drop a model's folder, a zip of it, or its files here: config.json, tokenizer.json (or vocab.txt) and model.safetensors.",
  pickFiles: "Choose files",
  pickFolder: "Choose a folder",
  missing: (missing: string, found: string) => `Missing: ${missing}. Found: ${found}.`,
  missingHint: "Choose all files of the model at once, or its folder.",
  pickle: (name: string) =>
    `${name} is a Python pickle, which could run code. Save the model again as safetensors.`,
  device: "Where to compute",
  deviceHelp:
    "WebGPU uses the graphics processor. The CPU works everywhere. A change takes effect when you next load or train.",
  devices: { auto: "Auto", webgpu: "WebGPU", wasm: "CPU" },
  cpu: "CPU",
  webgpuYes: (adapter: string) =>
    `This browser has WebGPU${adapter ? ` (${adapter})` : ""}. Auto times it and the CPU, and takes the faster one.`,
  webgpuNo: (reason: string) => `Auto takes the CPU here: ${reason}.`,
  autoReason,
  loading: (name: string) => `Loading ${name}`,
  stages: {
    library: "Downloading the engine",
    download: "Downloading",
    device: "Opening the device",
    model: "Building the model",
  },
  cancel: "Cancel",
  saidReady: (name: string) => `${name} is loaded.`,
  loaded: (name: string) => `Loaded: ${name}`,
  useNow: "Use it as it is",
  facts: {
    device: "Device",
    because: (device: string, reason: string) => `${device} (${reason})`,
    architecture: "Architecture",
    size: "Size",
    sizeText: (layers: number, hidden: number, heads: number) =>
      `${layers} layers, hidden size ${hidden}, ${heads} attention heads`,
    parameters: "Parameters",
    parametersText: (parameters: number, bytes: number) =>
      `${(parameters / 1e6).toFixed(1)} million (${(bytes / 1024 / 1024).toFixed(1)} MB read)`,
    vocabulary: "Vocabulary",
    vocabularyText: (size: number) => `${size.toLocaleString("en")} tokens`,
    pooling: "Pooling",
  },
  fit: {
    ownHead: (labels: number) => `It already sorts texts into ${count(labels, "label", "labels")}:`,
    noHead: "It has no output layer for labels yet. Training adds one for your labels, with new weights.",
    added: (n: number) =>
      `${count(n, "tensor is", "tensors are")} missing from the file and ${n === 1 ? "starts" : "start"} with new weights.`,
    unused: (n: number) =>
      `${count(n, "tensor", "tensors")} in the file ${n === 1 ? "is" : "are"} not needed for classification.`,
    allUsed: "Every tensor in the file is used.",
    names: "Names",
  },
};
