/**
 * Takes a label or another text of the person's; gives it as a part of the page's texts. One in Arabic or Hebrew, which runs
 * from right to left, would turn round what stands beside it, as the arrow in "truth → predicted".
 */

/** Letters that run from right to left, and signs that turn the direction. */
const TURNS =
  /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const [BEGIN, END] = ["\u2068", "\u2069"];

export function isolated(text: string): string {
  if (!TURNS.test(text)) return text;
  // An end of its own would end it too soon.
  return BEGIN + text.replace(/[\u2066-\u2069]/g, "") + END;
}
