// Holds the plain objects that cross the wasm boundary to the same fields in Rust and in TypeScript: serde passes over a
// field that it does not know, and a missing one is undefined. What wasm-bindgen declares, wasm-boundary.check.ts holds.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../support/serve.ts";

const rust = readdirSync(join(root, "crate/src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".rs"))
  .map((name) => readFileSync(join(root, "crate/src", name), "utf8"))
  .join("\n");
const source = (path: string) => readFileSync(join(root, path), "utf8");
const boundary = source("web/src/worker/engine/wasm-boundary.ts");
const loading = source("web/src/shared/loading-requests.ts");
const declarations = source("web/bertlet.d.ts");

/** The public fields of a Rust struct, in camel case. */
function fieldsOf(struct: string): string[] {
  const [, body = ""] =
    new RegExp(`pub (?:\\(\\w+\\) )?struct ${struct} \\{\\n(.*?)\\n\\}`, "s").exec(rust) ?? [];
  const names = [...body.matchAll(/^ {4}pub (\w+):/gm)].map(([, name]) => name as string);
  assert.ok(names.length > 0, `expected the struct ${struct} in crate/src, found none`);
  return names.map((name) => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())).sort();
}

/** The members of a TypeScript interface. */
function membersOf(text: string, name: string): string[] {
  const [, body = ""] = new RegExp(`export interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, "s").exec(text) ?? [];
  const names = [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, member]) => member as string);
  assert.ok(names.length > 0, `expected the interface ${name}, found none`);
  return names.sort();
}

const without = (names: string[], ...left: string[]) => names.filter((name) => !left.includes(name));

/** What ModelInfo holds of the device, the files and the adapters. */
const OF_THE_WORKER = [
  ...["device", "threads", "adapter", "deviceReason", "autoReason"],
  ...["checkpointBytes", "cached", "adapters", "activeAdapter", "scope"],
];

for (const [struct, members] of [
  ["LoadOptions", membersOf(boundary, "EngineLoadOptions")],
  ["CreateOptions", membersOf(loading, "Shape")],
  ["RunInfo", membersOf(boundary, "RunInfo")],
  ["Plan", membersOf(boundary, "RunEstimate")],
  [
    "StepReport",
    [...without(membersOf(declarations, "StepEvent"), "type", "milliseconds"), "epochEnd"].sort(),
  ],
  ["Info", without(membersOf(declarations, "ModelInfo"), ...OF_THE_WORKER)],
  ["PretrainingInfo", [...membersOf(boundary, "RunInfo"), "rows"].sort()],
  ["Report", membersOf(declarations, "Report")],
] as const) {
  test(`${struct} has the same fields in both languages`, () => {
    assert.deepEqual(fieldsOf(struct), members);
  });
}
