/**
 * How files come in and go out: a drop zone, a file picker, and downloads.
 */
import { downloadZip } from "client-zip";
import type { SavedAdapter, SavedCheckpoint, SavedOnnx } from "../../src/index.ts";
import { type Child, h } from "./dom.ts";
import { download } from "./download.ts";

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

/** The dropped files, and those directly inside dropped folders. */
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
  const inside: FileSystemEntry[] = [];
  // A call gives some of the entries, in Chromium at most 100, and the last one none.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.filter((each) => each.isFile).map(filesOf))).flat();
}

/** A button that opens the system's file dialogue. The input itself is not in the tab order. */
export function filePicker(
  text: string,
  settings: { id: string; accept?: string; multiple?: boolean; folder?: boolean; primary?: boolean },
  onFiles: (files: File[]) => void,
): HTMLElement {
  const input = h("input", {
    type: "file",
    id: settings.id,
    class: "hidden-input",
    tabindex: -1,
    "aria-hidden": "true",
    "aria-label": text,
    accept: settings.accept,
    multiple: settings.multiple === true,
    webkitdirectory: settings.folder === true,
    onchange: () => {
      const files = [...(input.files ?? [])];
      // Cleared, so that picking the same file again after a correction is noticed.
      input.value = "";
      if (files.length > 0) onFiles(files);
    },
  });
  const button = h(
    "button",
    { type: "button", class: settings.primary ? "primary" : false, onclick: () => input.click() },
    text,
  );
  return h("span", { class: "picker" }, button, input);
}

/**
 * Hands files to the browser's downloads as one folder in a zip. It stores without compressing: weights do not compress,
 * and the page stays quick.
 */
export async function downloadFolder(
  files: SavedCheckpoint | SavedAdapter | SavedOnnx,
  folder: string,
): Promise<void> {
  const entries = Object.entries(files).map(([name, blob]) => ({
    name: `${folder}/${name}`,
    input: blob as Blob,
  }));
  download(await downloadZip(entries).blob(), `${folder}.zip`);
}
