/**
 * Folded away in step 3: learning from text without labels before training. Shows `state.pretraining`, and that training
 * starts from what it gave; the work is in pretraining.ts.
 */
import { downloadZip } from "client-zip";
import { progressBar } from "../bars.ts";
import { lineChart, smoothed } from "../chart.ts";
import { download, field, filePicker, fill, h, refill, select } from "../dom.ts";
import { failureBox, failureLine, noticeList } from "../failure.ts";
import { stopForetelling } from "../forecast.ts";
import {
  forgetPretraining,
  isPretraining,
  openTexts,
  startPretraining,
  stopPretraining,
} from "../pretraining.ts";
import { stopSeveral } from "../several.ts";
import type { State } from "../state.ts";
import { textsOf } from "../texts.ts";
import { isTraining } from "../training.ts";
import { dropZone, type Studio } from "../view.ts";
import type { PretrainingState } from "../words-state.ts";

const FOLDER = "my-base-model";

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
    if (isTraining(store) || store.state.model.phase !== "ready") return;
    stopForetelling();
    stopSeveral();
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
      const busy = isPretraining(store);
      controls.disabled = busy;
      start.hidden = busy;
      start.textContent = model.asItCame ? t.pretrain.again : t.pretrain.start;
      start.setAttribute("aria-disabled", String(isTraining(store) || model.phase !== "ready"));
      stop.hidden = !busy;
      stop.setAttribute("aria-disabled", String(pretraining.phase === "stopping"));
      fill(status, ...statusOf(studio, pretraining));
      chart.draw(pretraining);
      refill(from, fromOf(studio, state));
      if (phase !== pretraining.phase) {
        sayPhase(studio, pretraining);
        // The button that had the focus is gone: the one in its place takes it.
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
    h("div", { class: "stack" }, h("p", {}, t.pretrain.help), form, status, chart.element),
  );
  return [panel, from];
}

