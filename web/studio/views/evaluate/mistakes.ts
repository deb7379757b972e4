/**
 * The mistakes of the model: each row with its true and its predicted labels, and what can be done with it: keep its label,
 * give it another, or hide it. Part of step 4's view.
 */
import { fix, handle, showHidden } from "../../actions/corrections.ts";
import { learnCorrections, startTraining } from "../../actions/finetune.ts";
import { judgeAgain } from "../../actions/runs.ts";
import { newRows, rowKey } from "../../data/edits.ts";
import { SURE } from "../../data/next-steps.ts";
import { shortened } from "../../data/rows.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { type EvaluationState, type Handled, type Mistake, SHOWN_AT_ONCE } from "../../state/evaluation.ts";
import { canLearn, labelsApart } from "../../state/selectors.ts";
import type { Store } from "../../state/store.ts";
import { h, select } from "../../widgets/dom.ts";
import { failureBox } from "../../widgets/failure.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";

/** Shows only these of the wrong rows, and brings them into view. */
export function showWrong(
  store: Store,
  fields: Partial<Pick<EvaluationState, "pair" | "sureOnly" | "filter">>,
): void {
  store.patch("evaluation", {
    filter: "",
    pair: undefined,
    sureOnly: false,
    shown: SHOWN_AT_ONCE,
    ...fields,
  });
  const list = document.getElementById("wrong");
  list?.scrollIntoView({ block: "start" });
  list?.focus({ preventScroll: true });
}

export function mistakesOf(studio: Studio, evaluation: EvaluationState): (HTMLElement | false)[] {
  const { store, t } = studio;
  const { wrong, handled, pair, sureOnly, filter, total, done, shown } = evaluation;
  const isHidden = (row: Mistake): boolean => handled.get(rowKey(row))?.kind === "hidden";
  const hidden = wrong.filter(isHidden).length;
  const found = wrong.filter((row) => !isHidden(row) && isWanted(row, evaluation));
  const choice = select(
    [
      { value: "", text: t.evaluation.allLabels },
      ...evaluation.labels.map((value) => ({ value, text: value })),
    ],
    filter,
    (value) => store.patch("evaluation", { filter: value, pair: undefined, sureOnly: false }),
  );
  choice.id = "wrong-filter";
  return [
    block(
      t.evaluation.wrongTitle,
      failureBox(t, evaluation.error),
      h(
        "p",
        {},
        done < total ? t.evaluation.looking(done, total) : t.evaluation.wrongCount(wrong.length, total),
      ),
      wrong.length > 0 &&
        h("p", { class: "row" }, h("label", { for: "wrong-filter" }, t.evaluation.filter), choice),
      (pair !== undefined || sureOnly) &&
        h(
          "p",
          { class: "row" },
          h(
            "span",
            { class: "badge" },
            pair ? t.evaluation.onlyPair(pair.truth, pair.predicted) : t.evaluation.onlySure,
          ),
          button("wrong-all", t.evaluation.showAll, () => showWrong(store, {})),
        ),
      h(
        "ul",
        { class: "mistakes", id: "wrong", tabindex: -1, "aria-label": t.evaluation.wrongTitle },
        ...found.slice(0, shown).map((row, at) => mistake(studio, row, at)),
      ),
      h(
        "div",
        { class: "actions" },
        found.length > shown &&
          button("wrong-more", t.evaluation.showMore(Math.min(SHOWN_AT_ONCE, found.length - shown)), () =>
            store.patch("evaluation", { shown: shown + SHOWN_AT_ONCE }),
          ),
        hidden > 0 && button("wrong-hidden", t.evaluation.hidden(hidden), () => showHidden(store)),
      ),
      corrections(studio, evaluation),
      wrong.length > 0 && h("p", { class: "help" }, t.evaluation.wrongHelp),
    ),
  ];
}

function isWanted(row: Mistake, { filter, pair, sureOnly }: EvaluationState): boolean {
  const has = (entries: Mistake["truth"], name: string): boolean =>
    entries.some(({ label }) => label === name);
  if (pair) return has(row.truth, pair.truth) && has(row.predicted, pair.predicted);
  if (sureOnly) return (row.predicted[0]?.score ?? 0) >= SURE;
  return filter === "" || has(row.truth, filter) || has(row.predicted, filter);
}

