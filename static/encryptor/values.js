// @ts-check
// Twin: hefed/core/dictionary/values.py. From cells to numbers; what is no number is named by its class, never by its value.
// Added here: formulas, spreadsheet errors, and the two ways of writing numbers with commas that a person may choose.

import { mark, t } from "../i18n/text.js";
import { clean } from "./dictionary.js";

/** @typedef {import("./dictionary.js").Variable} Variable */
/** @typedef {"point"|"thousands"|"comma"} NumberStyle 1234.5, 1,234.5 or 1.234,5 */
/** @typedef {{missingWords: Set<string>, style: NumberStyle}} Reading */

export const EMPTY = mark("empty cell");
const MISSING_WORD = mark("a word for a missing value");
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const THOUSANDS = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const DECIMAL_COMMA = /^[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$/;
const MISSING_WORDS = new Set([
  "na",
  "n/a",
  "#n/a",
  "nan",
  "null",
  "none",
  "nil",
  ".",
  "-",
  "?",
  "missing",
  "unknown",
  "<na>",
]);
const N = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const UNSIGNED = N.slice("[+-]?".length);
/** @type {[string, RegExp][]} */
const CLASSES = [
  [mark("formula"), /^=/],
  [mark("spreadsheet error"), /^#[A-Z][A-Z0-9/_!?]*[!?]$/],
  [mark("infinity"), /^[+-]?(?:inf|infinity)$/i],
  [mark("date or time"), /^(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\.?(?:[ T].*)?|\d{1,2}:\d{2}(?::\d{2})?)$/i],
  [mark("number with a comma"), /^[+-]?\d[\d.]*(?:,\d+)+(?:\.\d+)?$/],
  [mark("negative number"), new RegExp(`^-(?=[\\d.])${UNSIGNED}$`)],
  [mark("number"), new RegExp(`^${N}$`)],
  [mark("number with a comparison sign"), new RegExp(`^[<>≤≥~]=?\\s*${N}$`)],
  [mark("number with a unit"), new RegExp(`^${N}\\s*[^\\d\\s.,;:/-]+.*$`)],
];
/** @type {Record<string, string>} */
const REMEDIES = {
  [EMPTY]: mark("write the value, or ask the study to document a fill value for it in the dictionary"),
  [MISSING_WORD]: mark("leave the cell empty, or name the word under 'Words that mean missing'"),
  "number with a comma": mark("say under 'How numbers are written' what the comma means, or write 1234.5"),
  infinity: mark("write the value that was measured, or leave the cell empty"),
  "date or time": mark("write a number in the dictionary's unit"),
  "number with a comparison sign": mark(
    "write the number alone; agree in the study how limits of detection are written",
  ),
  "number with a unit": mark("write the number alone, in the dictionary's unit"),
  formula: mark("replace the formula by its value (copy, then paste values only), and save again"),
  "spreadsheet error": mark("correct the formula that fails, or leave the cell empty"),
};

/** The class of a cell that is not what its variable wants. @param {string} cell */
export function classify(cell) {
  if (MISSING_WORDS.has(cell.toLowerCase())) return MISSING_WORD;
  const [name] = CLASSES.find(([, pattern]) => pattern.test(cell)) ?? [mark("text")];
  return name.endsWith("number") && !Number.isFinite(Number(cell)) ? "infinity" : name;
}

/** What to do about a value of that class in this variable. @param {Variable} variable @param {string} valueClass */
export function remedy(variable, valueClass) {
  if (variable.kind !== "continuous" && ![EMPTY, MISSING_WORD, "formula", "spreadsheet error"].includes(valueClass)) {
    const allowed = variable.levels.length ? variable.levels : ["0", "1"];
    return t("write one of the {n} values of the dictionary, exactly: {values}", {
      n: allowed.length,
      values: allowed.join(" | "),
    });
  }
  return t(REMEDIES[valueClass] ?? mark("write a number with a point for decimals, or leave the cell empty"));
}

/**
 * A reader of one variable's cells: the number, the 0 or 1, or the index of the level; NaN for what is none of these.
 * @param {Variable} variable @param {NumberStyle} style @returns {(cell: string) => number}
 */
export function cellReader(variable, style) {
  if (variable.levels.length) {
    const places = new Map(variable.levels.map((level, at) => [level, at]));
    return (cell) => places.get(cell) ?? places.get(clean(cell)) ?? NaN;
  }
  if (variable.kind === "binary") return (cell) => zeroOrOne(number(cell, style));
  return (cell) => number(cell, style);
}

/** @param {number} value */
function zeroOrOne(value) {
  return value === 0 || value === 1 ? value : NaN;
}

/** @param {string} cell @param {NumberStyle} style */
function number(cell, style) {
  if (style === "comma") return DECIMAL_COMMA.test(cell) ? Number(cell.replaceAll(".", "").replace(",", ".")) : NaN;
  if (NUMBER.test(cell)) {
    const value = Number(cell);
    return Number.isFinite(value) ? value : NaN;
  }
  return style === "thousands" && THOUSANDS.test(cell) ? Number(cell.replaceAll(",", "")) : NaN;
}

/**
 * What commas mean in these cells, if they can mean only one thing; a person still has to agree.
 * @param {string[]} cells @returns {NumberStyle}
 */
export function suggestedStyle(cells) {
  const commas = cells.map((cell) => cell.trim()).filter((cell) => /\d/.test(cell) && cell.includes(","));
  const decimal = commas.some((cell) => DECIMAL_COMMA.test(cell) && !THOUSANDS.test(cell));
  const thousands = commas.some((cell) => THOUSANDS.test(cell) && !DECIMAL_COMMA.test(cell));
  if (decimal === thousands) return "point";
  return decimal ? "comma" : "thousands";
}
