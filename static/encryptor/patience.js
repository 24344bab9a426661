// @ts-check
// What happens when the server does not answer: wait, longer each time, and try again.

import { said } from "../i18n/words.js";
import { Problem } from "./problem.js";

const LONGEST_WAIT_SECONDS = 20;
const NETWORK = "network"; // kinds, because a class does not survive the way out of a worker
const FULL = "full";

// How long a person waits at the screen for one call before the page says so. Blocks under way are sent without end.
const PATIENCE_SECONDS = 60;

/**
 * @typedef {(seconds: number, full?: boolean) => void} Waiting told before each wait, and 0 when the server answers or
 *   nobody waits any more; full: what it waits for is room on the server's disk
 */

/** The server could not be reached; trying again may help. */
export class NetworkLost extends Problem {
  /** @param {import("../i18n/words.js").Said} [told] */
  constructor(told = said("browser.network")) {
    super(told);
    this.kind = NETWORK;
  }
}

/** The server answered that its disk is full; trying again helps once somebody has made room. */
export class ServerFull extends Problem {
  constructor() {
    super(said("browser.server_full"));
    this.kind = FULL;
  }
}

/**
 * Do something until the server answers and has room; any other problem ends it at once.
 * @template T
 * @param {(failures: number) => Promise<T>} work safe to do again after an answer that was lost
 * @param {Waiting} waiting
 * @param {number} [patienceSeconds]
 * @returns {Promise<T>}
 */
export async function untilAnswered(work, waiting, patienceSeconds = PATIENCE_SECONDS) {
  const begun = performance.now();
  try {
    for (let failures = 0; ; failures += 1) {
      let kind = "";
      try {
        return await work(failures);
      } catch (error) {
        kind = error instanceof Problem ? error.kind : "";
        const enough = performance.now() - begun > 1000 * patienceSeconds;
        if (enough || (kind !== NETWORK && kind !== FULL)) throw error;
      }
      const seconds = Math.min(LONGEST_WAIT_SECONDS, 2 ** failures);
      waiting(seconds, kind === FULL);
      await backOnline(seconds);
    }
  } finally {
    waiting(0);
  }
}

/**
 * One request: the answer and all its bytes, or NetworkLost.
 * @param {string | URL} address
 * @param {RequestInit} [options]
 */
export async function received(address, options) {
  try {
    const response = await fetch(address, options);
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
  } catch {
    throw new NetworkLost();
  }
}

/**
 * Waits that long, or until the browser says that the network is back.
 * @param {number} seconds
 * @returns {Promise<void>}
 */
function backOnline(seconds) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      self.removeEventListener("online", end);
      resolve();
    };
    const timer = setTimeout(end, 1000 * seconds);
    self.addEventListener("online", end);
  });
}
