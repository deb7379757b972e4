/**
 * Step 5: classify one text, with its scores as bars, or a whole file. Shows `state.use`; the work is in
 * actions/classify.ts.
 */
import { classifyText, openFile, tellUnlike } from "../../actions/classify.ts";
import { TABLE_FILES } from "../../data/reading/decode.ts";
import type { Failure } from "../../i18n/messages.ts";
import type { EvaluationState } from "../../state/evaluation.ts";
import { isTraining, lacksLabels } from "../../state/selectors.ts";
import type { UseState } from "../../state/use.ts";
import { barTable } from "../../widgets/bars.ts";
import { field, fill, h, refill } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { dropZone, filePicker } from "../../widgets/files.ts";
import { block } from "../../widgets/layout.ts";
import { adapterChoice, adapterOpener } from "../adapters.ts";
import { nextLink, onceThere, type Studio, type View, waitingFor } from "../view.ts";
import { whyPanel } from "../why.ts";
import { fileOf } from "./file.ts";
import { fillMaskPanel } from "./fill-mask.ts";
import { pairSwitch, secondText } from "./second-text.ts";
import { answerOf, feedback, verdict } from "./verdict.ts";

const BARS_SHOWN = 10;
/** What belongs to the one text: typing there draws no results of a file again. */
const OF_ONE_TEXT: readonly string[] = [
  "text",
  "textPair",
  "prediction",
  "asked",
  "said",
  "busy",
  "error",
  "scopeError",
] satisfies (keyof UseState)[];

function sameFile(before: UseState, now: UseState): boolean {
  const keys = Object.keys({ ...before, ...now }) as (keyof UseState)[];
  return keys.every((key) => OF_ONE_TEXT.includes(key) || before[key] === now[key]);
}

export const useStep: View = (studio) => [
  onceThere(studio, lacksLabels, (own, lacks) => {
    if (lacks === "model") return [waitingFor(own.t, own.t.train.needsModel, "load")];
    return lacks ? untrained(own) : trained(own);
  }),
];

const trained: View = (studio) => {
  const { store, t, say, signal } = studio;
  const text = h("textarea", {
    rows: 3,
    value: store.state.use.text,
    placeholder: t.use.placeholder,
    oninput: () => store.patch("use", { text: text.value }),
    onkeydown: (event) => {
      if (event instanceof KeyboardEvent && event.key === "Enter" && (event.ctrlKey || event.metaKey))
        void classifyText(store);
    },
  });
  const second = secondText(studio);
  const form = h(
    "form",
    {
      class: "stack",
      onsubmit: (event) => {
        event.preventDefault();
        void classifyText(store);
      },
    },
    field("use-text", t.use.text, text, t.use.textHelp),
    second,
    h(
      "div",
      { class: "actions" },
      h("button", { type: "submit", class: "primary", id: "classify" }, t.use.classify),
    ),
  );
  const scores = h("div", { class: "scores stack" });
  const file = h("div", { class: "stack" });
  let prediction: UseState["prediction"];
  let said: UseState["said"];
  let shown: UseState | undefined;
  const unlike = h("div", { class: "stack" });
  store.on(
    ["use"],
    ({ use }) => {
      if (use.prediction && use.prediction !== prediction) say(answerOf(t, use.prediction, use.leaveOpen));
      second.hidden = !use.pairs;
      if (use.prediction !== prediction || use.said !== said || use.error || !use.prediction)
        fill(scores, ...scoresOf(studio, use));
      [prediction, said] = [use.prediction, use.said];
      if (use.scope !== shown?.scope || use.scopeError !== shown.scopeError)
        refill(unlike, ...unlikeOf(studio, use));
      if (!shown || !sameFile(shown, use)) refill(file, ...fileOf(studio, use));
      shown = use;
    },
    signal,
  );
  const onFile = (files: File[]): void => {
    const goes = !store.state.use.running || confirm(t.project.ask.classifying);
    if (files[0] && goes) void openFile(store, files[0]);
  };
  return [
    underWay(studio),
    adapterChoice(studio),
    pairSwitch(studio),
    block(t.use.oneTitle, form, scores, whyPanel(studio), unlike),
    block(
      t.use.fileTitle,
      dropZone(t.use.drop, onFile, filePicker(t.use.pick, { id: "use-file", accept: TABLE_FILES }, onFile)),
      file,
    ),
    fillMaskPanel(studio),
    adapterOpener(studio),
    nextLink(t, "keep"),
  ].filter((part) => part !== false);
};

