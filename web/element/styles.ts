/**
 * The tag's style sheet, as a text: an adopted sheet needs no style-src of the page's policy. Colours are the page's own
 * where it sets the variables.
 */

export const STYLES = `
:host {
  --ink: var(--bertlet-ink, light-dark(#1c2425, #e9eeed));
  --soft: var(--bertlet-soft, light-dark(#54605f, #a6b3b1));
  --surface: var(--bertlet-surface, light-dark(#fff, #1b2122));
  --tint: var(--bertlet-tint, light-dark(#e9f2f1, #20302f));
  --line: var(--bertlet-line, light-dark(#868f8d, #6f7c7a));
  --accent: var(--bertlet-accent, light-dark(#0b6b68, #63cbc2));
  --on-accent: var(--bertlet-on-accent, light-dark(#fff, #0c1e1d));
  --bad: var(--bertlet-bad, light-dark(#a3281f, #ff9d8f));
  --radius: var(--bertlet-radius, .6rem);
  display: block;
  box-sizing: border-box;
  padding: 1rem;
  border: 1px solid color-mix(in srgb, var(--line) 50%, transparent);
  border-radius: var(--radius);
  background: var(--surface);
  color: var(--ink);
  color-scheme: light dark;
  font: var(--bertlet-font, 1rem/1.5 system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif);
  overflow-wrap: anywhere;
}
:host([theme="light"]) { color-scheme: light }
:host([theme="dark"]) { color-scheme: dark }
:host([hidden]), [hidden] { display: none !important }
* { box-sizing: border-box }
.stack, .card, ul { display: grid; grid-template-columns: minmax(0, 1fr); gap: .75rem }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center }
.line { display: flex; gap: .5rem; align-items: center }
.line > :first-child { flex: 1; min-inline-size: 0 }
h3, p, ul { margin: 0; padding: 0 }
h3 { font-size: 1.05rem }
ul { list-style: none; gap: .4rem }
::slotted(*) { margin-block: 0 }
::slotted([slot="title"]) { font-size: 1.2rem; font-weight: 650 }
p:empty, div:empty { display: none }
label { font-weight: 600 }
.soft { color: var(--soft); font-size: .9rem }
input, select, textarea, button {
  min-block-size: 2.75rem;
  padding: .45rem .7rem;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--surface);
  color: var(--ink);
  font: inherit;
}
input, select, textarea { inline-size: 100% }
textarea { resize: vertical; field-sizing: content; min-block-size: 5rem; overflow-wrap: anywhere }
li textarea { min-block-size: 2.75rem; resize: none }
button { font-weight: 550; cursor: pointer }
button:hover { border-color: var(--accent); background: var(--tint) }
.primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent) }
.primary:hover { background: var(--accent); text-decoration: underline }
.small { flex: none; min-inline-size: 2.75rem }
button:is([aria-disabled="true"], :disabled, :hover):is([aria-disabled="true"], :disabled) { border-color: var(--line); background: var(--tint); color: var(--soft); text-decoration: none; cursor: default }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
summary { padding-block: .4rem; font-weight: 600; cursor: pointer }
progress { inline-size: 100%; block-size: .7rem; accent-color: var(--accent) }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: .75rem }
.card { gap: .5rem; align-content: start; padding: .75rem; border: 1px solid color-mix(in srgb, var(--line) 50%, transparent); border-radius: var(--radius) }
fieldset { min-inline-size: 0; margin: 0; padding: 0; border: 0 }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 12rem), 1fr)); gap: .75rem }
.bad { padding: .75rem; border: 1px solid var(--bad); border-inline-start-width: .3rem; border-radius: var(--radius) }
.bad strong { color: var(--bad) }
.verdict { font-size: 1.15rem; font-weight: 650 }
table { inline-size: 100%; border-collapse: collapse }
th, td { padding: .2rem 0; font-weight: 400; text-align: start }
th { inline-size: 35%; padding-inline-end: .75rem }
.most { font-weight: 700 }
td { display: flex; gap: .6rem; align-items: center }
.bar { flex: 1; block-size: .7rem; border-radius: .35rem; background: var(--tint) }
.bar > * { display: block; block-size: 100%; min-inline-size: 2px; border-radius: inherit; background: var(--accent) }
.value { min-inline-size: 3.2rem; text-align: end }
.away { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media (forced-colors: active) {
  .bar { border: 1px solid CanvasText }
  .bar > * { background: Highlight; forced-color-adjust: none }
  .primary { border-width: 2px }
}
`;
