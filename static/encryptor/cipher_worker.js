// @ts-check
// A worker that encrypts: columns of one block come in, a sealed envelope goes out. The only place where WebAssembly
// runs; its policy allows that and no address but our own.

import { handed, serve } from "./calls.js";
import { Cipher } from "./cipher.js";
import { profileOf } from "./profile.js";

/** @type {Cipher} */
let cipher;

serve({ begin, seal });

/** @param {string} profile @param {Uint8Array} publicKey */
async function begin(profile, publicKey) {
  cipher = await Cipher.create(profileOf(profile), publicKey);
}

/** @param {Record<string, unknown>} label @param {Record<string, unknown>} meta @param {Float64Array[]} columns */
async function seal(label, meta, columns) {
  const started = performance.now();
  const sealed = await cipher.sealBlock(label, meta, columns);
  const seconds = (performance.now() - started) / 1000;
  return handed({ ...sealed, seconds }, [/** @type {ArrayBuffer} */ (sealed.envelope.buffer)]);
}
