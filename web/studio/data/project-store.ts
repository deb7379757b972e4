/**
 * Where projects are kept: IndexedDB, by the library idb. A project is a line of the list, a record and files. What is
 * written of it together is there together, or not at all. Throws where the browser has no storage for this page.
 */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type { ProjectFiles, ProjectRecord, ProjectSummary } from "./project-record.ts";

const NAME = "bertlet-studio";
/** How long a write may stay without an answer, beside its bytes' own time on a slow disk: some browsers' storage gets stuck. */
const PATIENCE_MS = 30_000;
const SLOW_BYTES_A_MS = 2_000;
/** The same while an earlier write is unanswered. */
const IMPATIENCE_MS = 1_000;
/** Writes that were given up, and that have not ended yet. */
let unanswered = 0;

interface Schema extends DBSchema {
  summaries: { key: string; value: ProjectSummary };
  records: { key: string; value: ProjectRecord };
  files: { key: [id: string, path: string]; value: Blob };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>(NAME, 1, {
    upgrade: (db) => {
      db.createObjectStore("summaries", { keyPath: "id" });
      db.createObjectStore("records");
      db.createObjectStore("files");
    },
    // Another tab wipes everything.
    blocking: (_, __, event) => {
      (event.target as IDBDatabase).close();
      opened = undefined;
    },
    terminated: () => {
      opened = undefined;
    },
  });
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}

/** The kept projects, the latest first. */
export async function listProjects(): Promise<ProjectSummary[]> {
  const all = await (await database()).getAll("summaries");
  return all.sort((a, b) => b.when - a.when);
}

/**
 * Writes what changed: a record, files to add, and paths whose files are no longer needed. Throws a `TimeoutError` where the
 * storage does not answer; the next write then opens it anew.
 */
export async function writeProject(
  summary: ProjectSummary,
  record: ProjectRecord,
  added: ProjectFiles,
  removed: Iterable<string> = [],
): Promise<void> {
  const { id } = summary;
  const write = async (): Promise<void> => {
    const transaction = (await database()).transaction(["summaries", "records", "files"], "readwrite");
    const files = transaction.objectStore("files");
    const work: Promise<unknown>[] = [];
    for (const path of removed) work.push(files.delete([id, path]));
    for (const [path, file] of added) work.push(files.put(file, [id, path]));
    work.push(transaction.objectStore("records").put(record, id));
    work.push(transaction.objectStore("summaries").put(summary));
    // A page that is left at this moment commits nothing any more, and in WebKit the next page's writes would wait for it.
    transaction.commit();
    await Promise.all([...work, transaction.done]);
  };
  const bytes = [...added.values()].reduce((sum, { size }) => sum + size, 0);
  const patience = unanswered > 0 ? IMPATIENCE_MS : PATIENCE_MS + bytes / SLOW_BYTES_A_MS;
  const written = write();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      opened = undefined;
      unanswered++;
      written.catch(() => undefined).then(() => unanswered--);
      reject(new DOMException("the storage does not answer", "TimeoutError"));
    }, patience);
  });
  await Promise.race([written, stuck]).finally(() => clearTimeout(timer));
}

export async function readProject(id: string): Promise<ProjectRecord | undefined> {
  return (await database()).get("records", id);
}

export async function readFiles(id: string, folder = ""): Promise<Map<string, Blob>> {
  const transaction = (await database()).transaction("files");
  const files = new Map<string, Blob>();
  for await (const { key, value } of transaction.store.iterate(range(id)))
    if (key[1].startsWith(folder)) files.set(key[1], value);
  return files;
}

export async function removeProject(id: string): Promise<void> {
  const transaction = (await database()).transaction(["summaries", "records", "files"], "readwrite");
  await Promise.all([
    transaction.objectStore("summaries").delete(id),
    transaction.objectStore("records").delete(id),
    transaction.objectStore("files").delete(range(id)),
    transaction.done,
  ]);
}

/** Removes the database, with every project in it. */
export async function removeAllProjects(): Promise<void> {
  (await opened)?.close();
  opened = undefined;
  await deleteDB(NAME);
}

function range(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}
