// @ts-check
// Encoded patients of one file, kept in pages that never move: numbers and hashes, no cell of the table.

import { HASH_BYTES, compare, isHeldOut, keyedHash, sortedPositions } from "./cohort.js";

export const PAGE_ROWS = 8192;
const ONE = 1;

/** @typedef {import("./encode.js").Cells} Cells */
/**
 * @typedef {{columns: Cells[], outcome: Uint8Array, hashes: Uint8Array, rows: Uint32Array, usable: Uint8Array}} Page
 */
/** @typedef {{index: number, role: "train"|"holdout", patients: Uint32Array}} BlockPlan */

export class PatientStore {
  /** @param {import("./dictionary.js").DataDictionary} dictionary */
  constructor(dictionary) {
    this.kinds = dictionary.columns.slice(1).map((column) => column.kind);
    /** @type {Page[]} */
    this.pages = [];
    this.count = 0;
  }

  /** Room for one more row: its page and its place there. */
  next() {
    const place = this.count % PAGE_ROWS;
    if (place === 0) this.pages.push(this.newPage());
    this.count += 1;
    return { page: this.pages[this.pages.length - 1], place };
  }

  /** @returns {Page} */
  newPage() {
    const columns = this.kinds.map((kind) =>
      kind === "continuous" ? new Float64Array(PAGE_ROWS) : new Uint8Array(PAGE_ROWS),
    );
    return {
      columns,
      outcome: new Uint8Array(PAGE_ROWS),
      hashes: new Uint8Array(PAGE_ROWS * HASH_BYTES),
      rows: new Uint32Array(PAGE_ROWS),
      usable: new Uint8Array(PAGE_ROWS),
    };
  }

  /** @param {number} at */
  page(at) {
    return this.pages[Math.floor(at / PAGE_ROWS)];
  }

  /** @param {number} at */
  hash(at) {
    const place = (at % PAGE_ROWS) * HASH_BYTES;
    return this.page(at).hashes.subarray(place, place + HASH_BYTES);
  }

  allHashes() {
    const all = new Uint8Array(this.count * HASH_BYTES);
    this.pages.forEach((page, at) =>
      all.set(
        page.hashes.subarray(0, Math.min(page.hashes.length, all.length - at * page.hashes.length)),
        at * page.hashes.length,
      ),
    );
    return all;
  }

  /** Every row of a patient with several: none can be guessed to be right. @param {(at: number) => void} found */
  duplicates(found) {
    const hashes = this.allHashes();
    const order = sortedPositions(hashes);
    const equal = (/** @type {number} */ a, /** @type {number} */ b) =>
      a >= 0 && b < order.length && compare(hashes, order[a], order[b]) === 0;
    for (let at = 0; at < order.length; at += 1) if (equal(at - 1, at) || equal(at, at + 1)) found(order[at]);
  }

  /** Positions of usable patients by ascending hash, as the cohort digest takes them. */
  usableByHash() {
    return sortedPositions(this.allHashes()).filter((at) => this.page(at).usable[at % PAGE_ROWS] === ONE);
  }

  /**
   * Twin: hefed/encryptor/blocks.py. In the order of a keyed hash; training blocks first, then the held-out ones.
   * @param {Uint8Array} key @param {number} fraction @param {number} slots @returns {BlockPlan[]}
   */
  plan(key, fraction, slots) {
    const usable = this.usableByHash();
    const hash = keyedHash(key);
    const keys = new Uint8Array(usable.length * HASH_BYTES);
    usable.forEach((at, place) => keys.set(hash(this.hash(at)), place * HASH_BYTES));
    const order = sortedPositions(keys).map((place) => usable[place]);
    const held = order.filter((at) => isHeldOut(this.hash(at), fraction));
    const train = order.filter((at) => !isHeldOut(this.hash(at), fraction));
    const pieces = [...cut("train", train, slots), ...cut("holdout", held, slots)];
    return pieces.map((piece, index) => ({ ...piece, index }));
  }

  /**
   * A block's columns, the intercept first and the outcome last.
   * @param {Uint32Array} patients
   * @returns {Float64Array[]}
   */
  gather(patients) {
    const columns = [
      new Float64Array(patients.length).fill(1),
      ...this.kinds.map(() => new Float64Array(patients.length)),
    ];
    const outcome = new Float64Array(patients.length);
    patients.forEach((at, row) => {
      const page = this.page(at);
      const place = at % PAGE_ROWS;
      for (let column = 0; column < this.kinds.length; column += 1)
        columns[column + 1][row] = page.columns[column][place];
      outcome[row] = page.outcome[place];
    });
    return [...columns, outcome];
  }
}

/** @param {"train"|"holdout"} role @param {Uint32Array} patients @param {number} slots */
function cut(role, patients, slots) {
  const pieces = [];
  for (let at = 0; at < patients.length; at += slots)
    pieces.push({ role, patients: patients.subarray(at, at + slots) });
  return pieces;
}
