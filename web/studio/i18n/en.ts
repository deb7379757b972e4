/**
 * The page's texts in English, and the type that every other language's texts must have.
 * Texts with numbers or names in them are functions. Nothing here is markup.
 */
import { adapters } from "./en/adapters.ts";
import { count, percent, wholePercent } from "./en/amounts.ts";
import { bench } from "./en/bench.ts";
import { data, rows } from "./en/data.ts";
import { compare, evaluation } from "./en/evaluation.ts";
import { failures } from "./en/failures.ts";
import { findings } from "./en/findings.ts";
import { load } from "./en/load.ts";
import { fillMask, pretrain } from "./en/masked-lm.ts";
import { project, runs } from "./en/project.ts";
import { recipe } from "./en/recipe.ts";
import { records } from "./en/records.ts";
import { remote } from "./en/remote.ts";
import { rowKinds } from "./en/row-kinds.ts";
import { share } from "./en/share.ts";
import { encodings, parse, reading } from "./en/tables.ts";
import { train } from "./en/train.ts";
import { tuning } from "./en/tuning.ts";
import { keep, use } from "./en/use.ts";
import { why } from "./en/why.ts";

export const en = {
  htmlLang: "en",
  percent,
  wholePercent,
  frame: {
    skip: "Skip to the content",
    tagline: "Teach a text classifier, right in this page",
    privacy: "Everything is computed in this page. Your texts and your model never leave this computer.",
    starters: "Four ready uses",
    licences: "Third-party licences",
    language: "Language",
    theme: "Colours",
    themes: { system: "Auto", light: "Light", dark: "Dark" },
    steps: "Steps",
    stepOf: (n: number, of: number) => `Step ${n} of ${of}`,
    next: (name: string) => `Next: ${name}`,
    goTo: (name: string) => `Go to: ${name}`,
  },
  steps: {
    bench: {
      name: "Bench",
      title: "Teach this page to sort texts",
      lead: "Give it a few examples of each label. Then it sorts new texts as you would.",
    },
    load: {
      name: "Model",
      title: "Choose a model",
      lead: "Start from a model that has already read a lot of text. Your examples then teach it one task.",
    },
    data: {
      name: "Data",
      title: "Bring your examples",
      lead: "A classifier learns from texts that already carry the right label.",
    },
    train: {
      name: "Train",
      title: "Train",
      lead: "The model reads your examples several times and learns a little after every few of them.",
    },
    judge: {
      name: "Judge",
      title: "How good is it?",
      lead: "These scores come from texts that the model never saw in training.",
    },
    use: { name: "Use", title: "Try it", lead: "Type a text, or have a whole file labelled." },
    keep: {
      name: "Keep",
      title: "Keep the model",
      lead: "Download it as ordinary Hugging Face files that other tools can open.",
    },
  },
  rail: {
    loading: "loading…",
    data: (rows: number, labels: number) =>
      `${count(rows, "row", "rows")}, ${count(labels, "label", "labels")}`,
    training: (share: number) => `${Math.round(share * 100)}\u00a0%`,
    trained: (steps: number) => count(steps, "step", "steps"),
    accuracy: (value: number) => `${percent(value)} right`,
    kept: "saved",
  },
  roles: { train: "Train", dev: "Dev", test: "Test" },
  poolings: {
    pooler: "BERT's pooler (first token, dense layer)",
    cls: "First token ([CLS])",
    mean: "Mean of all tokens",
    max: "Maximum over all tokens",
  },
  notice: { error: "Must fix", warning: "Look at this", note: "Note", show: "Show where" },
  failure: { title: "That did not work", hint: "What to do:", code: "Code:" },
  failures,
  findings,
  bench,
  load,
  data,
  rowKinds,
  parse,
  reading,
  encodings,
  rows,
  recipe,
  project,
  runs,
  records,
  remote,
  tuning,
  pretrain,
  fillMask,
  adapters,
  train,
  evaluation,
  compare,
  use,
  why,
  keep,
  share,
};

export type Dictionary = typeof en;
