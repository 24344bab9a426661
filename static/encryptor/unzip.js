// @ts-check
// What the XLSX reader needs of fflate, without its own workers (we are in one), and with a limit on what comes out.

import { strFromU8, unzipSync } from "../vendor/fflate.js";
import { Problem } from "./problem.js";

export { strFromU8 };
const LIMIT_BYTES = 400 * 1024 ** 2; // of XML: about 300,000 rows of 30 columns

/** @typedef {{name: string, originalSize: number}} Entry */

/**
 * Entries that a filter wants, inflated.
 * @param {Uint8Array} archive
 * @param {(entry: Entry) => boolean} wanted
 * @returns {Record<string, Uint8Array>}
 */
export function unzipped(archive, wanted) {
  let total = 0;
  return unzipSync(archive, {
    filter: (/** @type {Entry} */ entry) => {
      const take = wanted(entry);
      total += take ? entry.originalSize : 0;
      if (total > LIMIT_BYTES) {
        const size = Math.round(total / 1024 ** 2);
        throw new Problem("browser.workbook_unpacked", { size, limit: LIMIT_BYTES / 1024 ** 2 });
      }
      return take;
    },
  });
}

/**
 * fflate's asynchronous signature, as read-excel-file calls it.
 * @param {Uint8Array} archive
 * @param {(error: unknown, entries: unknown) => void} done
 */
export function unzip(archive, done) {
  let entries;
  try {
    entries = unzipped(archive, ({ name }) => /\.(xml|rels)$/.test(name)); // no pictures
  } catch (error) {
    done(error, null);
    return;
  }
  done(null, entries);
}
