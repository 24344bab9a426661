// @ts-check
// Twin: hefed/encryptor/check.py. What a check found: refused rows with reasons, what will be changed in the others,
// and how each variable is distributed. No value of a patient is in it.

import { mark, t } from "../i18n/text.js";
import { words } from "../i18n/words.js";
import Papa from "../vendor/papaparse.js";

/** @typedef {import("./dictionary.js").Variable} Variable */
/** @typedef {import("../i18n/words.js").Said} Said */
/** @typedef {{column: string, valueClass: Said, remedy: Said, count: number, rows: number[]}} Cause */

const SHOWN_ROWS = 8;
const KEPT_ROWS = 200_000; // per cause; the count goes on
export const BINS = 40; // of scaled values, -4 to 4
const CHANGED = {
  low: mark("below the range, becomes its lower end"),
  high: mark("above the range, becomes its upper end"),
  filled: mark("missing, becomes the fill value"),
};

/** Counts and a histogram of one variable. */
export class VariableReport {
  /** @param {Variable} variable */
  constructor(variable) {
    this.variable = variable;
    this.missing = 0;
    this.refused = 0;
    this.valid = 0;
    this.mean = 0;
    this.squares = 0;
    this.histogram = new Uint32Array(BINS);
    this.levels = new Uint32Array(Math.max(2, variable.levels.length));
    this.sample = new Float64Array(20_000); // the first values, for a median
    /** @type {Record<keyof typeof CHANGED, {count: number, rows: number[]}>} */
    this.changed = { low: { count: 0, rows: [] }, high: { count: 0, rows: [] }, filled: { count: 0, rows: [] } };
  }

  /** @param {number} value @param {number} scaled @param {number} row */
  addNumber(value, scaled, row) {
    if (this.valid < this.sample.length) this.sample[this.valid] = value;
    this.valid += 1;
    const distance = value - this.mean;
    this.mean += distance / this.valid;
    this.squares += distance * (value - this.mean);
    if (scaled < -4) this.change("low", row);
    else if (scaled > 4) this.change("high", row);
    this.histogram[Math.min(BINS - 1, Math.max(0, Math.floor(((scaled + 4) / 8) * BINS)))] += 1;
  }

  /** @param {number} level */
  addLevel(level) {
    this.valid += 1;
    this.levels[level] += 1;
  }

  /** @param {number} row */
  addMissing(row) {
    this.missing += 1;
    if (this.variable.fill) this.change("filled", row);
  }

  /** @param {keyof typeof CHANGED} how @param {number} row */
  change(how, row) {
    note(this.changed[how], row);
  }

  summary() {
    const { name, label, kind, unit, centre, scale, fill, levels } = this.variable;
    return {
      name,
      label,
      kind,
      unit,
      centre,
      scale,
      fill,
      levels: levels.length ? levels : ["0", "1"],
      counts: Array.from(this.levels),
      histogram: Array.from(this.histogram),
      missing: this.missing,
      refused: this.refused,
      valid: this.valid,
      clippedLow: this.changed.low.count,
      clippedHigh: this.changed.high.count,
      mean: this.valid ? this.mean : null,
      sd: this.valid > 1 ? Math.sqrt(this.squares / (this.valid - 1)) : null,
      suspicion:
        kind === "continuous"
          ? suspectedFactor(this.sample.subarray(0, Math.min(this.valid, this.sample.length)), centre, scale)
          : 0,
    };
  }
}

/** @typedef {ReturnType<VariableReport["summary"]>} VariableSummary */

/**
 * The power of ten by which values look too large (10, 100, 1000) or too small (0.1, ...); 0 if they look right.
 * Both the middle and the spread must fit better after the division, so that an unusual hospital is not accused.
 * @param {Float64Array} values @param {number} centre @param {number} scale
 */
