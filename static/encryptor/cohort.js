// @ts-check
// Twin: hefed/core/protocol/uploads.py. Who is held out, and how the same patients are recognised, without naming
// anybody.
// Noble's SHA-256 and not WebCrypto's: one patient a call, and a promise a patient would cost more than the hash.

import { hmac } from "../vendor/noble/hmac.js";
import { sha256 } from "../vendor/noble/sha2.js";
import { toHex } from "./bytes.js";
import { clean } from "./dictionary.js";

export const HASH_BYTES = 32;
const WORDS_64 = 2 ** 64;
const encoder = new TextEncoder();

/** HMAC-SHA256 under one key, prepared once. @param {Uint8Array} key @returns {(message: Uint8Array) => Uint8Array} */
export function keyedHash(key) {
  const prepared = /** @type {any} */ (hmac).create(sha256, key); // noble's types do not travel with it
  return (message) => prepared.clone().update(message).digest();
}

/** The hash of a patient's id: trimmed, composed, UTF-8; the key is the salt's ASCII text. @param {string} salt */
export function patientHasher(salt) {
  const hash = keyedHash(encoder.encode(salt));
  return (/** @type {string} */ id) => hash(encoder.encode(clean(id)));
}

/** The first 8 bytes, big endian, below that fraction of 2^64. @param {Uint8Array} hash @param {number} fraction */
export function isHeldOut(hash, fraction) {
  const view = new DataView(hash.buffer, hash.byteOffset, 8);
  return view.getBigUint64(0) < BigInt(fraction * WORDS_64);
}

/** SHA-256 over sorted patient hashes. @param {Iterable<Uint8Array>} sorted */
export function cohortDigest(sorted) {
  const digest = sha256.create();
  for (const hash of sorted) digest.update(hash);
  return toHex(digest.digest());
}

/**
 * Positions of 32-byte keys in ascending order.
 * @param {Uint8Array} keys all of them, one after the other
 */
export function sortedPositions(keys) {
  const count = keys.length / HASH_BYTES;
  const view = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
  const heads = new Float64Array(count); // the first 6 bytes, exact in a double, settle nearly every comparison
  for (let at = 0; at < count; at += 1)
    heads[at] = view.getUint32(HASH_BYTES * at) * 65536 + view.getUint16(HASH_BYTES * at + 4);
  return new Uint32Array(count).map((_, at) => at).sort((a, b) => heads[a] - heads[b] || compare(keys, a, b));
}

/** @param {Uint8Array} keys @param {number} a @param {number} b */
export function compare(keys, a, b) {
  for (let at = 0; at < HASH_BYTES; at += 1) {
    const difference = keys[HASH_BYTES * a + at] - keys[HASH_BYTES * b + at];
    if (difference) return difference;
  }
  return 0;
}
