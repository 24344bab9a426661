// @ts-check
// Calls between a page and its workers: a method name and arguments go out, one answer or one problem comes back.

import { language } from "../i18n/text.js";
import { said } from "../i18n/words.js";
import { NetworkLost } from "./patience.js";
import { Problem, arrived, carried, explained } from "./problem.js";

/** An answer whose buffers change hands instead of being copied. */
class Handed {
  /** @param {unknown} value @param {Transferable[]} buffers */
  constructor(value, buffers) {
    this.value = value;
    this.buffers = buffers;
  }
}

/** @param {unknown} value @param {Transferable[]} buffers */
export function handed(value, buffers) {
  return new Handed(value, buffers);
}

/**
 * In a worker: answer calls with these methods. A method may report progress through its last argument.
 * @param {Record<string, (...args: any[]) => unknown>} methods
 */
export function serve(methods) {
  self.addEventListener("message", async ({ data: { id, method, args } }) => {
    const tell = (/** @type {unknown[]} */ ...progress) => self.postMessage({ id, progress });
    try {
      const answer = await methods[method](...args, tell);
      const { value, buffers } = answer instanceof Handed ? answer : { value: answer, buffers: [] };
      self.postMessage({ id, value }, { transfer: buffers });
    } catch (error) {
      self.postMessage({ id, problem: carried(explained(error, said("browser.call", { method }))) });
    }
  });
}

/** In the page: a worker to call. */
export class Remote {
  /** @param {string | URL} script */
  constructor(script) {
    /**
     * @type {Map<number, {resolve: (value: any) => void, reject: (error: Problem) => void,
     *   tell?: (...args: any[]) => void}>}
     */
    this.waiting = new Map();
    this.last = 0;
    /** @type {Problem | null} */
    this.ended = null;
    this.worker = new Worker(script, { type: "module", name: language });
    this.worker.addEventListener("message", ({ data }) => this.receive(data));
    this.worker.addEventListener("error", (event) => this.fail(event.message));
  }

  /**
   * @param {string} method
   * @param {unknown[]} [args]
   * @param {{transfer?: Transferable[], tell?: (...args: any[]) => void}} [options]
   * @returns {Promise<any>}
   */
  async call(method, args = [], { transfer = [], tell } = {}) {
    if (this.ended) throw this.ended;
    this.last += 1;
    const id = this.last;
    this.worker.postMessage({ id, method, args }, transfer);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject, tell }));
  }

  /** @param {{id: number, value?: unknown, problem?: import("./problem.js").Carried, progress?: unknown[]}} data */
  receive({ id, value, problem, progress }) {
    const call = this.waiting.get(id);
    if (progress) {
      call?.tell?.(...progress);
      return;
    }
    this.waiting.delete(id);
    if (problem) call?.reject(arrived(problem));
    else call?.resolve(value);
  }

  /** @param {string} [message] a browser says nothing about a script that did not arrive */
  fail(message) {
    this.ended = message ? new Problem("browser.task_ended", { message }) : new NetworkLost();
    for (const call of this.waiting.values()) call.reject(this.ended);
    this.waiting.clear();
  }

  end() {
    this.worker.terminate();
  }
}
