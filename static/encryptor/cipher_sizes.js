// @ts-check
// Sizes of a block's ciphertexts; apart from cipher.js, so that the page can know them without loading WebAssembly.

import { OUTCOME_LEVEL } from "./profile.js";
import { packedBytes } from "./wire.js";

/**
 * Byte lengths of a block's ciphertexts.
 * @param {import("./profile.js").Profile} profile
 * @param {number} columns intercept included, outcome not
 */
export function blockItems(profile, columns) {
  return [...new Array(columns).fill(packedBytes(profile, profile.maxLevel)), packedBytes(profile, OUTCOME_LEVEL)];
}
