/**
 * Takes the model in hand; makes the starter folder and the lesson, each a zip with bertlet's own files in it, and sets
 * `state.share`.
 */
import { downloadZip } from "client-zip";
import type { SavedCheckpoint } from "../../src/index.ts";
import { lessonPage, manifestOf, type Shared, starterPage } from "../data/project/share-pages.ts";
import { PageError, toFailure } from "../i18n/messages.ts";
import type { Store } from "../state/store.ts";
import { loadForTraining, trainingOptions } from "./model.ts";
import { saveModel } from "./save.ts";

/** The names of bertlet's files and their bytes, as the build wrote them. */
const LIST = "./library.json";

export type SharedKind = "starter" | "lesson";

/** Sizes are shown before anything is made. */
export async function readLibrary(store: Store): Promise<void> {
  if (store.state.share.library) return;
  try {
    const response = await fetched(LIST);
    store.patch("share", { library: (await response.json()) as Record<string, number> });
  } catch (error) {
    store.patch("share", { error: toFailure(error) });
  }
}

/** The zip, or undefined where it could not be made, which the state tells. */
export async function makeShared(
  store: Store,
  kind: SharedKind,
  shared: Shared,
  readme: string,
): Promise<Blob | undefined> {
  if (store.state.share.making) return undefined;
  store.patch("share", { making: kind, error: undefined });
  try {
    await readLibrary(store);
    const files = shared.mode === "teach" ? await untaught(store) : await taught(store);
    if (!files || !store.state.share.library) return undefined;
    const entries = await filesOf(store, kind, shared, files, readme);
    return await downloadZip(entries).blob();
  } catch (error) {
    store.patch("share", { error: toFailure(error) });
    return undefined;
  } finally {
    store.patch("share", { making: undefined });
  }
}

async function taught(store: Store): Promise<SavedCheckpoint | undefined> {
  await saveModel(store);
  const { files, error } = store.state.keep;
  if (error) store.patch("share", { error });
  return files;
}

/** The model that the run began from: the trained one knows the rows that a pupil's model is tested on. */
async function untaught(store: Store): Promise<SavedCheckpoint | undefined> {
  const { training, model, data, keep } = store.state;
  if (training.phase === "idle") return taught(store);
  if (model.source === undefined || !data.parts) throw new PageError("no-model", (t) => t.load.none);
  const base = await loadForTraining(model.source, trainingOptions(store, data.parts));
  try {
    return await base.save({ dtype: keep.dtype });
  } finally {
    await base.dispose();
  }
}

interface Entry {
  name: string;
  input: string | Blob;
}

async function filesOf(
  { state }: Store,
  kind: SharedKind,
  shared: Shared,
  model: SavedCheckpoint,
  readme: string,
): Promise<Entry[]> {
  const names = Object.keys(state.share.library ?? {});
  const library = await Promise.all(
    names.map(async (name) => ({
      name: `bertlet/${name}`,
      input: await (await fetched(`./${name}`)).blob(),
    })),
  );
  const entries: Entry[] = [
    ...library,
    ...Object.entries(model).map(([name, input]) => ({ name: `model/${name}`, input: input as Blob })),
  ];
  const { parts } = state.data;
  if (shared.mode === "teach" && parts) {
    const rows = [parts.train, parts.dev, parts.test].flat().map(({ text, label }) => ({ text, label }));
    entries.push({ name: "rows.json", input: JSON.stringify(rows) });
  }
  if (kind === "starter") {
    entries.push({ name: "index.html", input: starterPage(shared) }, { name: "README.txt", input: readme });
    return entries.map(({ name, input }) => ({ name: `my-page/${name}`, input }));
  }
  entries.push({ name: "index.html", input: lessonPage(shared) });
  const listed = entries.map(({ name }) => name);
  return [
    // A platform looks for it at the top of the zip.
    { name: "imsmanifest.xml", input: manifestOf(shared.title, `bertlet-${crypto.randomUUID()}`, listed) },
    ...entries,
  ];
}

async function fetched(address: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new PageError("fetch-failed", (t) => t.share.missing(address, response.status));
  return response;
}
