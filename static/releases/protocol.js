// @ts-check
// Twin: hefed/core/protocol/releases.py. What people sign, and what a preview is compared with. docs/adr/0901.

import { fromHex, sha256Hex } from "../encryptor/bytes.js";
import { canonicalJson } from "../encryptor/envelope.js";
import { Problem } from "../encryptor/problem.js";
import { compactDecrypt } from "../vendor/jose/jwe/compact/decrypt.js";
import { CompactSign } from "../vendor/jose/jws/compact/sign.js";

/** @typedef {"coefficients"|"metrics"|"curves"|"table_one"} ItemName */
/** @typedef {{kty: "EC", crv: "P-256", x: string, y: string}} PublicJwk */
/** @typedef {{signing: PublicJwk, agreement: PublicJwk}} ApproverKey */
/** @typedef {{item: ItemName, sha256: string}} ItemCommitment */
/** @typedef {{item: ItemName, salt: string, text: string}} OpenedItem */
/**
 * @typedef {{study: string, release: string, version: number, digest: string, items: OpenedItem[],
 *   notes: (import("../i18n/words.js").Said | string)[]}} PreviewContent
 */
/**
 * What a person signs, without the signer: that is the key in this browser.
 * @typedef {{format: "hefed-release/1", says: "request"|"approve", study: string, job: string, release: string,
 *   version: number, digest: string, expires_on: string}} Statement
 */

/** @type {readonly ItemName[]} */
export const ITEMS = ["coefficients", "metrics", "curves", "table_one"];

const SIGNATURE = "ES256";
const AGREEMENT = "ECDH-ES";
const CONTENT = "A256GCM";

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);

/** SHA-256 over both keys, hexadecimal. @param {ApproverKey} key */
export function fingerprint(key) {
  return sha256Hex(utf8(canonicalJson({ signing: publicJwk(key.signing), agreement: publicJwk(key.agreement) })));
}

/** The four public fields and nothing else. @param {JsonWebKey} jwk @returns {PublicJwk} */
export function publicJwk({ kty, crv, x, y }) {
  return /** @type {PublicJwk} */ ({ kty, crv, x, y });
}

/**
 * What the custodian promised for an item: SHA-256(salt || text).
 * @param {OpenedItem} opened
 * @returns {Promise<ItemCommitment>}
 */
export async function commitment({ item, salt, text }) {
  const content = utf8(text);
  const bytes = new Uint8Array(salt.length / 2 + content.length);
  bytes.set(fromHex(salt));
  bytes.set(content, salt.length / 2);
  return { item, sha256: await sha256Hex(bytes) };
}

/**
 * The study, the job and the commitments in the order of ITEMS.
 * @param {string} study
 * @param {string} job
 * @param {ItemCommitment[]} items
 */
export function manifestDigest(study, job, items) {
  const listed = [...items]
    .sort((a, b) => ITEMS.indexOf(a.item) - ITEMS.indexOf(b.item))
    .map(({ item, sha256 }) => ({ item, sha256 }));
  return sha256Hex(utf8(canonicalJson({ study, job, items: listed })));
}

/** The statement as JWS. @param {Statement} statement @param {{fingerprint: string, signing: CryptoKey}} key */
export function sign({ format, says, study, job, release, version, digest, expires_on }, key) {
  const said = { format, says, study, job, release, version, digest, expires_on, signer: key.fingerprint };
  return new CompactSign(utf8(canonicalJson(said))).setProtectedHeader({ alg: SIGNATURE }).sign(key.signing);
}

/**
 * Decrypt a preview with the key of this browser.
 * @param {string} jwe
 * @param {CryptoKey} agreement
 * @returns {Promise<PreviewContent>}
 */
export async function openPreview(jwe, agreement) {
  let opened;
  try {
    opened = await compactDecrypt(jwe, agreement, {
      keyManagementAlgorithms: [AGREEMENT],
      contentEncryptionAlgorithms: [CONTENT],
    });
  } catch {
    throw new Problem("browser.preview_sealed");
  }
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(opened.plaintext));
}