/** What follows from corrections: training with them, or measuring again with the labels as they are now. */
function corrections({ store, t, say }: Studio, { handled }: EvaluationState): HTMLElement | false {
  const fixed = [...handled.values()].filter(({ kind }) => kind === "fixed").length;
  if (fixed === 0) return false;
  // Corrected test rows train nothing.
  const { data, training } = store.state;
  const fresh = newRows(training.parts?.train ?? [], data.parts?.train ?? []);
  const trains = fresh.length > 0;
  const apart = labelsApart(store.state);
  const train = (): void => {
    location.hash = "train";
    void startTraining(store);
  };
  const learn = async (): Promise<void> => {
    await learnCorrections(store);
    const { learned } = store.state.evaluation;
    if (learned) say(t.evaluation.learned(learned.rows, learned.before, learned.after));
  };
  return h(
    "div",
    { class: "actions" },
    h("span", {}, t.evaluation.corrections(fixed)),
    trains &&
      canLearn(store.state) &&
      h(
        "button",
        { type: "button", id: "learn", class: "primary", onclick: () => void learn() },
        t.evaluation.learn,
      ),
    (trains || apart.length > 0) && button("train-on", t.evaluation.trainOn, train),
    apart.length > 0
      ? h("span", { id: "labels-apart" }, t.evaluation.labelsApart(apart, canLearn(store.state)))
      : button("judge-again", t.evaluation.judgeAgain, () => void judgeAgain(store)),
  );
}

function button(id: string, text: string, onclick: () => void): HTMLElement {
  return h("button", { type: "button", id, onclick }, text);
}

function mistake(studio: Studio, row: Mistake, at: number): HTMLElement {
  const { store, t } = studio;
  const { handled, report } = store.state.evaluation;
  const { text, textPair, truth, predicted } = row;
  const done = handled.get(rowKey(row));
  return h(
    "li",
    { id: `wrong-${at}`, tabindex: -1 },
    h(
      "div",
      {},
      h("p", {}, shortened(text, 300)),
      textPair !== undefined && h("p", { class: "help" }, shortened(textPair, 300)),
    ),
    h(
      "dl",
      {},
      h(
        "div",
        {},
        h("dt", {}, report?.threshold !== undefined ? t.rowKinds.truth : t.evaluation.truth),
        ...named(t, truth),
      ),
      h("div", {}, h("dt", {}, t.evaluation.predicted), ...named(t, predicted)),
    ),
    done ? h("p", { class: "badge" }, saidOf(t, done)) : choices(studio, row, at),
  );
}

/** Labels that were chosen for rows and not yet set: the list is drawn again while more rows are looked at. */
const chosen = new WeakMap<Mistake, string>();

function choices({ store, t, say }: Studio, row: Mistake, at: number): HTMLElement {
  const { labels, report } = store.state.evaluation;
  const multiLabel = report?.threshold !== undefined;
  const { text, textPair } = row;
  const predicted = row.predicted.map(({ label }) => label);
  const then = (run: () => void) => (): void => {
    run();
    say(saidOf(t, store.state.evaluation.handled.get(rowKey(row))));
    // The row's buttons are gone, and a hidden row is, too.
    document.getElementById(`wrong-${at}`)?.focus();
  };
  const give = (label: string | readonly string[]): void =>
    fix(store, textPair === undefined ? { text } : { text, textPair }, label);
  const other = select(
    labels.map((value) => ({ value, text: value })),
    chosen.get(row) ?? predicted[0],
    (label) => chosen.set(row, label),
  );
  other.id = `label-${at}`;
  other.setAttribute("aria-label", t.evaluation.otherFor(shortened(text, 60)));
  return h(
    "div",
    { class: "actions" },
    button(
      `keep-${at}`,
      t.evaluation.keep,
      then(() => handle(store, row, { kind: "kept" })),
    ),
    button(
      `fix-${at}`,
      t.evaluation.fix(t.rowKinds.list(predicted)),
      then(() => give(multiLabel ? predicted : (predicted[0] ?? ""))),
    ),
    button(
      `hide-${at}`,
      t.evaluation.hide,
      then(() => handle(store, row, { kind: "hidden" })),
    ),
    !multiLabel &&
      labels.length > 2 &&
      h(
        "details",
        { id: `other-${at}` },
        h("summary", {}, t.evaluation.other),
        h(
          "p",
          { class: "row" },
          other,
          button(
            `set-${at}`,
            t.evaluation.set,
            then(() => give(other.value)),
          ),
        ),
      ),
  );
}

/** What was done with a row, in words. */
export function saidOf(t: Dictionary, done: Handled | undefined): string {
  if (done?.kind === "fixed") return t.evaluation.fixed(t.rowKinds.list([done.label].flat()));
  return done?.kind === "kept" ? t.evaluation.kept : "";
}

/** Each label with its score, one per line. */
function named(t: Dictionary, labels: Mistake["truth"]): HTMLElement[] {
  if (labels.length === 0) return [h("dd", {}, t.rowKinds.none)];
  return labels.map(({ label, score }) =>
    h("dd", {}, h("bdi", {}, label), " ", h("span", { class: "help" }, t.wholePercent(score))),
  );
}
