// The command bertlet as a shell runs it: each command's result, and the same losses as the library's. Takes the built site.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { utils, write } from "@e965/xlsx";
import { downloadZip } from "client-zip";
import type * as Bertlet from "../../web/bertlet.d.ts";
import { FINETUNE } from "../../web/src/shared/defaults.ts";
import { CLI, command, HERE, MODEL } from "../support/command.ts";
import { root } from "../support/serve.ts";
import { torchRun } from "../support/torch-run.ts";

const { Classifier }: typeof Bertlet = await import(pathToFileURL(join(root, "web/dist/node.js")).href);
const { train } = torchRun("in_order");
const RUN = ["--epochs", "2", "--learning-rate", "1e-3", "--dropout", "0"];

describe("the command", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);

  const bertlet = (words: string[], input = "") => command(folder, words, input);
  async function saveIn(path: string, files: object): Promise<void> {
    await mkdir(path);
    for (const [name, file] of Object.entries(files) as [string, Blob][])
      await writeFile(join(path, name), new Uint8Array(await file.arrayBuffer()));
  }
  /** What --json writes of a command that goes well. */
  async function json(words: string[], input?: string) {
    const { status, out, error } = await bertlet([...words, "--json"], input);
    assert.equal(status, 0, `${words.join(" ")}: ${error}`);
    return JSON.parse(out);
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bertlet-cli-"));
    const lines = train.map(({ text, label }) => JSON.stringify({ text, label }));
    await writeFile(at("rows.jsonl"), `${lines.join("\n")}\n`);
    const book = utils.book_new();
    utils.book_append_sheet(book, utils.json_to_sheet(train), "Rows");
    await writeFile(at("rows.xlsx"), write(book, { type: "buffer", bookType: "xlsx" }));
    await writeFile(
      at("recipe.json"),
      `\ufeff${JSON.stringify({ options: { epochs: 3, dropout: 0 }, maxLength: 24, step: 0 })}`,
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test("fine-tunes with the library's losses, and its folder is evaluated, classified and smaller", async () => {
    const ended = await json(["finetune", "rows.jsonl", "--no-split", ...HERE, ...RUN, "--out", "tuned"]);
    const classifier = await Classifier.load(pathToFileURL(MODEL).href, { device: "wasm", threads: 1 });
    const run = classifier.finetune({ train }, { epochs: 2, learningRate: 1e-3, dropout: 0 });
    const losses: number[] = [];
    for await (const event of run) if (event.type === "epoch") losses.push(event.trainLoss);
    assert.deepEqual(
      ended.epochs.map((epoch: Bertlet.EpochEvent) => epoch.trainLoss),
      losses,
    );
    const tuned = ["--model", "tuned", "--device", "wasm", "--threads", "1", "--quiet"];
    const report = await json(["evaluate", "rows.xlsx", ...tuned]);
    assert.equal(report.loss, (await classifier.evaluate(train)).loss);
    const [said] = await json(["classify", "-", ...tuned], `${train[0]?.text}\n`);
    assert.deepEqual(said.label, (await classifier.classify(train[0]?.text ?? "")).label);
    await classifier.dispose();

    assert.equal((await bertlet(["evaluate", "rows.jsonl", ...tuned, "--fail-under", "1"])).status, 4);
    // Rows of one label cannot be trained on, but measured; of a named column, whatever the file is called.
    const { label } = train[0] as { label: string };
    await writeFile(at("alike.csv"), `text,label\nyes,${label}\nno,${label}\n`);
    assert.equal((await json(["evaluate", "alike.csv", ...tuned])).perLabel.length, 3);
    const named = await json(["classify", "-", "--text", "text", ...tuned], "id,text\n1,yes\n2,no\n");
    assert.deepEqual(
      named.map(({ text }: { text: string }) => text),
      ["yes", "no"],
    );
    const { rows } = await json(["inspect", "rows.jsonl", ...tuned]);
    assert.equal(rows.train, train.length);
    const out = await json(["classify", "rows.jsonl", ...tuned, "--out", "said.csv"]);
    assert.equal(out.rows, train.length);
    assert.match(await readFile(at("said.csv"), "utf8"), /"predicted_label","predicted_score"/);
    const [why] = await json(["explain", "-", ...tuned], `${train[0]?.text}\n`);
    assert.ok(Math.abs(why.completeness.delta) < 0.1 && why.words.length > 1);
    const [left] = await json(["explain", "-", "--occlusion", ...tuned], `${train[0]?.text}\n`);
    assert.equal(left.words.length, why.words.length);
    const receipt = await json(["quantize", "rows.jsonl", ...tuned, "--max-drop", "0.9", "--out", "small"]);
    assert.ok(receipt.after.weightBytes < receipt.before.weightBytes);
    await json(["convert", ...tuned, "--as", "onnx", "--out", "onnx"]);
    assert.ok(existsSync(at("onnx/onnx/model.onnx")));
    assert.ok(existsSync(at("small/model.safetensors")));
  });

  test("takes a recipe as it is, with virtual tokens as an adapter; options beside it count more", async () => {
    const words = [
      "finetune",
      "rows.jsonl",
      ...HERE,
      "--config",
      "recipe.json",
      "--method",
      "prompt",
      "--epochs",
      "1",
    ];
    const ended = await json([...words, "--virtual-tokens", "3", "--out", "prompted"]);
    assert.equal(ended.epochs.length, 1);
    assert.ok(existsSync(at("prompted/adapter/adapter_config.json")));
    assert.ok(existsSync(at("prompted/model.safetensors")));
    // The folder's adapter answers: the base's own head is another one.
    const prompted = ["--model", "prompted", "--device", "wasm", "--quiet"];
    const [own, base] = [
      await json(["evaluate", "rows.jsonl", ...prompted, "--threads", "1"]),
      await json(["evaluate", "rows.jsonl", ...HERE]),
    ];
    assert.notEqual(own.loss, base.loss);
    const losses = ended.epochs.map((epoch: Bertlet.EpochEvent) => epoch.dev?.loss);
    assert.ok(losses[0] > 0 && own.loss > 0);
    // A run of another method would leave the adapter there, which would be read with the new model.
    const again = await bertlet(["finetune", "rows.jsonl", ...HERE, "--out", "prompted"]);
    assert.match(again.error, /prompted\/adapter is of another model/);
    // Another method than the recipe's does without what belongs to that.
    await writeFile(
      at("lora.json"),
      JSON.stringify({ options: { method: "lora", lora: { rank: 2 }, epochs: 1 } }),
    );
    const lora = ["finetune", "rows.jsonl", ...HERE, "--config", "lora.json", "--out", "other"];
    assert.equal((await json([...lora, "--method", "head"])).epochs.length, 1);
  });

  test("a zip is a model, standard input a table where it looks like one, and several labels keep their head", async () => {
    const files = await Promise.all(
      ["config.json", "tokenizer.json", "model.safetensors"].map(async (name) => ({
        name,
        input: await readFile(join(MODEL, name)),
      })),
    );
    await writeFile(at("model.zip"), new Uint8Array(await downloadZip(files).arrayBuffer()));
    const zipped = ["--model", "model.zip", "--device", "wasm", "--threads", "2", "--quiet"];
    const lines = train.slice(0, 2).map(({ text }) => JSON.stringify({ text }));
    const said = await json(["classify", "-", ...zipped], lines.join("\n"));
    assert.deepEqual(
      said.map(({ text }: { text: string }) => text),
      train.slice(0, 2).map(({ text }) => text),
    );
    const several = train.map(({ text, label }, at) =>
      JSON.stringify({ text, label: at % 2 ? [label] : [label, "b"] }),
    );
    await writeFile(at("several.jsonl"), several.join("\n"));
    const more = [
      "several.jsonl",
      "--no-split",
      "--device",
      "wasm",
      "--threads",
      "1",
      "--quiet",
      "--epochs",
      "1",
    ];
    const first = await json([
      "finetune",
      ...more,
      "--model",
      MODEL,
      "--learning-rate",
      "1e-2",
      "--out",
      "one",
    ]);
    const second = await json([
      "finetune",
      ...more,
      "--model",
      "one",
      "--learning-rate",
      "1e-6",
      "--out",
      "two",
    ]);
    assert.ok(second.epochs[0].trainLoss < first.epochs[0].trainLoss, "the head goes on");
  });

  test("another method than the recipe's has its own defaults, and none of what goes with a trained head", async () => {
    const options = {
      method: "full",
      epochs: FINETUNE.epochs,
      learningRate: 2e-5,
      labelSmoothing: 0,
      classWeights: "none",
    };
    await writeFile(at("record.json"), JSON.stringify({ options }));
    const words = ["finetune", "rows.jsonl", ...HERE, "--config", "record.json"];
    assert.equal((await json([...words, "--method", "head", "--out", "a-head"])).epochs.length, 20);
    await json([...words, "--method", "centroid", "--out", "centroids"]);
  });

  test("rows of one label, or none, are scored as rows of a model of several", async () => {
    const kept = { problemType: "multi_label_classification", device: "wasm", threads: 1 } as const;
    const classifier = await Classifier.load(pathToFileURL(`${MODEL}/`), kept);
    const [first, second] = classifier.info.labels as [string, string];
    await saveIn(at("of-several"), await classifier.save());
    const rows = [[first], [], [second], []].map((labels, at) => ({ text: train[at]?.text ?? "", labels }));
    await writeFile(at("few.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
    await writeFile(
      at("few.csv"),
      `text,label\n${rows.map(({ text, labels }) => `"${text}",${labels}`).join("\n")}\n`,
    );
    const own = await classifier.evaluate(rows.map(({ text, labels }) => ({ text, label: labels })));
    await classifier.dispose();
    for (const file of ["few.jsonl", "few.csv"]) {
      const found = await json(["evaluate", file, ...HERE.slice(2), "--model", "of-several"]);
      assert.deepEqual(found, JSON.parse(JSON.stringify(own)), file);
    }
  });

  test("what stood there stays where a file cannot be written; answers keep the table's columns", async () => {
    const files = await Promise.all(
      ["config.json", "tokenizer.json", "model.safetensors"].map(async (name) => [
        name,
        new Blob([await readFile(join(MODEL, name))]),
      ]),
    );
    await saveIn(at("own"), Object.fromEntries(files));
    const before = await readFile(at("own/config.json"));
    await mkdir(at("own/model.safetensors.part"));
    const [status] = [await bertlet(["convert", ...HERE, "--dtype", "f16", "--out", "own", "--force"])];
    assert.equal(status?.status, 1, status?.error);
    assert.deepEqual(await readFile(at("own/config.json")), before);
    assert.deepEqual((await readdir(at("own"))).sort(), [
      "config.json",
      "model.safetensors",
      "model.safetensors.part",
      "tokenizer.json",
    ]);
    await writeFile(at("table.csv"), "id,text,label\n7,good,b\n");
    await json(["classify", "table.csv", ...HERE, "--out", "answers.jsonl"]);
    const [line = ""] = (await readFile(at("answers.jsonl"), "utf8")).split("\n");
    const { id, label, predicted_label } = JSON.parse(line);
    assert.deepEqual([id, label, typeof predicted_label], ["7", "b", "string"]);
    const bracket = await json(["classify", "-", ...HERE], "[URGENT] call me\n{x} other\n");
    assert.deepEqual(
      bracket.map(({ text }: { text: string }) => text),
      ["[URGENT] call me", "{x} other"],
    );
  });

  test("each line of a text keeps its place, also one without text", async () => {
    const lines = ["good dog", "", "  ", "late parcel", ""];
    for (const command of ["classify", "explain"]) {
      const words = [command, "-", ...HERE.slice(0, -1)];
      const { out, error } = await bertlet([...words, "--json"], `${lines.join("\n")}\n`);
      const found = JSON.parse(out) as { text: string; label?: string }[];
      assert.deepEqual(
        found.map(({ text, label }) => [text, label !== undefined]),
        lines.map((text) => [text, text.trim() !== ""]),
      );
      assert.match(error, /3 rows without text: no answer/);
      const plain = (await bertlet([...words, "--quiet"], `${lines.join("\r\n")}\r\n`)).out.split("\n");
      assert.deepEqual(
        plain.slice(0, -1).map((line) => line.startsWith("\t\t")),
        lines.map((text) => text.trim() === ""),
      );
    }
  });

  test("a run that is stopped still gives its result, and its status", async () => {
    const words = ["finetune", "rows.jsonl", ...HERE.slice(0, -1), "--epochs", "1000", "--out", "stopped"];
    const child = spawn(process.execPath, [...process.execArgv, CLI, ...words, "--json"], { cwd: folder });
    let out = "";
    child.stdout.on("data", (text) => {
      out += text;
    });
    child.stderr.on("data", (text) => {
      if (String(text).includes("epoch 1:")) child.kill("SIGINT");
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(status, 130);
    assert.equal(JSON.parse(out).reason, "stopped");
    assert.ok(existsSync(at("stopped/model.safetensors")));
  });

  test("fails where standard output does, but for a reader that has seen enough", async () => {
    const lines = "late parcel\n".repeat(3000);
    const through = (end: string) =>
      new Promise<{ status: number; error: string }>((resolve) => {
        const words = [CLI, "classify", "-", ...HERE].map((word) => `'${word}'`).join(" ");
        const child = execFile(
          "bash",
          ["-c", `set -o pipefail; '${process.execPath}' ${words} ${end}`],
          (failed, _, error) => resolve({ status: failed === null ? 0 : Number(failed.code), error }),
        );
        child.stdin?.end(lines);
      });
    const full = await through("> /dev/full");
    assert.deepEqual([full.status, /standard output: ENOSPC/.test(full.error)], [1, true]);
    assert.deepEqual(await through("| head -n 1 > /dev/null"), { status: 0, error: "" });
  });

  test("warns of rows that are left out, and of test rows among those to train on, with --quiet too", async () => {
    const own = train.slice(0, 6).map(({ text, label }) => JSON.stringify({ text, label }));
    await writeFile(at("again.jsonl"), [...own, '{ "text": "", "label": "a" }'].join("\n"));
    const words = ["finetune", "rows.jsonl", "--test", "again.jsonl", ...HERE, "--epochs", "1"];
    const { status, error } = await bertlet([...words, "--out", "leaky"]);
    assert.equal(status, 0, error);
    assert.match(error, /warning: again\.jsonl: 1 row without text was left out/);
    assert.match(error, /warning: 6 rows of dev or test are in an earlier part, too/);
    // What the command wrote it may write again; a file by --force.
    await json([...words, "--out", "leaky"]);
    await json(["classify", "rows.jsonl", ...HERE, "--out", "twice.csv"]);
    await json(["classify", "rows.jsonl", ...HERE, "--out", "twice.csv", "--force"]);
  });

  test("says what it can, with defaults and ranges", async () => {
    const { out, status } = await bertlet(["finetune", "--help"]);
    assert.equal(status, 0);
    assert.match(out, /--batch-size … +Rows of a batch \(1 to 1024; default 8\)/);
    assert.ok(out.includes(`default ${FINETUNE.learningRate}`));
    assert.equal((await bertlet([])).status, 2);
    assert.equal((await bertlet(["finetune", "-h"])).out, out);
  });
});
