// @ts-check
// Table 1 as it would be published: a column per hospital and one for all together; suppressed cells say why.

import { t } from "../i18n/text.js";
import { el } from "../encryptor/dom.js";
import { cell, count, decimals, exact, scopeName, scopes, suppressed, table, withUnit } from "./parts.js";

/** @typedef {import("./parts.js").Words} Words */
/** @typedef {{column: string, mean: number|null, sd: number|null, count: number|null, suppressed: string}} Summary */
/** @typedef {{n: number|null, events: number|null, variables: Summary[], suppressed: string}} TableOne */

/** @param {Record<string, TableOne>} tables @param {Words} words */
export function drawTableOne(tables, words) {
  const listed = scopes(tables, words);
  const columns = [...new Set(listed.flatMap(([, one]) => one.variables.map(({ column }) => column)))];
  const rows = [
    [t("Patients"), ...listed.map(([, one]) => cell(one.n, one.suppressed, count))],
    [words.outcome || t("Events"), ...listed.map(([, one]) => cell(one.events, one.suppressed, count))],
    ...columns.map((column) => [withUnit(column, words), ...listed.map(([, one]) => value(one, column))]),
  ];
  return [
    el("p", { class: "muted small" }, t("Continuous variables: mean (standard deviation). Others: patients (share).")),
    table(t("Table 1"), ["", ...listed.map(([scope]) => scopeName(scope, words))], rows),
  ];
}

/** @param {TableOne} one @param {string} column */
function value({ variables, suppressed: all }, column) {
  const found = variables.find((variable) => variable.column === column);
  if (!found) return suppressed(t("not in this table"));
  if (found.count !== null)
    return found.mean === null ? count(found.count) : `${count(found.count)} (${decimals(100 * found.mean, 1)} %)`;
  if (found.mean === null) return suppressed(found.suppressed || all);
  return found.sd === null ? exact(found.mean) : `${exact(found.mean)} (${exact(found.sd)})`;
}
