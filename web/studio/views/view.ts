/**
 * Takes nothing; gives the types every step's view shares, and the two pieces all steps end or begin
 * with: the way on to the next step, and what to show where an earlier step is missing.
 */
import type { Dictionary } from "../i18n/en.ts";
import type { Language } from "../i18n/language.ts";
import type { Step } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { type Child, h } from "../widgets/dom.ts";

export interface Studio {
  store: Store;
  t: Dictionary;
  language: Language;
  /** Says a line through the live region. For ends and failures, not for every step of a run. */
  say: (text: string) => void;
  /** Aborted when the view is taken away. */
  signal: AbortSignal;
}

/** Builds a step's content below its heading. */
export type View = (studio: Studio) => HTMLElement[];

export function nextLink(t: Dictionary, step: Step): HTMLElement {
  return h(
    "p",
    { class: "next" },
    h("a", { class: "button primary", href: `#${step}` }, t.frame.next(t.steps[step].name)),
  );
}

/** What stands in a step that has nothing to work on yet, and the way to where that is made. */
export function waitingFor(t: Dictionary, text: string, step: Step): HTMLElement {
  return h(
    "div",
    { class: "empty" },
    h("p", {}, text),
    h("p", {}, h("a", { class: "button", href: `#${step}` }, t.frame.goTo(t.steps[step].name))),
  );
}

/** A block with a heading of its own within a step. */
export function block(title: string, ...children: Child[]): HTMLElement {
  return h("section", { class: "block" }, h("h2", {}, title), ...children);
}

/** A table that scrolls within itself on a narrow screen, reachable by keyboard for that. */
export function scrolling(label: string, table: HTMLElement): HTMLElement {
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label }, table);
}

/** A place where files are dropped; the pickers inside do the same by keyboard. */
export function dropZone(label: string, onFiles: (files: File[]) => void, ...children: Child[]): HTMLElement {
  const zone = h(
    "div",
    { class: "drop", role: "group", "aria-label": label },
    h("p", {}, label),
    ...children,
  );
  zone.addEventListener("dragover", () => zone.classList.add("over"));
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    if (event.dataTransfer)
      void droppedFiles(event.dataTransfer).then((files) => files.length > 0 && onFiles(files));
  });
  return zone;
}

/** The dropped files, and those straight inside dropped folders. */
async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  const files = await Promise.all(entries.map(filesOf));
  return files.flat();
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile)
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside = await new Promise<FileSystemEntry[]>((resolve, reject) =>
    reader.readEntries(resolve, reject),
  );
  return (await Promise.all(inside.filter((each) => each.isFile).map(filesOf))).flat();
}
