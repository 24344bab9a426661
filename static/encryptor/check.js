// @ts-check
// Twin: hefed/encryptor/check.py. One pass over a table: every rule of the dictionary on every row, nothing guessed.
// What stays of a row are its encoded numbers and the keyed hash of its id.

import { said } from "../i18n/words.js";
import { HASH_BYTES, cohortDigest, isHeldOut, patientHasher } from "./cohort.js";
import { clean, columnsOf } from "./dictionary.js";
import { columnWriter, scaled } from "./encode.js";
import { Report } from "./report.js";
import { PAGE_ROWS, PatientStore } from "./store.js";
import { EMPTY, cellReader, classify, remedy } from "./values.js";

/** @typedef {import("./dictionary.js").DataDictionary} DataDictionary */
/** @typedef {import("./dictionary.js").Variable} Variable */
/** @typedef {import("../i18n/words.js").Said} Said */
/** @typedef {import("./csv.js").CsvRecord} CsvRecord */
/**
 * @typedef {{dictionary: DataDictionary, salt: string, fraction: number, places: Record<string, number>, width: number,
 *   missingWords: Set<string>, style: import("./values.js").NumberStyle}} Rules
 *   places: where each variable stands in a record; width: cells of a whole record
 */

export class TableCheck {
  /** @param {Rules} rules */
  constructor(rules) {
    const { dictionary } = rules;
    this.rules = rules;
    this.store = new PatientStore(dictionary);
    this.report = new Report([...dictionary.features, dictionary.outcome]);
    this.hash = patientHasher(rules.salt);
    let first = 0;
    this.features = dictionary.features.map((feature) => {
      const steps = { ...this.reader(feature), write: columnWriter(feature), first };
      first += columnsOf(feature).length;
      return steps;
    });
    this.outcome = this.reader(dictionary.outcome);
    this.idPlace = rules.places[dictionary.id.name];
  }

  /** @param {Variable} variable */
  reader(variable) {
    const counts = /** @type {import("./report.js").VariableReport} */ (this.report.variables.get(variable.name));
    return { variable, counts, place: this.rules.places[variable.name], read: cellReader(variable, this.rules.style) };
  }

  /** @param {CsvRecord[]} records @param {number} firstRow as a spreadsheet counts */
  add(records, firstRow) {
    records.forEach((record, at) => this.addRecord(record, firstRow + at));
  }

  /** @param {CsvRecord} record @param {number} row */
  addRecord({ cells, fault }, row) {
    if (cells.every((cell) => !cell.trim())) {
      this.report.emptyRows += 1;
      return;
    }
    this.report.rows += 1;
    const { width } = this.rules;
    if (fault) this.refuseRow(fault, said("table.double_quote"), row);
    else if (cells.length < width) this.refuseRow(said("table.cells_few", { width }), said("table.quote_cells"), row);
    else if (cells.length > width) this.refuseRow(said("table.cells_many", { width }), said("table.quote_cells"), row);
    else this.addPatient(cells, row);
  }

  /** @param {Said} fact @param {Said} advice @param {number} row */
  refuseRow(fact, advice, row) {
    this.report.refuse("(row)", fact, advice, row);
    this.report.refusedRows += 1;
  }

  /** @param {string[]} cells @param {number} row */
  addPatient(cells, row) {
    const { page, place } = this.store.next();
    let usable = true;
    for (const { variable, counts, place: column, read, write, first } of this.features) {
      const cell = cells[column].trim();
      const missing = cell === "" || this.rules.missingWords.has(cell);
      const value = missing ? NaN : read(cell);
      if (this.count(variable, counts, cell, missing, value, row)) write(value, missing, page.columns, first, place);
      else usable = false;
    }
    usable = this.addOutcome(cells, row, page, place) && usable;
    usable = this.addId(cells[this.idPlace], row, page, place) && usable;
    page.rows[place] = row;
    page.usable[place] = Number(usable);
  }

  /**
   * False when the row is refused for this cell.
   * @param {Variable} variable
   * @param {import("./report.js").VariableReport} counts
   * @param {string} cell
   * @param {boolean} missing
   * @param {number} value
   * @param {number} row
   */
  count(variable, counts, cell, missing, value, row) {
    if (missing) {
      counts.addMissing(row);
      if (variable.fill) return true;
    } else if (!Number.isNaN(value)) {
      if (variable.kind === "continuous") counts.addNumber(value, scaled(variable, value), row);
      else counts.addLevel(value);
      return true;
    }
    const valueClass = missing ? EMPTY : classify(cell);
    counts.refused += 1;
    this.report.refuse(variable.name, valueClass, remedy(variable, valueClass), row);
    return false;
  }

  /** @param {string[]} cells @param {number} row @param {import("./store.js").Page} page @param {number} place */
  addOutcome(cells, row, page, place) {
    const { variable, counts, read } = this.outcome;
    const cell = cells[this.outcome.place].trim();
    const missing = cell === "" || this.rules.missingWords.has(cell);
    const value = missing ? NaN : read(cell);
    const fine = this.count(variable, counts, cell, missing, value, row);
    if (fine) page.outcome[place] = value;
    return fine;
  }

  /** @param {string} cell @param {number} row @param {import("./store.js").Page} page @param {number} place */
  addId(cell, row, page, place) {
    const id = clean(cell);
    if (!id) this.report.refuse(this.rules.dictionary.id.name, EMPTY, said("table.give_id"), row);
    else {
      page.hashes.set(this.hash(id), place * HASH_BYTES);
      this.report.ids.add(id);
    }
    return id !== "";
  }

  /** Refuse patients that appear more than once, then count. */
  finish() {
    const { store, report, rules } = this;
    const nobody = new Uint8Array(HASH_BYTES);
    store.duplicates((at) => {
      if (store.hash(at).every((byte, place) => byte === nobody[place])) return; // an empty id, refused already
      report.refuse(
        rules.dictionary.id.name,
        said("table.id_twice"),
        said("table.keep_one"),
        store.page(at).rows[at % PAGE_ROWS],
      );
      store.page(at).usable[at % PAGE_ROWS] = 0;
    });
    for (let at = 0; at < store.count; at += 1) {
      const page = store.page(at);
      const place = at % PAGE_ROWS;
      if (!page.usable[place]) report.refusedRows += 1;
      else {
        report.patients += 1;
        report.events += page.outcome[place];
        report.holdout += Number(isHeldOut(store.hash(at), rules.fraction));
      }
    }
    return report;
  }

  cohortDigest() {
    const hashes = Array.from(this.store.usableByHash(), (at) => this.store.hash(at));
    return cohortDigest(hashes);
  }
}