/** That a run is changing the model, what ended it, or what it learned: it may have been started here. */
function underWay({ store, t, signal }: Studio): HTMLElement {
  const line = h("div");
  let [busy, error, learned]: [boolean?, Failure?, EvaluationState["learned"]?] = [];
  store.on(
    ["training", "evaluation"],
    (state) => {
      const [now, { learned: some }] = [isTraining(state), state.evaluation];
      if (now === busy && state.training.error === error && some === learned) return;
      [busy, error, learned] = [now, state.training.error, some];
      fill(
        line,
        now && h("p", { class: "notice-line" }, t.use.whileTraining),
        failureBox(t, error),
        some && h("p", { id: "use-learned" }, t.evaluation.learned(some.rows, some.before, some.after)),
      );
    },
    signal,
  );
  return line;
}

/** Lets the model tell texts unlike the examples; a button, since the model then reads each text twice. */
function unlikeOf({ store, t, say }: Studio, { scope, scopeError }: UseState): (HTMLElement | false)[] {
  const { training, model } = store.state;
  const single = model.info?.problemType === "single_label_classification";
  // A model that was saved with it has it, too.
  if (model.info?.scope !== undefined) return [h("p", { id: "unlike-on" }, t.use.unlikeOn)];
  if (training.phase !== "done" || !single) return [];
  if (scope === "on") return [h("p", { id: "unlike-on" }, t.use.unlikeOn)];
  const tell = async (): Promise<void> => {
    await tellUnlike(store);
    if (store.state.use.scope === "on") say(t.use.unlikeOn);
  };
  return [
    h(
      "div",
      { class: "actions" },
      h(
        "button",
        {
          type: "button",
          id: "tell-unlike",
          "aria-disabled": scope === "working",
          onclick: () => void tell(),
        },
        scope === "working" ? t.evaluation.next.looking : t.use.tellUnlike,
      ),
    ),
    h("p", { class: "help" }, t.use.tellUnlikeHelp),
    failureBox(t, scopeError),
  ];
}

/** What a model without labels can do, until training or an adapter brings labels. */
function untrained(studio: Studio): HTMLElement[] {
  const { store, t } = studio;
  const waiting = waitingFor(t, t.use.notTrained, store.state.data.parts ? "train" : "data");
  return [waiting, fillMaskPanel(studio), adapterOpener(studio)];
}

function scoresOf(studio: Studio, use: UseState): (HTMLElement | false)[] {
  const { store, t } = studio;
  if (use.error) return [failureBox(t, use.error)];
  if (!use.prediction) return [];
  const { scores, label, labels } = use.prediction;
  const threshold = labels && store.state.model.info?.threshold;
  const bars = scores.map((entry) => ({
    name: entry.label,
    value: t.percent(entry.score),
    share: entry.score,
    strong: (labels ?? [label]).includes(entry.label),
    mark: threshold,
  }));
  return [
    verdict(studio, use.prediction),
    feedback(studio, use),
    barTable(t.use.scores, t.data.label, t.use.score, bars.slice(0, BARS_SHOWN)),
    bars.length > BARS_SHOWN &&
      h(
        "details",
        {},
        h("summary", {}, t.data.moreLabels(bars.length - BARS_SHOWN)),
        barTable(t.use.scores, t.data.label, t.use.score, bars.slice(BARS_SHOWN)),
      ),
    h("p", { class: "help" }, threshold === undefined ? t.use.scoresHelp : t.rowKinds.scoresHelp(threshold)),
  ];
}
