// @ts-check
// Encryption with node-seal (Microsoft SEAL 4.1 in WebAssembly). Twin: hefed/core/ckks/backend.py, class Encryptor.

import initialise from "../vendor/seal/index_throws.js";
import { blockItems } from "./cipher_sizes.js";
import { closeBlock, openBlock } from "./envelope.js";
import { received } from "./patience.js";
import { Problem } from "./problem.js";
import { OUTCOME_LEVEL } from "./profile.js";
import { ciphertextWords, publicKeyForLibrary } from "./seal_stream.js";
import { pack } from "./wire.js";

export class Cipher {
  /**
   * @param {import("./profile.js").Profile} profile
   * @param {Uint8Array} publicKey SEAL's stream
   * @returns {Promise<Cipher>}
   */
  static async create(profile, publicKey) {
    return new Cipher(
      profile,
      await initialise({ wasmBinary: await library() }),
      publicKeyForLibrary(profile, publicKey),
    );
  }

  /** @param {import("./profile.js").Profile} profile @param {any} seal @param {Uint8Array} publicKey */
  constructor(profile, seal, publicKey) {
    this.profile = profile;
    this.seal = seal;
    this.context = new seal.SEALContext(
      parameters(seal, profile),
      true,
      profile.secure ? seal.SecLevelType.tc128 : seal.SecLevelType.none,
    );
    const key = new seal.PublicKey();
    key.loadFromArray(this.context, publicKey);
    this.encryptor = new seal.Encryptor(this.context, key);
    this.encoder = new seal.CKKSEncoder(this.context);
    this.evaluator = new seal.Evaluator(this.context);
    this.plaintext = new seal.Plaintext();
    this.ciphertext = new seal.Ciphertext();
    this.slots = new Float64Array(profile.slots);
    this.words = new Uint32Array(4 * (profile.maxLevel + 1) * profile.ringDegree);
    this.outcomeId = levelId(this.context, profile.maxLevel - OUTCOME_LEVEL);
  }

  /**
   * Encrypt one column into its place in a block; missing slots are 0.
   * @param {Float64Array} values
   * @param {number} level
   * @param {Uint8Array} target
   */
  encryptInto(values, level, target) {
    this.slots.fill(0);
    this.slots.set(values);
    this.encoder.encode(this.slots, this.profile.scale, this.plaintext);
    if (level !== this.profile.maxLevel) this.evaluator.plainModSwitchToInplace(this.plaintext, this.outcomeId);
    this.encryptor.encrypt(this.plaintext, this.ciphertext);
    const stream = this.ciphertext.saveToArray(this.seal.ComprModeType.none);
    pack(this.profile, level, ciphertextWords(this.profile, level, stream, this.words), target);
  }

  /**
   * One block: columns at the top level, the outcome, which is the last of them, at its own.
   * @param {Record<string, unknown>} label @param {Record<string, unknown>} meta @param {Float64Array[]} columns
   */
  async sealBlock(label, meta, columns) {
    const items = blockItems(this.profile, columns.length - 1);
    const block = openBlock(label, items, meta);
    let position = 0;
    columns.forEach((column, at) => {
      const target = block.payload.subarray(position, position + items[at]);
      this.encryptInto(column, at === columns.length - 1 ? OUTCOME_LEVEL : this.profile.maxLevel, target);
      position += items[at];
    });
    return { envelope: block.envelope, sha256: await closeBlock(block) };
  }
}

/** The compiled library. Fetched here, so that a lost connection is not taken for a library that fails. */
async function library() {
  const { response, bytes } = await received(new URL("../vendor/seal/seal_throws.wasm", import.meta.url));
  if (response.ok) return bytes;
  throw new Problem("browser.server_failed", { status: response.status });
}

/** @param {any} seal @param {import("./profile.js").Profile} profile */
function parameters(seal, profile) {
  const result = new seal.EncryptionParameters(seal.SchemeType.ckks);
  const moduli = new seal.VectorModulus();
  for (const prime of profile.primes) moduli.push_back(new seal.Modulus(prime));
  result.setPolyModulusDegree(profile.ringDegree);
  result.setCoeffModulus(moduli);
  return result;
}

/** SEAL's identifier that many levels below the top. @param {any} context @param {number} below */
function levelId(context, below) {
  let data = context.firstContextData();
  for (let step = 0; step < below; step += 1) data = data.nextContextData();
  return data.parmsId();
}
