// Where the GPU's time of a training step goes, by kernel, on the GPU's own clock.

import type { Browser } from "playwright-core";
import type { Site } from "../../support/serve.ts";
import { BertletPage } from "../driver/bertlet-page.ts";
import { describeShape, type Shape } from "../model/shape.ts";
import { figure, markdown } from "./markdown.ts";

export async function kernelsTable(browser: Browser, site: Site, shape: Shape): Promise<string> {
  console.error(`kernels: ${shape.name}`);
  const page = await BertletPage.open(browser, site, "train", shape, { device: "webgpu" });
  try {
    // Compiles every shader.
    await page.measure(1, Number.POSITIVE_INFINITY);
    const times = await page.timeKernels();
    const whole = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const rows = times.map(({ name, dispatches, milliseconds }) => [
      name,
      `${dispatches}`,
      figure(milliseconds),
      `${((100 * milliseconds) / whole).toFixed(0)} %`,
    ]);
    const count = times.reduce((sum, { dispatches }) => sum + dispatches, 0);
    return [
      `What the GPU does in a training step, by its own clock: dispatches a step, ms, share. ${describeShape(shape)}.`,
      "",
      markdown(["shader", "dispatches", "ms", ""], [...rows, ["all", `${count}`, figure(whole), ""]]),
    ].join("\n");
  } finally {
    await page.close();
  }
}
