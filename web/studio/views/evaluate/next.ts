/**
 * What to do next, the most likely cause of wrong answers first, each with its button; and the slips of labelling that a look
 * at the training texts finds. Part of step 4's view.
 */
import type { LabelledText } from "../../../src/index.ts";
import { findSlips, fix, handle } from "../../actions/corrections.ts";
import { rowKey } from "../../data/edits.ts";
import { type NextStep, nextSteps } from "../../data/next-steps.ts";
import { countLabels } from "../../data/parts.ts";
import { shortened } from "../../data/rows.ts";
import type { SlipsState } from "../../state/evaluation.ts";
import { currentInspection } from "../../state/selectors.ts";
import type { State } from "../../state/state.ts";
import { h } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";
import { saidOf, showWrong } from "./mistakes.ts";

const LABELS_NAMED = 5;

interface Advice {
  text: string;
  help: string;
  button?: HTMLElement;
}

export function nextOf(studio: Studio): HTMLElement | false {
  const { store, t } = studio;
  const steps = stepsOf(store.state);
  const { parts } = store.state.training;
  const slips = parts && !parts.multiLabel && store.state.model.source !== undefined;
  if (steps.length === 0 && !slips) return false;
  return block(
    t.evaluation.next.title,
    h(
      "ol",
      { class: "next-steps" },
      ...steps.map((step) => item(advice(studio, step))),
      slips && slipsItem(studio),
    ),
  );
}

function item({ text, help, button }: Advice, ...more: (HTMLElement | false)[]): HTMLElement {
  return h(
    "li",
    {},
    h("div", {}, h("p", {}, h("strong", {}, text)), h("p", { class: "help" }, help), ...more),
    button,
  );
}

function stepsOf(state: State): NextStep[] {
  const { evaluation, training } = state;
  const { report, labels, total, wrong } = evaluation;
  if (!report || !training.parts) return [];
  const found = currentInspection(state)?.report;
  return nextSteps({
    report,
    labels,
    texts: total,
    rows: countLabels(training.parts.train),
    unknownShare: found && found.tokens > 0 ? found.unknownTokens / found.tokens : undefined,
    wrongScores: report.threshold === undefined ? wrong.map(({ predicted }) => predicted[0]?.score ?? 0) : [],
  });
}

function advice(studio: Studio, step: NextStep): Advice {
  const { store, t } = studio;
  const { next } = t.evaluation;
  const link = (href: string, text: string): HTMLElement => h("a", { class: "button", href }, text);
  const show = (fields: Parameters<typeof showWrong>[1], id: string): HTMLElement =>
    h("button", { type: "button", id, onclick: () => showWrong(store, fields) }, next.showThem);
  const named = (labels: readonly string[]): [string[], number] => [
    labels.slice(0, LABELS_NAMED),
    Math.max(0, labels.length - LABELS_NAMED),
  ];
  switch (step.kind) {
    case "unknown-words":
      return {
        text: next.unknownWords(step.share),
        help: next.unknownWordsHelp,
        button: link("#load", next.otherModel),
      };
    case "never-said":
      return {
        text: next.neverSaid(...named(step.labels)),
        help: next.neverSaidHelp,
        button: link("#bench", next.addExamples),
      };
    case "few-rows":
      return {
        text: next.fewRows(...named(step.labels)),
        help: next.fewRowsHelp,
        button: link("#bench", next.addExamples),
      };
    case "sure-but-wrong":
      return {
        text: next.sure(step.count),
        help: next.sureHelp,
        button: show({ sureOnly: true }, "next-sure"),
      };
    case "ambiguous":
      return {
        text: next.ambiguous(step.pair.truth, step.pair.predicted),
        help: next.ambiguousHelp,
        button: show({ pair: step.pair }, "next-ambiguous"),
      };
    case "few-held":
      return {
        text: next.fewHeld(step.texts),
        help: next.fewHeldHelp,
        button: link("#bench", next.addExamples),
      };
    case "all-right":
      return { text: next.allRight, help: next.allRightHelp, button: link("#use", next.tryIt) };
  }
}

function slipsItem(studio: Studio): HTMLElement {
  const { store, t, say } = studio;
  const { next } = t.evaluation;
  const { slips } = store.state.evaluation;
  const look = async (): Promise<void> => {
    await findSlips(store);
    const { slips: found } = store.state.evaluation;
    if (found?.phase === "done") say(found.found.length > 0 ? next.found(found.found.length) : next.noSlips);
  };
  const button = h(
    "button",
    {
      type: "button",
      id: "look-for-slips",
      "aria-disabled": slips?.phase === "working",
      onclick: () => void look(),
    },
    slips?.phase === "working" ? next.looking : next.look,
  );
  const text =
    slips?.phase !== "done"
      ? next.slips
      : slips.found.length > 0
        ? next.found(slips.found.length)
        : next.noSlips;
  return item(
    { text, help: next.slipsHelp, button },
    failureBox(t, slips?.error),
    slips !== undefined && slips.found.length > 0 && slipList(studio, slips),
  );
}

function unlabelled({ label: _, ...texts }: LabelledText): Omit<LabelledText, "label"> {
  return texts;
}

function slipList({ store, t, say }: Studio, { found }: SlipsState): HTMLElement {
  const { handled } = store.state.evaluation;
  return h(
    "ul",
    { class: "mistakes" },
    ...found.map(({ row, likely }, at) => {
      const done = handled.get(rowKey(row));
      const button = (id: string, text: string, run: () => void): HTMLElement =>
        h(
          "button",
          {
            type: "button",
            id: `slip-${id}-${at}`,
            onclick: () => {
              run();
              say(saidOf(t, store.state.evaluation.handled.get(rowKey(row))));
              document.getElementById(`slip-${at}`)?.focus();
            },
          },
          text,
        );
      return h(
        "li",
        { id: `slip-${at}`, tabindex: -1 },
        h("p", {}, shortened(row.text, 300)),
        h(
          "dl",
          {},
          h(
            "div",
            {},
            h("dt", {}, t.evaluation.next.labelled),
            h("dd", {}, t.rowKinds.list([row.label].flat())),
          ),
          h("div", {}, h("dt", {}, t.evaluation.next.looksLike), h("dd", {}, h("bdi", {}, likely))),
        ),
        done
          ? h("p", { class: "badge" }, saidOf(t, done))
          : h(
              "div",
              { class: "actions" },
              button("keep", t.evaluation.keep, () => handle(store, row, { kind: "kept" })),
              button("fix", t.evaluation.fix(likely), () => fix(store, unlabelled(row), likely)),
            ),
      );
    }),
  );
}
