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
      help: "Changes every number. Learns the most; takes the most time and memory.",
    },
    lora: {
      name: "A small addition",
      help: "Leaves the model as it is and trains a little beside it. Less memory; saved in under 1 MB or merged.",
    },
    contrastive: {
      name: "Few examples",
      help: "Pairs of examples teach it which texts belong together. For about 8 to 50 a label.",
    },
    centroid: {
      name: "No training",
      help: "Each label becomes the mean of its examples. Done in seconds, even with one a label.",
    },
    head: {
      name: "The output layer only",
      help: "The model reads each text once and stays as it is. Quick, where it knows the subject already.",
    },
    adalora: {
      name: "An addition that finds its size",
      help: "As the small addition, but its size moves to the layers where it matters. Needs more steps.",
    },
    adapter: {
      name: "Bottlenecks",
      help: "Two small layers within each layer. Saved in the whole model only.",
    },
    bitfit: {
      name: "The biases only",
      help: "About one number in a thousand. Saved in the whole model only.",
    },
    prefix: {
      name: "A prefix in every layer",
      help: "Trains made-up words that every layer sees. Needs a high learning rate; saved in under 1 MB.",
    },
    prompt: {
      name: "A soft prompt",
      help: "Trains made-up words before the text. The smallest of all, and the slowest to learn.",
    },
  },
  fewRows: (least: number) =>
    `Your smallest label has ${count(least, "example", "examples")}: “Few examples” is worth a try.`,
  uneven: (times: number) => `Your largest label has ${times.toFixed(0)} times the examples of the smallest.`,
  balance: "Let rare labels count more",
  balanced: "Rare labels count more.",
  methodMore: "Size of the addition",
  rank: { name: "Rank", help: "Columns of the added matrices. More learns more, and is larger." },
  alpha: { name: "Alpha", help: "How strongly the addition counts: it is multiplied with alpha / rank." },
  targets: {
    name: "Beside",
    help: "Which of a layer's matrices get an addition.",
    names: { attention: "Query and value", all: "All matrices of a layer" },
  },
  adapterSize: { name: "Width", help: "Numbers in the middle of each bottleneck." },
  virtualTokens: { name: "Made-up words", help: "They take up room of the max length." },
  epochs: { name: "Epochs", help: "How often all examples are read. 3 to 10 is usual." },
  learningRate: {
    name: "Learning rate",
    help: "How far each step goes. Too high: it forgets. Too low: it hardly learns.",
  },
  batchSize: { name: "Batch size", help: "Examples looked at at once." },
  maxLength: { name: "Max length", help: "Tokens read of each text. Shorter is faster." },
  pooling: {
    name: "Pooling",
    checkpoint: "As the model says",
    help: "How the tokens become one summary of the text.",
  },
  more: "More options",
  patience: {
    name: "Stop early after",
    never: "never",
    help: "Epochs in which dev gets no better. The best epoch's weights are then kept.",
  },
  classWeights: {
    name: "Label weights",
    help: "What a row of each label counts.",
    names: { none: "All rows alike", balanced: "Rare labels count more" },
  },
  labelSmoothing: { name: "Label smoothing", help: "0.1 keeps it from being too sure. 0 is off." },
  accumulate: {
    name: "Batches a step",
    help: "As one large batch, in the memory of a small one.",
  },
  freezeLayers: { name: "Frozen layers", help: "So many from the bottom stay as they are." },
  layerDecay: { name: "Layer decay", help: "Each layer below learns this much slower: 0.9, say. 1 is off." },
  schedule: {
    name: "Schedule",
    help: "How the learning rate changes over the run.",
    names: { linear: "Linear, down to 0", cosine: "Cosine, down to 0", constant: "Constant" },
  },
  warmupRatio: { name: "Warm-up", help: "Share of the steps over which it rises from 0." },
  weightDecay: { name: "Weight decay", help: "Pulls weights gently towards 0." },
  dropout: {
    name: "Dropout",
    asConfig: "as config.json says",
    help: "Share of signals blanked at random while training.",
  },
  seed: { name: "Seed", help: "The same seed gives the same run on the CPU." },
};
