// @ts-check
// Twin: hefed/encryptor/blocks.py. From a value to its encoded columns: clip((x - centre) / scale, -4, 4), one-hot
// without the reference level, the dictionary's fill value, indicators of missing values.

import { columnsOf } from "./dictionary.js";

/** @typedef {import("./dictionary.js").Variable} Variable */
/** @typedef {Float64Array | Uint8Array} Cells numbers of one encoded column; 0/1 columns take a byte a patient */

export const CLIP = 4;

/** @param {Variable} feature */
export function fillValue(feature) {
  if (feature.kind === "continuous") return Number(feature.fill);
  return (feature.levels.length ? feature.levels : ["0", "1"]).indexOf(feature.fill);
}

/** (x - centre) / scale, not yet clipped. @param {Variable} feature @param {number} value */
export function scaled(feature, value) {
  return (value - feature.centre) / feature.scale;
}

/**
 * A writer of one feature's columns.
 * @param {Variable} feature
 * @returns {(value: number, missing: boolean, columns: Cells[], first: number, row: number) => void}
 */
export function columnWriter(feature) {
  const fill = feature.fill ? fillValue(feature) : NaN;
  const width = columnsOf(feature).length;
  const levels = feature.kind === "categorical" ? feature.levels.length : 0;
  return (value, missing, columns, first, row) => {
    const filled = missing ? fill : value;
    if (levels)
      for (let level = 1; level < levels; level += 1) columns[first + level - 1][row] = Number(filled === level);
    else if (feature.kind === "binary") columns[first][row] = filled;
    else columns[first][row] = Math.min(CLIP, Math.max(-CLIP, scaled(feature, filled)));
    if (feature.indicator) columns[first + width - 1][row] = Number(missing);
  };
}
