/**
 * The kept projects, at the top of step 1: go on with one, forget one, open a project file, wipe everything. Shows
 * `state.project`; the work is in actions/project.ts.
 */
import { forgetJournal, idOfJournal } from "../../actions/journals.ts";
import {
  forgetProject,
  goOnWithRun,
  newProject,
  openProject,
  openProjectFile,
  wipeEverything,
} from "../../actions/project.ts";
import type { ProjectSummary } from "../../data/project/project-record.ts";
import type { Interrupted, ProjectState } from "../../state/project.ts";
import type { Step } from "../../state/state.ts";
import { h, refill } from "../../widgets/dom.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { filePicker } from "../../widgets/files.ts";
import type { Studio } from "../view.ts";
import { mayContact, mayLeave, mayReplace } from "./ask.ts";

const SHOWN = 4;

export function goOnPart(studio: Studio): HTMLElement {
  const { store, signal } = studio;
  const part = h("section", { class: "go-on", id: "go-on" });
  let shown: ProjectState | undefined;
  store.on(
    ["project"],
    ({ project }) => {
      if (same(project, shown)) return;
      shown = project;
      refill(part, ...contents(studio, project));
    },
    signal,
  );
  return part;
}

/** Goes to a step, unless somebody has gone to another one or begun to type since: opening takes a while. */
function fromHere(): (step: Step) => void {
  const here = location.hash;
  return (step) => {
    const types = document.activeElement?.matches("input, textarea, select") === true;
    if (location.hash === here && !types) location.hash = step;
  };
}

/** Whether two states look alike here: each change of the project in hand comes by. */
function same(a: ProjectState, b: ProjectState | undefined): boolean {
  const seen = ({ id, list, busy, fileError, wiped, phase, interrupted }: ProjectState): unknown[] => [
    ...[id, list, busy, fileError, wiped, interrupted, phase === "denied"],
  ];
  return b !== undefined && seen(a).every((value, at) => value === seen(b)[at]);
}

function contents(studio: Studio, project: ProjectState): (HTMLElement | false)[] {
  const { store, t, say } = studio;
  const { list, busy, fileError, phase, wiped, id } = project;
  const opened = async (opening: Promise<boolean>): Promise<void> => {
    const goTo = fromHere();
    const ok = await opening;
    const { name, copyOf, fileError: failed } = store.state.project;
    if (ok) say(copyOf === undefined ? t.project.opened(name) : t.project.keptCopy(copyOf, name));
    else if (failed) say(failureLine(t, failed));
    // The scores are read there, where there are any.
    if (ok) goTo(store.state.evaluation.report === undefined ? "bench" : "judge");
  };
  const open = (id: string): void => {
    if (!busy && mayReplace(studio)) void opened(openProject(store, id, mayContact(t)));
  };
  const forget = ({ id, name }: ProjectSummary): void => {
    if (!busy && confirm(t.project.ask.forget(name))) void forgetProject(store, id);
  };
  const wipe = async (): Promise<void> => {
    if (busy || !confirm(t.project.ask.wipe)) return;
    const ok = await wipeEverything(store);
    const { fileError: failed } = store.state.project;
    if (ok) say(t.project.wiped);
    else if (failed) say(failureLine(t, failed));
  };
  const lines = list.map((each) => line(studio, each, project, open, forget));
  return [
    ...project.interrupted.map((run) => interruptedLine(studio, run)),
    list.length > 0 && h("h2", {}, t.project.goOn),
    list.length > 0 && h("ul", { class: "projects" }, ...lines.slice(0, SHOWN)),
    lines.length > SHOWN &&
      h(
        "details",
        { id: "more-projects" },
        h("summary", {}, t.data.moreLabels(lines.length - SHOWN)),
        h("ul", { class: "projects" }, ...lines.slice(SHOWN)),
      ),
    failureBox(t, fileError),
    wiped === true && h("p", { class: "notice-line", id: "wiped" }, t.project.wiped),
    h(
      "div",
      { class: "actions" },
      filePicker(t.project.fromFile, { id: "project-file", accept: ".bertlet" }, ([file]) => {
        if (file && !busy && mayReplace(studio)) void opened(openProjectFile(store, file, mayContact(t)));
      }),
      id !== undefined &&
        h(
          "button",
          {
            type: "button",
            id: "project-begin",
            "aria-disabled": busy !== undefined,
            onclick: () => {
              if (!busy && mayReplace(studio)) void newProject(store);
            },
          },
          t.project.begin,
        ),
      busy !== undefined &&
        h("span", { class: "help", role: "status" }, busy === "opening" && t.project.opening),
    ),
    h(
      "details",
      { id: "project-here" },
      h("summary", {}, phase === "denied" ? t.project.denied : t.project.onlyHere),
      h("p", { class: "help" }, t.project.wipeHelp),
      h(
        "p",
        {},
        h(
          "button",
          {
            type: "button",
            id: "project-wipe",
            "aria-disabled": busy !== undefined,
            onclick: () => void wipe(),
          },
          t.project.wipe,
        ),
      ),
    ),
  ];
}

/** A run that did not end, with the way on. */
function interruptedLine(studio: Studio, { journal, step, steps, when }: Interrupted): HTMLElement | false {
  const { store, t } = studio;
  const name = store.state.project.list.find(({ id }) => id === idOfJournal(journal))?.name;
  if (name === undefined) return false;
  const goOn = async (): Promise<void> => {
    if (!mayLeave(studio)) return;
    const goTo = fromHere();
    if (await goOnWithRun(store, journal, mayContact(t))) goTo("train");
  };
  return h(
    "div",
    { class: "notice-line row" },
    h("p", {}, t.project.interrupted(name, step, steps, when)),
    h(
      "button",
      { type: "button", class: "primary", id: `go-on-${journal}`, onclick: () => void goOn() },
      t.project.goOnRun,
    ),
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        id: `forget-${journal}`,
        onclick: () => {
          if (confirm(t.project.ask.run)) void forgetJournal(store, journal);
        },
      },
      t.project.forget,
    ),
  );
}

function line(
  { t }: Studio,
  project: ProjectSummary,
  { id: inHand, busy }: ProjectState,
  open: (id: string) => void,
  forget: (project: ProjectSummary) => void,
): HTMLElement {
  const { id, name, labels, rows, accuracy, when } = project;
  const facts = [
    ...[labels > 0 && t.project.labels(labels), rows > 0 && t.project.rows(rows)],
    ...[accuracy !== undefined && t.project.accuracy(accuracy), t.project.when(when)],
  ].filter((fact) => fact !== false);
  return h(
    "li",
    {},
    h("div", {}, h("strong", {}, name), h("p", { class: "help" }, facts.join(" · "))),
    id === inHand
      ? h("span", { class: "badge" }, t.project.inHand)
      : h(
          "button",
          {
            type: "button",
            id: `open-${id}`,
            "aria-disabled": busy !== undefined,
            "aria-label": t.project.openNamed(name),
            onclick: () => open(id),
          },
          t.project.open,
        ),
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        id: `forget-${id}`,
        "aria-disabled": busy !== undefined,
        "aria-label": t.project.forgetNamed(name),
        onclick: () => forget(project),
      },
      t.project.forget,
    ),
  );
}
