/**
 * Takes the bytes of a zip; checks every file in it against its length and its CRC-32. The reader of spreadsheets does
 * not: it gives the part of a damaged sheet that it can read as if that were all.
 */

const END = 0x06054b50;
const END_BYTES = 22;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
/** A length that is too large for its field, or not known when it was written: the true one is in the extra field. */
const ELSEWHERE = 0xffffffff;
const [STORED, DEFLATED] = [0, 8];
/** What the files of a workbook may have together. No browser holds a sheet of that size. */
const MOST_BYTES = 1024 ** 3;

interface Entry {
  name: string;
  method: number;
  crc: number;
  packed: Uint8Array<ArrayBuffer>;
  bytes: number;
}

/** Throws where a file is damaged. `look` is given each file in pieces. */
export async function checkZip(
  zip: Uint8Array<ArrayBuffer>,
  look: (name: string, piece: Uint8Array) => void = () => undefined,
): Promise<void> {
  const entries = entriesOf(zip);
  // A bomb is refused before anything of it is unpacked, and while it is where it declares less than it holds.
  const declared = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  if (declared > MOST_BYTES) throw new Error(`its files have ${declared} bytes`);
  for (const entry of entries) {
    let [crc, bytes] = [-1, 0];
    // Safari's streams are not iterable.
    const reader = unpacked(entry).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const piece = next.value;
      bytes += piece.length;
      if (bytes > entry.bytes) break;
      for (const byte of piece) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] as number);
      look(entry.name, piece);
    }
    await reader.cancel();
    if (bytes !== entry.bytes || ~crc >>> 0 !== entry.crc) throw new Error(`${entry.name} is damaged`);
  }
}

/** The files of a zip by the list at its end. Those with a password, or packed otherwise, are left to the reader. */
function entriesOf(zip: Uint8Array<ArrayBuffer>): Entry[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  let end = zip.length - END_BYTES;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw new Error("it has no list of its files");
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== ENTRY) throw new Error("the list of its files is damaged");
    const short = (offset: number): number => view.getUint16(at + offset, true);
    const nameEnd = at + ENTRY_BYTES + short(28);
    const next = nameEnd + short(30) + short(32);
    const [bytes, length, start] = lengthsOf(view, at, nameEnd, nameEnd + short(30));
    const content = start + LOCAL_BYTES + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    const [locked, method] = [short(8) & 1, short(10)];
    if (locked === 0 && (method === STORED || method === DEFLATED))
      entries.push({
        name: new TextDecoder().decode(zip.subarray(at + ENTRY_BYTES, nameEnd)),
        method,
        crc: view.getUint32(at + 16, true),
        packed: zip.subarray(content, content + length),
        bytes,
      });
    at = next;
  }
  return entries;
}

/** How many bytes a file has, how many packed, and where it begins. */
function lengthsOf(view: DataView, at: number, extra: number, end: number): [number, number, number] {
  let field = extra;
  while (field + 4 <= end && view.getUint16(field, true) !== 1) field += 4 + view.getUint16(field + 2, true);
  field += 4;
  const length = (offset: number): number => {
    const short = view.getUint32(at + offset, true);
    if (short !== ELSEWHERE || field + 8 > end) return short;
    field += 8;
    return Number(view.getBigUint64(field - 8, true));
  };
  const bytes = length(24);
  return [bytes, length(20), length(42)];
}

function unpacked({ method, packed }: Entry): ReadableStream<Uint8Array> {
  const stored = new Blob([packed]).stream();
  return method === STORED ? stored : stored.pipeThrough(new DecompressionStream("deflate-raw"));
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});
