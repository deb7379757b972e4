/**
 * Where projects are kept: IndexedDB, by the library idb. A project is a line of the list, a record and files. What is
 * written of it together is there together, or not at all. Throws where the browser has no storage for this page, and
 * `storage-stuck` where it does not answer.
 */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import { PageError } from "../../i18n/messages.ts";
import type { ProjectFiles, ProjectRecord, ProjectSummary } from "./project-record.ts";

const NAME = "bertlet-studio";
/** How long an answer may take, beside its bytes' own time on a slow disk: some browsers' storage gets stuck. */
const PATIENCE_MS = 30_000;
const SLOW_BYTES_A_MS = 2_000;
/** The same while an earlier call is unanswered. */
const IMPATIENCE_MS = 1_000;
/** Calls that were given up, and that have not ended yet. */
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

/** Whether a call was given up since the storage did not answer. */
export function isStuck(error: unknown): boolean {
  return error instanceof PageError && error.code === "storage-stuck";
}

/** The work's result, for which nobody waits for ever: `storage-stuck`. The next call then opens the database anew. */
async function answered<T>(work: Promise<T>, bytes = 0): Promise<T> {
  const patience = (unanswered > 0 ? IMPATIENCE_MS : PATIENCE_MS) + bytes / SLOW_BYTES_A_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      opened = undefined;
      unanswered++;
      work.then(
        () => unanswered--,
        () => unanswered--,
      );
      reject(
        new PageError(
          "storage-stuck",
          (t) => t.project.stuck,
          (t) => t.project.stuckHelp,
        ),
      );
    }, patience);
  });
  return Promise.race([work, stuck]).finally(() => clearTimeout(timer));
}

/** The kept projects, the latest first. */
export async function listProjects(): Promise<ProjectSummary[]> {
  const all = await answered(database().then((db) => db.getAll("summaries")));
  return all.sort((a, b) => b.when - a.when);
}

/** Writes what changed: a record, files to add, and paths whose files are no longer needed. */
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
  await answered(write(), bytes);
}

export function readProject(id: string): Promise<ProjectRecord | undefined> {
  return answered(database().then((db) => db.get("records", id)));
}

export function readFiles(id: string, folder = ""): Promise<Map<string, Blob>> {
  const read = async (): Promise<Map<string, Blob>> => {
    const transaction = (await database()).transaction("files");
    const files = new Map<string, Blob>();
    for await (const { key, value } of transaction.store.iterate(range(id)))
      if (key[1].startsWith(folder)) files.set(key[1], value);
    return files;
  };
  return answered(read());
}

export async function removeProject(id: string): Promise<void> {
  const remove = async (): Promise<void> => {
    const transaction = (await database()).transaction(["summaries", "records", "files"], "readwrite");
    await Promise.all([
      transaction.objectStore("summaries").delete(id),
      transaction.objectStore("records").delete(id),
      transaction.objectStore("files").delete(range(id)),
      transaction.done,
    ]);
  };
  await answered(remove());
}

/** Removes the database, with every project in it. */
export async function removeAllProjects(): Promise<void> {
  const remove = async (): Promise<void> => {
    (await opened)?.close();
    opened = undefined;
    await deleteDB(NAME);
  };
  await answered(remove());
}

function range(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}
