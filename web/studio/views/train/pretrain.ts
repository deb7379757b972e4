/**
 * A panel of step 3, folded at first: pretraining on unlabelled text. Takes the texts and options and shows the
 * outcome; the work is in actions/pretrain.ts.
 */
import { LIMITS, PRETRAIN } from "../../../src/shared/defaults.ts";
import { stopPlanning } from "../../actions/plan.ts";
import { openTexts, startPretraining, stopPretraining } from "../../actions/pretrain.ts";
import { stopTuning } from "../../actions/tuning.ts";
import { TABLE_FILES } from "../../data/reading/decode.ts";
import { sampleOf, textsOf } from "../../data/unlabelled.ts";
import type { PretrainingState } from "../../state/masked-lm.ts";
import { isPretraining, isTraining } from "../../state/selectors.ts";
import { field, fill, h, refill, select } from "../../widgets/dom.ts";
import { failureBox, failureLine, noticeList } from "../../widgets/failure.ts";
import { dropZone, filePicker } from "../../widgets/files.ts";
import { encodingField } from "../encoding.ts";
import type { Studio } from "../view.ts";
import { lossChart, originNote, statusOf } from "./pretrain-outcome.ts";

export function pretrainPanel(studio: Studio): HTMLElement[] {
  const { store, t, signal } = studio;
  const start = h("button", { type: "submit", class: "primary", id: "pretrain-start" });
  const stop = h(
    "button",
    { type: "button", id: "pretrain-stop", onclick: () => stopPretraining(store) },
    t.train.stop,
  );
  const controls = h(
    "fieldset",
    { class: "plain" },
    h("legend", { class: "visually-hidden" }, t.pretrain.title),
    textsChoice(studio),
    ...optionsOf(studio),
  );
  const form = h("form", { class: "stack" }, controls, h("div", { class: "actions" }, start, stop));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isTraining(store.state) || store.state.model.phase !== "ready") return;
    stopPlanning(store);
    stopTuning();
    void startPretraining(store, t.pretrain.named);
  });
  const status = h("div", { class: "stack", id: "pretrain-status" });
  const chart = lossChart(studio);
  const from = h("div");
  let { phase } = store.state.pretraining;
  store.on(
    ["pretraining", "training", "model"],
    (state) => {
      const { pretraining, model } = state;
      const busy = isPretraining(store.state);
      controls.disabled = busy;
      start.hidden = busy;
      start.textContent = model.original ? t.pretrain.again : t.pretrain.start;
      start.setAttribute("aria-disabled", String(isTraining(store.state) || model.phase !== "ready"));
      stop.hidden = !busy;
      stop.setAttribute("aria-disabled", String(pretraining.phase === "stopping"));
      fill(status, ...statusOf(studio, pretraining));
      chart.draw(pretraining);
      refill(from, originNote(studio, state));
      if (phase !== pretraining.phase) {
        sayPhase(studio, pretraining);
        // The button that had the focus is hidden: the one in its place takes it.
        if (document.activeElement === document.body) (busy ? stop : start).focus({ preventScroll: true });
      }
      phase = pretraining.phase;
    },
    signal,
  );
  const panel = h(
    "details",
    { class: "block", id: "pretrain", open: phase !== "idle" },
    h("summary", {}, t.pretrain.title),
    h(
      "div",
      { class: "stack" },
      h("p", {}, t.pretrain.help(PRETRAIN.maskProbability)),
      form,
      status,
      chart.element,
    ),
  );
  return [panel, from];
}

/** The choice of the texts: the person's own file, or the training rows. */
function textsChoice({ store, t, signal }: Studio): HTMLElement {
  const onFile = (files: File[]): void => {
    if (files[0]) void openTexts(store, files[0]);
  };
  const chosen = h("div", { class: "stack" });
  let shown: { own?: unknown; parts?: unknown; fileError?: unknown } = {};
  store.on(
    ["pretraining", "data"],
    ({ pretraining: { own, fileError }, data: { parts } }) => {
      // Splitting many texts takes a while, so it is not done at every step of a run.
      if (shown.own === own && shown.parts === parts && shown.fileError === fileError && chosen.firstChild)
        return;
      shown = { own, parts, fileError };
      const texts = textsOf(own, parts);
      const columns = own?.table?.columns.map((value) => ({ value, text: value }));
      refill(
        chosen,
        failureBox(t, fileError),
        own && noticeList(t, own.notices),
        h("p", {}, h("strong", {}, own ? t.pretrain.ofFile(own.name) : parts ? t.pretrain.ofRows : "")),
        h(
          "p",
          { class: "help", id: "pretrain-texts" },
          texts ? t.pretrain.source(texts.train.length, texts.dev?.length ?? 0) : t.pretrain.noTexts,
        ),
        own &&
          columns !== undefined &&
          field(
            "pretrain-column",
            t.data.textColumn,
            select(columns, own.column, (column) => store.patch("pretraining", { own: { ...own, column } })),
          ),
        own &&
          encodingField(
            t,
            "pretrain-encoding",
            own,
            sampleOf(own),
            (encoding) => void openTexts(store, own.source, encoding),
          ),
        own !== undefined &&
          parts !== undefined &&
          h(
            "button",
            {
              type: "button",
              class: "quiet",
              id: "pretrain-rows",
              onclick: () => store.patch("pretraining", { own: undefined, fileError: undefined }),
            },
            t.pretrain.rowsInstead,
          ),
      );
    },
    signal,
  );
  const picker = filePicker(t.pretrain.pick, { id: "pretrain-file", accept: TABLE_FILES }, onFile);
  return h("div", { class: "stack" }, chosen, dropZone(t.pretrain.drop, onFile, picker));
}

function optionsOf({ store, t }: Studio): HTMLElement[] {
  const number = (key: "epochs" | "learningRate", min: number, max: number): HTMLElement => {
    const input = h("input", {
      type: "number",
      inputmode: "decimal",
      required: true,
      min,
      max,
      step: key === "epochs" ? 1 : "any",
      value: String(store.state.pretraining[key]),
      onchange: () => store.patch("pretraining", { [key]: Number(input.value) }),
    });
    return field(`pretrain-${key}`, t.pretrain[key].name, input, t.pretrain[key].help);
  };
  const whole = h("input", {
    type: "checkbox",
    id: "pretrain-wholeWords",
    checked: store.state.pretraining.wholeWords,
    onchange: () => store.patch("pretraining", { wholeWords: whole.checked }),
  });
  return [
    h("div", { class: "fields" }, number("epochs", ...LIMITS.epochs), number("learningRate", 0, 1)),
    h("label", { class: "check", for: "pretrain-wholeWords" }, whole, t.pretrain.wholeWords),
  ];
}

function sayPhase({ t, say }: Studio, { phase, before, after, error }: PretrainingState): void {
  if (phase === "preparing") say(t.pretrain.preparing);
  else if (phase === "failed" && error) say(failureLine(t, error));
  else if (phase === "done")
    say(before && after ? t.pretrain.said(before.perplexity, after.perplexity) : t.pretrain.saidDone);
}
