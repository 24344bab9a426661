// @ts-check
// Twin: hefed/core/dictionary/variables.py. The study's data dictionary from its canonical text: variables and
// encoded columns.
// The server checked the dictionary when it was published; its digest is checked here.

import { sha256Hex } from "./bytes.js";
import { Problem } from "./problem.js";
import { parseAll } from "./csv.js";

/**
 * @typedef {{name: string, label: string, role: "id"|"feature"|"outcome", kind: ""|"continuous"|"binary"|"categorical",
 *   unit: string, levels: string[], centre: number, scale: number, fill: string, indicator: boolean}} Variable
 * @typedef {{name: string, variable: string, kind: "intercept"|"continuous"|"indicator01", level: string}} Column
 */

export const MISSING = "missing";

/** Surrounding blanks go, and letters are composed. @param {string} cell */
export function clean(cell) {
  return cell.trim().normalize("NFC");
}

export class DataDictionary {
  /** @param {Variable[]} variables */
  constructor(variables) {
    this.variables = variables;
    this.features = variables.filter((one) => one.role === "feature");
    this.outcome = /** @type {Variable} */ (variables.find((one) => one.role === "outcome"));
    this.id = /** @type {Variable} */ (variables.find((one) => one.role === "id"));
    /** @type {Column[]} */
    this.columns = [
      { name: "intercept", variable: "", kind: "intercept", level: "" },
      ...this.features.flatMap(columnsOf),
    ];
  }

  /** @param {string} text the canonical text */
  static fromCsv(text) {
    const [header, ...rows] = parseAll(text, ",");
    return new DataDictionary(
      rows.map((row) => variable(Object.fromEntries(header.map((name, at) => [name, row[at] ?? ""])))),
    );
  }

  /** Raises unless the text is the one that was announced. @param {string} text @param {string} digest */
  static async checked(text, digest) {
    const found = await sha256Hex(new TextEncoder().encode(text));
    if (found !== digest) {
      throw new Problem("browser.dictionary_digest", { found: found.slice(0, 16), announced: digest.slice(0, 16) });
    }
    return DataDictionary.fromCsv(text);
  }
}

/** @param {Record<string, string>} cells @returns {Variable} */
function variable(cells) {
  const scaled = cells.kind === "continuous";
  return {
    name: cells.name,
    label: cells.label || cells.name,
    role: /** @type {Variable["role"]} */ (cells.role),
    kind: /** @type {Variable["kind"]} */ (cells.kind),
    unit: cells.unit,
    levels: cells.levels ? cells.levels.split("|") : [],
    centre: scaled ? Number(cells.centre) : 0,
    scale: scaled ? Number(cells.scale) : 1,
    fill: cells.fill,
    indicator: cells.indicator === "yes",
  };
}

/** The encoded columns of one feature. @param {Variable} feature @returns {Column[]} */
export function columnsOf(feature) {
  const levels = feature.kind === "categorical" ? feature.levels.slice(1) : [];
  const extra = feature.indicator ? [...levels, MISSING] : levels;
  /** @type {Column[]} */
  const shared = extra.map((level) => ({
    name: `${feature.name}=${level}`,
    variable: feature.name,
    kind: "indicator01",
    level,
  }));
  if (feature.kind === "categorical") return shared;
  const own = feature.kind === "binary" ? (feature.levels[1] ?? "1") : "";
  return [
    { name: feature.name, variable: feature.name, kind: own ? "indicator01" : "continuous", level: own },
    ...shared,
  ];
}
