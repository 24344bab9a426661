// @ts-check
// The server's API, spoken with the coordinator's session. Everything that leaves the tab leaves through here.

import { said } from "../i18n/words.js";
import { NetworkLost, ServerFull, received, untilAnswered } from "./patience.js";
import { refusal } from "./problem.js";

/** @typedef {{address: string, study: string, csrf: string}} ApiFacts */
/**
 * @typedef {{index: number, state: "waiting"|"partial"|"stored", received_bytes: number, bytes: number}} BlockStatus
 */
/** @typedef {{batch: string, state: string, reason: string, blocks: BlockStatus[]}} BatchStatus */

// A connection that died without a word (a sleeping laptop, a cut cable) never ends by itself. What the server has
// received by then is not lost, so a slow line loses only the time.
const ONE_ANSWER_MS = 30_000;

/** The server continues from another byte. */
export class WrongOffset extends Error {
  /** @param {number} right */
  constructor(right) {
    super(`byte ${right} comes next`);
    this.right = right;
  }
}

export class Api {
  /** @param {ApiFacts} facts @param {import("./patience.js").Waiting} [waiting] */
  constructor(facts, waiting = () => {}) {
    this.facts = facts;
    this.waiting = waiting;
  }

  study() {
    return this.json("GET", "study");
  }

  /** @returns {Promise<Uint8Array>} */
  publicKey() {
    return this.asked("GET", "keys/public");
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

  /**
   * Tried once: after a lost answer the caller asks where the server stands.
   * @param {string} batch
   * @param {number} index
   * @param {number} offset
   * @param {string} digest
   * @param {Uint8Array} piece
   * @returns {Promise<BlockStatus>}
   */
  async append(batch, index, offset, digest, piece) {
    const headers = {
      "Upload-Offset": String(offset),
      "Upload-Digest": digest,
      "Content-Type": "application/octet-stream",
    };
    return parsed(
      await this.once(
        "PATCH",
        `batches/${batch}/blocks/${index}`,
        /** @type {Uint8Array<ArrayBuffer>} */ (piece),
        headers,
      ),
    );
  }

  /** @param {string} method @param {string} path @param {BodyInit} [body] @param {Record<string, string>} [headers] */
  async json(method, path, body, headers) {
    return parsed(await this.asked(method, path, body, headers));
  }

  /**
   * A call that the server takes twice as well as once.
   * @param {string} method
   * @param {string} path
   * @param {BodyInit} [body]
   * @param {Record<string, string>} [headers]
   */
  asked(method, path, body, headers) {
    return untilAnswered(() => this.once(method, path, body, headers), this.waiting);
  }

  /** @param {string} method @param {string} path @param {BodyInit} [body] @param {Record<string, string>} [headers] */
  async once(method, path, body, headers = {}) {
    const own = { "X-HEFed-Study": this.facts.study, ...(method === "GET" ? {} : { "X-CSRFToken": this.facts.csrf }) };
    const signal = AbortSignal.timeout(ONE_ANSWER_MS);
    const options = {
      method,
      body,
      headers: { ...own, ...headers },
      signal,
      cache: /** @type {const} */ ("no-store"),
      redirect: /** @type {const} */ ("error"),
    };
    const { response, bytes } = await received(this.facts.address + path, options);
    if (!response.ok) throw refused(response, bytes);
    return bytes;
  }
}

/** @param {Uint8Array} bytes */
function parsed(bytes) {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** @param {Response} response @param {Uint8Array} bytes */
function refused(response, bytes) {
  const offset = response.headers.get("Upload-Offset");
  if (response.status === 409 && offset !== null) return new WrongOffset(Number(offset));
  if (response.status === 507) return new ServerFull();
  if (response.status >= 500) return new NetworkLost(said("browser.server_failed", { status: response.status }));
  return refusal(bodyOf(bytes), response.status);
}

/** What the server says about its refusal, if it is JSON. @param {Uint8Array} bytes @returns {unknown} */
function bodyOf(bytes) {
  try {
    return parsed(bytes);
  } catch {
    return {};
  }
}
