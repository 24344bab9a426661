// @ts-check
// What a tab must remember to go on after it was closed, in IndexedDB: the manifest, which file it was, and the batch's
// order key as a key that no script can read out. Never a cell of the table. Deleted when the batch is complete.

import { keeping } from "../js/keeping.js";

const within = keeping("hefed-encryptor", "uploads", "id");

/**
 * @typedef {{id: string, study: string, batch: string, manifest: import("./manifest.js").BatchManifest,
 *   orderKey: CryptoKey, file: {name: string, size: number, digest: string}, layout: unknown, choices: unknown,
 *   begunAt: number}} Upload
 */

/** @param {string} study @returns {Promise<Upload[]>} */
export async function uploadsOf(study) {
  const all = await within("readonly", (store) => store.getAll());
  return all.filter((/** @type {Upload} */ one) => one.study === study);
}

/** @param {Upload} upload */
export function remember(upload) {
  return within("readwrite", (store) => store.put(upload));
}

/** @param {string} id */
export function forget(id) {
  return within("readwrite", (store) => store.delete(id));
}

/** A fresh order key: usable for HMAC, not readable. */
export function newOrderKey() {
  return crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** The 32 bytes that put a batch's patients in order, the same whenever the key is. @param {CryptoKey} key */
export async function orderBytes(key) {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode("hefed order of patients")));
}
