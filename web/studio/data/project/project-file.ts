/**
 * A project as one file, a zip named .bertlet: bertlet.json, and the project's files by their paths. bertlet.json says what
 * each file is, its bytes and its SHA-256. A file is read whole and checked before anything of it is used.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { downloadZip } from "client-zip";
import { PageError, type Text } from "../../i18n/messages.ts";
import { count, fields, list, oneOf, ShapeError, text } from "../shape.ts";
import { checkProject, neededPaths, type ProjectFiles, type ProjectRecord } from "./project-record.ts";
import type { ZipPart } from "./unzip-project.ts";

export const ENDING = ".bertlet";
const MANIFEST = "bertlet.json";
const FORMAT = "bertlet-project";
const VERSION = 1;
const MOST_FILES = 2000;
/** What the files of a project may have together. */
export const MOST_BYTES = 4 * 1024 ** 3;
const MOST_MANIFEST_BYTES = 64 * 1024 ** 2;

const checkManifest = fields({
  format: oneOf(FORMAT),
  version: oneOf(VERSION),
  files: list(fields({ path: text, bytes: count, sha256: text })),
});

export async function packProject(record: ProjectRecord, files: ProjectFiles): Promise<Blob> {
  const listed: { path: string; bytes: number; sha256: string }[] = [];
  for (const [path, file] of files) listed.push({ path, bytes: file.size, sha256: await digestOf(file) });
  const manifest = JSON.stringify(
    { format: FORMAT, version: VERSION, project: record, files: listed },
    null,
    1,
  );
  const entries = [...files].map(([name, input]) => ({ name, input }));
  return downloadZip([{ name: MANIFEST, input: manifest }, ...entries]).blob();
}

export async function unpackProject(
  file: File,
): Promise<{ record: ProjectRecord; files: Map<string, Blob> }> {
  try {
    const { entriesOf } = await import("./unzip-project.ts");
    const parts = await entriesOf(file, MOST_FILES);
    const manifest = parts.get(MANIFEST);
    if (manifest === undefined) throw refusal((t) => t.project.file.foreign(file.name));
    const json: unknown = JSON.parse(await (await manifest.read(MOST_MANIFEST_BYTES)).text());
    const version = (json as { version?: unknown } | null)?.version;
    if (typeof version === "number" && version > VERSION)
      throw refusal((t) => t.project.file.newer(file.name, version));
    const { files: listed } = checkManifest(json, MANIFEST);
    const record = checkProject((json as { project?: unknown }).project, "project");
    const held = new Set(listed.map(({ path }) => path));
    const absent = neededPaths(record).find((path) => !held.has(path));
    if (absent !== undefined) throw refusal((t) => t.project.file.missing(file.name, absent));
    return { record, files: await filesOf(file.name, parts, listed) };
  } catch (error) {
    if (error instanceof PageError) throw error;
    const reason = error instanceof ShapeError || error instanceof Error ? error.message : String(error);
    throw refusal((t) => t.project.file.unreadable(file.name, reason.slice(0, 300)));
  }
}

async function filesOf(
  name: string,
  parts: ReadonlyMap<string, ZipPart>,
  listed: readonly { path: string; bytes: number; sha256: string }[],
): Promise<Map<string, Blob>> {
  let total = 0;
  for (const { bytes } of listed) total += bytes;
  if (total > MOST_BYTES || listed.length > MOST_FILES)
    throw refusal((t) => t.project.file.huge(name, total, MOST_BYTES));
  const files = new Map<string, Blob>();
  for (const { path, bytes, sha256: wanted } of listed) {
    const part = parts.get(path);
    if (part === undefined) throw refusal((t) => t.project.file.missing(name, path));
    const blob = await part.read(bytes);
    if (blob.size !== bytes || (await digestOf(blob)) !== wanted)
      throw refusal((t) => t.project.file.changed(name, path));
    files.set(path, blob);
  }
  return files;
}

function refusal(what: Text): PageError {
  return new PageError("bad-project", what, (t) => t.project.file.nothingLost);
}

/** SHA-256 in pieces, also where the page is not secure and the browser's own is missing. */
async function digestOf(blob: Blob): Promise<string> {
  const hash = sha256.create();
  const reader = blob.stream().getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) hash.update(piece.value);
  return hexOf(hash.digest());
}

function hexOf(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A short key that is equal for equal texts. */
export function keyOf(value: unknown): string {
  return hexOf(sha256(new TextEncoder().encode(JSON.stringify(value)))).slice(0, 24);
}
