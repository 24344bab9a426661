// @ts-check
// CSV through Papa Parse, piece by piece: text comes in as it is decoded, whole records go out.

import { said } from "../i18n/words.js";
import Papa from "../vendor/papaparse.js";
import { Problem } from "./problem.js";

const OPEN_QUOTE_LIMIT = 4_000_000; // characters that one record may have before its quote counts as never closed

/**
 * @typedef {{cells: string[], fault: import("../i18n/words.js").Said | null}} CsvRecord
 *   fault: why the record cannot be read, if it cannot
 */

/** All records of a short text. @param {string} text @param {string} delimiter @returns {string[][]} */
export function parseAll(text, delimiter) {
  const feed = new RecordFeed(delimiter);
  return [...feed.push(text), ...feed.end()].map((record) => record.cells);
}

/** Turns pieces of text into records. Row numbers count records, the first is 1. */
export class RecordFeed {
  /** @param {string} delimiter */
  constructor(delimiter) {
    this.parser = new /** @type {any} */ (Papa).Parser({ delimiter, newline: "\n", quoteChar: '"', escapeChar: '"' });
    this.pending = "";
    this.records = 0;
  }

  /** The records that are complete by now. @param {string} text @returns {CsvRecord[]} */
  push(text) {
    const all = this.pending + text;
    const held = all.endsWith("\r") ? "\r" : ""; // its line feed may come with the next piece
    const ready = all.slice(0, all.length - held.length).replace(/\r\n?/g, "\n");
    const result = this.parser.parse(ready, 0, true);
    this.pending = ready.slice(result.meta.cursor) + held;
    if (this.pending.length > OPEN_QUOTE_LIMIT) throw this.openQuote(result.data.length);
    return this.judged(result);
  }

  /** The last record, which may lack a line end. @returns {CsvRecord[]} */
  end() {
    const text = this.pending.replace(/\r\n?/g, "\n");
    if (!text) return [];
    const result = this.parser.parse(text, 0, false);
    if (result.errors.some((/** @type {{code: string}} */ error) => error.code === "MissingQuotes"))
      throw this.openQuote(0);
    const last = result.data.at(-1);
    if (last && last.length === 1 && last[0] === "") result.data.pop(); // what follows the last line end is no record
    return this.judged(result);
  }

  /** @param {{data: string[][], errors: {code: string, row: number}[]}} result @returns {CsvRecord[]} */
  judged(result) {
    this.records += result.data.length;
    const records = result.data.map((cells) => ({ cells, fault: /** @type {CsvRecord["fault"]} */ (null) }));
    for (const error of result.errors) if (records[error.row]) records[error.row].fault = said("table.quote_inside");
    return records;
  }

  /** @param {number} more */
  openQuote(more) {
    const row = this.records + more + 1;
    return new Problem("table.row_unreadable", {
      name: said("browser.the_file"),
      row,
      fault: said("table.quote_open"),
    });
  }
}
