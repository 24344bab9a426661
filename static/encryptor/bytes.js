// @ts-check
// Bytes, hexadecimal text and random numbers.

/** @param {Uint8Array} bytes */
export function toHex(bytes) {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** @param {string} text */
export function fromHex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** SHA-256 in hex, by the browser's own code. @param {Uint8Array} bytes */
export async function sha256Hex(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", /** @type {Uint8Array<ArrayBuffer>} */ (bytes));
  return toHex(new Uint8Array(digest));
}

/**
 * Groups of four, to read out on the telephone. Twin: hefed/core/protocol/signing.py.
 * @param {string} fingerprint
 */
export function grouped(fingerprint) {
  return fingerprint.match(/.{1,4}/g) ?? [];
}
