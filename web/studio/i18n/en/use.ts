/**
 * The texts of steps 5 and 6, in English.
 */
import { count, percent, size } from "./amounts.ts";

export const use = {
  notTrained: "This model has no trained labels yet. Train it first.",
  whileTraining: "Training is under way: answers come from the weights of the last step, between two steps.",
  oneTitle: "One text",
  text: "Text",
  textHelp: "Ctrl + Enter works too.",
  placeholder: "Type or paste a text…",
  classify: "Classify",
  verdict: "Most likely:",
  scores: "Score of each label",
  score: "Score",
  scoresHelp: "The scores add up to 100 %. A high score is not a promise.",
  said: (label: string, score: number) => `${label}, ${percent(score)}`,
  fileTitle: "A whole file",
  drop: "Drop a CSV, TSV or JSONL file here.",
  pick: "Choose a file",
  fileRows: (rows: number) => count(rows, "row", "rows"),
  classifyFile: "Classify the file",
  fileProgress: (done: number, of: number) => `${done} of ${of}`,
  fileDone: (rows: number) => `${count(rows, "row", "rows")} labelled.`,
  downloadCsv: "Download the CSV",
  csvHelp:
    "The file's columns, then the label and every score. Cells that a spreadsheet would run as a formula get an apostrophe in front.",
};

export const keep = {
  title: "Download",
  dtype: "Precision",
  dtypes: { f32: "Full (f32)", f16: "Half (f16)" },
  dtypeHelp: {
    f32: "Gives exactly these answers.",
    f16: "Half the size; answers differ in the last digits.",
  },
  about: (bytes: number) => `About ${(bytes / 1024 / 1024).toFixed(1)} MB.`,
  size,
  merged: "What the addition learned is merged into the weights: this works everywhere a BERT does.",
  adapterTitle: "The addition alone",
  adapterHelp:
    "A small folder in the form of Python's peft. It stands on the model you loaded in step 1, which can carry many of them.",
  adapter: "Download the addition",
  adapterSaved: "The addition is saved.",
  adapterUse: "How to use it",
  adapterInPage: "In a page",
  adapterPooling:
    "In Python, peft needs a base that pools as this model does; transformers' own class reads the first token only.",
  zip: "Download as one zip",
  saving: "Saving…",
  saved: "The model is saved.",
  oneByOne: "The files one by one",
  make: "Make the files",
  python: "Use it in Python",
  pythonHelp: (folder: string) =>
    `Unpack the zip, which makes the folder ${folder}. Then, with torch and transformers installed:`,
  remoteCode:
    "trust_remote_code is there because transformers' own class reads the first token only and knows no bottlenecks. modeling_bertlet.py in the zip adds what this model has; it is short, so read it first.",
  copy: "Copy",
  copied: "Copied",
};
