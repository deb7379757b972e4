/**
 * The table of the tag's attributes: takes attributes as texts; gives settings, and a fault for each value that cannot be
 * honoured. embed.html holds its parameters against the same table.
 */
import type { Method } from "../src/index.ts";
import { BertletError } from "../src/shared/errors.ts";

/** Written out, since the library's own tables are too long for the tag's own file; a unit test holds these against them. */
export const METHODS = [
  "full",
  "lora",
  "contrastive",
  "centroid",
  "head",
  "adalora",
  "adapter",
  "bitfit",
  "prefix",
  "prompt",
] as const satisfies readonly Method[];
/** Labels, and epochs. */
export const MOST = 1000;

export interface Settings {
  src: string | undefined;
  adapter: string | undefined;
  labels: readonly string[] | undefined;
  mode: "use" | "teach" | "both";
  rows: string | undefined;
  method: Method;
  epochs: number | undefined;
  maxMinutes: number | undefined;
  locked: boolean;
  device: "auto" | "webgpu" | "wasm";
  threads: number | undefined;
  theme: "auto" | "light" | "dark";
  loading: "visible" | "eager" | "click";
  keep: "none" | "download" | "browser";
}

/** What a value had to be. `kind` chooses the words in each language, `detail` stands in them. */
export interface Expected {
  kind: "one" | "whole" | "minutes" | "address" | "labels" | "needed" | "known";
  detail: string;
}

/** A value that cannot be honoured. */
export class Fault extends BertletError {
  constructor(
    readonly attribute: string,
    readonly expected: Expected,
    readonly found: string,
    words: string,
  ) {
    super("bad-option", `<bertlet-classifier>: ${attribute}: expected ${words}, found "${short(found)}"`);
  }
}

type Check<Value> = (text: string) => { value: Value } | { expected: Expected; words: string };

const refuse = (kind: Expected["kind"], detail: string, words: string) => ({
  expected: { kind, detail },
  words,
});

function one<Value extends string>(...values: Value[]): Check<Value> {
  const list = values.join(", ");
  return (text) =>
    values.includes(text as Value) ? { value: text as Value } : refuse("one", list, `one of ${list}`);
}

function whole(most: number): Check<number> {
  return (text) => {
    const value = Number(text);
    const fits = /^\d+$/.test(text) && value > 0 && value <= most;
    return fits ? { value } : refuse("whole", `1–${most}`, `a whole number from 1 to ${most}`);
  };
}

/** An address that the page's author chose; none that runs a script. */
const address: Check<string> = (text) => {
  const url =
    text.trim() === "" || !URL.canParse(text, document.baseURI) ? undefined : new URL(text, document.baseURI);
  return url !== undefined && /^(https?|blob):$/.test(url.protocol)
    ? { value: url.href }
    : refuse("address", "", "an address with http, https or blob");
};

const labels: Check<readonly string[]> = (text) => {
  const list = text.split("|").map((label) => label.trim());
  const fits = list.length <= MOST && !list.includes("") && new Set(list).size === list.length;
  return fits
    ? { value: list }
    : refuse("labels", String(MOST), `up to ${MOST} different names, with | between them`);
};

const minutes: Check<number> = (text) => {
  const value = Number(text);
  return text.trim() !== "" && value > 0 && value <= 1440
    ? { value }
    : refuse("minutes", "1440", "minutes over 0, at most 1440");
};

const CHECKS = {
  src: address,
  adapter: address,
  labels,
  mode: one("use", "teach", "both"),
  rows: address,
  method: one(...METHODS),
  epochs: whole(MOST),
  "max-minutes": minutes,
  device: one("auto", "webgpu", "wasm"),
  threads: whole(256),
  theme: one("auto", "light", "dark"),
  loading: one("visible", "eager", "click"),
  keep: one("none", "download", "browser"),
} as const satisfies Record<string, Check<unknown>>;

/** Those that the tag watches. `locked` and `lang` take any value. */
export const ATTRIBUTES = [...Object.keys(CHECKS), "locked", "lang"];

/** A lock holds these: the recipe, the labels and the sources. */
export const LOCKED = [
  "src",
  "adapter",
  "labels",
  "rows",
  "method",
  "epochs",
  "max-minutes",
  "device",
  "threads",
];

export const DEFAULTS: Settings = {
  src: undefined,
  adapter: undefined,
  labels: undefined,
  mode: "use",
  rows: undefined,
  method: "centroid",
  epochs: undefined,
  maxMinutes: undefined,
  locked: false,
  device: "auto",
  threads: undefined,
  theme: "auto",
  loading: "visible",
  keep: "none",
};

/** A faulty value counts as left out; the fault says so. */
export function settingsOf(read: (name: string) => string | null): { settings: Settings; faults: Fault[] } {
  const settings: Settings & Record<string, unknown> = { ...DEFAULTS, locked: read("locked") !== null };
  const faults: Fault[] = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    const text = read(name);
    if (text === null) continue;
    const checked = check(text);
    if ("value" in checked) settings[name === "max-minutes" ? "maxMinutes" : name] = checked.value;
    else faults.push(new Fault(name, checked.expected, text, checked.words));
  }
  if (read("src") === null)
    faults.push(new Fault("src", { kind: "needed", detail: "" }, "", "the address of a model's folder"));
  return { settings, faults };
}

/** A parameter of embed.html that is in no table. */
export function unknownParameter(name: string): Fault {
  const list = ["title", ...ATTRIBUTES].join(", ");
  return new Fault(short(name), { kind: "known", detail: list }, short(name), `one of ${list}`);
}

/** A parameter of embed.html that cannot count, since another of its name may have been meant. */
export function givenTwice(name: string): Fault {
  return new Fault(short(name), { kind: "known", detail: "" }, "two or more", "one value");
}

export function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
