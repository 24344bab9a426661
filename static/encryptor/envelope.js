// @ts-check
// Twin: hefed/core/protocol/envelope.py. Magic, header length, canonical JSON header, payload.

import { said } from "../i18n/words.js";
import { sha256Hex } from "./bytes.js";
import { Problem } from "./problem.js";

const MAGIC = new Uint8Array([0x48, 0x45, 0x46, 0x45, 0x44, 0x01, 0x0d, 0x0a]);
const PREFIX_BYTES = MAGIC.length + 4;
const HEADER_LIMIT_BYTES = 64 * 1024;

/**
 * Sorted keys, no spaces, ASCII: one text for one value.
 * @param {unknown} value
 * @returns {string}
 */
export function canonicalJson(value) {
  const sorted = JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(byName))
      : part,
  );
  return sorted.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** By code point, as Python sorts. @param {[string, unknown]} a @param {[string, unknown]} b */
function byName([a], [b]) {
  return a < b ? -1 : Number(a > b);
}

/**
 * Room for a block, header first: the header's length is known before its digest is.
 * @param {Record<string, unknown>} label kind, study, profile, key_fingerprint
 * @param {number[]} items byte lengths
 * @param {Record<string, unknown>} meta
 */
export function openBlock(label, items, meta) {
  const payloadBytes = items.reduce((sum, one) => sum + one, 0);
  const header = { ...label, items, meta, payload_bytes: payloadBytes, payload_sha256: "0".repeat(64) };
  const text = canonicalJson(header);
  const start = PREFIX_BYTES + text.length;
  // The payload is aligned to 8 bytes in memory, so that it can be written in whole words; the envelope begins later.
  const room = new Uint8Array(Math.ceil(start / 8) * 8 + payloadBytes);
  const payload = room.subarray(room.length - payloadBytes);
  return { header, payload, envelope: room.subarray(room.length - payloadBytes - start) };
}

/** @typedef {ReturnType<typeof openBlock>} OpenBlock */

/** Fill in the payload's digest; returns the SHA-256 of the whole envelope. @param {OpenBlock} block */
export async function closeBlock(block) {
  const text = canonicalJson({ ...block.header, payload_sha256: await sha256Hex(block.payload) });
  block.envelope.set(MAGIC);
  new DataView(block.envelope.buffer, block.envelope.byteOffset).setUint32(MAGIC.length, text.length, true);
  block.envelope.set(new TextEncoder().encode(text), PREFIX_BYTES);
  return sha256Hex(block.envelope);
}

/**
 * Size of a block's envelope without making it.
 * @param {Record<string, unknown>} label
 * @param {number[]} items
 * @param {Record<string, unknown>} meta
 */
export function blockBytes(label, items, meta) {
  const payloadBytes = items.reduce((sum, one) => sum + one, 0);
  const header = { ...label, items, meta, payload_bytes: payloadBytes, payload_sha256: "0".repeat(64) };
  return PREFIX_BYTES + canonicalJson(header).length + payloadBytes;
}

/**
 * The public key in its envelope, digest checked; its fingerprint is computed here, not believed.
 * @param {Uint8Array} bytes
 * @param {{study: string, profile: string}} expected
 */
export async function readPublicKey(bytes, expected) {
  const { header, payload } = split(bytes);
  for (const [name, wanted] of Object.entries({ kind: "public-key", ...expected })) {
    if (header[name] !== wanted) refuse(said("browser.key_field", { name, found: String(header[name]), wanted }));
  }
  if (header.payload_bytes !== payload.length)
    refuse(said("browser.key_cut", { found: payload.length, announced: Number(header.payload_bytes) }));
  const fingerprint = await sha256Hex(payload);
  if (fingerprint !== header.payload_sha256) refuse(said("browser.key_digest"));
  return { fingerprint, payload };
}

/** @param {Uint8Array} bytes */
function split(bytes) {
  if (bytes.length < PREFIX_BYTES || MAGIC.some((byte, at) => bytes[at] !== byte)) refuse(said("browser.key_magic"));
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  if (length > HEADER_LIMIT_BYTES || PREFIX_BYTES + length > bytes.length)
    refuse(said("browser.key_header", { size: length }));
  const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
  return { header: JSON.parse(text), payload: bytes.subarray(PREFIX_BYTES + length) };
}

/** @param {import("../i18n/words.js").Said} why @returns {never} */
function refuse(why) {
  throw new Problem("browser.public_key", { why });
}
