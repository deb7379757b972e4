/**
 * What a new visitor sees: one sentence, privacy, three ways to begin, what is kept here, and the model with its size. Nothing
 * is fetched before one of the ways is taken.
 */
import { addFiles, addSample } from "../../actions/dataset.ts";
import { loadDefaultModel, sampleLanguage } from "../../actions/default-model.ts";
import { TABLE_FILES } from "../../data/reading/decode.ts";
import { fill, h } from "../../widgets/dom.ts";
import { filePicker } from "../../widgets/files.ts";
import { goOnPart } from "../project/go-on.ts";
import type { Studio } from "../view.ts";
import { recordedAnswers } from "./recorded.ts";

export function firstScreen(studio: Studio): HTMLElement {
  const { store, t, language, signal } = studio;
  const words = t.bench.first;
  const load = (): void => loadDefaultModel(store, t.load.defaultName);
  const way = (button: HTMLElement, help: string): HTMLElement =>
    h("div", { class: "way" }, button, h("p", { class: "help" }, help));
  const type = h(
    "button",
    {
      type: "button",
      class: "primary",
      id: "bench-type",
      onclick: () => {
        store.patch("bench", { begun: true });
        load();
        document.getElementById("new-label")?.focus();
      },
    },
    words.type,
  );
  const file = filePicker(words.file, { id: "bench-file", multiple: true, accept: TABLE_FILES }, (files) => {
    store.patch("bench", { begun: true });
    load();
    void addFiles(store, files);
  });
  const sample = h(
    "button",
    {
      type: "button",
      id: "bench-sample",
      onclick: () => {
        store.patch("bench", { begun: true });
        load();
        void addSample(store, sampleLanguage(store.state, language));
        document.getElementById("bench-text")?.focus();
      },
    },
    words.sample,
  );
  const model = h("p", { id: "bench-first-model" });
  store.on(
    ["bench", "model"],
    ({ bench: { defaultModel }, model: { phase, name } }) => {
      const { bytes, kept } = defaultModel;
      const text =
        phase === "ready"
          ? t.bench.ready(name)
          : words.model(words.modelName, bytes, kept, bytes === undefined ? undefined : secondsFor(bytes));
      fill(model, text, " ", h("a", { href: "#load", id: "bench-change" }, words.change));
    },
    signal,
  );
  const goOn = goOnPart(studio);
  const first = h(
    "div",
    { class: "first" },
    h(
      "div",
      { class: "first-privacy" },
      h("strong", {}, words.privacy),
      " ",
      h("details", { id: "how-we-know" }, h("summary", {}, words.how), h("p", {}, words.howText)),
    ),
    h(
      "div",
      { class: "ways" },
      way(type, words.typeHelp),
      way(file, words.fileHelp),
      way(sample, words.sampleHelp),
    ),
    h("div", {}, model, h("p", { class: "help" }, words.language)),
    recordedAnswers(studio),
    goOn,
  );
  // Who comes again finds the kept projects first.
  store.on(
    ["project"],
    ({ project: { list } }) => {
      if (list.length > 0 && goOn.nextElementSibling === null) first.firstElementChild?.after(goOn);
    },
    signal,
  );
  return first;
}

/** By what the browser says of the line; it says nothing in some. */
function secondsFor(bytes: number): number | undefined {
  const { connection } = navigator as { connection?: { downlink?: number } };
  const megabits = connection?.downlink;
  return megabits ? (8 * bytes) / 1e6 / megabits : undefined;
}
