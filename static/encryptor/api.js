// @ts-check
// The server's API, spoken with the coordinator's session. Everything that leaves the tab leaves through here.

import { t } from "../i18n/text.js";
import { Problem } from "./problem.js";

/** @typedef {{address: string, study: string, csrf: string}} ApiFacts */
/** @typedef {{index: number, state: "waiting"|"partial"|"stored", received_bytes: number, bytes: number}} BlockStatus */
/** @typedef {{batch: string, state: string, reason: string, blocks: BlockStatus[]}} BatchStatus */

// A connection that died without a word (a sleeping laptop, a cut cable) never ends by itself. What the server has
// received by then is not lost, so a slow line loses only the time.
const PATIENCE_MS = 30_000;

/** The network did not answer; trying again may help. */
export class NetworkLost extends Error {}

/** The server continues from another byte. */
export class WrongOffset extends Error {
  /** @param {number} right */
  constructor(right) {
    super(`byte ${right} comes next`);
    this.right = right;
  }
}

export class Api {
  /** @param {ApiFacts} facts */
  constructor(facts) {
    this.facts = facts;
  }

  study() {
    return this.json("GET", "study");
  }

  /** @returns {Promise<Uint8Array>} */
  async publicKey() {
    return new Uint8Array(await (await this.request("GET", "keys/public")).arrayBuffer());
  }

  /** @param {import("./manifest.js").BatchManifest} manifest @returns {Promise<BatchStatus>} */
  announce(manifest) {
    return this.json("POST", "batches", JSON.stringify(manifest), { "Content-Type": "application/json" });
  }

  /** @param {string} batch @returns {Promise<BatchStatus>} */
  batch(batch) {
    return this.json("GET", `batches/${batch}`);
  }

  /** @param {string} batch @returns {Promise<BatchStatus>} */
  complete(batch) {
    return this.json("POST", `batches/${batch}/complete`);
  }

  /** @param {string} batch @returns {Promise<BatchStatus>} */
  withdraw(batch) {
    return this.json("POST", `batches/${batch}/withdraw`);
  }

  /** @param {string} batch @param {number} index @param {number} offset @param {string} digest @param {Uint8Array} piece @returns {Promise<BlockStatus>} */
  append(batch, index, offset, digest, piece) {
    const headers = { "Upload-Offset": String(offset), "Upload-Digest": digest, "Content-Type": "application/octet-stream" };
    return this.json("PATCH", `batches/${batch}/blocks/${index}`, /** @type {Uint8Array<ArrayBuffer>} */ (piece), headers);
  }

  /** @param {string} method @param {string} path @param {BodyInit} [body] @param {Record<string, string>} [headers] */
  async json(method, path, body, headers) {
    return (await this.request(method, path, body, headers)).json();
  }

  /** @param {string} method @param {string} path @param {BodyInit} [body] @param {Record<string, string>} [headers] */
  async request(method, path, body, headers = {}) {
    const own = { "X-HEFed-Study": this.facts.study, ...(method === "GET" ? {} : { "X-CSRFToken": this.facts.csrf }) };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    let response;
    try {
      response = await fetch(this.facts.address + path, { method, body, headers: { ...own, ...headers }, signal, cache: "no-store", redirect: "error" });
    } catch (error) {
      throw new NetworkLost(String(error));
    }
    if (!response.ok) await refused(response);
    return response;
  }
}

/** @param {Response} response @returns {Promise<never>} */
async function refused(response) {
  const offset = response.headers.get("Upload-Offset");
  if (response.status === 409 && offset !== null) throw new WrongOffset(Number(offset));
  if (response.status >= 500) throw new NetworkLost(`the server answered ${response.status}`);
  const { error } = await response.json().catch(() => ({ error: "" }));
  const code = response.status === 401 ? "signed-out" : String(response.status);
  throw new Problem(error || t("cannot go on: the server answered {status}; reload the page", { status: response.status }), code);
}
