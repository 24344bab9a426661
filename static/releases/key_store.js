// @ts-check
// A person's approval keys in this browser: two P-256 pairs made by WebCrypto. No script can read the private halves
// out.

import { keeping } from "../js/keeping.js";
import { fingerprint, publicJwk } from "./protocol.js";

const CURVE = "P-256";
const within = keeping("hefed-approval-keys", "keys", "fingerprint");

/**
 * @typedef {{fingerprint: string, person: string, signing: CryptoKey, agreement: CryptoKey,
 *   key: import("./protocol.js").ApproverKey, madeAt: number}} OwnKey
 */

/** A new key for that person, not kept yet. @param {string} person @returns {Promise<OwnKey>} */
export async function newKey(person) {
  const [signing, agreement] = await Promise.all([pair("ECDSA", ["sign", "verify"]), pair("ECDH", ["deriveBits"])]);
  const key = { signing: await exported(signing), agreement: await exported(agreement) };
  const made = { signing: signing.privateKey, agreement: agreement.privateKey };
  return { fingerprint: await fingerprint(key), person, ...made, key, madeAt: Date.now() };
}

/** @param {string} name @param {KeyUsage[]} usages @returns {Promise<CryptoKeyPair>} */
async function pair(name, usages) {
  return /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey({ name, namedCurve: CURVE }, false, usages));
}

/** @param {CryptoKeyPair} one */
async function exported(one) {
  return publicJwk(await crypto.subtle.exportKey("jwk", one.publicKey));
}

/** Keep it; asks the browser not to clear it when space is short. @param {OwnKey} key */
export async function keep(key) {
  await within("readwrite", (store) => store.put(key));
  void navigator.storage?.persist?.();
}

/** @param {OwnKey} key */
export function discard(key) {
  return within("readwrite", (store) => store.delete(key.fingerprint));
}

/**
 * The key of that person with that fingerprint, if it was made in this browser.
 * @param {string} person
 * @param {string} wanted
 * @returns {Promise<OwnKey | null>}
 */
export async function ownKey(person, wanted) {
  const found = await within("readonly", (store) => store.get(wanted));
  return found?.person === person ? found : null;
}
