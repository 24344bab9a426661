// @ts-check
// The coefficients as they would be published: per natural unit and as the model uses its columns.

import { t } from "../i18n/text.js";
import { el } from "../encryptor/dom.js";
import { columnName, exact, interval, table, withUnit } from "./parts.js";

/** @typedef {import("./parts.js").Words} Words */
/** @typedef {{estimate: number, standard_error: number, odds_ratio: number, ci95: [number, number]}} Coefficient */
/** @typedef {{estimate: number, standard_error: number}} Intercept */
/** @typedef {{intercept: Intercept, coefficients: Record<string, Coefficient>}} Scale */
/** @typedef {Scale & {rounds: number, natural: Scale}} Model */

const HEAD = [t("Variable"), t("Odds ratio"), t("95 % interval"), t("Estimate"), t("Standard error")];

/** @param {{model: Model, warnings: string[]}} content @param {Words} words */
export function drawModel({ model }, words) {
  return [
    el(
      "p",
      { class: "muted small" },
      t("Odds ratio for one unit more, or for yes against no. Fitted in {rounds} rounds.", { rounds: model.rounds }),
    ),
    scaleTable(t("Coefficients in natural units"), model.natural, words, (column) => withUnit(column, words)),
    el(
      "details",
      {},
      el("summary", {}, t("As the model uses its columns: centred and divided by the dictionary's scale")),
      scaleTable(t("Coefficients as the model uses its columns"), model, words, (column) => columnName(column, words)),
    ),
  ];
}

/** @param {string} name @param {Scale} scale @param {Words} words @param {(column: string) => HTMLElement} title */
function scaleTable(name, { intercept, coefficients }, words, title) {
  const rows = inOrder(coefficients, words).map(([column, one]) => [
    title(column),
    exact(one.odds_ratio),
    interval(one.ci95),
    exact(one.estimate),
    exact(one.standard_error),
  ]);
  const last = [t("Intercept"), "–", "–", exact(intercept.estimate), exact(intercept.standard_error)];
  return table(name, HEAD, [...rows, last]);
}

/** Canonical JSON sorts by name; people read in the order of the dictionary.
 * @param {Record<string, Coefficient>} coefficients @param {Words} words */
function inOrder(coefficients, words) {
  const rank = new Map(Object.keys(words.columns).map((column, at) => [column, at]));
  const place = (/** @type {string} */ column) => rank.get(column) ?? rank.size;
  return Object.entries(coefficients).sort(([a], [b]) => place(a) - place(b));
}
