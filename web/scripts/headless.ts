// Takes --site URL and what `cargo xtask start --headless` was asked for; fine-tunes in headless Chromium through the
// public API, prints a line an epoch and the test report, and writes the model to --out. Computes nothing itself.

import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright-core";
import type { EndEvent, FinetuneEvent, ModelInfo, Report } from "../bertlet.d.ts";
import { inPage, type Order, saveInPage } from "./page.ts";
import { fileTask, sampleTask, type Task } from "./task.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

const { values: options } = parseArgs({
  options: {
    site: { type: "string", default: "" },
    data: { type: "string" },
    out: { type: "string" },
    device: { type: "string", default: "auto" },
    epochs: { type: "string" },
  },
});

try {
  const task = options.data === undefined ? await sampleTask(options.site) : await fileTask(options.data);
  process.exitCode = await quickStart(task);
} catch (failure) {
  console.error(`error: ${failure instanceof Error ? failure.message : failure}`);
  process.exitCode = 1;
}

async function quickStart(task: Task): Promise<number> {
  const executablePath = process.env.BERTLET_CHROMIUM || "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(`page: ${error.message}`));
    await openBlank(page);
    await page.exposeFunction("loaded", (info: ModelInfo) => console.log(opening(task, info)));
    await page.exposeFunction("happened", (event: FinetuneEvent) => print(event));
    const { train, dev, test, labels } = task;
    const order: Order = {
      library: `${options.site}bertlet.js`,
      checkpoint: `${options.site}models/default/`,
      device: options.device as Order["device"],
      labels,
      data: { train, ...(dev.length > 0 && { dev }), ...(test.length > 0 && { test }) },
      // The studio's own recipe.
      recipe: { learningRate: 1e-4, ...(options.epochs !== undefined && { epochs: Number(options.epochs) }) },
    };
    const outcome = await page.evaluate(inPage, order);
    if ("failure" in outcome) throw new Error(outcome.failure);
    printEnd(outcome.end);
    if (outcome.end.reason !== "finished") return 1;
    if (options.out !== undefined) await save(page, options.out);
    return 0;
  } finally {
    await browser.close();
  }
}

/** A page of the site's origin with nothing on it, isolated as the site's own pages are. */
async function openBlank(page: Page): Promise<void> {
  const url = `${options.site}headless.html`;
  const headers = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  };
  await page.route(url, (route) =>
    route.fulfill({ contentType: "text/html", headers, body: "<!doctype html>" }),
  );
  await page.goto(url);
}

function opening(task: Task, info: ModelInfo): string {
  const device = info.adapter === undefined ? info.device : `${info.device} (${info.adapter})`;
  const reason = info.deviceReason === undefined ? "" : `, since ${info.deviceReason}`;
  return (
    `Fine-tuning ${info.architecture} (${info.layers} layers of ${info.hiddenSize}, ${info.pooling} pooling) on ` +
    `${device}${reason}\n${task.name}: ${task.train.length} training, ${task.dev.length} dev and ` +
    `${task.test.length} test rows, ${task.labels.length} labels`
  );
}

function print(event: FinetuneEvent): void {
  if (event.type === "epoch") {
    const dev = event.dev === undefined ? "" : `, dev accuracy: ${event.dev.accuracy.toFixed(2)}`;
    console.log(`Epoch ${event.epoch}, train loss: ${event.trainLoss.toFixed(3)}${dev}`);
  } else if (event.type === "step" && process.stderr.isTTY) {
    process.stderr.write(`\rstep ${event.step}, loss ${event.loss.toFixed(3)} \r`);
  }
}

function printEnd(end: EndEvent): void {
  if (end.test !== undefined) printReport(end.test);
  const seconds = (end.milliseconds / 1000).toFixed(1);
  console.log(`Training ${end.reason} after ${end.steps} steps, ${seconds} s`);
}

function printReport(report: Report): void {
  const [loss, accuracy, f1] = [
    report.loss.toFixed(3),
    report.accuracy.toFixed(2),
    report.macroF1.toFixed(2),
  ];
  console.log(`Test loss: ${loss}, accuracy: ${accuracy}, macro F1: ${f1}`);
  const width = Math.max(5, ...report.perLabel.map(({ label }) => label.length));
  console.log(`  ${"label".padEnd(width)}  precision  recall    f1  rows`);
  for (const { label, precision, recall, f1, support } of report.perLabel) {
    const numbers = [
      precision.toFixed(2).padStart(9),
      recall.toFixed(2).padStart(6),
      f1.toFixed(2).padStart(4),
    ];
    console.log(`  ${label.padEnd(width)}  ${numbers.join("  ")}  ${String(support).padStart(4)}`);
  }
}

/** Writes the tuned model's files, each under its own name only once it is whole. */
async function save(page: Page, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await page.evaluate(saveInPage)) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.evaluate((file) => document.getElementById(file)?.click(), name),
    ]);
    const whole = join(folder, name);
    await download.saveAs(`${whole}.partial`);
    await rename(`${whole}.partial`, whole);
  }
  console.log(`Saved the fine-tuned model to ${folder}`);
}
