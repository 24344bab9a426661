// @ts-check
// Twin: hefed/encryptor/table.py. A CSV file as it was found: its encoding, its delimiter, its records piece by piece.

import { said } from "../i18n/words.js";
import { clean } from "./dictionary.js";
import { RecordFeed } from "./csv.js";
import { Problem } from "./problem.js";

const PIECE_BYTES = 1024 ** 2;
const HEAD_BYTES = 256 * 1024;
export const DELIMITERS = { ",": said("table.comma"), ";": said("table.semicolon"), "\t": said("table.tab") };

/** @typedef {(done: number, total: number) => void} Advance bytes */

/**
 * UTF-8, UTF-16 or CP949; raises for anything else.
 * @param {Blob} file
 * @returns {Promise<string>} a TextDecoder label
 */
export async function detectEncoding(file) {
  const head = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  for (const encoding of candidates(head)) if (await decodes(file, encoding)) return encoding;
  throw new Problem("table.encoding", { name: said("browser.the_file") });
}

/** @param {Uint8Array} head @returns {string[]} */
function candidates(head) {
  if (head[0] === 0xff && head[1] === 0xfe) return ["utf-16le"];
  if (head[0] === 0xfe && head[1] === 0xff) return ["utf-16be"];
  if (head.includes(0)) return [head[1] === 0 ? "utf-16le" : "utf-16be"];
  return ["utf-8", "euc-kr"]; // euc-kr of the web is CP949
}

/** @param {Blob} file @param {string} encoding */
async function decodes(file, encoding) {
  try {
    for await (const _ of decoded(file, encoding)) continue;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
  return true;
}

/** @param {Blob} file @param {string} encoding @param {Advance} [advance] */
async function* decoded(file, encoding, advance) {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    const piece = await file.slice(at, at + PIECE_BYTES).arrayBuffer();
    yield decoder.decode(piece, { stream: true });
    advance?.(Math.min(file.size, at + PIECE_BYTES), file.size);
  }
  yield decoder.decode();
}

/**
 * The first records, for a preview.
 * @param {Blob} file
 * @param {string} encoding
 * @param {string} delimiter
 * @param {number} count
 */
export async function firstRecords(file, encoding, delimiter, count) {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const head = await file.slice(0, HEAD_BYTES).arrayBuffer();
  const feed = new RecordFeed(delimiter);
  const records = feed.push(decoder.decode(head, { stream: true }));
  if (file.size <= HEAD_BYTES) records.push(...feed.end());
  return records.slice(0, count).map((record) => record.cells);
}

/**
 * All records with the row number of the first of each piece.
 * @param {Blob} file
 * @param {string} encoding
 * @param {string} delimiter
 * @param {Advance} advance
 */
export async function* records(file, encoding, delimiter, advance) {
  const feed = new RecordFeed(delimiter);
  let row = 1;
  for await (const text of decoded(file, encoding, advance)) {
    const found = feed.push(text);
    if (found.length) yield { records: found, row };
    row += found.length;
  }
  const rest = feed.end();
  if (rest.length) yield { records: rest, row };
}

/**
 * The delimiter under which the first rows show most known headings; then the one that cuts most cells.
 * @param {Blob} file @param {string} encoding @param {(cell: string) => boolean} known
 */
export async function detectDelimiter(file, encoding, known) {
  let best = { delimiter: ",", hits: -1, cells: 0 };
  for (const delimiter of Object.keys(DELIMITERS)) {
    const rows = await firstRecords(file, encoding, delimiter, 5).catch(() => []);
    const hits = Math.max(0, ...rows.map((row) => row.filter((cell) => known(clean(cell))).length));
    const cells = rows[0]?.length ?? 0;
    if (hits > best.hits || (hits === best.hits && cells > best.cells)) best = { delimiter, hits, cells };
  }
  return best.delimiter;
}
