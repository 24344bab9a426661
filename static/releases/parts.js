// @ts-check
// Pieces that every section of a preview uses: tables that become cards on a narrow screen, suppressed cells, names.

import { language, plural, t } from "../i18n/text.js";
import { el, svg } from "../encryptor/dom.js";

/** @typedef {import("../encryptor/dom.js").Child} Child */
/** @typedef {{slug: string, name: string, number: number, symbol: string, dash: string}} Hospital */
/** @typedef {{label: string, unit: string}} ColumnWords */
/**
 * How the page names things: hospitals with their mark, the dictionary's columns.
 * @typedef {{hospitals: Hospital[], columns: Record<string, ColumnWords>, outcome: string}} Words
 */

export const POOLED = "pooled";
const MINUS = "\u2212";

/** @param {number} value @param {number} digits */
export function decimals(value, digits) {
  return value.toFixed(digits).replace("-", MINUS);
}

/** As it would be published: all digits, never in powers of ten unless JSON has them. @param {number} value */
export function exact(value) {
  return String(value).replace("-", MINUS);
}

/** @param {[number, number]} interval */
export function interval([low, high]) {
  return t("{low} to {high}", { low: exact(low), high: exact(high) });
}

/** A number that was suppressed says so, and why where it stands alone. @param {string} [why] */
export function suppressed(why) {
  return el("span", { class: "suppressed" }, why || t("suppressed"));
}

/**
 * A cell's number, or why it is missing.
 * @param {number | null} value
 * @param {string} why
 * @param {(value: number) => string} [text]
 */
export function cell(value, why, text = exact) {
  return value === null ? suppressed(why) : text(value);
}

/** An error as a sentence: a capital letter and an end. @param {string} text */
export function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
}

const whole = new Intl.NumberFormat(language);

/** @param {number} value */
export function count(value) {
  return whole.format(value);
}

/** "All hospitals", a hospital's name, or what the result calls it. @param {string} scope @param {Words} words */
export function scopeName(scope, words) {
  if (scope === POOLED) return t("All hospitals");
  return words.hospitals.find(({ slug }) => slug === scope)?.name ?? scope;
}

/** A hospital with its mark. @param {string} scope @param {Words} words */
export function scopeMark(scope, words) {
  return el(
    "span",
    { class: "hospital" },
    symbol(words.hospitals.find(({ slug }) => slug === scope)),
    scopeName(scope, words),
  );
}

/** A hospital's mark, or the pool's. @param {Hospital | undefined} hospital */
export function symbol(hospital) {
  const sprite = document.querySelector("[data-symbols]")?.getAttribute("data-symbols");
  return svg(
    "svg",
    { class: `symbol ${hospital ? `hospital-${hospital.number}` : "pool-symbol"}`, "aria-hidden": "true" },
    svg("use", { href: `${sprite}#${hospital?.symbol ?? "circle"}` }),
  );
}

/**
 * Hospitals in the study's order, then all of them together.
 * @template T
 * @param {Record<string, T>} byScope
 * @param {Words} words
 * @returns {[string, T][]}
 */
export function scopes(byScope, words) {
  const order = [...words.hospitals.map(({ slug }) => slug), POOLED];
  const place = (/** @type {string} */ scope) => (order.includes(scope) ? order.indexOf(scope) : -1);
  return Object.entries(byScope).sort(([a], [b]) => place(a) - place(b));
}

/** A column by its label; its own name beside it where they differ. @param {string} column @param {Words} words */
export function columnName(column, words) {
  const label = words.columns[column]?.label;
  return label && label !== column
    ? el("span", {}, label, " ", el("span", { class: "muted small" }, column))
    : el("span", {}, column);
}

/** @param {string} column @param {Words} words */
export function withUnit(column, words) {
  const unit = words.columns[column]?.unit;
  const name = columnName(column, words);
  if (unit) name.append(el("span", { class: "muted small" }, ` (${unit})`));
  return name;
}

/**
 * The first cell of a row is its heading; all others are numbers.
 * @param {string} name @param {string[]} head @param {Child[][]} rows
 */
export function table(name, head, rows) {
  const heading = el("tr", {}, ...head.map((text, at) => el("th", { scope: "col", class: at ? "num" : "" }, text)));
  const body = rows.map(([first, ...rest]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, first),
      ...rest.map((one, at) => el("td", { class: "num", "data-label": head[at + 1] }, one)),
    ),
  );
  return el(
    "div",
    { class: "table-wrap", tabindex: "0", role: "region", "aria-label": name },
    el("table", { class: "data cards" }, el("thead", {}, heading), el("tbody", {}, ...body)),
  );
}

/**
 * A table behind a line that says how long it is.
 * @param {string} name
 * @param {string[]} head
 * @param {Child[][]} rows
 */
export function folded(name, head, rows) {
  const shown = table(name, head, rows);
  shown.classList.add("scroll");
  return el(
    "details",
    {},
    el(
      "summary",
      {},
      plural(rows.length, "Show as a table ({n} row)", "Show as a table ({n} rows)", { n: rows.length }),
    ),
    shown,
  );
}
