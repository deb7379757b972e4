/**
 * Takes dropped or picked files; gives the names of those in them, a zip's included, to tell a model from an adapter.
 * Reads only the list at the zip's end; the library opens the zip.
 */

/** A zip ends with a record of 22 bytes and a comment of up to 65,535. */
const END_BYTES = 22 + 65_535;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
/** The list of a model's folder is far smaller. */
const MOST_LIST_BYTES = 4 * 1024 * 1024;

/** The zip, where it is all that was given. */
export function zipAmong(files: readonly File[]): File | undefined {
  const [only] = files;
  return files.length === 1 && only && /\.zip$/i.test(only.name) ? only : undefined;
}

/** Names without folders, in lower case. A zip that cannot be read has none: the library says what is wrong. */
export async function namesIn(files: readonly File[]): Promise<string[]> {
  const zip = zipAmong(files);
  const paths = zip ? await pathsIn(zip).catch(() => []) : files.map(({ name }) => name);
  return paths.map((path) => path.split(/[/\\]/).at(-1)?.toLowerCase() ?? "");
}

async function pathsIn(zip: File): Promise<string[]> {
  const end = await viewOf(zip.slice(Math.max(0, zip.size - END_BYTES)));
  let at = end.byteLength - 22;
  while (at >= 0 && end.getUint32(at, true) !== END) at--;
  if (at < 0) return [];
  const [bytes, start] = [end.getUint32(at + 12, true), end.getUint32(at + 16, true)];
  if (bytes > MOST_LIST_BYTES) return [];
  const list = await viewOf(zip.slice(start, start + bytes));
  const paths: string[] = [];
  for (let entry = 0; entry + ENTRY_BYTES <= list.byteLength; ) {
    if (list.getUint32(entry, true) !== ENTRY) break;
    const [name, extra, comment] = [28, 30, 32].map((offset) => list.getUint16(entry + offset, true)) as [
      number,
      number,
      number,
    ];
    paths.push(new TextDecoder().decode(new Uint8Array(list.buffer, entry + ENTRY_BYTES, name)));
    entry += ENTRY_BYTES + name + extra + comment;
  }
  return paths;
}

async function viewOf(blob: Blob): Promise<DataView> {
  return new DataView(await blob.arrayBuffer());
}
