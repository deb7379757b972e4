/**
 * The order of labels, as they are shown and learned: numbers by value, and numbers inside of names too.
 */

const NUMBER = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;

/** Labels from which on they are ordered by their characters alone: so many are texts in the wrong column. */
const MANY = 5000;

export function inOrder(labels: string[]): string[] {
  return labels.length > MANY ? labels.sort() : labels.sort(compareLabels);
}

/** Numbers come first. Names are compared piece by piece, so that "step 2" stands before "step 10". */
export function compareLabels(a: string, b: string): number {
  const [first, second] = [NUMBER.test(a), NUMBER.test(b)];
  if (first && second) return Number(a) - Number(b) || compareText(a, b);
  if (first !== second) return first ? -1 : 1;
  const [left, right] = [pieces(a), pieces(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [one, other] = [left[at] as string, right[at] as string];
    const byNumber = at % 2 === 1 ? Number(one) - Number(other) : 0;
    const difference = byNumber || (at % 2 === 1 ? 0 : compareText(one, other));
    if (difference !== 0) return difference;
  }
  return left.length - right.length || compareText(a, b);
}

/** Text and digits in turn, text first. */
function pieces(label: string): string[] {
  return label.split(/(\d+)/);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
