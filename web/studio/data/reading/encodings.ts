/**
 * Takes a file's bytes; gives its text and encoding. Content decides: a byte order mark, then UTF-8, then the code page
 * whose text is the likeliest. A damaged byte becomes U+FFFD and changes no other character.
 */
import { decode } from "./code-page.ts";
import { likeliest } from "./encoding-score.ts";

/** Encodings that a person may choose, by the names of the Encoding Standard. */
export const ENCODINGS = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1252",
  "windows-1250",
  "windows-1251",
  "windows-1253",
  "windows-1254",
  "windows-1255",
  "windows-1256",
  "windows-1257",
  "windows-1258",
  "windows-874",
  "iso-8859-2",
  "iso-8859-4",
  "iso-8859-5",
  "iso-8859-6",
  "iso-8859-7",
  "iso-8859-13",
  "iso-8859-15",
  "koi8-r",
  "koi8-u",
  "ibm866",
  "macintosh",
  "x-mac-cyrillic",
  "gb18030",
  "big5",
  "shift_jis",
  "euc-jp",
  "iso-2022-jp",
  "euc-kr",
] as const;
export type Encoding = (typeof ENCODINGS)[number];

export interface Decoded {
  text: string;
  encoding: Encoding;
  /** Whether bytes alone did not settle the encoding, so that the person should look at the text. */
  guessed: boolean;
  /** Damaged characters, each of them U+FFFD in the text. */
  damaged: number;
}

/** Bytes that are examined for line ends, NUL bytes and control characters. */
const EXAMINED = 64 * 1024;
/** Bytes with letters beyond ASCII that a code page is judged by. */
const JUDGED = 8 * 1024;
/** The share of control characters from which on bytes are no text. */
const CONTROLS = 0.02;
/** The share of characters between cells, at least, in UTF-16. A damaged file may have NUL bytes beside a few. */
const WIDE = 0.001;
const BETWEEN_CELLS = new Set(Array.from('\t\n\r ",;', (character) => character.charCodeAt(0)));
const REPLACEMENT = "\ufffd";

/** Undefined where the bytes are no text. */
export function decodeBytes(bytes: Uint8Array, chosen?: Encoding): Decoded | undefined {
  if (chosen !== undefined) return { ...decodeAs(bytes, chosen), guessed: true };
  const marked = byteOrderMark(bytes) ?? wideText(bytes);
  if (marked !== undefined) return { ...decodeAs(bytes, marked), guessed: false };
  if (isBinary(bytes)) return undefined;
  const utf8 = decodeAs(bytes, "utf-8");
  if (utf8.damaged === 0)
    return utf8.text.includes("\x1b$")
      ? { ...decodeAs(bytes, "iso-2022-jp"), guessed: true }
      : { ...utf8, guessed: false };
  if (isDamagedUtf8(utf8)) return { ...utf8, guessed: true };
  return { ...decodeAs(bytes, likeliest(sampleOf(bytes)) as Encoding), guessed: true };
}

/** Text of a code page rarely forms a sequence of UTF-8, and never most of the time. */
function isDamagedUtf8({ text, damaged }: Omit<Decoded, "guessed">): boolean {
  const sound = beyondAscii(text);
  return damaged === 1 ? sound > 0 : sound > 2 * damaged;
}

function decodeAs(bytes: Uint8Array, encoding: Encoding): Omit<Decoded, "guessed"> {
  const decoded = decode(bytes, encoding).replaceAll("\0", REPLACEMENT);
  // Vietnamese in Windows-1258 writes tones as marks of their own; files in UTF-8 do not.
  const text = encoding === "windows-1258" ? decoded.normalize("NFC") : decoded;
  let damaged = 0;
  for (let at = text.indexOf(REPLACEMENT); at >= 0; at = text.indexOf(REPLACEMENT, at + 1)) damaged++;
  return { text, encoding, damaged };
}

function byteOrderMark([first, second, third]: Uint8Array): Encoding | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return first === 0xef && second === 0xbb && third === 0xbf ? "utf-8" : undefined;
}

/**
 * UTF-16 without a mark: its line ends, spaces and delimiters have NUL bytes on one side only. Letters tell less: those of
 * 一 and 最 are on the other side.
 */
function wideText(bytes: Uint8Array): Encoding | undefined {
  let [little, big] = [0, 0];
  const end = Math.min(bytes.length, EXAMINED);
  for (let at = 0; at + 1 < end; at += 2) {
    const [first, second] = [bytes[at] as number, bytes[at + 1] as number];
    if (second === 0 && BETWEEN_CELLS.has(first)) little++;
    if (first === 0 && BETWEEN_CELLS.has(second)) big++;
  }
  const [most, least] = little > big ? [little, big] : [big, little];
  if (bytes.length % 2 === 1 || most < 2 || most <= 4 * least || most < WIDE * end) return undefined;
  const encoding = little > big ? "utf-16le" : "utf-16be";
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return encoding;
  } catch {
    return undefined;
  }
}

/** Control characters are rare in text, apart from white space, escape and separators (0x1c to 0x1f, 0x01). */
function isBinary(bytes: Uint8Array): boolean {
  const end = Math.min(bytes.length, EXAMINED);
  let controls = 0;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x1b && byte !== 1 && (byte < 9 || byte > 13)) controls++;
  }
  return controls > Math.max(1, CONTROLS * end);
}

function beyondAscii(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 127 && code !== 0xfffd) count++;
  }
  return count;
}

/** The first lines that hold bytes beyond ASCII. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  const sample = new Uint8Array(JUDGED);
  let size = 0;
  for (let start = 0; start < bytes.length && size < JUDGED; ) {
    const found = bytes.indexOf(10, start);
    const end = found < 0 ? bytes.length : found + 1;
    const line = bytes.subarray(start, Math.min(end, start + JUDGED - size));
    if (line.some((byte) => byte > 127)) {
      sample.set(line, size);
      size += line.length;
    }
    start = end;
  }
  return sample.subarray(0, size);
}
