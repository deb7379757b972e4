/**
 * The choice of the active adapter (step 5), and the panel that opens an adapter (steps 1 and 5). Shows
 * `state.adapters`; the work is in actions/adapters.ts.
 */
import { chooseAdapter, openAdapter } from "../actions/adapters.ts";
import type { Dictionary } from "../i18n/en.ts";
import type { KnownAdapter } from "../state/model.ts";
import { adapterChoices, isBusy } from "../state/selectors.ts";
import { h, refill } from "../widgets/dom.ts";
import { failureBox, failureLine } from "../widgets/failure.ts";
import { dropZone, filePicker } from "../widgets/files.ts";
import type { Studio } from "./view.ts";

/** Hidden until there are two to choose from. */
export function adapterChoice(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const group = h("div", {
    class: "block methods",
    id: "adapter-choice",
    role: "group",
    "aria-labelledby": "adapter-heading",
  });
  const choose = async (name: string | null): Promise<void> => {
    await chooseAdapter(store, name);
    const { adapters, model } = store.state;
    if (adapters.error) say(failureLine(t, adapters.error));
    else
      say(
        t.adapters.said(
          nameOf(
            t,
            adapters.known.find((one) => one.name === model.info?.activeAdapter),
          ),
        ),
      );
  };
  store.on(
    ["adapters", "model", "training", "pretraining", "evaluation", "use"],
    (state) => {
      const all = adapterChoices(state);
      const busy = isBusy(state);
      group.hidden = all.length < 2;
      const active = state.model.info?.activeAdapter ?? null;
      refill(
        group,
        h("h2", { id: "adapter-heading" }, t.adapters.choose),
        h("p", { class: "help" }, busy ? t.adapters.atWork : t.adapters.chooseHelp),
        h(
          "div",
          { class: "pills" },
          ...all.map((one, index) => {
            const name = one?.name ?? null;
            const radio = h("input", {
              type: "radio",
              name: "adapter",
              id: `adapter-${index}`,
              checked: name === active,
              disabled: busy,
              onchange: () => void choose(name),
            });
            return h(
              "label",
              { class: "pill tall", for: `adapter-${index}` },
              radio,
              h("span", {}, ...aboutOf(t, one, state.model.ownLabels ?? [])),
            );
          }),
        ),
        failureBox(t, state.adapters.error),
      );
    },
    signal,
  );
  return group;
}

export function adapterOpener(studio: Studio): HTMLElement {
  const { store, t, say, signal } = studio;
  const onFiles = async (files: File[]): Promise<void> => {
    await openAdapter(store, files);
    const { error, known } = store.state.adapters;
    say(error ? failureLine(t, error) : t.adapters.said(nameOf(t, known.at(-1))));
  };
  const outcome = h("div", { class: "stack" });
  const panel = h(
    "details",
    { class: "block", id: "adapter-opener" },
    h("summary", {}, t.adapters.title),
    h(
      "div",
      { class: "stack" },
      h("p", {}, t.adapters.help),
      dropZone(
        t.adapters.drop,
        (files) => void onFiles(files),
        h(
          "div",
          { class: "row" },
          filePicker(t.adapters.pickFolder, { id: "adapter-folder", folder: true }, (files) => {
            void onFiles(files);
          }),
          filePicker(t.adapters.pickFiles, { id: "adapter-files", multiple: true }, (files) => {
            void onFiles(files);
          }),
        ),
      ),
      outcome,
    ),
  );
  store.on(
    ["adapters", "model"],
    (state) => {
      panel.hidden = state.model.phase !== "ready";
      if (state.adapters.error) panel.open = true;
      const on = state.adapters.known.find(({ name }) => name === state.model.info?.activeAdapter);
      refill(
        outcome,
        failureBox(t, state.adapters.error),
        on !== undefined && h("p", {}, h("strong", {}, t.adapters.said(nameOf(t, on)))),
        on !== undefined && h("p", { class: "help" }, t.adapters.labels(on.labels)),
      );
    },
    signal,
  );
  return panel;
}

/** An adapter that was trained here has no files yet. */
function nameOf(t: Dictionary, adapter: KnownAdapter | undefined): string {
  if (adapter === undefined) return t.adapters.none;
  return adapter.files === undefined ? t.adapters.trained : adapter.name;
}

function aboutOf(
  t: Dictionary,
  adapter: KnownAdapter | null,
  ownLabels: readonly string[],
): (HTMLElement | string | false)[] {
  const { kind = "", base = "", labels = ownLabels } = adapter ?? {};
  return [
    h("strong", {}, nameOf(t, adapter ?? undefined)),
    " ",
    kind !== "" && h("code", { class: "tag" }, kind),
    h("span", { class: "help" }, t.adapters.labels(labels)),
    adapter === null && h("span", { class: "help" }, t.adapters.noneHelp),
    base !== "" && h("span", { class: "help" }, t.adapters.base(base)),
  ];
}
