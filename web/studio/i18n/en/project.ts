/**
 * The texts of projects and of the list of runs, in English.
 */
import { count, size, wholePercent } from "./amounts.ts";

const DAY_MS = 86_400_000;

/** How long ago, in days of the calendar. */
function daysAgo(when: number): number {
  return Math.round((new Date().setHours(0, 0, 0, 0) - new Date(when).setHours(0, 0, 0, 0)) / DAY_MS);
}

export const project = {
  goOn: "Go on with",
  open: "Open",
  openNamed: (name: string) => `Open ${name}`,
  forget: "Forget",
  forgetNamed: (name: string) => `Forget ${name}`,
  inHand: "open now",
  labels: (n: number) => count(n, "label", "labels"),
  rows: (n: number) => count(n, "example", "examples"),
  accuracy: wholePercent,
  when: (when: number): string => {
    const days = daysAgo(when);
    if (days <= 0)
      return `today, ${new Date(when).toLocaleTimeString("en", { hour: "numeric", minute: "2-digit" })}`;
    return days === 1
      ? "yesterday"
      : days < 14
        ? `${days} days ago`
        : new Date(when).toLocaleDateString("en");
  },
  fromFile: "Open a project file",
  onlyHere: "Projects are kept in this browser, on this computer only.",
  opening: "Opening…",
  opened: (name: string) => `${name} is open.`,
  begin: "Begin a new project",
  wipe: "Wipe everything",
  wipeHelp:
    "Removes all that this page keeps on this computer: projects, examples, models, downloaded models, and choices such as the language.",
  wiped: "Everything is wiped. Nothing of this page is kept on this computer now.",
  interrupted: (name: string, step: number, steps: number | undefined, when: number): string =>
    `A run of “${name}” was interrupted at step ${step}${steps === undefined ? "" : ` of ${steps}`}, ${project.when(when)}.`,
  goOnRun: "Go on with the run",
  title: "The whole project",
  help: "One file with your columns, options, runs and models. Another computer opens it in step 1, with the same scores.",
  name: "Name",
  withExamples: "With the examples",
  withExamplesHelp: "Your texts are then in the file. Without them, only the names of your labels are.",
  save: "Download the project",
  saving: "Making the file…",
  leftOut: (runs: readonly number[], most: number) =>
    `The project file is made without the ${runs.length === 1 ? "model of run" : "models of the runs"} ${runs.join(", ")}: a file holds at most ${size(most)}. Use those one by one, and save each as a model.`,
  saved: (bytes: number) => `The project file is made, ${size(bytes)}.`,
  kept: (name: string) => `“${name}” is kept in this browser, on this computer only.`,
  keptCopy: (of: string, name: string) =>
    `“${of}” is open in another tab, so this is a copy. “${name}” is kept in this browser, on this computer only.`,
  elsewhere: "This project is open in another tab. Close it there first.",
  othersElsewhere: "Nothing is wiped: a project is open in another tab of this page. Close that tab first.",
  keeping: "Keeping your changes…",
  denied: "Nothing is kept: this browser gives the page no storage. Download the project before you leave.",
  notKept: "The latest changes are not kept.",
  full: "The browser has no more room for this project.",
  fullHelp: "Download the project, or forget another one. Then go on.",
  stuck: "The browser's storage does not answer.",
  stuckHelp: "Download the project before you leave. Then close this tab and open the page again.",
  gone: "This project is no longer kept here. Another tab may have removed it.",
  missing: (path: string) => `Its file ${path} is missing.`,
  file: {
    foreign: (name: string) => `${name} is a zip, but not a project: it has no bertlet.json.`,
    newer: (name: string, version: number) =>
      `${name} has version ${version} of the format. This page reads version 1. Reload the page for a newer one.`,
    huge: (name: string, bytes: number, most: number) =>
      `${name} says that it holds ${size(bytes)}. At most ${size(most)} are read.`,
    missing: (name: string, path: string) => `${name} lacks ${path}. It may be cut short.`,
    changed: (name: string, path: string) =>
      `In ${name}, ${path} is not what was saved. The file is damaged.`,
    unreadable: (name: string, reason: string) => `${name} cannot be read as a project: ${reason}.`,
    nothingLost: "Save the file again, or fetch it again. What is open here stays as it is.",
  },
  ask: {
    training: "A training run is under way. This ends it. Go on?",
    classifying: "A file is being classified. This ends it. Go on?",
    model: "The trained model is not kept yet. This loses it. Go on?",
    work: "Your examples and changes are not kept. This loses them. Go on?",
    hand: "The labels and changes that you made in it by hand go too. Remove it?",
    readAgain:
      "Reading it this way loses the labels that you typed; another sheet also loses your changes. Go on?",
    sample: "The sample takes the place of your examples, and of all that you changed by hand. Go on?",
    forget: (name: string) => `Forget “${name}”, with its examples, runs and models?`,
    run: "Forget the interrupted run? Its project stays.",
    wipe: "Wipe every project, example and model that this page keeps on this computer?",
  },
};

export const runs = {
  title: "Runs",
  takeBack: "Use this model",
  /** Begins as the button does: people who speak to their computer say what they see. */
  takeBackNamed: (number: number) => `Use this model: run ${number}`,
  takenBack: (number: number) => `The model of run ${number} is the current one.`,
  whileTraining: "No other model can be used before the run under way has ended.",
  current: "current",
  notKept: "model not kept",
  differs: (what: readonly string[]) => `Differs in ${what.join(", ")}`,
  same: "Same options and data",
  other: {
    model: (name: string) => `model ${name}`,
    data: (rows: number) => `data (${count(rows, "training row", "training rows")})`,
    held: "texts that it was judged on",
  },
  change: (name: string, value: string | number) => `${name.toLowerCase()} ${value}`,
  none: "–",
};
