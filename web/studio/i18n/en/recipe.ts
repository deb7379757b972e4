/**
 * The texts of step 3's options, in English.
 */
import { count } from "./amounts.ts";

export const recipe = {
  title: "Training options",
  method: "What to train",
  otherMethods: "Other methods",
  methodLink: "How each works",
  methods: {
    full: {
      name: "The whole model",
      help: "Trains all parameters. It learns the most, and takes the most time and memory.",
    },
    lora: {
      name: "A small adapter",
      help: "Trains small matrices beside the weights. It needs less memory, and is saved in under 1 MB or merged.",
    },
    contrastive: {
      name: "Few examples",
      help: "Pairs of examples teach the model which texts belong together. For about 8 to 50 examples per label.",
    },
    centroid: {
      name: "No training",
      help: "Each label becomes the mean of its examples. It takes seconds, even with one example per label.",
    },
    head: {
      name: "The output layer only",
      help: "The encoder reads each text once and is not trained. It is fast, and works if the model knows the subject.",
    },
    adalora: {
      name: "An adapter of adaptive rank",
      help: "Like the small adapter, but rank moves to the matrices that need it most. It needs more steps.",
    },
    adapter: {
      name: "Bottleneck layers",
      help: "Adds two small layers to each layer. They are saved only with the whole model.",
    },
    bitfit: {
      name: "The biases only",
      help: "Trains about one parameter in a thousand. It is saved only with the whole model.",
    },
    prefix: {
      name: "A prefix in every layer",
      help: "Trains virtual tokens that every layer attends to. It needs a high learning rate, and is saved in under 1 MB.",
    },
    prompt: {
      name: "A soft prompt",
      help: "Trains virtual tokens before the text. It has the fewest parameters and is the slowest to learn.",
    },
  },
  fewRows: (least: number) =>
    `Your smallest label has ${count(least, "example", "examples")}: try the method “Few examples”.`,
  uneven: (times: number) => `Your largest label has ${times.toFixed(0)} times the examples of the smallest.`,
  balance: "Let rare labels count more",
  balanced: "Rare labels count more.",
  outOfRange: (least: string, most: string, whole: boolean) =>
    `It takes a ${whole ? "whole number" : "number"} ${most === "" ? `of ${least} or more` : `from ${least} to ${most}`}.`,
  methodMore: "Options of the method",
  rank: { name: "Rank", help: "Rank of the added matrices. A higher rank learns more and is larger." },
  alpha: { name: "Alpha", help: "Scale of the adapter: its output is multiplied by alpha / rank." },
  targets: {
    name: "Target modules",
    help: "Which matrices of each layer get an adapter.",
    names: { attention: "Query and value", all: "All matrices of each layer" },
  },
  adapterSize: { name: "Width", help: "Hidden size of each bottleneck." },
  virtualTokens: { name: "Virtual tokens", help: "They count towards the max length." },
  epochs: { name: "Epochs", help: "How often the model reads all examples. 3 to 10 is usual." },
  learningRate: {
    name: "Learning rate",
    help: "Size of each step. If it is too high, training is unstable; if too low, the model hardly learns.",
  },
  batchSize: { name: "Batch size", help: "Examples per step." },
  maxLength: { name: "Max length", help: "Tokens read per text; the rest is cut off. Shorter is faster." },
  pooling: {
    name: "Pooling",
    checkpoint: "As the model has it",
    help: "How the states of all tokens become one vector.",
  },
  more: "More options",
  patience: {
    name: "Early stopping after",
    never: "never",
    help: "Epochs without a lower dev loss. The weights of the lowest are then kept.",
  },
  classWeights: {
    name: "Class weights",
    help: "How much a row of each label counts in the loss.",
    names: { none: "All rows equally", balanced: "Rare labels count more" },
  },
  labelSmoothing: {
    name: "Label smoothing",
    help: "0.1 makes the model less overconfident. 0 turns it off.",
  },
  accumulate: {
    name: "Gradient accumulation",
    help: "Batches per step: the effect of a large batch, in the memory of a small one.",
  },
  freezeLayers: { name: "Frozen layers", help: "How many of the lowest layers are not trained." },
  layerDecay: {
    name: "Layer-wise decay",
    help: "Factor of the learning rate from a layer to the one below, such as 0.9. 1 turns it off.",
  },
  schedule: {
    name: "Schedule",
    help: "How the learning rate changes during the run.",
    names: { linear: "Linear, down to 0", cosine: "Cosine, down to 0", constant: "Constant" },
  },
  warmupRatio: { name: "Warm-up", help: "Share of the steps over which the learning rate rises from 0." },
  weightDecay: { name: "Weight decay", help: "Pulls weights gently towards 0." },
  dropout: {
    name: "Dropout",
    asConfig: "as in config.json",
    help: "Share of activations set to 0 at random in training.",
  },
  seed: { name: "Seed", help: "The same seed gives the same run on the CPU." },
};