/** The person's own file, or the training rows. */
function textsChoice({ store, t, signal }: Studio): HTMLElement {
  const onFile = (files: File[]): void => {
    if (files[0]) void openTexts(store, files[0]);
  };
  const chosen = h("div", { class: "stack" });
  let shown: { own?: unknown; parts?: unknown; fileError?: unknown } = {};
  store.on(
    ["pretraining", "data"],
    ({ pretraining: { own, fileError }, data: { parts } }) => {
      // Splitting many texts takes a while: not at every step of a run.
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
  const picker = filePicker(
    t.pretrain.pick,
    { id: "pretrain-file", accept: ".txt,.csv,.tsv,.jsonl,.ndjson" },
    onFile,
  );
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
    h("div", { class: "fields" }, number("epochs", 1, 1000), number("learningRate", 0, 1)),
    h("label", { class: "check", for: "pretrain-wholeWords" }, whole, t.pretrain.wholeWords),
  ];
}

function statusOf({ t }: Studio, state: PretrainingState): (HTMLElement | false)[] {
  const { phase, before, after, step, steps } = state;
  if (phase === "idle" || phase === "failed") return [failureBox(t, state.error)];
  const seconds = state.milliseconds / 1000;
  const saving = phase !== "done" && state.reason !== undefined;
  const text = saving
    ? t.pretrain.saving
    : phase === "preparing"
      ? t.pretrain.preparing
      : phase === "done"
        ? t.pretrain.reasons[state.reason ?? "finished"](step, seconds)
        : t.train.progress(step, steps, state.epoch, state.epochs);
  const left =
    phase === "stopping" && !saving
      ? t.train.stopping
      : state.secondsLeft === undefined
        ? ""
        : t.train.left(state.secondsLeft);
  const total = phase === "preparing" ? undefined : Math.max(1, steps);
  return [
    h("p", { class: "progress-line" }, h("span", {}, text), h("span", { class: "help" }, left)),
    progressBar(t.pretrain.progressLabel, step, total),
    before !== undefined &&
      h(
        "div",
        { class: "stack", id: "pretrain-perplexity" },
        h("p", {}, h("strong", {}, t.pretrain.perplexity)),
        h(
          "div",
          { class: "figures" },
          figure(t.pretrain.before, t.pretrain.value(before.perplexity)),
          after !== undefined &&
            figure(
              phase === "done" ? t.pretrain.after : t.pretrain.soFar,
              t.pretrain.value(after.perplexity),
            ),
        ),
        h("p", { class: "help" }, t.pretrain.perplexityHelp),
        state.newHead && h("p", { class: "help" }, t.pretrain.newHead),
      ),
  ];
}

function figure(name: string, value: string): HTMLElement {
  return h("div", {}, h("p", { class: "figure-name" }, name), h("p", { class: "figure-value" }, value));
}

function lossChart({ t, signal }: Studio): {
  element: HTMLElement;
  draw: (state: PretrainingState) => void;
} {
  const chart = lineChart(
    t.pretrain.lossTitle,
    t.train.step,
    [
      { label: t.train.lossNow, colour: "--faint-line", width: 1 },
      { label: t.train.lossSmooth, colour: "--accent", width: 2.5 },
      { label: t.pretrain.heldOut, colour: "--ink", dash: [5, 4], points: true },
    ],
    undefined,
    signal,
  );
  let drawn = -1;
  return {
    element: chart.element,
    draw: (state) => {
      const { losses, heldOut } = state;
      chart.element.hidden = losses.length === 0;
      if (losses.length === 0) return;
      const size = losses.length + heldOut.length + (state.phase === "done" ? 1 : 0);
      if (size === drawn) return;
      drawn = size;
      const dev: (number | null)[] = new Array(losses.length + 1).fill(null);
      for (const { step, loss } of heldOut) dev[step] = loss;
      chart.draw(
        // Held-out texts are measured before the first step too.
        [[0, ...state.stepNumbers], [null, ...losses], [null, ...smoothed(losses)], dev],
        state.phase === "done" ? state.step : state.steps,
        t.train.lossSummary(losses[0], losses.at(-1), state.step),
      );
    },
  };
}

/** What training starts from, where that is not the checkpoint as it came; and the way back to it. */
function fromOf({ store, t }: Studio, { model, pretraining }: State): HTMLElement | false {
  if (model.asItCame === undefined) return false;
  const { files } = pretraining;
  const busy = isTraining(store) || isPretraining(store) || model.phase !== "ready";
  const save = async (): Promise<void> => {
    if (files === undefined) return;
    const entries = Object.entries(files).map(([name, blob]) => ({
      name: `${FOLDER}/${name}`,
      input: blob as Blob,
    }));
    download(await downloadZip(entries).blob(), `${FOLDER}.zip`);
  };
  return h(
    "div",
    { class: "notice-line stack", id: "pretrain-from" },
    h("p", {}, t.pretrain.startsFrom(model.name)),
    h(
      "div",
      { class: "actions" },
      h(
        "button",
        {
          type: "button",
          id: "pretrain-back",
          "aria-disabled": String(busy),
          onclick: () => {
            if (!isTraining(store) && !isPretraining(store)) void forgetPretraining(store);
          },
        },
        t.pretrain.goBack,
      ),
      files !== undefined &&
        h(
          "button",
          { type: "button", id: "pretrain-download", onclick: () => void save() },
          t.pretrain.download,
        ),
    ),
    files !== undefined && h("p", { class: "help" }, t.pretrain.downloadHelp),
  );
}

function sayPhase({ t, say }: Studio, { phase, before, after, error }: PretrainingState): void {
  if (phase === "preparing") say(t.pretrain.preparing);
  else if (phase === "failed" && error) say(failureLine(t, error));
  else if (phase === "done")
    say(before && after ? t.pretrain.said(before.perplexity, after.perplexity) : t.pretrain.saidDone);
}
