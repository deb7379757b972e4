// Takes a text and a code page; gives its bytes, by turning the decoder of Node around.

const tables = new Map<string, Map<string, number[]>>();

/** Throws where the code page lacks a character. */
export function encode(text: string, encoding: string): Uint8Array {
  if (encoding === "utf-8") return new TextEncoder().encode(text);
  const table = tableOf(encoding);
  const bytes: number[] = [];
  for (const character of encoding === "windows-1258" ? tonesApart(text) : text) {
    const code = character.charCodeAt(0);
    const found = code < 128 ? [code] : table.get(character);
    if (found === undefined) throw new Error(`${encoding} lacks ${character}`);
    bytes.push(...found);
  }
  return Uint8Array.from(bytes);
}

function tableOf(encoding: string): Map<string, number[]> {
  const known = tables.get(encoding);
  if (known) return known;
  const decoder = new TextDecoder(encoding, { fatal: true });
  const table = new Map<string, number[]>();
  const take = (...bytes: number[]): void => {
    try {
      const text = decoder.decode(Uint8Array.from(bytes));
      if ([...text].length === 1 && !table.has(text)) table.set(text, bytes);
    } catch {
      // No character.
    }
  };
  for (let lead = 0x80; lead < 256; lead++) take(lead);
  for (let lead = 0x80; lead < 256; lead++) for (let trail = 0x40; trail < 256; trail++) take(lead, trail);
  tables.set(encoding, table);
  return table;
}

/** Windows-1258 has vowels with circumflex, breve and horn, and the tones as marks after them. */
function tonesApart(text: string): string {
  const tones = /[\u0300\u0301\u0303\u0309\u0323]/g;
  return Array.from(text.normalize("NFC"), (character) => {
    const parts = character.normalize("NFD");
    return parts.replace(tones, "").normalize("NFC") + (parts.match(tones)?.join("") ?? "");
  }).join("");
}
