// @ts-check
// Twin: hefed/core/errors.py. One error for everything that a person can act on: a code of the catalogue and its facts.

import { knows, said, words } from "../i18n/words.js";

/** @typedef {import("../i18n/words.js").Said} Said */
/** @typedef {import("../i18n/words.js").Fact} Fact */

export class Problem extends Error {
  /**
   * Its message is in the language of the page.
   * @param {string | Said} told a code, or something said
   * @param {Record<string, Fact>} [facts] of the code
   */
  constructor(told, facts = {}) {
    const own = typeof told === "string" ? said(told, facts) : told;
    super(words(own));
    this.name = "Problem";
    this.said = own;
    /** What is tested where the code is the server's: a status, or what a caller makes of it. */
    this.kind = "";
  }

  get code() {
    return this.said.code;
  }

  /** @param {string} kind */
  of(kind) {
    this.kind = kind;
    return this;
  }
}

/**
 * What is left of a problem on its way out of a worker.
 * @typedef {{said: Said, message: string, kind: string}} Carried
 */

/** @param {Problem} problem @returns {Carried} */
export function carried({ said: own, message, kind }) {
  return { said: own, message, kind };
}

/** @param {Carried} problem */
export function arrived({ said: own, message, kind }) {
  const problem = new Problem(own).of(kind);
  problem.message = message;
  return problem;
}

/**
 * Why the server refused: in words of the page if it knows the code, else in the server's own, which it wrote in the
 * language of the page.
 * @param {unknown} body the JSON of the answer, if it was JSON
 * @param {number} status
 */
export function refusal(body, status) {
  const { error = "", code = "", facts = {} } = Object(body);
  if (!error) return new Problem("browser.server_failed", { status }).of(String(status));
  const problem = new Problem(code, facts).of(String(status));
  if (!knows(code)) problem.message = String(error);
  return problem;
}

/**
 * Anything that was thrown, as a problem; a foreign error is named as what it is.
 * @param {unknown} error
 * @param {Said} doing what could not be done
 */
export function explained(error, doing) {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Problem("browser.unexpected", { doing, message });
}
