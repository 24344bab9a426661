// @ts-check
// An Excel workbook: names of its sheets, and one sheet's cells as the text that a CSV file would hold.

import readSheet from "../vendor/xlsx/export/readSheetUniversal.js";
import { Problem } from "./problem.js";
import { strFromU8, unzipped } from "./unzip.js";

const LIMIT_BYTES = 64 * 1024 ** 2; // of the packed file; larger tables travel as CSV
const XML_ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'" };

/** @param {Blob} file */
export function checkSize(file) {
  if (file.size > LIMIT_BYTES) {
    const size = Math.ceil(file.size / 1024 ** 2);
    throw new Problem("browser.workbook_size", { size, limit: LIMIT_BYTES / 1024 ** 2 });
  }
}

/** @param {ArrayBuffer} data @returns {string[]} */
export function sheetNames(data) {
  const entries = translated(() => unzipped(new Uint8Array(data), ({ name }) => name === "xl/workbook.xml"));
  const xml = strFromU8(entries["xl/workbook.xml"] ?? new Uint8Array());
  return [...xml.matchAll(/<(?:\w+:)?sheet\b[^>]*?\bname="([^"]*)"/g)].map(([, name]) =>
    name.replace(/&\w+;/g, (one) => XML_ENTITIES[/** @type {"&amp;"} */ (one)] ?? one),
  );
}

/** @param {ArrayBuffer} data @param {number} sheet from 1 @returns {Promise<string[][]>} */
export async function sheetRows(data, sheet) {
  let rows;
  try {
    rows = await readSheet(data, sheet, { trim: false });
  } catch (error) {
    throw error instanceof Problem ? error : unreadable(error);
  }
  const cells = rows.map((/** @type {unknown[]} */ row) => row.map(text));
  for (const [row, column] of formulasWithoutValue(data, sheet))
    if (cells[row]?.[column] === "") cells[row][column] = "=";
  return cells;
}

/**
 * A cell as text. Dates become ISO dates, which no numeric variable accepts: a unit is never guessed from a date.
 * @param {unknown} cell
 */
export function text(cell) {
  if (cell === null || cell === undefined) return "";
  if (cell instanceof Date)
    return cell
      .toISOString()
      .replace(/T00:00:00\.000Z$/, "")
      .replace(/\.000Z$/, "");
  if (typeof cell === "boolean") return cell ? "TRUE" : "FALSE";
  return String(cell);
}

/**
 * Formulas whose result was never stored look empty, and an empty cell may be filled: they are found in the XML.
 * @param {ArrayBuffer} data @param {number} sheet
 * @returns {[number, number][]} rows and columns from 0
 */
function formulasWithoutValue(data, sheet) {
  const name = sheetPath(data, sheet);
  const xml = strFromU8(
    translated(() => unzipped(new Uint8Array(data), (entry) => entry.name === name))[name] ?? new Uint8Array(),
  );
  const cells = xml.matchAll(
    /<c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>\s*<f\b(?:[^>]*\/>|[^>]*>[^<]*<\/f>)\s*(?:<v\s*\/>|<v>\s*<\/v>)?\s*<\/c>/g,
  );
  return Array.from(cells, ([, letters, row]) => [Number(row) - 1, columnNumber(letters) - 1]);
}

/**
 * Where a sheet lies: workbook.xml names its relation, the relations name the file.
 * @param {ArrayBuffer} data
 * @param {number} sheet
 */
function sheetPath(data, sheet) {
  const [book, relations] = ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"];
  const entries = translated(() => unzipped(new Uint8Array(data), ({ name }) => [book, relations].includes(name)));
  const xml = (/** @type {string} */ name) => strFromU8(entries[name] ?? new Uint8Array());
  const id = [...xml(book).matchAll(/<(?:\w+:)?sheet\b[^>]*?\b\w+:id="([^"]*)"/g)][sheet - 1]?.[1];
  const relation = [...xml(relations).matchAll(/<Relationship\b[^>]*>/g)]
    .map(([tag]) => tag)
    .find((tag) => tag.includes(`Id="${id}"`));
  const target = /\bTarget="([^"]*)"/.exec(relation ?? "")?.[1] ?? `worksheets/sheet${sheet}.xml`;
  return target.startsWith("/") ? target.slice(1) : `xl/${target}`;
}

/** @param {string} letters A is 1, AA is 27 */
function columnNumber(letters) {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

/** @template T @param {() => T} call */
function translated(call) {
  try {
    return call();
  } catch (error) {
    throw error instanceof Problem ? error : unreadable(error);
  }
}

/** @param {unknown} error */
function unreadable(error) {
  const message = error instanceof Error ? error.message : String(error);
  const place = /row (\d+), col (\d+): VALUE_MISSING/.exec(message); // the library tells it by text only
  if (place) return new Problem("browser.workbook_formula", { row: Number(place[1]), column: Number(place[2]) });
  return new Problem("browser.workbook", { message: message.slice(0, 120) });
}
