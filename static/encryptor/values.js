// @ts-check
// Twin: hefed/core/dictionary/values.py. From cells to numbers; what is no number is named by its class, never its
// value.
// Added here: formulas, spreadsheet errors, and the two ways of writing numbers with commas that a person may choose.

import { said } from "../i18n/words.js";
import { clean } from "./dictionary.js";

/** @typedef {import("./dictionary.js").Variable} Variable */
/** @typedef {import("../i18n/words.js").Said} Said */
/** @typedef {"point"|"thousands"|"comma"} NumberStyle 1234.5, 1,234.5 or 1.234,5 */
/** @typedef {{missingWords: Set<string>, style: NumberStyle}} Reading */

export const EMPTY = said("table.cell_empty");
const MISSING_WORD = said("table.cell_missing_word");
const INFINITY = said("table.cell_infinity");
const NEGATIVE = said("table.cell_negative");
const PLAIN_NUMBER = said("table.cell_number");
const TEXT = said("table.cell_text");
const FORMULA = said("table.cell_formula");
const SPREADSHEET_ERROR = said("table.cell_error");
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
/** @type {[Said, RegExp][]} */
const CLASSES = [
  [FORMULA, /^=/],
  [SPREADSHEET_ERROR, /^#[A-Z][A-Z0-9/_!?]*[!?]$/],
  [INFINITY, /^[+-]?(?:inf|infinity)$/i],
  [said("table.cell_date"), /^(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\.?(?:[ T].*)?|\d{1,2}:\d{2}(?::\d{2})?)$/i],
  [said("table.cell_comma"), /^[+-]?\d[\d.]*(?:,\d+)+(?:\.\d+)?$/],
  [NEGATIVE, new RegExp(`^-(?=[\\d.])${UNSIGNED}$`)],
  [PLAIN_NUMBER, new RegExp(`^${N}$`)],
  [said("table.cell_comparison"), new RegExp(`^[<>≤≥~]=?\\s*${N}$`)],
  [said("table.cell_unit"), new RegExp(`^${N}\\s*[^\\d\\s.,;:/-]+.*$`)],
];
/** @type {Record<string, Said>} by the code of a class */
const REMEDIES = {
  [EMPTY.code]: said("table.write_value"),
  [MISSING_WORD.code]: said("table.name_word_page"),
  "table.cell_comma": said("table.write_point_page"),
  [INFINITY.code]: said("table.write_measured"),
  "table.cell_date": said("table.write_number"),
  "table.cell_comparison": said("table.write_limit"),
  "table.cell_unit": said("table.write_alone"),
  [FORMULA.code]: said("table.replace_formula"),
  [SPREADSHEET_ERROR.code]: said("table.correct_formula"),
};

/** The class of a cell that is not what its variable wants. @param {string} cell @returns {Said} */
export function classify(cell) {
  if (MISSING_WORDS.has(cell.toLowerCase())) return MISSING_WORD;
  const [valueClass] = CLASSES.find(([, pattern]) => pattern.test(cell)) ?? [TEXT];
  return [PLAIN_NUMBER, NEGATIVE].includes(valueClass) && !Number.isFinite(Number(cell)) ? INFINITY : valueClass;
}

/**
 * What to do about a value of that class in this variable.
 * @param {Variable} variable
 * @param {Said} valueClass
 * @returns {Said}
 */
export function remedy(variable, valueClass) {
  if (variable.kind !== "continuous" && ![EMPTY, MISSING_WORD, FORMULA, SPREADSHEET_ERROR].includes(valueClass)) {
    const allowed = variable.levels.length ? variable.levels : ["0", "1"];
    return said("table.write_level", { n: allowed.length, values: allowed.join(" | ") });
  }
  return REMEDIES[valueClass.code] ?? said("table.write_decimal");
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
