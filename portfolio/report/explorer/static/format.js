// Numbers and names as people read them; the same on every machine, whatever its language.

// As in every other output: so many digits, but whole numbers where they are large.
const DIGITS = 6;
const LARGE = 10_000;
const FIGURES = new Intl.NumberFormat("en", { maximumSignificantDigits: DIGITS });
const COUNTS = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const PERCENTS = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

/** Money as people write it: whole units where there are no cents. */
export function moneyFormat(currency, decimals) {
  const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
  const fine = new Intl.NumberFormat("en", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  const plain = (sum) => (Number.isInteger(sum) ? whole : fine).format(sum);
  return { currency, plain, full: (sum) => `${plain(sum)} ${currency}`, short: (sum) => SHORT.format(sum) };
}

export function figureText(value) {
  if (value === null || value === undefined) return "not known";
  return (Math.abs(value) < LARGE ? FIGURES : COUNTS).format(value);
}

/** What nothing exceeds: the figure is never below it, but for the rounding of sums. */
export function mostText(value) {
  if (!value) return figureText(value);
  const size = Math.abs(value);
  const unit = size < LARGE ? 10 ** (Math.floor(Math.log10(size)) - DIGITS + 1) : 1;
  const shown = Math.round(value / unit) * unit;
  return figureText(shown < value - 1e-6 * unit ? shown + unit : shown);
}

export function countText(value) {
  return COUNTS.format(value);
}

/** A part of a whole; almost all of it must not read as all of it. */
export function partText(part, whole) {
  const text = percentText(whole ? part / whole : 0);
  return text === "100%" && part < whole ? "more than 99.99%" : text;
}

export function percentText(share) {
  return `${PERCENTS.format(100 * share)}%`;
}

/** "1 award", "2 awards". */
export function countOf(number, one, many) {
  return `${COUNTS.format(number)} ${number === 1 ? one : many}`;
}

/** A difference with its sign; a true minus is as wide as the plus. */
export function signed(difference, text) {
  if (difference === 0) return "no change";
  return `${difference > 0 ? "+" : "\u2212"}${text(Math.abs(difference))}`;
}

/** The value of a control in its unit. */
export function controlText(control, value, money) {
  if (control.unit === "money") return money.full(value);
  if (control.unit === "share") return percentText(value);
  return control.unit === "count" ? countText(value) : figureText(value);
}
