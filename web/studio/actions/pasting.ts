/**
 * Pasted rows come into the bench: few as rows of their own, very many as a file. Of as many as a test is worth, some are held
 * out. Also holds out some of the rows that are there. Sets `state.data`.
 */
import type { LabelledText } from "../../src/index.ts";
import { withHeldOut, withRows } from "../data/edits.ts";
import type { Pasted } from "../data/pasted.ts";
import { partOfEach } from "../data/split.ts";
import type { Store } from "../state/store.ts";
import { addFiles, setEdits } from "./dataset.ts";

/** Rows from which on they are a file. */
const A_FILE = 2000;
/** Rows from which on some are held out at once, where none are. */
const WORTH_A_TEST = 50;
/** The shares that are held out of rows that the bench holds. */
const SHARES = { dev: 0, test: 0.2 };

/** Adds what was pasted; texts without a label get `label`. Gives the number of rows. */
export async function addPasted(
  store: Store,
  { rows: found, texts }: Pasted,
  label: string,
): Promise<number> {
  const rows: LabelledText[] = found.length > 0 ? [...found] : texts.map((text) => ({ text, label }));
  if (rows.length === 0) return 0;
  const { data } = store.state;
  if (rows.length >= A_FILE && data.files.length === 0 && found.length > 0) {
    const json = JSON.stringify(rows.map(({ text, label: name }) => ({ text, label: name })));
    await addFiles(store, [new File([json], "pasted.json")]);
    return rows.length;
  }
  const holds = data.examples.some(({ part }) => part !== "train");
  const parts =
    rows.length >= WORTH_A_TEST && found.length > 0 && !holds
      ? await partOfEach(rows, data.splitSeed, SHARES)
      : undefined;
  setEdits(store, (edits) => withRows(edits, rows, "pasted", parts));
  return rows.length;
}

/** Holds out a fifth of the rows that no file has. */
export async function holdOutSome(store: Store): Promise<void> {
  const { edits, splitSeed } = store.state.data;
  const parts = await partOfEach(
    edits.own.map(({ row }) => row),
    splitSeed,
    SHARES,
  );
  const held = new Map(edits.own.map(({ key }, at) => [key, parts[at] ?? "train"]));
  setEdits(store, (now) => withHeldOut(now, held));
}
