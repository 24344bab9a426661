// @ts-check
// Twin: hospitals/told.py. Sentences that the custodian wrote in English, in the language of the page as far as they
// are known.

/**
 * Tells a text by these sentences and their translations.
 * @param {[string, string][]} sentences
 * @returns {(text: string) => string}
 */
export function teller(sentences) {
  const known = sentences.map(([sentence, translation]) => ({ pattern: patternOf(sentence), translation }));
  return (text) =>
    known.reduce(
      (told, { pattern, translation }) => told.replace(pattern, (...found) => filled(translation, found.at(-1))),
      text,
    );
}

/**
 * ``n`` stands for a number, another placeholder for as little text as possible, at the end for all that follows.
 * @param {string} sentence
 */
function patternOf(sentence) {
  const parts = sentence.split(/%\((\w+)\)s/);
  const pieces = parts.map((part, at) =>
    at % 2 === 0 ? escaped(part) : `(?<${part}>${part === "n" ? "[\\d,]+" : "[^;]+?"})`,
  );
  return new RegExp(`(?<![\\p{L}\\p{N}_])${pieces.join("")}${parts.at(-1) ? "" : "$"}`, "gu");
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** @param {string} translation @param {Record<string, string> | string} facts */
function filled(translation, facts) {
  return translation.replace(/%\((\w+)\)s/g, (whole, name) => (typeof facts === "object" ? facts[name] : whole));
}