export function suspectedFactor(values, centre, scale) {
  if (values.length < 20) return 0;
  const sorted = values.slice().sort();
  const at = (/** @type {number} */ share) => sorted[Math.round(share * (sorted.length - 1))];
  const [middle, spread] = [at(0.5), (at(0.75) - at(0.25)) / 1.349];
  const fits = (/** @type {number} */ factor) =>
    Math.abs(middle / factor - centre) < scale && spread / factor > scale / 3 && spread / factor < 3 * scale;
  if (fits(1)) return 0;
  return [10, 100, 1000, 0.1, 0.01, 0.001].find(fits) ?? 0;
}

/** How ids are written: Excel drops leading zeros, and then another patient may be meant. */
class IdStyle {
  withZero = 0;
  numeric = true;
  shortest = Infinity;
  longest = 0;

  /** @param {string} id */
  add(id) {
    this.withZero += Number(/^0\d/.test(id));
    this.numeric &&= /^\d+$/.test(id);
    this.shortest = Math.min(this.shortest, id.length);
    this.longest = Math.max(this.longest, id.length);
  }

  get mayHaveLostZeros() {
    return this.numeric && this.withZero === 0 && this.longest >= 5 && this.shortest < this.longest;
  }
}

export class Report {
  /** @param {Variable[]} variables features and outcome */
  constructor(variables) {
    this.rows = 0;
    this.emptyRows = 0;
    this.patients = 0;
    this.holdout = 0;
    this.events = 0;
    this.refusedRows = 0;
    this.ids = new IdStyle();
    this.variables = new Map(variables.map((one) => [one.name, new VariableReport(one)]));
    /** @type {Map<string, Cause>} */
    this.causes = new Map();
  }

  /** @param {string} column @param {Said} valueClass @param {Said} remedy @param {number} row */
  refuse(column, valueClass, remedy, row) {
    const key = `${column}\0${valueClass.code}`;
    const cause = this.causes.get(key) ?? { column, valueClass, remedy, count: 0, rows: [] };
    this.causes.set(key, cause);
    note(cause, row);
  }

  /** What the page shows. */
  summary() {
    return {
      rows: this.rows,
      emptyRows: this.emptyRows,
      patients: this.patients,
      holdout: this.holdout,
      events: this.events,
      refusedRows: this.refusedRows,
      zeroIds: this.ids.withZero,
      lostZeros: this.ids.mayHaveLostZeros,
      variables: [...this.variables.values()].map((one) => one.summary()),
      causes: [...this.causes.values()].map((cause) => ({
        ...cause,
        rows: cause.rows.slice().sort(ascending).slice(0, SHOWN_ROWS),
      })),
    };
  }

  /** Refused rows as CSV. */
  refusals() {
    const lines = [...this.causes.values()].flatMap(({ column, valueClass, remedy, rows }) => {
      const told = [words(valueClass), words(remedy)];
      return rows.map((row) => [row, column, ...told]);
    });
    return table(["row", "column", "value_class", "remedy"], lines);
  }

  /** Rows in which something will be changed, as CSV. */
  changes() {
    const lines = [...this.variables.values()].flatMap(({ variable, changed }) =>
      Object.entries(changed).flatMap(([how, { rows }]) =>
        rows.map((row) => [row, variable.name, t(CHANGED[/** @type {keyof typeof CHANGED} */ (how)])]),
      ),
    );
    return table(["row", "column", "change"], lines);
  }
}

/** @typedef {ReturnType<Report["summary"]>} ReportSummary */

/** @param {{count: number, rows: number[]}} into @param {number} row */
function note(into, row) {
  into.count += 1;
  if (into.rows.length < KEPT_ROWS) into.rows.push(row);
}

/** @param {number} a @param {number} b */
function ascending(a, b) {
  return a - b;
}

/** @param {string[]} header @param {(string|number)[][]} lines */
function table(header, lines) {
  lines.sort((a, b) => Number(a[0]) - Number(b[0]));
  return /** @type {any} */ (Papa).unparse([header, ...lines], { newline: "\r\n", escapeFormulae: true });
}
