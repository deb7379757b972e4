// The help of the command and of each of its parts, made of the table of options.

import { COMMANDS, type Command, flagOf, OPTIONS } from "./options.ts";

const USES: Record<Command, [use: string, does: string]> = {
  finetune: [
    "finetune ROWS... --model FOLDER --out FOLDER",
    "Fine-tune a model on labelled rows, and save it",
  ],
  classify: ["classify TEXTS --model FOLDER [--out FILE]", "Predict the label of each text"],
  evaluate: ["evaluate ROWS... --model FOLDER", "Score a model on labelled rows"],
  explain: ["explain TEXTS --model FOLDER", "Tell what each word of a text does for its label"],
  inspect: ["inspect ROWS... --model FOLDER", "Find what would spoil a model or its scores"],
  quantize: [
    "quantize ROWS... --model FOLDER --out FOLDER",
    "Save it in fewer bits, where it stays as right on the rows",
  ],
  convert: ["convert --model FOLDER --out FOLDER", "Save it in another number format, or as ONNX"],
  "take-away": [
    "take-away ROWS... --model FOLDER --out ZIP",
    "Pack a run for torch, on any number of devices",
  ],
};

const FILES =
  "Files are CSV, TSV, JSON, JSONL, XLSX, XLS or ODS; of classify and explain also .txt, one text a line, and - for standard input.";
const EXITS =
  "Exit status: 0 done, 1 failed, 2 wrong options, 3 a file or row that cannot be read, 4 under --fail-under, 130 stopped.";

export function helpOf(command: Command | undefined): string {
  if (command === undefined) {
    const lines = COMMANDS.map((name) => `  bertlet ${name.padEnd(10)} ${USES[name][1]}.`);
    return [
      "Fine-tunes and runs BERT text classifiers.",
      "",
      ...lines,
      "",
      "bertlet COMMAND --help",
      FILES,
      EXITS,
      "",
    ].join("\n");
  }
  const [use, does] = USES[command];
  const own = Object.entries(OPTIONS).filter(([, { of }]) => of.includes(command));
  const lines = own.map(([name, { takes, help, default: value }]) => {
    const flag = `${flagOf(name)}${takes === undefined ? "" : " …"}`;
    const range = takes === undefined ? "" : ` (${takes}${value === undefined ? "" : `; default ${value}`})`;
    return `  ${flag.padEnd(20)} ${help}${range}`;
  });
  return [`bertlet ${use}`, "", `${does}.`, "", ...lines, "", FILES, EXITS, ""].join("\n");
}
