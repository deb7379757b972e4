/**
 * The texts of steps 5 and 6, in English.
 */
import { isolated } from "../isolated.ts";
import { count, duration, percent, size, wholePercent } from "./amounts.ts";

export const use = {
  notTrained: "This model has no trained labels yet. Train it first.",
  whileTraining: "Training is under way. Predictions use the weights of the latest step.",
  oneTitle: "One text",
  text: "Text",
  textHelp: "Ctrl + Enter works too.",
  placeholder: "Type or paste a text…",
  classify: "Classify",
  verdict: "Most likely:",
  scores: "Score of each label",
  score: "Score",
  scoresHelp: "The scores add up to 100 %. A high score is no guarantee.",
  said: (label: string, score: number) => `${isolated(label)}, ${percent(score)}`,
  notSure: (scores: readonly { label: string; score: number }[], more: boolean) =>
    `Not sure: ${scores.map(({ label, score }) => `${isolated(label)} ${wholePercent(score)}`).join(", ")}${more ? ", …" : ""}`,
  unlike: (label: string, score: number) =>
    `Unlike your examples: perhaps none of the labels fits. The nearest is ${isolated(label)} (${wholePercent(score)}).`,
  tellUnlike: "Flag texts that are unlike my examples",
  tellUnlikeHelp: "The model looks at all training texts once. Then it takes twice as long for each text.",
  unlikeOn: "Texts unlike your examples are left open.",
  isRight: (label: string) => `Right, it is ${isolated(label)}`,
  isWrong: "Wrong…",
  set: "It is this one",
  setSeveral: "Exactly these are right",
  right: "Right",
  isRightNamed: (text: string, label: string) => `Right, it is ${isolated(label)}: ${isolated(text)}`,
  learned: (label: string) => `It is an example of “${isolated(label)}” now.`,
  knows: "The model knows this already.",
  counts: "How many got each label",
  rowsHead: "Rows",
  openRows: (rows: number) => `${count(rows, "row is", "rows are")} left open: the model is not sure.`,
  emptyRows: (rows: number) => `${count(rows, "row without text has", "rows without text have")} no answer.`,
  rowsTitle: "The rows, the least sure first",
  allRows: "all rows",
  openOnly: "left open",
  noRows: "No row is like that.",
  earlier: "Earlier",
  later: "Later",
  page: (first: number, last: number, of: number) =>
    `${first.toLocaleString("en")} to ${last.toLocaleString("en")} of ${of.toLocaleString("en")}`,
  left: (seconds: number) => `about ${duration(seconds)} left`,
  fileTitle: "A whole file",
  drop: "Drop a CSV, TSV, JSONL or Excel file here.",
  pick: "Choose a file",
  fileRows: (rows: number) => count(rows, "row", "rows"),
  classifyFile: "Classify the file",
  fileProgress: (done: number, of: number) => `${done} of ${of}`,
  fileDone: (rows: number) => `${count(rows, "row", "rows")} labelled.`,
  noWriter: "The writer of spreadsheets could not be fetched. Check your connection, or take the CSV.",
  downloadCsv: "Download the CSV",
  csvHelp:
    "Each file has your columns, then the label and every score. In the CSV, what a spreadsheet would run as a formula gets an apostrophe in front, which this page takes off when it reads such a file. Excel holds 32,767 characters of a text.",
};

export const keep = {
  title: "Download",
  dtype: "Precision",
  dtypes: { f32: "Exact (f32)", f16: "Small (f16)" },
  dtypeHelp: {
    f32: "Gives exactly these answers.",
    f16: "Same answers in practice.",
  },
  about: (bytes: number) => `About ${(bytes / 1024 / 1024).toFixed(1)} MB.`,
  size,
  merged: "The adapter is merged into the weights, so this works wherever a BERT model does.",
  adapterTitle: "Adapter only",
  adapterHelp:
    "A small folder for Python's peft library. It needs the model that you loaded in step 1; one model can have many adapters.",
  adapter: "Download the adapter",
  adapterSaved: "The adapter is saved.",
  adapterUse: "How to use it",
  adapterInPage: "In a page",
  adapterPooling:
    "In Python, peft needs a base model with the same pooling. transformers' own class uses only BERT's pooler.",
  zip: "Download as one zip",
  saving: "Saving…",
  saved: "The model is saved.",
  oneByOne: "The files one by one",
  make: "Make the files",
  python: "Use it in Python",
  pythonHelp: (folder: string) =>
    `Unpack the zip, which makes the folder ${folder}. Then, with torch and transformers installed:`,
  remoteCode:
    "transformers' own class has neither this pooling nor bottleneck layers, so the zip contains modeling_bertlet.py. trust_remote_code lets that file run. It is short, so read it first.",
  onnx: {
    title: "For transformers.js and onnxruntime",
    help: "The same classifier as an ONNX model, for pages and servers that only classify. This page cannot open it again, so keep the model above too.",
    dtypes: { f32: "Full (f32)", int8: "8 bits (int8)" },
    dtypeHelp: {
      f32: "Gives these answers.",
      int8: "A quarter of the size; few answers change.",
    },
    zip: "Download the ONNX folder",
    use: "Use it with transformers.js",
  },
  away: {
    title: "Go on with it elsewhere",
    help: "For more or faster machines: one zip for Python, with a script, your recipe, the examples and the model. It holds your examples, so give it only to people who may read them.",
    fromStart: "It begins with the model of the step Model and the recipe of the step Train.",
    underWay: "A run is under way: it goes on from the step it has come to.",
    zip: "Download the run (.zip)",
    working: (share: number) => `Packing… ${percent(share)}`,
    saved: "The run is saved.",
    use: "How to go on",
    dropout:
      "The check makes 20 steps without dropout and compares each loss with this page's. With dropout, two runs agree only on average. The result opens here: choose the folder out/model in the step Model.",
  },
  copy: "Copy",
  copied: "Copied",
  selected: "Selected: copy it with Ctrl+C",
};
