// @ts-check
// Which heading of a table is which variable of the dictionary: by name first, then by label; a person confirms.

/** @typedef {import("./dictionary.js").Variable} Variable */

/** Letters and digits only, composed, without case: "Heart rate" equals heart_rate. @param {string} text */
export function normalised(text) {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * For each variable the place of its column, or -1. A heading that two variables could claim goes to none by label.
 * @param {Variable[]} variables @param {string[]} header @returns {Record<string, number>}
 */
export function matchColumns(variables, header) {
  const plain = header.map(normalised);
  /** @type {Record<string, number>} */
  const places = {};
  const taken = new Set();
  const ways = [
    (/** @type {Variable} */ one) => header.map((cell) => cell.trim() === one.name),
    (/** @type {Variable} */ one) => plain.map((cell) => cell !== "" && cell === normalised(one.name)),
    (/** @type {Variable} */ one) => plain.map((cell) => cell !== "" && cell === normalised(one.label)),
    (/** @type {Variable} */ one) =>
      plain.map(
        (cell) => cell !== "" && [`${one.name}${one.unit}`, `${one.label}${one.unit}`].map(normalised).includes(cell),
      ),
  ];
  for (const way of ways) {
    for (const variable of variables.filter((one) => !(one.name in places))) {
      const hits = way(variable).flatMap((hit, at) => (hit && !taken.has(at) ? [at] : []));
      if (hits.length !== 1) continue;
      places[variable.name] = hits[0];
      taken.add(hits[0]);
    }
  }
  return Object.fromEntries(variables.map(({ name }) => [name, places[name] ?? -1]));
}
