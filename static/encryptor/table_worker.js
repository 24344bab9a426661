// @ts-check
// The worker that holds the table. Plaintext comes into this worker from the chosen file and goes nowhere else but, as
// columns of one block at a time, to the workers that encrypt it. It makes no request: its own policy forbids any.

import { sha256 } from "../vendor/noble/sha2.js";
import { toHex } from "./bytes.js";
import { handed, serve } from "./calls.js";
import { TableCheck } from "./check.js";
import { DataDictionary } from "./dictionary.js";
import { matchColumns, normalised } from "./match.js";
import { Problem } from "./problem.js";
import { DELIMITERS, detectDelimiter, detectEncoding, firstRecords, records } from "./text_file.js";
import { suggestedStyle } from "./values.js";

// Fetched when the page opens, as everything is, but nobody waits for its fifty files before a workbook is chosen.
const workbooks = import("./workbook.js");

const PREVIEW_ROWS = 40;
const PIECE_ROWS = 4096;
const DIGEST_PIECE_BYTES = 4 * 1024 ** 2;

/** @typedef {{dictionary: DataDictionary, salt: string, fraction: number}} Study */
/** @typedef {{kind: "csv"|"xlsx", encoding: string, delimiter: string, sheet: number, headerRow: number}} Layout */

/** @type {Study} */
let study;
/** @type {File} */
let file;
/** @type {{sheet: number, rows: string[][]} | null} */
let workbook = null;
/** @type {string[]} */
let sheets = [];
/** @type {TableCheck | null} */
let check = null;
/** @type {import("./store.js").BlockPlan[]} */
let plans = [];

serve({
  begin,
  open,
  reopen,
  check: checkTable,
  refusals: () => checked().report.refusals(),
  changes: () => checked().report.changes(),
  digest,
  plan,
  block,
});

/**
 * @param {{dictionary_csv: string, dictionary_digest: string, holdout: {salt: string, fraction: number}}} description
 */
async function begin(description) {
  const dictionary = await DataDictionary.checked(description.dictionary_csv, description.dictionary_digest);
  study = { dictionary, salt: description.holdout.salt, fraction: description.holdout.fraction };
  return { variables: dictionary.variables, columns: dictionary.columns.map((column) => column.name) };
}

/** Find out how a file is laid out. @param {File} chosen */
async function open(chosen) {
  file = chosen;
  [check, workbook, plans, sheets] = [null, null, [], []];
  if (file.size === 0) throw new Problem("browser.file_empty");
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (head[0] === 0xd0 && head[1] === 0xcf) throw new Problem("browser.old_excel");
  const layout = head[0] === 0x50 && head[1] === 0x4b ? await workbookLayout() : await textLayout();
  return reopen({ ...layout, headerRow: await likelyHeaderRow(layout) });
}

/** @returns {Promise<Layout>} */
async function workbookLayout() {
  const { checkSize, sheetNames } = await workbooks;
  checkSize(file);
  sheets = sheetNames(await file.arrayBuffer());
  return { kind: "xlsx", encoding: "", delimiter: "", sheet: 1, headerRow: 1 };
}

/** @returns {Promise<Layout>} */
async function textLayout() {
  const encoding = await detectEncoding(file);
  const names = new Set(study.dictionary.variables.flatMap(({ name, label }) => [normalised(name), normalised(label)]));
  const delimiter = await detectDelimiter(file, encoding, (cell) => names.has(normalised(cell)));
  return { kind: "csv", encoding, delimiter, sheet: 0, headerRow: 1 };
}

/** The row among the first ten that names most variables; the first if none does. @param {Layout} layout */
async function likelyHeaderRow(layout) {
  const rows = (await preview(layout)).slice(0, 10);
  const hits = rows.map(
    (row) => Object.values(matchColumns(study.dictionary.variables, row)).filter((place) => place >= 0).length,
  );
  return 1 + Math.max(0, hits.indexOf(Math.max(...hits)));
}

/** The table under a layout that the person may have corrected. @param {Layout} layout */
async function reopen(layout) {
  check = null;
  const rows = await preview(layout);
  const header = (rows[layout.headerRow - 1] ?? []).map((cell) => cell.trim());
  const body = rows.slice(layout.headerRow);
  return {
    layout,
    header,
    sheets,
    delimiterName: DELIMITERS[/** @type {","} */ (layout.delimiter)] ?? null,
    places: matchColumns(study.dictionary.variables, header),
    sample: body.slice(0, 5),
    style: layout.kind === "csv" ? suggestedStyle(body.flat()) : "point",
  };
}

/** @param {Layout} layout */
async function preview(layout) {
  if (layout.kind === "xlsx") return (await sheet(layout.sheet)).slice(0, PREVIEW_ROWS);
  return firstRecords(file, layout.encoding, layout.delimiter, PREVIEW_ROWS);
}

/** @param {number} number */
async function sheet(number) {
  if (workbook?.sheet !== number)
    workbook = { sheet: number, rows: await (await workbooks).sheetRows(await file.arrayBuffer(), number) };
  return workbook.rows;
}

/**
 * Read the whole table against the dictionary.
 * @param {Layout} layout
 * @param {{places: Record<string, number>, width: number, missingWords: string[],
 *   style: import("./values.js").NumberStyle}} choices
 * @param {import("./text_file.js").Advance} tell
 */
async function checkTable(layout, choices, tell) {
  [check, plans] = [null, []];
  const found = new TableCheck({ ...study, ...choices, missingWords: new Set(choices.missingWords) });
  for await (const piece of pieces(layout, tell)) {
    const behind = Math.max(0, layout.headerRow + 1 - piece.row);
    found.add(piece.records.slice(behind), piece.row + behind);
  }
  check = found;
  workbook = null;
  return found.finish().summary();
}

/** @param {Layout} layout @param {import("./text_file.js").Advance} tell */
async function* pieces(layout, tell) {
  if (layout.kind === "csv") {
    yield* records(file, layout.encoding, layout.delimiter, tell);
    return;
  }
  const rows = await sheet(layout.sheet);
  for (let at = 0; at < rows.length; at += PIECE_ROWS) {
    yield { records: rows.slice(at, at + PIECE_ROWS).map((cells) => ({ cells, fault: null })), row: at + 1 };
    tell(Math.min(rows.length, at + PIECE_ROWS), rows.length);
  }
}

/** SHA-256 of the file's bytes: a batch goes on only with the very file it began with. */
async function digest() {
  const sum = sha256.create();
  for (let at = 0; at < file.size; at += DIGEST_PIECE_BYTES) {
    sum.update(new Uint8Array(await file.slice(at, at + DIGEST_PIECE_BYTES).arrayBuffer()));
  }
  return toHex(sum.digest());
}

/**
 * Put the patients in order and cut them into blocks.
 * @param {Uint8Array} key the batch's own secret
 * @param {number} slots
 */
function plan(key, slots) {
  plans = checked().store.plan(key, study.fraction, slots);
  return {
    cohortDigest: checked().cohortDigest(),
    blocks: plans.map(({ index, role, patients }) => ({ index, role, patients: patients.length })),
  };
}

/** The columns of one block. @param {number} index */
function block(index) {
  const columns = checked().store.gather(plans[index].patients);
  return handed(
    columns,
    columns.map((column) => /** @type {ArrayBuffer} */ (column.buffer)),
  );
}

function checked() {
  if (!check) throw new Problem("browser.not_checked");
  return check;
}
