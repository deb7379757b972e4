/**
 * Takes the page's address and the person's settings; gives the frame around the steps: header, rail, current
 * step, live region. Wires steps to the store; holds no logic of any step.
 */
import { registerHere } from "../service-worker/own-pages.ts";
import { version } from "../src/index.ts";
import { answerOnChange } from "./actions/bench.ts";
import { inspectOnChange } from "./actions/inspect.ts";
import { startKeeping } from "./actions/project-keeper.ts";
import { forgetTakenBack } from "./actions/taken-back.ts";
import { dictionary, type Language, rememberedLanguage, setLanguage } from "./i18n/language.ts";
import { isPretraining, isTraining, losesModel, losesPretrained, losesWork } from "./state/selectors.ts";
import { STEPS, type Step } from "./state/state.ts";
import { Store } from "./state/store.ts";
import { benchStep } from "./views/bench/bench.ts";
import { dataStep } from "./views/data/data.ts";
import { evaluateStep } from "./views/evaluate/evaluate.ts";
import { keepStep } from "./views/keep/keep.ts";
import { loadStep } from "./views/load/load.ts";
import { keptLine } from "./views/project/project-block.ts";
import { rail } from "./views/rail.ts";
import { trainStep } from "./views/train/train.ts";
import { useStep } from "./views/use/use.ts";
import type { Studio, View } from "./views/view.ts";
import { h } from "./widgets/dom.ts";
import { applyTheme, rememberedTheme, setTheme, THEMES, type Theme } from "./widgets/theme.ts";

const views: Record<Step, View> = {
  bench: benchStep,
  load: loadStep,
  data: dataStep,
  train: trainStep,
  judge: evaluateStep,
  use: useStep,
  keep: keepStep,
};

const store = new Store();
const live = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
let language: Language = rememberedLanguage();
let frame = new AbortController();

function say(text: string): void {
  live.textContent = text;
}

/** Builds the whole page again: at the start and when the language changes. The state is kept. */
function showFrame(): void {
  frame.abort();
  frame = new AbortController();
  const t = dictionary(language);
  document.documentElement.lang = t.htmlLang;
  const main = h("main", { id: "main", tabindex: -1 });
  const root = document.getElementById("studio");
  root?.replaceChildren(
    h("a", { class: "skip", href: "#main", onclick: skip }, t.frame.skip),
    header(),
    h("div", { class: "columns" }, rail(store, t, frame.signal), main),
    h(
      "footer",
      { class: "foot" },
      h("p", {}, t.frame.privacy),
      keptLine(store, t, frame.signal),
      h(
        "p",
        { class: "help" },
        `bertlet ${version} · `,
        h("a", { href: "./starters.html" }, t.frame.starters),
        " · ",
        h("a", { href: "./licences.html" }, t.frame.licences),
      ),
    ),
    live,
  );
  let shown: AbortController | undefined;
  let step: Step | undefined;
  store.on(
    ["step"],
    (state) => {
      if (state.step === step) return;
      const moved = step !== undefined;
      step = state.step;
      shown?.abort();
      shown = new AbortController();
      const studio: Studio = {
        store,
        t,
        language,
        say,
        signal: AbortSignal.any([shown.signal, frame.signal]),
      };
      showStep(main, step, studio, moved);
    },
    frame.signal,
  );
}

function showStep(main: HTMLElement, step: Step, studio: Studio, moved: boolean): void {
  const { t } = studio;
  main.closest(".columns")?.setAttribute("data-step", step);
  const heading = h("h1", { id: "step-heading", tabindex: -1 }, t.steps[step].title);
  main.replaceChildren(
    h(
      "section",
      { class: `step step-${step}`, "aria-labelledby": "step-heading" },
      step !== "bench" && h("p", { class: "eyebrow" }, t.frame.stepOf(STEPS.indexOf(step) + 1, STEPS.length)),
      heading,
      h("p", { class: "lead" }, t.steps[step].lead),
      ...views[step](studio),
    ),
  );
  document.title = `${t.steps[step].title} · bertlet`;
  if (!moved) return;
  window.scrollTo({ top: 0 });
  heading.focus({ preventScroll: true });
}

function header(): HTMLElement {
  const t = dictionary(language);
  const languageChoice = h(
    "select",
    {
      id: "language",
      "aria-label": t.frame.language,
      onchange: () => {
        language = setLanguage(languageChoice.value);
        showFrame();
        document.getElementById("language")?.focus();
      },
    },
    h("option", { value: "en", lang: "en" }, "English"),
    h("option", { value: "zh", lang: "zh-Hans" }, "中文"),
  );
  languageChoice.value = language;
  const themeChoice = h(
    "select",
    { id: "theme", "aria-label": t.frame.theme, onchange: () => setTheme(themeChoice.value as Theme) },
    ...THEMES.map((theme) => h("option", { value: theme }, t.frame.themes[theme])),
  );
  themeChoice.value = rememberedTheme();
  return h(
    "header",
    { class: "head" },
    h(
      "p",
      { class: "brand" },
      h("strong", {}, "bertlet"),
      " ",
      h("span", { class: "tagline" }, t.frame.tagline),
    ),
    h("div", { class: "head-choices" }, languageChoice, themeChoice),
  );
}

/** The address after # names the step, so the skip link moves the focus by script. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function stepInAddress(): Step {
  const name = location.hash.slice(1);
  return STEPS.find((step) => step === name) ?? "bench";
}

applyTheme();
store.set({ step: stepInAddress() });
addEventListener("hashchange", () => store.set({ step: stepInAddress() }));
// Otherwise a file dropped beside the drop zone would replace the page and everything trained in it.
for (const type of ["dragover", "drop"]) addEventListener(type, (event) => event.preventDefault());
addEventListener("beforeunload", (event) => {
  const { state } = store;
  if (
    isTraining(state) ||
    isPretraining(state) ||
    state.project.keeping ||
    losesModel(state) ||
    losesPretrained(state) ||
    losesWork(state)
  )
    event.preventDefault();
});
inspectOnChange(store);
answerOnChange(store);
forgetTakenBack(store);
void startKeeping(store);
showFrame();
registerHere();
