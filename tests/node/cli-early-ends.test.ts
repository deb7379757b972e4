// The command bertlet where something ends early: who reads what it says, the person's patience, a pipe in place of a file.
// Takes the built site.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { writeFiles } from "../../web/cli/out.ts";
import { CLI, command, HERE } from "../support/command.ts";
import { torchRun } from "../support/torch-run.ts";

describe("the command", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const { train } = torchRun("in_order");

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bertlet-cli-"));
    const lines = train.map(({ text, label }) => JSON.stringify({ text, label }));
    await writeFile(at("rows.jsonl"), lines.join("\n"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const inShell = (words: string[], end: string) =>
    new Promise<{ status: number; out: string }>((resolve) => {
      const quoted = words.map((word) => `'${word}'`).join(" ");
      const line = `set -o pipefail; '${process.execPath}' '${CLI}' ${quoted} ${end}`;
      execFile("bash", ["-c", line], { cwd: folder }, (failed, out) =>
        resolve({ status: failed === null ? 0 : Number(failed.code), out }),
      );
    });
  const RUN = ["finetune", "rows.jsonl", ...HERE.slice(0, -1), "--epochs", "3"];

  test("a run is saved, whoever reads its progress", async () => {
    for (const [name, end] of Object.entries({ gone: "2>&1 >/dev/null | head -n 1", full: "2>/dev/full" })) {
      assert.equal((await inShell([...RUN, "--out", name], end)).status, 0, end);
      assert.ok(existsSync(at(`${name}/model.safetensors`)), end);
    }
  });

  test("a pipe is read as the file that it stands for, and is not what is written", async () => {
    const words = [...HERE, "--json"];
    const [file, pipe] = [
      await inShell(["evaluate", "rows.jsonl", ...words], ""),
      await inShell(["evaluate", ...words], "<(cat rows.jsonl)"),
    ];
    assert.deepEqual(pipe, file);
    await writeFile(at("there.csv"), "");
    const again = ["classify", ...words, "--out", "there.csv", "--force"];
    assert.equal((await inShell(again, "<(cat rows.jsonl)")).status, 0);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const)
    test(`${signal} stops what has no steps, too, and writes nothing`, async () => {
      const words = ["convert", ...HERE.slice(0, -1), "--out", "stopped"];
      const child = spawn(process.execPath, [...process.execArgv, CLI, ...words], { cwd: folder });
      child.stderr.on("data", (text) => {
        if (String(text).includes("BertFor")) child.kill(signal);
      });
      assert.equal(await new Promise((resolve) => child.on("close", resolve)), 130);
      assert.ok(!existsSync(at("stopped")));
    });

  test("what is half written when the process ends is not left", async () => {
    const out = at("half");
    await writeFiles(out, { first: "old", second: "old" });
    let left: string[] = [];
    const ends = {
      arrayBuffer: async () => {
        (process.listeners("exit").at(-1) as () => void)();
        left = await readdir(out);
        throw new Error("it ended");
      },
    };
    const writing = writeFiles(out, { first: "new", second: ends });
    await assert.rejects(writing, /it ended/);
    assert.deepEqual(left, ["first", "second"]);
    assert.equal(await readFile(join(out, "first"), "utf8"), "old");
  });

  test("a note on a file is said once, and a wrong option names its command's help", async () => {
    const lines = train.map(({ text, label }) => `caf\u00e9 ${text.replaceAll(",", "")},${label}`);
    await writeFile(at("old.csv"), Buffer.from(`text,label\n${lines.join("\n")}\n`, "latin1"));
    const { error } = await command(folder, ["evaluate", "old.csv", ...HERE.slice(0, -1)]);
    assert.equal(error.split("is not UTF-8").length, 2, error);
    const wrong = await command(folder, ["convert", "--wheels"]);
    assert.match(wrong.error, /bertlet convert --help lists/);
  });
});
