// Changes to a valid checkpoint that know its structure: values and keys of its JSON, names, shapes and numbers of its
// tensors, lines of its vocabulary; now and then single bytes. The native fuzzer has more of them: tests/fuzz/mutate.rs.

import { parseSafetensors, withHeader } from "../support/checkpoints.ts";

/** A file's name to its bytes. */
export type Files = Record<string, Buffer>;
type Random = () => number;
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const TEXTS =
  "|_| |\0|\u0301|\ufeff|\u200d|a|A|B|##|##a|▁|Ġ|[CLS]|[SEP]|[MASK]|[UNK]|<s>|漢|😀|bert|roberta|Sequence"
    .concat("|TemplateProcessing|ByteLevel|BertNormalizer|Precompiled|WordPiece|BPE|Unigram|(a+)+$|İ|ﷺ")
    .split("|");
const KEYS =
  "type id content normalized special lstrip single_word vocab merges unk_token unk_id byte_fallback dropout"
    .concat(
      " processors normalizers single pair special_tokens pattern Regex String replacement prepend_scheme",
    )
    .split(" ");
const VALUES: Json[] = [
  0,
  1,
  2,
  4,
  -1,
  100,
  1e6,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  1e308,
  0.5,
  1e-300,
  3.7,
];
const NUMBERS = [
  0,
  -0,
  1,
  1e-45,
  1e-38,
  1e4,
  1e10,
  1e20,
  3.4e38,
  -3.4e38,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  65504,
];
/** What is changed, the larger surfaces more often. */
const NAMES = [
  "tokenizer.json",
  "tokenizer.json",
  "model.safetensors",
  "model.safetensors",
  "config.json",
].concat("config.json", "tokenizer_config.json");

/** A checkpoint with one or two of its files changed. */
export function mutated(files: Files, random: Random): Files {
  const changed = { ...files };
  for (let left = 1 + below(2, random); left > 0; left--) {
    const name = choose(NAMES, random);
    const bytes = changed[name];
    if (bytes === undefined) continue;
    // Changed weights may be no safetensors any more.
    if (name === "model.safetensors" && bytes !== files[name]) continue;
    if (below(12, random) === 0) changed[name] = raw(bytes, random);
    else if (name === "vocab.txt") changed[name] = Buffer.from(lines(bytes.toString(), random));
    else if (name === "model.safetensors") changed[name] = tensors(bytes, random);
    else changed[name] = Buffer.from(json(bytes.toString(), random));
  }
  return changed;
}

export function below(count: number, random: Random): number {
  return Math.floor(random() * count);
}

export function choose<T>(from: readonly T[], random: Random): T {
  return from[below(from.length, random)] as T;
}

function raw(bytes: Buffer, random: Random): Buffer {
  const at = below(bytes.length, random);
  const part = bytes.subarray(at, at + below(64, random));
  const rest = bytes.subarray(at);
  const flipped = Buffer.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << below(8, random));
  const inserted = Buffer.from(choose([...'{}[],:"0\\ '], random));
  return choose(
    [
      bytes.subarray(0, at),
      flipped,
      Buffer.concat([bytes.subarray(0, at), inserted, rest]),
      Buffer.concat([bytes.subarray(0, at), part, rest]),
    ],
    random,
  );
}

function lines(file: string, random: Random): string {
  const all = file.split("\n");
  for (let left = 1 + below(4, random); left > 0; left--) {
    const [at, other] = [below(all.length, random), below(all.length, random)];
    const put = choose(
      [[], [""], [text(random)], [all[other] as string], [all[at] as string, text(random)]],
      random,
    );
    all.splice(at, 1, ...put);
  }
  return all.join(choose(["\n", "\n", "\r\n"], random));
}

/** A file that is no JSON any more stays as it is. */
function json(text: string, random: Random): string {
  const holder: { root: Json } = { root: null };
  try {
    holder.root = JSON.parse(text);
  } catch {
    return text;
  }
  for (let left = 1 + below(3, random); left > 0; left--) change(holder, random);
  return JSON.stringify(holder.root);
}

