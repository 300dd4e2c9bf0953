// Numbers as people type them, by one rule for every language: no browser guesses what a mark stands for.

const NUMBER = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?$/i;
// One mark before just three digits: it may group thousands. No group begins with 0.
const GROUPED = /^[+-]?([1-9]\d{0,2})[.,](\d{3})$/;

/**
 * The number that a text is: `value`, or `words` that say why it is none. `most` is the end of the range that is usual;
 * where thousands would be beyond it, and it is no money, only a decimal mark is meant.
 */
export function readNumber(text, most, isMoney) {
  const plain = text.trim().replace("\u2212", "-");
  if (!NUMBER.test(plain)) {
    return { words: "Not read: write digits with at most one decimal mark, such as 2.5 or 1600000." };
  }
  const groups = GROUPED.exec(plain);
  if (groups !== null) {
    const [, whole, rest] = groups;
    if (isMoney || Number(whole + rest) <= most) {
      return { words: `Not read: it could be ${whole}${rest} or ${whole}.${rest}0. Write one of these.` };
    }
  }
  const value = Number(plain.replace(",", "."));
  return Number.isFinite(value) ? { value } : { words: "Not read: it is larger than any number here." };
}
