// @ts-check
// Texts of the scripts in the language of the page. The English sentence is the key; a language that lacks it shows it.
// A worker has no page: whoever starts it gives it the language as its name (encryptor/calls.js).

import korean from "./ko.js";

/** @typedef {string | number} Fact */

/** @type {Record<string, Record<string, string>>} */
const CATALOGUES = { ko: korean };
const scope = /** @type {{document?: Document, name?: string}} */ (globalThis);
export const language = (scope.document ? scope.document.documentElement.lang : scope.name) || "en";
const catalogue = CATALOGUES[language] ?? {};
const rules = new Intl.PluralRules(language);

/** A sentence, with each {name} replaced by its fact. @param {string} sentence @param {Record<string, Fact>} [facts] */
export function t(sentence, facts = {}) {
  const words = catalogue[sentence] ?? sentence;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole));
}

/** The sentence that goes with a count; a language without plural forms knows the second only.
 * @param {number} value @param {string} one @param {string} many @param {Record<string, Fact>} [facts] */
export function plural(value, one, many, facts = {}) {
  const sentence = rules.select(value) === "one" ? one : many;
  return t(sentence, facts);
}

/** Marks a text that is looked up later. @param {string} sentence */
export function mark(sentence) {
  return sentence;
}
