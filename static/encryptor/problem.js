// @ts-check
// Twin: hefed/core/errors.py. One error for everything that a person can act on: cannot do what: which fact; what to do.

import { t } from "../i18n/text.js";

export class Problem extends Error {
  /** @param {string} message @param {string} [code] a word that code may test; people read the message */
  constructor(message, code = "") {
    super(message);
    this.name = "Problem";
    this.code = code;
  }
}

/**
 * The text to show for anything that was thrown; a foreign error is named as what it is.
 * @param {unknown} error
 * @param {string} doing what could not be done, as a sentence without an end: cannot read the file
 */
export function explained(error, doing) {
  if (error instanceof Problem) return error.message;
  const fact = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return t(
    "{doing}: this browser reports {fact}; reload the page, and tell the study's administrator if it comes back",
    { doing, fact },
  );
}
