// Runs one of the long tests: `node endure.mjs kills | writes | quota | inputs [--times N] [--seed S] [--device webgpu]`.

import { inputs } from "./inputs.ts";
import { kills } from "./kills.ts";
import { quota } from "./quota.ts";
import { writes } from "./writes.ts";

const TESTS: Record<string, (options: Options) => Promise<boolean>> = { kills, writes, quota, inputs };

export interface Options {
  times: number;
  seed: number;
  device: "wasm" | "webgpu";
}

const [name = "", ...given] = process.argv.slice(2);
const test = TESTS[name];
const options: Options = { times: 100, seed: 1, device: "wasm" };
for (let at = 0; at < given.length; at += 2) {
  const value = given[at + 1] ?? "";
  if (given[at] === "--times" && Number(value) > 0) options.times = Number(value);
  else if (given[at] === "--seed" && Number.isInteger(Number(value))) options.seed = Number(value);
  else if (given[at] === "--device" && (value === "wasm" || value === "webgpu")) options.device = value;
  else {
    console.error(`expected --times N, --seed S or --device wasm | webgpu, found ${given[at]} ${value}`);
    process.exit(2);
  }
}
if (test === undefined) {
  console.error(`expected one of ${Object.keys(TESTS).join(", ")}, found ${JSON.stringify(name)}`);
  process.exit(2);
}
const passed = await test(options);
process.exit(passed ? 0 : 1);
