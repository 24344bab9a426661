// @ts-check
// Twin: hefed/errors.py. One error for everything that a person can act on: cannot do what: which fact; what to do.

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
 * @param {string} doing what was tried, as an infinitive
 */
export function explained(error, doing) {
  if (error instanceof Problem) return error.message;
  const fact = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `cannot ${doing}: this browser reports ${fact}; reload the page, and tell the study's administrator if it comes back`;
}
