// Records the first screen's answers anew: `node scripts/record-answers.mjs`, after `cargo xtask build`. Trains the page's model on
// the sample with the automatic recipe, and has it answer the questions of ../studio/views/bench/recorded.json, by the command line tool.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const sample = join(web, "studio/sample/sample-en.csv");
const file = join(web, "studio/views/bench/recorded.json");
const folder = mkdtempSync(join(tmpdir(), "bertlet-record-"));
const bertlet = (...args) =>
  execFileSync("node", [join(web, "dist/cli.js"), ...args], { stdio: ["ignore", "pipe", "inherit"] });

try {
  const questions = JSON.parse(readFileSync(file, "utf8")).map(({ text }) => ({ text }));
  const [model, asked] = [join(folder, "model"), join(folder, "questions.json")];
  writeFileSync(asked, JSON.stringify(questions));
  const base = ["--model", join(web, "dist/models/default"), "--recipe", "auto"];
  bertlet("finetune", sample, ...base, "--out", model);
  const answers = JSON.parse(bertlet("classify", asked, "--model", model, "--json", "--quiet"));
  // A rounded score is no certain one.
  const short = (score) => Math.min(0.999, Math.max(0.001, Number(score.toFixed(3))));
  const rounded = ({ label, score }) => ({ label, score: short(score) });
  const recorded = answers.map(({ text, scores }) => ({ text, scores: scores.map(rounded) }));
  writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
  execFileSync("npx", ["--no-install", "biome", "format", "--write", file], { cwd: web });
} finally {
  rmSync(folder, { recursive: true });
}
