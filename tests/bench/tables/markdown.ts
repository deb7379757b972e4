// Takes rows of measurements; gives Markdown. Pure.

import { describeShape, type Shape } from "../model/shape.ts";
import type { Variant } from "../page/contender.ts";
import type { Task } from "../page/runner.ts";
import type { Agreement, Row } from "./speed.ts";
import type { TimeToFirst } from "./time-to-first.ts";

/** Probabilities, or losses, that differ by less are of the same model. */
const TOLERANCE = 2e-4;

export function shapeTable(shape: Shape, rows: readonly Row[], versions: Record<string, string>): string {
  const lines = [
    `${describeShape(shape)}. Milliseconds: median (least-most), of the number of samples in brackets; CPU: what the browser's processes took for each.`,
    "",
    `| | forward | CPU, ms | bertlet / it | training step | bertlet / it | wasm memory after training | ${AGREEMENT} |`,
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
  ];
  const names = new Map(rows.map((row) => [nameOf(row, versions), row]));
  for (const [name, { contender, variant }] of names) {
    const cells = (["forward", "train"] as const).flatMap((task) => {
      const row = rows.find((row) => row.task === task && nameOf(row, versions) === name);
      const own = rows.find((row) => row.task === task && isOwn(row) && alike(row.variant, variant));
      const ratio = contender.name === "bertlet" ? undefined : ratioOf(own, row);
      const cpu = task === "forward" ? [row === undefined ? "" : cpuOf(row)] : [];
      return [row === undefined ? "does not" : cellOf(row), ...cpu, ratio?.toFixed(2) ?? ""];
    });
    const trained = rows.find((row) => row.task === "train" && nameOf(row, versions) === name);
    const bytes = variant.device === "wasm" ? trained?.wasmBytes : undefined;
    const agreement = rows.find((row) => nameOf(row, versions) === name)?.agreement;
    cells.push(bytes === undefined ? "" : `${mebibytes(bytes)} MiB`, agreementOf(agreement));
    lines.push(`| ${[name, ...cells].join(" | ")} |`);
  }
  return [...lines, ...differences(rows, versions)].join("\n");
}

/** On the same device with as many threads, and with 8-bit weights where the other has them. */
export function alike(own: Variant, other: Variant): boolean {
  const eightBits = (variant: Variant) => variant.form === "int8";
  return own.device === other.device && own.threads === other.threads && eightBits(own) === eightBits(other);
}

export const isOwn = ({ contender }: Pick<Row, "contender">) => contender.name === "bertlet";

export const AGREEMENT =
  "8-bit answers beside 32-bit: same label; probability off by at most (of 32 bits: least-most)";

export function agreementOf(agreement: Agreement | undefined): string {
  if (agreement === undefined) return "";
  const { texts, same, worst, between } = agreement;
  return `${same} of ${texts}; ${worst.toPrecision(2)} (${between.map((p) => p.toFixed(3)).join("-")})`;
}

export function cpuOf({ cpuMs, failure }: Pick<Row, "cpuMs" | "failure">): string {
  return failure === undefined && Number.isFinite(cpuMs) ? figure(cpuMs) : "";
}

export function nameOf(
  { contender, variant }: Pick<Row, "contender" | "variant">,
  versions: Record<string, string>,
): string {
  const version = contender.package === undefined ? "" : ` ${versions[contender.package]}`;
  return `${contender.name}${version}, ${nameOfVariant(variant)}`;
}

export function nameOfVariant({ device, threads, form }: Variant): string {
  const on = threads === undefined ? device : `${device}, ${threads} thread${threads > 1 ? "s" : ""}`;
  return form === undefined ? on : `${on}, ${form}`;
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export function cellOf({ failure, milliseconds }: Pick<Row, "failure" | "milliseconds">): string {
  if (failure !== undefined) return failedWith(failure);
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const [least, most] = [sorted[0] as number, sorted.at(-1) as number];
  return `${figure(median(milliseconds))} (${figure(least)}-${figure(most)}) [${sorted.length}]`;
}

function failedWith(failure: string): string {
  return `failed: ${failure.split("\n")[0]?.slice(0, 80)}`;
}

function ratioOf(own: Row | undefined, other: Row | undefined): number | undefined {
  if (!own?.milliseconds.length || !other?.milliseconds.length) return undefined;
  return median(own.milliseconds) / median(other.milliseconds);
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [left, right] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 1 ? right : (left + right) / 2;
}

/** Three digits say all that a repetition would confirm. */
export function figure(milliseconds: number): string {
  return milliseconds >= 100 ? milliseconds.toFixed(0) : milliseconds.toPrecision(3);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

/**
 * A line for each contender whose answer to the first batch is not that of the first contender that gave one.
 */
function differences(rows: readonly Row[], versions: Record<string, string>): string[] {
  return (["forward", "train"] as Task[]).flatMap((task) => {
    const same = rows.filter(({ variant }) => variant.form !== "int8");
    const [expected, ...others] = same.filter((row) => row.task === task && row.check.length > 0);
    return others.flatMap((row) => {
      const worst = Math.max(
        ...row.check.map((value, i) => Math.abs(value - (expected?.check[i] ?? Number.NaN))),
      );
      if (worst <= TOLERANCE) return [];
      return [`\nNot the same model: ${nameOf(row, versions)}, ${task}: its answer is off by ${worst}.`];
    });
  });
}

export function whatTheyLack(rows: readonly Row[]): string {
  const contenders = new Map(rows.map(({ contender }) => [contender.name, contender]));
  const lines = [...contenders.values()]
    .filter(({ lacks }) => lacks.length > 0)
    .map(({ name, lacks }) => `- ${name}: ${lacks.join("; ")}.`);
  return lines.length === 0 ? "" : ["What each does not do of what bertlet does here:", ...lines].join("\n");
}

export function timeToFirstTable(
  shape: Shape,
  rows: readonly TimeToFirst[],
  megabitsASecond: number,
): string {
  return [
    `From opening the page to the first classification, model ${shape.name}. Milliseconds from this machine: median (least-most); seconds over ${megabitsASecond} Mbit/s. Bytes: the library in brotli, the checkpoint as it is. onnxruntime-web's tokenizer is left out.`,
    "",
    markdown(
      [
        "",
        "cold cache",
        "warm cache",
        `cold, ${megabitsASecond} Mbit/s`,
        `warm, ${megabitsASecond} Mbit/s`,
        "library, MB",
        "checkpoint, MB",
        "both, MB",
        "files of the library",
      ],
      rows.map(({ kind, failure, files, libraryBytes, modelBytes, cold, warm, slowCold, slowWarm }) => [
        `${kind.library}, ${nameOfVariant(kind)}${kind.isolated ? "" : ", not cross-origin isolated"}`,
        failure === undefined ? spread(cold) : failedWith(failure),
        spread(warm),
        Number.isNaN(slowCold) ? "" : `${(slowCold / 1000).toFixed(1)} s`,
        Number.isNaN(slowWarm) ? "" : `${(slowWarm / 1000).toFixed(1)} s`,
        ...[libraryBytes, modelBytes, libraryBytes + modelBytes].map((bytes) =>
          failure === undefined ? (bytes / 1e6).toFixed(2) : "",
        ),
        files.join(", "),
      ]),
    ),
  ].join("\n");
}

export function spread(milliseconds: readonly number[]): string {
  if (milliseconds.length === 0) return "";
  const [least, most] = [Math.min(...milliseconds), Math.max(...milliseconds)];
  return `${figure(median(milliseconds))} (${figure(least)}-${figure(most)})`;
}
