/**
 * Takes growing series of numbers; gives a line chart that is redrawn at most once a frame. The only file that
 * knows uPlot. Colours come from styles/tokens.css, so that a change of theme shows at once.
 */
import type uPlot from "uplot";
import { h } from "./dom.ts";
import { onThemeChange } from "./theme.ts";

interface Line {
  label: string;
  /** A custom property of styles/tokens.css. */
  colour: "--accent" | "--ink" | "--faint-line";
  width?: number;
  dash?: number[];
  points?: boolean;
}

export interface Chart {
  element: HTMLElement;
  /** x, then one array per line; null where a line has no value. The x axis runs from 0 to `last`. */
  draw: (data: [number[], ...(number | null)[][]], last: number, summary: string) => void;
}

const HEIGHT = 220;
/** Distances between ticks: steps and epochs are whole numbers. */
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000];

export function lineChart(
  title: string,
  xLabel: string,
  lines: readonly Line[],
  fixedRange: [number, number] | undefined,
  signal: AbortSignal,
): Chart {
  const holder = h("div", { class: "plot", role: "img", "aria-label": title });
  const key = h(
    "ul",
    { class: "legend", "aria-hidden": "true" },
    ...lines.map((line) =>
      h(
        "li",
        {},
        h("span", { class: `swatch swatch${line.colour}${line.dash ? " dashed" : ""}` }),
        line.label,
      ),
    ),
  );
  const element = h("figure", { class: "chart" }, h("figcaption", {}, title), key, holder);
  const axis = (size: number): uPlot.Axis => ({
    stroke: () => colourOf("--soft-ink"),
    grid: { stroke: () => colourOf("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
    size,
  });
  let Plot: typeof uPlot | undefined;
  let plot: uPlot | undefined;
  let frame = 0;
  let end = 1;
  const make = (Plot: typeof uPlot, data: uPlot.AlignedData): uPlot =>
    new Plot(
      {
        width: Math.max(200, holder.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: () => [0, end] },
          y: { range: (_, low, high) => fixedRange ?? [Math.min(0, low), high > 0 ? high * 1.08 : 1] },
        },
        axes: [
          {
            ...axis(26),
            incrs: WHOLE_STEPS,
            label: xLabel,
            labelSize: 20,
            labelFont: "12px system-ui, sans-serif",
          },
          axis(44),
        ],
        series: [
          {},
          ...lines.map((line) => ({
            label: line.label,
            stroke: () => colourOf(line.colour),
            width: line.width ?? 2,
            spanGaps: true,
            points: line.points
              ? { show: true, size: 7, fill: () => colourOf(line.colour) }
              : { show: false },
            ...(line.dash ? { dash: line.dash } : {}),
          })),
        ],
      },
      data,
      holder,
    );
  let latest: uPlot.AlignedData | undefined;
  const redraw = (): void => {
    frame = 0;
    if (Plot === undefined || !latest || holder.clientWidth === 0 || signal.aborted) return;
    if (plot) plot.setData(latest);
    else plot = make(Plot, latest);
  };
  // Not at the page's start: where the browser's language is none, such as "C", uPlot throws. The same numbers stand
  // in the table beside.
  import("uplot").then(
    (module) => {
      Plot = module.default;
      redraw();
    },
    (error) => console.warn(`The chart cannot be drawn: ${error}`),
  );
  const resized = new ResizeObserver(() => {
    if (plot && holder.clientWidth > 0) plot.setSize({ width: holder.clientWidth, height: HEIGHT });
    else redraw();
  });
  resized.observe(holder);
  onThemeChange(() => plot?.redraw(), signal);
  signal.addEventListener("abort", () => {
    resized.disconnect();
    cancelAnimationFrame(frame);
    plot?.destroy();
  });
  return {
    element,
    draw: (data, last, summary) => {
      latest = data;
      end = Math.max(1, last);
      holder.setAttribute("aria-label", `${title}. ${summary}`);
      if (frame === 0 && !signal.aborted) frame = requestAnimationFrame(redraw);
    },
  };
}

/** The plain colour of a custom property, since a canvas does not support light-dark(). */
function colourOf(property: string): string {
  const probe = h("span", { class: `ink${property}` });
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The bias-corrected running mean, which shows the trend of a noisy loss. */
export function smoothed(values: readonly number[], newest = 0.15): number[] {
  const out: number[] = [];
  let mean = 0;
  let weight = 0;
  for (const value of values) {
    mean = (1 - newest) * mean + newest * value;
    weight = (1 - newest) * weight + newest;
    out.push(mean / weight);
  }
  return out;
}
