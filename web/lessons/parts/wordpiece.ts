/**
 * Takes the vocabulary of the lessons' model, as its tokenizer.json has it; cuts a text into tokens as BERT's uncased
 * WordPiece does. The library computes with its own tokenizer; a test holds this one's pieces against its counts.
 */
export interface Token {
  text: string;
  id: number;
}

/** BERT's: white space, control characters and format characters part words or vanish. */
const VANISHES = /[\p{Cc}\p{Cf}\p{Co}]/u;
const CHINESE = /[\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF\u{20000}-\u{2CEAF}]/u;
const PUNCTUATION = /[!-/:-@[-`{-~]|\p{P}/u;
const LONGEST_WORD = 100;

export class WordPiece {
  readonly #vocabulary: ReadonlyMap<string, number>;

  constructor(vocabulary: Readonly<Record<string, number>>) {
    this.#vocabulary = new Map(Object.entries(vocabulary));
  }

  /** Without [CLS] and [SEP]. */
  tokens(text: string): Token[] {
    return split(text).flatMap((word) => this.#pieces(word));
  }

  /** The longest known piece first, then the longest of the rest. */
  #pieces(word: string): Token[] {
    const unknown = [{ text: "[UNK]", id: this.#vocabulary.get("[UNK]") ?? 0 }];
    const letters = [...word];
    if (letters.length > LONGEST_WORD) return unknown;
    const found: Token[] = [];
    for (let start = 0; start < letters.length; ) {
      let end = letters.length;
      const piece = () => (start > 0 ? "##" : "") + letters.slice(start, end).join("");
      while (end > start && !this.#vocabulary.has(piece())) end--;
      if (end === start) return unknown;
      found.push({ text: piece(), id: this.#vocabulary.get(piece()) ?? 0 });
      start = end;
    }
    return found;
  }
}

/** Words in lower case without accents; each Chinese character and punctuation mark by itself. */
function split(text: string): string[] {
  let spaced = "";
  for (const letter of text.normalize("NFC")) {
    if (/[\t\n\r]/.test(letter)) spaced += " ";
    else if (!VANISHES.test(letter)) spaced += CHINESE.test(letter) ? ` ${letter} ` : letter;
  }
  const plain = spaced
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "");
  let parted = "";
  for (const letter of plain) parted += PUNCTUATION.test(letter) ? ` ${letter} ` : letter;
  return parted.split(/\s+/u).filter((word) => word !== "");
}
