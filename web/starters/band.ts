/**
 * The share of negatives among the latest headlines against its usual band; and the headlines in JSON from elsewhere.
 */

/** Headlines that make the current share, and earlier ones, at least, that make the usual one. */
const LATEST = 10;
const EARLIER = 10;
/** Over so many standard deviations, chance is unlikely. */
const DEVIATIONS = 2;
/** The names of an entry's date. */
export const DATES = [
  "published",
  "publishedAt",
  "published_at",
  "date_published",
  "pubDate",
  "date",
  "datetime",
  "time",
];

export interface Band {
  share: number;
  of: number;
  /** Left out until there are enough. */
  low?: number;
  high?: number;
  alarm: boolean;
}

/** The usual share comes from all headlines before the latest; its band is that of draws of as many as the latest. */
export function band(negatives: readonly boolean[]): Band {
  const latest = negatives.slice(-LATEST);
  const of = latest.length;
  const shareOf = (some: readonly boolean[]): number =>
    some.filter(Boolean).length / Math.max(1, some.length);
  const share = shareOf(latest);
  const earlier = negatives.slice(0, -LATEST);
  if (earlier.length < EARLIER) return { share, of, alarm: false };
  // One more of each, so that a share of 0 has a band too.
  const usual = (earlier.filter(Boolean).length + 1) / (earlier.length + 2);
  const spread = DEVIATIONS * Math.sqrt((usual * (1 - usual)) / of);
  const [low, high] = [Math.max(0, usual - spread), Math.min(1, usual + spread)];
  return { share, of, low, high, alarm: share > high };
}

/**
 * The texts of a list, or of a list within an object, the oldest first: entries by their dates, or else against their order,
 * since feeds begin with the newest; plain texts as they come. Undefined where there is no list of texts.
 */
export function headlinesIn(json: unknown): string[] | undefined {
  const lists = (Array.isArray(json) ? [json] : isObject(json) ? Object.values(json) : []).filter(isList);
  // Beside its entries, a feed has lists of words, as its topics.
  const ofObjects = lists.filter((entries) => entries.some(isObject));
  const [entries] = (ofObjects.length > 0 ? ofObjects : lists).sort((a, b) => b.length - a.length);
  if (entries === undefined) return undefined;
  const found = entries.flatMap((entry) => {
    const text = textOf(entry);
    return text === undefined ? [] : [{ text, time: timeOf(entry) }];
  });
  const times = found.map(({ time }) => time).filter((time) => !Number.isNaN(time));
  if (times.length === found.length) found.sort((a, b) => a.time - b.time);
  else if (times.length > 1 ? (times[0] as number) > (times.at(-1) as number) : isObject(entries[0]))
    found.reverse();
  return found.map(({ text }) => text);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** No texts are a list, too: a feed may be empty for a while. */
function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && (value.length === 0 || value.some((entry) => textOf(entry) !== undefined));
}

/** In milliseconds; NaN where an entry has no date. */
function timeOf(entry: unknown): number {
  const own = (entry ?? {}) as Record<string, unknown>;
  for (const name of DATES) {
    const given = own[name];
    // Seconds since 1970 have ten digits, milliseconds thirteen.
    if (typeof given === "number") return given < 1e11 ? 1000 * given : given;
    const time = typeof given === "string" ? Date.parse(given) : Number.NaN;
    if (!Number.isNaN(time)) return time;
  }
  return Number.NaN;
}

function textOf(entry: unknown): string | undefined {
  if (typeof entry === "string") return entry;
  if (typeof entry !== "object" || entry === null) return undefined;
  const { title, headline, text } = entry as Record<string, unknown>;
  return [title, headline, text].find((value) => typeof value === "string" && value.trim() !== "") as
    | string
    | undefined;
}
