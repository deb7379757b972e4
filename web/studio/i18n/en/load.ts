/**
 * The texts of step 1, in English.
 */
import { count } from "./amounts.ts";
import { autoReason } from "./device-reasons.ts";

export const load = {
  none: "Load a model in step 1 first.",
  confirm: "A training run is under way. Load another model and lose it?",
  defaultTitle: "The model of this page",
  defaultText: "A small, quick model that comes with the page. The right choice if you have none in mind.",
  defaultButton: "Load it",
  defaultName: "Default model",
  ownTitle: "A model of your own",
  drop: "Drop a model's folder or files here: config.json, tokenizer.json (or vocab.txt) and model.safetensors.",
  pickFiles: "Choose files",
  pickFolder: "Choose a folder",
  addressTitle: "From an address",
  address: "Address of the model's folder",
  addressHelp: "Its files are fetched from there; nothing else is sent.",
  fetch: "Fetch",
  badAddress: (address: string) =>
    `“${address}” was given where the http or https address of a folder was expected.`,
  missing: (missing: string, found: string) => `Missing: ${missing}. Found: ${found}.`,
  missingHint: "Choose all files of the model at once, or its folder.",
  pickle: (name: string) =>
    `${name} is a Python pickle, which could run code. Save the model again with safetensors.`,
  device: "Where to compute",
  deviceHelp:
    "WebGPU uses the graphics processor. The CPU works everywhere. Takes effect at the next load or training.",
  devices: { auto: "Auto", webgpu: "WebGPU", wasm: "CPU" },
  cpu: "CPU",
  webgpuYes: (adapter: string) =>
    `This browser offers WebGPU${adapter ? ` (${adapter})` : ""}. Auto times both and takes the quicker one.`,
  webgpuNo: (reason: string) => `Auto means the CPU here: ${reason}.`,
  autoReason,
  loading: (name: string) => `Loading ${name}`,
  stages: {
    library: "Fetching the computing part",
    download: "Fetching",
    device: "Opening the device",
    model: "Building the model",
  },
  cancel: "Cancel",
  saidReady: (name: string) => `${name} is loaded.`,
  loaded: (name: string) => `Loaded: ${name}`,
  useNow: "Use it as it is",
  facts: {
    device: "Computes on",
    because: (device: string, reason: string) => `${device} (${reason})`,
    architecture: "Kind",
    size: "Size",
    sizeText: (layers: number, hidden: number, heads: number) =>
      `${layers} layers, ${hidden} numbers a token, ${heads} attention heads`,
    parameters: "Parameters",
    parametersText: (parameters: number, bytes: number) =>
      `${(parameters / 1e6).toFixed(1)} million (${(bytes / 1024 / 1024).toFixed(1)} MB read)`,
    vocabulary: "Vocabulary",
    vocabularyText: (size: number) => `${size.toLocaleString("en")} word pieces`,
    pooling: "A text becomes",
  },
  fit: {
    ownHead: (labels: number) => `It already sorts texts into ${count(labels, "label", "labels")}:`,
    noHead:
      "It has no output layer for labels yet. One is made for your labels when training starts; it knows nothing before that.",
    added: (n: number) => `${count(n, "tensor", "tensors")} the file lacks will start new.`,
    unused: (n: number) =>
      `${count(n, "tensor", "tensors")} in the file ${n === 1 ? "is" : "are"} not needed for classifying and set aside.`,
    allUsed: "Every tensor in the file is used.",
    names: "Names",
  },
};