/** Changes one place of a JSON value. */
function change(holder: { root: Json }, random: Random): void {
  const [parent, key] = place(holder, random);
  const node = parent[key] as Json;
  const [otherParent, otherKey] = place(holder, random);
  const isList = Array.isArray(node);
  const map = !isList && typeof node === "object" && node !== null ? node : undefined;
  const keys = Object.keys(map ?? {});
  const kind = below(7, random);
  if (kind === 0) parent[key] = structuredClone(otherParent[otherKey] as Json);
  else if (kind === 1 && isList && node.length > 0)
    for (let left = 1 + below(40, random); left > 0; left--) node.push(structuredClone(choose(node, random)));
  else if (kind === 2 && isList) node.splice(below(node.length, random), 1);
  else if (kind === 2 && map !== undefined && keys.length > 0) delete map[choose(keys, random)];
  else if (kind === 3 && map !== undefined) map[choose(KEYS, random)] = value(random);
  else if (kind === 4 && map !== undefined && keys.length > 0) {
    const name = choose(keys, random);
    const moved = map[name] as Json;
    delete map[name];
    map[text(random)] = moved;
  } else if (kind === 5 && map !== undefined) {
    const list = choose(["processors", "normalizers", "pretokenizers", "decoders"], random);
    parent[key] = { type: "Sequence", [list]: Array(1 + below(3, random)).fill(node) };
  } else if (kind === 6 && typeof node === "number") parent[key] = node + below(5, random) - 2;
  else parent[key] = value(random);
}

/** A place of a JSON value, by what holds it: its large tables no oftener than the rest. */
function place(holder: { root: Json }, random: Random): [parent: Record<string, Json>, key: string] {
  let [parent, key] = [holder as Record<string, Json>, "root"];
  for (;;) {
    const node = parent[key];
    const keys = typeof node === "object" && node !== null ? Object.keys(node) : [];
    if (keys.length === 0 || below(5, random) === 0) return [parent, key];
    [parent, key] = [node as Record<string, Json>, choose(keys, random)];
  }
}

function text(random: Random): string {
  const one = choose(TEXTS, random);
  return below(8, random) === 0 ? one.repeat(1 + below(300, random)) : one;
}

function value(random: Random): Json {
  const kind = below(8, random);
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind < 4) return choose(VALUES, random);
  if (kind === 4) return choose<Json>([[], {}], random);
  return kind === 5 ? { [choose(KEYS, random)]: text(random) } : text(random);
}

function tensors(bytes: Buffer, random: Random): Buffer {
  const { header, data } = parseSafetensors(bytes);
  const numbers = Buffer.from(data);
  const names = Object.keys(header);
  const written = JSON.stringify(header);
  const put = (at: number, number: number) => at + 4 <= numbers.length && numbers.writeFloatLE(number, at);
  const [one, other] = [choose(names, random), choose(names, random)];
  const [from, to] = (header[one] as { data_offsets: [number, number] }).data_offsets;
  const number = choose(NUMBERS, random);
  switch (below(6, random)) {
    case 0:
      return withHeader(Buffer.from(`{${written.slice(1, -1)},${written.slice(1)}`), numbers);
    case 1:
      return withHeader(Buffer.from(json(written, random)), numbers);
    case 2:
      return withHeader(
        Buffer.from(JSON.stringify({ ...header, [one]: header[other], [other]: header[one] })),
        numbers,
      );
    case 3:
      for (let at = from; at + 4 <= to; at += 4) put(at, numbers.readFloatLE(at) * number);
      break;
    case 4:
      for (let at = 0; at < numbers.length; at += 4) put(at, number);
      break;
    default:
      for (let left = 1 + below(8, random); left > 0; left--)
        put(4 * below(numbers.length / 4, random), choose(NUMBERS, random));
  }
  return withHeader(Buffer.from(written), numbers);
}
