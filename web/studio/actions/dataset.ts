/**
 * Takes the files and choices of step 2; sets `state.data`. Multi-label rows rule out some methods: then the
 * recipe's method changes too. The only actions on the data: add, remove, assign a part, choose columns, load a
 * sample.
 */
import { guessColumns } from "../data/columns.ts";
import { readTable, withHeader } from "../data/parse.ts";
import type { DataFile, Role } from "../data/parts.ts";
import { assemble, someCells } from "../data/rows.ts";
import { likelySeparator } from "../data/separator.ts";
import { PageError, toFailure } from "../i18n/messages.ts";
import type { DataState } from "../state/data.ts";
import { trainsHead, withMethod } from "../state/recipe.ts";
import type { Store } from "../state/store.ts";

const MOST_FILES = 3;
/** Label cells that are searched for several labels in one cell. */
const LOOKED_AT = 500;
const ROLE_NAMES: readonly [Role, RegExp][] = [
  ["test", /test|测试/i],
  ["dev", /dev|val|验证/i],
  ["train", /train|训练/i],
];

export async function addFiles(store: Store, files: readonly File[], sample = false): Promise<void> {
  store.patch("data", { reading: true, error: undefined });
  try {
    const before = sample || store.state.data.sample ? [] : store.state.data.files;
    if (before.length + files.length > MOST_FILES)
      throw new PageError("too-many-files", (t) => t.data.tooMany(MOST_FILES, before.length + files.length));
    const added: DataFile[] = [];
    for (const file of files) {
      const table = await readTable(file);
      added.push({ table, role: freeRole(table.name, [...before, ...added]) });
    }
    const all = [...before, ...added];
    // The page splits a single file, whatever its name says.
    const kinds = before.length === 0 ? { pairColumn: undefined, separator: undefined } : {};
    store.patch("data", { sample, ...kinds });
    setFiles(store, all.length === 1 ? all.map((file) => ({ ...file, role: "train" as const })) : all);
  } catch (error) {
    store.patch("data", { error: toFailure(error) });
  } finally {
    store.patch("data", { reading: false });
  }
}

/** Loads the sample in one language, a file in the page's own folder. */
export async function addSample(store: Store, language: "en" | "zh"): Promise<void> {
  const name = `sample-${language}.csv`;
  store.patch("data", { reading: true, error: undefined });
  try {
    const response = await fetch(`./sample/${name}`);
    if (!response.ok) throw new PageError("fetch-failed", (t) => t.data.noSample(name, response.status));
    await addFiles(store, [new File([await response.blob()], name)], true);
  } catch (error) {
    store.patch("data", { error: toFailure(error), reading: false });
  }
}

export function removeFile(store: Store, index: number): void {
  const files = store.state.data.files.filter((_, at) => at !== index);
  setFiles(store, files.length === 1 ? files.map((file) => ({ ...file, role: "train" as const })) : files);
}

/** Assigns a part to a file. The file that had this part takes the other's. */
export function setRole(store: Store, index: number, role: Role): void {
  const files = store.state.data.files;
  const former = files[index]?.role;
  setFiles(
    store,
    files.map((file, at) =>
      at === index ? { ...file, role } : file.role === role && former ? { ...file, role: former } : file,
    ),
  );
}

export function setHeader(store: Store, index: number, hasHeader: boolean): void {
  const files = store.state.data.files.map((file, at) =>
    at === index ? { ...file, table: withHeader(file.table, hasHeader) } : file,
  );
  setFiles(store, files);
}

export function setColumns(
  store: Store,
  fields: Partial<Pick<DataState, "textColumn" | "pairColumn" | "labelColumn" | "separator">>,
): void {
  // The separator was chosen for another column.
  reassemble(store, "labelColumn" in fields ? { separator: undefined, ...fields } : fields);
}

export function setSplitSeed(store: Store, splitSeed: number): void {
  reassemble(store, { splitSeed });
}

function freeRole(name: string, taken: readonly DataFile[]): Role {
  const free = (["train", "dev", "test"] as const).filter(
    (role) => !taken.some((file) => file.role === role),
  );
  const said = ROLE_NAMES.find(([, pattern]) => pattern.test(name))?.[0];
  return (said && free.includes(said) ? said : free[0]) ?? "test";
}

function setFiles(store: Store, files: readonly DataFile[]): void {
  const first = trainFile(files);
  const { textColumn, pairColumn, labelColumn } = store.state.data;
  const has = (column: string | undefined): boolean =>
    column !== undefined && first?.table.columns.includes(column) === true;
  const guess = first ? guessColumns(first.table) : { text: undefined, label: undefined };
  reassemble(store, {
    files,
    textColumn: has(textColumn) ? textColumn : guess.text,
    pairColumn: has(pairColumn) ? pairColumn : undefined,
    labelColumn: has(labelColumn) ? labelColumn : guess.label,
  });
}

/** Makes the parts and the notices again from the files and choices. */
function reassemble(store: Store, fields: Partial<DataState> = {}): void {
  const data = { ...store.state.data, ...fields };
  const { files, textColumn: text, labelColumn: label, separator, splitSeed } = data;
  const pair = data.pairColumn === text || data.pairColumn === label ? undefined : data.pairColumn;
  const ready = files.length > 0 && text !== undefined && label !== undefined;
  const made = ready
    ? assemble(files, { text, pair, label, separator }, splitSeed)
    : { parts: undefined, notices: [] };
  const first = trainFile(files);
  const likely = ready && first ? likelySeparator(someCells(first.table, label, LOOKED_AT)) : undefined;
  store.patch("data", { ...fields, pairColumn: pair, likely, parts: made.parts, notices: made.notices });
  const { recipe } = store.state;
  if (made.parts?.multiLabel && !trainsHead(recipe.method)) store.set({ recipe: withMethod(recipe, "full") });
}

/** The file whose columns are offered. */
export function trainFile(files: readonly DataFile[]): DataFile | undefined {
  return files.find((file) => file.role === "train") ?? files[0];
}
