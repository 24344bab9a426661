// @ts-check
// Numbers as people read them.

const whole = new Intl.NumberFormat("en");

/** @param {number} value */
export function count(value) {
  return whole.format(value);
}

/** @param {number} value @param {string} one @param {string} [many] */
export function counted(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Decimal units, as network and disk makers count. @param {number} bytes */
export function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  let [amount, unit] = [bytes, 0];
  for (; amount >= 999.5 && unit < units.length - 1; unit += 1) amount /= 1000;
  return `${amount.toFixed(unit === 0 || amount >= 99.5 ? 0 : 1)} ${units[unit]}`;
}

/** @param {number} seconds */
export function duration(seconds) {
  const rounded = Math.max(1, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  return `${Math.floor(rounded / 3600)} h ${Math.floor((rounded % 3600) / 60)} min`;
}

/** Three significant digits. @param {number | null} value */
export function number(value) {
  if (value === null) return "–";
  const text = Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(2) : String(Number(value.toPrecision(3)));
  return text.replace("-", "\u2212");
}

/** @param {number} part @param {number} all */
export function share(part, all) {
  return all ? `${((100 * part) / all).toFixed(part > 0 && part / all < 0.1 ? 1 : 0)}\u00a0%` : "–";
}

/** Row numbers in words: rows 3, 8 and 12 more. @param {number[]} rows @param {number} all */
export function rowsInWords(rows, all) {
  const shown = rows.slice(0, 8).map(count).join(", ");
  const rest = all > Math.min(8, rows.length) ? ` and ${count(all - Math.min(8, rows.length))} more` : "";
  return `${all === 1 ? "row" : "rows"} ${shown}${rest}`;
}
