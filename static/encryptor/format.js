// @ts-check
// Numbers as people read them.

import { language, plural, t } from "../i18n/text.js";
import { say } from "../i18n/words.js";

const whole = new Intl.NumberFormat(language);

/** @param {number} value */
export function count(value) {
  return whole.format(value);
}

/**
 * A sentence about that many things, whose {n} is the count.
 * @param {number} value
 * @param {string} one
 * @param {string} many
 * @param {Record<string, string | number>} [facts]
 */
export function counted(value, one, many, facts = {}) {
  return plural(value, one, many, { n: count(value), ...facts });
}

/** Decimal units, as network and disk makers count. @param {number} bytes */
export function size(bytes) {
  const units = [t("bytes"), "kB", "MB", "GB"];
  let [amount, unit] = [bytes, 0];
  for (; amount >= 999.5 && unit < units.length - 1; unit += 1) amount /= 1000;
  return `${amount.toFixed(unit === 0 || amount >= 99.5 ? 0 : 1)} ${units[unit]}`;
}

/** @param {number} seconds */
export function duration(seconds) {
  const rounded = Math.max(1, Math.round(seconds));
  if (rounded < 60) return t("{seconds} s", { seconds: rounded });
  if (rounded < 3600)
    return t("{minutes} min {seconds} s", { minutes: Math.floor(rounded / 60), seconds: rounded % 60 });
  return t("{hours} h {minutes} min", {
    hours: Math.floor(rounded / 3600),
    minutes: Math.floor((rounded % 3600) / 60),
  });
}

/** Three significant digits. @param {number | null} value */
export function number(value) {
  if (value === null) return "–";
  const text =
    Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
      ? value.toExponential(2)
      : String(Number(value.toPrecision(3)));
  return text.replace("-", "\u2212");
}

/** @param {number} part @param {number} all */
export function share(part, all) {
  return all
    ? t("{number}\u00a0%", { number: ((100 * part) / all).toFixed(part > 0 && part / all < 0.1 ? 1 : 0) })
    : "–";
}

/** Row numbers in words: rows 3, 8 and 12 more. @param {number[]} rows @param {number} all */
export function rowsInWords(rows, all) {
  const shown = rows.slice(0, 8);
  const more = all - shown.length;
  return more > 0 ? say("table.rows_more", { rows: shown, more }) : say("table.rows", { rows: shown });
}
