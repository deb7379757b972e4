/**
 * Takes the built docs page; sets its language and colours, and runs its examples. An example is a module beside the
 * page: it runs unchanged, and its log is its output. Only one runs at a time, since they share the console.
 */
import { registerHere } from "../service-worker/own-pages.ts";
import { rememberedLanguage, setLanguage } from "../studio/i18n/language.ts";
import { applyTheme, rememberedTheme, setTheme, type Theme } from "../studio/widgets/theme.ts";

const language = document.querySelector<HTMLSelectElement>("#language");
const theme = document.querySelector<HTMLSelectElement>("#theme");
/** Number of runs so far. It makes each address new, since a browser runs a module of one address once. */
let runs = 0;
let running = false;

function showLanguage(): void {
  const chosen = rememberedLanguage();
  document.documentElement.lang = chosen === "zh" ? "zh-Hans" : "en";
  if (language) language.value = chosen;
}

/** Numbers with three digits, anything else as JSON. */
function written(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toPrecision(3);
  const short = (_: string, inner: unknown): unknown =>
    typeof inner === "number" ? Number(inner.toPrecision(3)) : inner;
  return JSON.stringify(value, short);
}

async function run(name: string, output: HTMLElement): Promise<void> {
  const log = console.log;
  output.hidden = false;
  output.textContent = "";
  output.dataset.state = "running";
  console.log = (...values) => {
    output.textContent += `${values.map(written).join(" ")}\n`;
  };
  try {
    await import(new URL(`./examples/${name}.js?run=${++runs}`, document.baseURI).href);
    output.dataset.state = "done";
  } catch (error) {
    output.textContent += `${error}\n`;
    output.dataset.state = "failed";
  } finally {
    console.log = log;
  }
}

applyTheme();
showLanguage();
if (theme) theme.value = rememberedTheme();
theme?.addEventListener("change", () => setTheme(theme.value as Theme));
language?.addEventListener("change", () => {
  setLanguage(language.value);
  showLanguage();
});
// Wide tables scroll within themselves, and the keyboard reaches them.
for (const wide of document.querySelectorAll(".scroll")) {
  wide.setAttribute("tabindex", "0");
  wide.setAttribute("role", "group");
  wide.setAttribute("aria-label", wide.querySelector("caption")?.textContent ?? "");
}
const buttons = [...document.querySelectorAll<HTMLButtonElement>(".example button")];
for (const button of buttons) {
  const example = button.closest<HTMLElement>(".example");
  const output = example?.querySelector<HTMLElement>(".output");
  if (!example?.dataset.example || !output) continue;
  const name = example.dataset.example;
  button.addEventListener("click", async () => {
    if (running) return;
    running = true;
    // Not `disabled`, which would lose the focus.
    for (const each of buttons) each.setAttribute("aria-disabled", "true");
    await run(name, output);
    for (const each of buttons) each.removeAttribute("aria-disabled");
    running = false;
  });
}
registerHere("../service-worker.js");
