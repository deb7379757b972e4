/**
 * The choice of a file's encoding, shown where the file is not sound UTF-8, with a text that tells whether it is right.
 */
import { ENCODINGS, type Encoding } from "../data/reading/encodings.ts";
import { shortened } from "../data/rows.ts";
import type { Dictionary } from "../i18n/en.ts";
import { field, select } from "../widgets/dom.ts";

interface InEncoding {
  name: string;
  encoding?: Encoding | undefined;
  guessed: boolean;
}

/** Without `sample`, the help points to the rows below. */
export function encodingField(
  t: Dictionary,
  id: string,
  file: InEncoding,
  sample: string | undefined,
  onChange: (encoding: Encoding) => void,
): HTMLElement | false {
  if (!file.guessed) return false;
  const options = ENCODINGS.map((value) => ({ value, text: t.encodings[value] }));
  const control = select(options, file.encoding, (value) => onChange(value as Encoding));
  const help = sample === undefined ? t.reading.encodingHelp : t.reading.encodingSample(shortened(sample));
  return field(id, t.reading.encoding(file.name), control, help);
}
