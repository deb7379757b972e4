/**
 * Takes bytes and the name of an encoding; gives the text. Node's decoder takes Windows-1252 for Latin-1, in which control
 * characters stand where Windows has its quotation marks and dashes.
 */

/** Windows-1252 from 0x80 to 0x9f. Five of them are the control characters that they are in Latin-1. */
const BETWEEN = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

export function decode(bytes: Uint8Array, encoding: string): string {
  const text = new TextDecoder(encoding).decode(bytes);
  if (encoding !== "windows-1252") return text;
  return text.replace(/[\u0080-\u009f]/g, (sign) => BETWEEN[sign.charCodeAt(0) - 0x80] as string);
}
