/**
 * The style of the report page: on screen and on paper alike, black on white.
 */
import { Markup } from "./markup.ts";

export const STYLE = new Markup(`
:root { color-scheme: light; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #1c2425; background: #fff; }
body { margin: 0; padding: 2rem 1.25rem; }
main { max-width: 46rem; margin: 0 auto; }
h1 { margin: 0 0 .25rem; font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.25rem 0 .6rem; font-size: 1.15rem; }
h3 { margin: 1.25rem 0 .4rem; font-size: 1rem; }
p { margin: .4rem 0; }
.soft { color: #54605f; font-size: .875rem; }
.big { font-size: 1.5rem; font-weight: 650; color: #0b6b68; }
section { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid #dfe3e0; text-align: start; vertical-align: top; }
thead th { color: #54605f; font-size: .875rem; font-weight: 600; }
tbody th { font-weight: 500; overflow-wrap: anywhere; }
thead:not(:has(th:not(:empty))) { display: none; }
.number { text-align: end; }
figure { margin: .75rem 0 1.25rem; }
figcaption { font-weight: 600; }
figure > svg { display: block; width: 100%; height: auto; }
.grid { stroke: #dfe3e0; }
.tick { fill: #54605f; font-size: 12px; }
.line { fill: none; stroke-width: 1.75; }
.line0 { stroke: #8fb9b6; } .line1 { stroke: #0b6b68; } .line2 { stroke: #7a4f00; stroke-dasharray: 6 4; }
.dot { fill: #fff; stroke-width: 2; stroke-dasharray: none; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; color: #54605f; font-size: .875rem; }
.bar { vertical-align: middle; margin-inline-end: .5rem; }
.bar-all { fill: #e9f2f1; } .bar-filled { fill: #0b6b68; } .bar-mark { fill: #1c2425; }
@page { margin: 16mm; }
@media print {
  body { padding: 0; font-size: 10.5pt; }
  h2, h3, figcaption { break-after: avoid; }
  figure, tr, .key { break-inside: avoid; }
  section { overflow: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`);
