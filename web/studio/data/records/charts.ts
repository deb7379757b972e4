/**
 * Takes points; gives a line chart or bars as SVG for the report page. Colours are the page's classes; a dashed line tells two
 * lines apart on paper without colours.
 */
import { html, type Markup } from "./markup.ts";

export interface Line {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Joined dots rather than a line alone. */
  dots?: boolean;
}

const [WIDTH, HEIGHT] = [640, 240];
const [LEFT, RIGHT, TOP, BOTTOM] = [52, 12, 12, 40];
/** Points of a line that are drawn, at most: paper shows no more. */
const MOST_POINTS = 500;

/** `summary` says in words what the chart shows. */
export function lineChart(summary: string, xName: string, lines: readonly Line[], highest?: number): Markup {
  const all = lines.flatMap(({ points }) => points).filter(([, y]) => Number.isFinite(y));
  // One by one: a long run has more points than a call has arguments.
  let [right, most] = [1, 0];
  for (const [x, y] of all) [right, most] = [Math.max(right, x), Math.max(most, y)];
  const ticks = ticksUpTo(highest ?? most);
  const top = ticks.at(-1) || 1;
  const across = (x: number): number => LEFT + (x / right) * (WIDTH - LEFT - RIGHT);
  const up = (y: number): number => HEIGHT - BOTTOM - (y / top) * (HEIGHT - TOP - BOTTOM);
  // A line by itself has the strong colour.
  const style = (at: number): number => (lines.length === 1 ? 1 : at);
  const round = (n: number): string => n.toFixed(1);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${summary}">
${ticks.map(
  (tick) =>
    html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(up(tick))}" y2="${round(up(tick))}"/><text class="tick" x="${LEFT - 8}" y="${round(up(tick) + 4)}" text-anchor="end">${shortNumber(tick)}</text>`,
)}
${wholeTicks(right).map(
  (tick) =>
    html`<text class="tick" x="${round(across(tick))}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${tick}</text>`,
)}
<text class="tick" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${xName}</text>
${lines.map(({ points, dots }, at) => {
  const finite = thinned(points.filter(([, y]) => Number.isFinite(y)));
  const places = finite.map(([x, y]) => `${round(across(x))},${round(up(Math.min(y, top)))}`);
  return html`<polyline class="line line${style(at)}" points="${places.join(" ")}"/>${
    dots &&
    places.map((place) => {
      const [x = "", y = ""] = place.split(",");
      return html`<circle class="dot line${style(at)}" cx="${x}" cy="${y}" r="3.5"/>`;
    })
  }`;
})}
</svg>
<p class="key">${lines.map(({ name }, at) => html`<span><svg viewBox="0 0 28 8" width="28" height="8" aria-hidden="true"><line class="line line${style(at)}" x1="0" x2="28" y1="4" y2="4"/></svg> ${name}</span>`)}</p>`;
}

/** A bar from 0 to 1, with a mark. */
export function bar(share: number, mark?: number): Markup {
  const at = (part: number): number => Math.round(Math.max(0, Math.min(1, part)) * 200);
  return html`<svg class="bar" viewBox="0 0 200 12" width="200" height="12" aria-hidden="true"><rect class="bar-all" width="200" height="12"/><rect class="bar-filled" width="${at(share)}" height="12"/>${
    mark !== undefined && html`<rect class="bar-mark" x="${Math.min(197, at(mark))}" width="3" height="12"/>`
  }</svg>`;
}

function thinned(points: Line["points"]): Line["points"] {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, at) => at % every === 0 || at === points.length - 1);
}

/** Three to six round numbers from 0 to the highest or just over it. */
function ticksUpTo(highest: number): number[] {
  const rough = (highest || 1) / 4;
  const scale = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((each) => each * scale >= rough) ?? 10) * scale;
  return Array.from({ length: Math.ceil((highest || 1) / step - 1e-9) + 1 }, (_, at) => at * step);
}

function wholeTicks(highest: number): number[] {
  const ticks = ticksUpTo(highest).filter((tick) => Number.isInteger(tick) && tick > 0 && tick <= highest);
  return ticks.length > 0 ? ticks : [highest];
}

function shortNumber(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
