// What the command bertlet refuses, each with its exit status and its words. Takes the built site.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { downloadZip } from "client-zip";
import { command, HERE, MODEL } from "../support/command.ts";
import { torchRun } from "../support/torch-run.ts";

describe("the command", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bertlet-cli-"));
    const lines = torchRun("in_order").train.map(({ text, label }) => JSON.stringify({ text, label }));
    const files = {
      "rows.jsonl": lines.join("\n"),
      "one.csv": "text,label\nyes,a\nno,a\n",
      "narrow.csv": "text\nyes\nno\n",
      "left.csv": "text,label\n,a\nyes,\n",
      "there.csv": "",
      "broken.json": "{",
      "odd.json": '{ "batchSise": 8 }',
      "nested.json": '{ "lora": { "alpha": 1e6 }, "method": "full" }',
      "beside.json": '{ "options": { "epochs": 1 }, "lables": [] }',
      "list.json": '{ "options": [] }',
      "journal.json": '{ "journal": "x" }',
      "theirs/config.json": "{}",
      "sentences/modules.json": "[]",
    };
    for (const name of ["empty", "empty.csv", "sentences", "theirs"]) await mkdir(at(name));
    for (const [name, content] of Object.entries(files)) await writeFile(at(name), content);
    const adapter = [{ name: "m/adapter/adapter_config.json", input: "{}" }];
    await writeFile(at("both.zip"), new Uint8Array(await downloadZip(adapter).arrayBuffer()));
    await symlink(at("rows.jsonl"), at("rows.csv"));
    await cp(MODEL, at("copy"), { recursive: true });
    await symlink(at("copy"), at("link"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const ROWS = ["rows.jsonl", ...HERE];
  const REFUSED: [status: number, words: string[], says: RegExp][] = [
    [2, ["fly"], /expected a command, one of finetune, .*found fly/],
    [2, ["finetune", ...ROWS], /--out is needed/],
    [2, ["finetune", "rows.jsonl", "--out", "x"], /--model is needed/],
    [
      2,
      ["finetune", ...ROWS, "--out", "x", "--epochs", "many"],
      /--epochs: expected a number, 1 to 1000, found many/,
    ],
    [2, ["finetune", ...ROWS, "--out", "x", "--epochs", "0"], /option --epochs must be/],
    [
      2,
      ["finetune", ...ROWS, "--out", "x", "--method", "best"],
      /--method: expected one of full, .*found best/,
    ],
    [2, ["finetune", ...ROWS, "--out", "x", "--wheels", "4"], /'--wheels'/],
    [2, ["finetune", ...ROWS, "--out", "x", "--config", "odd.json"], /no option "batchSise"/],
    [
      2,
      ["finetune", ...ROWS, "--out", "x", "--no-split", "--patience", "2"],
      /option --patience needs dev rows/,
    ],
    [2, ["finetune", ...ROWS, "--out", "x", "--learning-rate", "2"], /option --learning-rate: expected/],
    [2, ["finetune", ...ROWS, "--out", "x", "--rank=4"], /option --rank goes with the method "lora"/],
    // An option of the file alone, and one without a flag, are called as the file has them.
    [2, ["finetune", ...ROWS, "--out", "x", "--config", "nested.json"], /option lora goes with the method/],
    [
      2,
      ["finetune", ...ROWS, "--out", "x", "--config", "nested.json", "--method", "lora"],
      /option `lora\.alpha`: expected/,
    ],
    [
      2,
      ["evaluate", ...ROWS, "--epochs", "3"],
      /--epochs goes with finetune, take-away, found it with evaluate/,
    ],
    [2, ["evaluate", ...ROWS, "--fail-under", "90"], /--fail-under: expected a share from 0 to 1, found 90/],
    [
      2,
      ["finetune", ...ROWS, "--out", "x", "--no-split", "--fail-under", "0.9"],
      /--fail-under: there are no test rows/,
    ],
    [3, ["classify", ...ROWS, "--text", "colour"], /there is no column colour/],
    [2, ["classify", "a", "b", ...HERE], /expected one file of texts, or -, found 2/],
    [2, ["classify", ...ROWS, "--out", "x.pdf"], /ends in \.csv or \.jsonl/],
    [2, ["convert", ...HERE, "--out", "x", "--as", "onnx", "--dtype", "f16"], /dtype must be/],
    [2, ["finetune", ...ROWS, "--out", "rows.jsonl"], /--out rows\.jsonl: expected a folder, found a file/],
    [2, ["classify", ...ROWS, "--out", "empty.csv"], /--out empty\.csv: expected a file, found a folder/],
    [2, ["convert", ...HERE, "--out", "sentences"], /modules\.json is of another model/],
    [2, ["explain", ...ROWS, "--for-label", "nope"], /option --for-label must be/],
    [3, ["classify", "empty", ...HERE], /empty: expected a file, found a folder/],
    [2, ["take-away", ...ROWS, "--out", "x.zip", "--method", "bitfit"], /"bitfit" cannot go on elsewhere/],
    [3, ["finetune", ...HERE, "--out", "x"], /expected a file of rows, found none/],
    [3, ["finetune", "nowhere.csv", ...HERE, "--out", "x"], /nowhere\.csv: there is no such file/],
    [3, ["evaluate", "rows.jsonl", "--model", "both.zip"], /adapter beside its model.*unpack it first/],
    [
      2,
      ["finetune", ...ROWS, "--out", "x", "--test", "a.csv", "--test", "b.csv"],
      /--test: expected it once/,
    ],
    [3, ["evaluate", "rows.jsonl", "--model", "nowhere"], /--model nowhere: there is no such folder/],
    [3, ["evaluate", "rows.jsonl", "--model", "empty", "--device", "wasm"], /config\.json/],
    [3, ["evaluate", ...ROWS, "--label", "colour"], /there is no column colour, only text, label/],
    [3, ["finetune", "one.csv", ...HERE, "--out", "x"], /have one label/],
    [3, ["finetune", "narrow.csv", ...HERE, "--out", "x"], /expected a column of texts and one of labels/],
    [3, ["finetune", ...ROWS, "--out", "x", "--config", "broken.json"], /--config broken\.json/],
    [
      3,
      ["finetune", ...ROWS, "--out", "x", "--config", "list.json"],
      /list\.json: options: expected an object/,
    ],
    [
      2,
      ["finetune", ...ROWS, "--out", "x", "--config", "beside.json"],
      /there is no "lables" beside options/,
    ],
    [2, ["finetune", ...ROWS, "--out", "x", "--config", "journal.json"], /the option journal is for pages/],
    [2, ["finetune", ...ROWS, "--out", "theirs"], /theirs\/config\.json was not written by bertlet/],
    [2, ["classify", ...ROWS, "--out", "there.csv"], /there is such a file.*--force/],
    [2, ["classify", ...ROWS, "--force", "--out", "rows.csv"], /rows\.csv: it is what the command reads/],
    [2, ["convert", "--model", "copy", "--force", "--out", "link"], /link: it is what the command reads/],
    [3, ["evaluate", "left.csv", ...HERE], /left\.csv: 1 row without a label.*left\.csv: no row has both/s],
    [3, ["classify", "-", ...HERE], /: standard input holds no rows/],
  ];
  test("refuses what cannot be, by its exit status", async () => {
    const found = await Promise.all(REFUSED.map(([, words]) => command(folder, words)));
    for (const [row, [status, words, says]] of REFUSED.entries()) {
      const { status: own, error } = found[row] as { status: number; error: string };
      assert.equal(own, status, `${words.join(" ")}: ${error}`);
      assert.match(error, says);
    }
    assert.ok(!existsSync(at("x")), "nothing is written");
  });
});
