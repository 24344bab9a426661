// @ts-check
// Twin: hefed/core/ckks/seal_stream.py. SEAL's own byte streams, walked header by header: the study's public key on
// its way
// into the WebAssembly library (SEAL 4.1), and fresh ciphertexts on their way out of it.

import { Problem } from "./problem.js";

const HEADER_BYTES = 16;
const MAGIC = 0xa15e;
const MAJOR = 4;
const LIBRARY_MINOR = 1; // what node-seal 7.0.0 carries; the wire format of all 4.x is the same
const KNOWN_MINORS = 4;
const FIELDS_BYTES = 32 + 1 + 8 * 5; // parms_id, NTT flag, parts, ring degree, primes, scale, correction factor
const WORDS_AT = HEADER_BYTES + FIELDS_BYTES + HEADER_BYTES + 8;

/**
 * Check an uncompressed public key and give its minor version, in both headers, the library's number.
 * @param {import("./profile.js").Profile} profile
 * @param {Uint8Array} stream
 */
export function publicKeyForLibrary(profile, stream) {
  const copy = stream.slice();
  const view = new DataView(copy.buffer);
  const count = 2 * profile.primes.length * profile.ringDegree;
  check("number of bytes", copy.length, WORDS_AT + 8 * count);
  checkHeader(view, 0, copy.length);
  checkFields(view, copy, profile.keyParmsId(), profile, profile.primes.length);
  check("scale", view.getFloat64(HEADER_BYTES + 57, true), 1);
  checkHeader(view, HEADER_BYTES + FIELDS_BYTES, HEADER_BYTES + 8 + 8 * count);
  check("word count", Number(view.getBigUint64(WORDS_AT - 8, true)), count);
  for (const at of [0, HEADER_BYTES + FIELDS_BYTES]) view.setUint8(at + 4, LIBRARY_MINOR);
  return copy;
}

/**
 * The words of a fresh uncompressed ciphertext as pairs (low, high) of 32 bits.
 * @param {import("./profile.js").Profile} profile
 * @param {number} level
 * @param {Uint8Array} stream
 * @param {Uint32Array} room where they go: the stream's own are not aligned, and a new array a ciphertext is much
 *   garbage
 */
export function ciphertextWords(profile, level, stream, room) {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const count = 2 * (level + 1) * profile.ringDegree;
  check("number of bytes", stream.length, WORDS_AT + 8 * count);
  checkHeader(view, 0, stream.length);
  checkFields(view, stream, profile.parmsId(level), profile, level + 1);
  check("scale", view.getFloat64(HEADER_BYTES + 57, true), profile.scale);
  const words = room.subarray(0, 2 * count);
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength).set(stream.subarray(WORDS_AT));
  return words;
}

/** @param {DataView} view @param {number} at @param {number} size */
function checkHeader(view, at, size) {
  check("SEAL magic", view.getUint16(at, true), MAGIC);
  check("SEAL header size", view.getUint8(at + 2), HEADER_BYTES);
  check("SEAL major version", view.getUint8(at + 3), MAJOR);
  if (view.getUint8(at + 4) > KNOWN_MINORS) check("SEAL minor version", view.getUint8(at + 4), KNOWN_MINORS);
  check("compression mode", view.getUint8(at + 5), 0);
  check("announced size", Number(view.getBigUint64(at + 8, true)), size);
}

/**
 * @param {DataView} view
 * @param {Uint8Array} bytes
 * @param {Uint8Array} parmsId
 * @param {import("./profile.js").Profile} profile
 * @param {number} primes
 */
function checkFields(view, bytes, parmsId, profile, primes) {
  const found = bytes.subarray(HEADER_BYTES, HEADER_BYTES + 32);
  check(
    "parms_id",
    found.every((byte, at) => byte === parmsId[at]),
    true,
  );
  check("NTT flag", view.getUint8(HEADER_BYTES + 32), 1);
  [2, profile.ringDegree, primes].forEach((wanted, place) => {
    const at = HEADER_BYTES + 33 + 8 * place;
    check(["number of parts", "ring degree", "number of primes"][place], Number(view.getBigUint64(at, true)), wanted);
  });
}

/** @param {string} name @param {number | boolean} found @param {number | boolean} wanted */
function check(name, found, wanted) {
  if (found !== wanted) throw new Problem("browser.stream", { name, found, wanted });
}
