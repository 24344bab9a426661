// @ts-check
// Twin: hefed/core/ckks/wire.py. The packed ciphertext: a 64-byte header, then every word at the width of its prime.

export const HEADER_BYTES = 64;
const PARTS = 2;
const [MAGIC, VERSION, NTT] = ["HCT1", 1, 1];

/** Exact size of a fresh ciphertext. @param {import("./profile.js").Profile} profile @param {number} level */
export function packedBytes(profile, level) {
  const bits = profile.primeBits.slice(0, level + 1).reduce((sum, one) => sum + one, 0);
  return HEADER_BYTES + (PARTS * bits * profile.ringDegree) / 8;
}

/**
 * Pack a ciphertext into its place in a block.
 * @param {import("./profile.js").Profile} profile
 * @param {number} level
 * @param {Uint32Array} words 64-bit words as pairs (low, high): part by part, prime by prime
 * @param {Uint8Array} target exactly packedBytes long, at an offset that is a multiple of 8
 */
export function pack(profile, level, words, target) {
  writeHeader(profile, level, target);
  let source = 0;
  let position = HEADER_BYTES;
  for (let part = 0; part < PARTS; part += 1) {
    for (let prime = 0; prime <= level; prime += 1) {
      const length = (profile.ringDegree * profile.primeBits[prime]) / 8;
      const piece = new Uint32Array(target.buffer, target.byteOffset + position, length / 4);
      packWords(words, source, profile.ringDegree, profile.primeBits[prime], piece);
      source += 2 * profile.ringDegree;
      position += length;
    }
  }
}

/** @param {import("./profile.js").Profile} profile @param {number} level @param {Uint8Array} target */
function writeHeader(profile, level, target) {
  const view = new DataView(target.buffer, target.byteOffset, HEADER_BYTES);
  for (let at = 0; at < MAGIC.length; at += 1) view.setUint8(at, MAGIC.charCodeAt(at));
  [VERSION, level, PARTS, NTT].forEach((field, at) => view.setUint8(4 + at, field));
  view.setUint32(8, profile.ringDegree, true);
  view.setFloat64(12, profile.scale, true);
  target.set(profile.parmsId(level), 20);
  target.fill(0, 52, HEADER_BYTES);
}

/**
 * Words of 33 to 63 bits, word 0 in the lowest bits of the output.
 * @param {Uint32Array} words @param {number} start @param {number} count @param {number} bits @param {Uint32Array} out
 */
export function packWords(words, start, count, bits, out) {
  const highBits = bits - 32;
  let pending = 0; // bits that wait for a full output word, `filled` of them
  let filled = 0;
  let position = 0;
  for (let at = start; at < start + 2 * count; at += 2) {
    const low = words[at];
    const high = words[at + 1];
    out[position] = pending | (low << filled);
    position += 1;
    pending = filled === 0 ? 0 : low >>> (32 - filled);
    pending |= high << filled;
    if (filled + highBits >= 32) {
      out[position] = pending;
      position += 1;
      pending = filled === 0 ? 0 : high >>> (32 - filled);
    }
    filled = (filled + highBits) & 31;
  }
}
