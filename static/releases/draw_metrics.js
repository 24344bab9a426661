// @ts-check
// Discrimination and calibration on held-out patients, per hospital and together.

import { cell, count, decimals, exact, interval, scopeName, scopes, suppressed, table } from "./parts.js";

/** @typedef {import("./parts.js").Words} Words */
/**
 * @typedef {{n: number|null, events: number|null, auroc: number|null, auroc_ci95: [number, number]|null, auprc: number|null,
 *   prevalence: number|null, brier: number|null, calibration_slope: number|null, calibration_intercept: number|null,
 *   suppressed: string}} Metrics
 */

const HEAD = ["Hospital", "Patients", "Events", "Prevalence", "AUROC", "95 % interval", "AUPRC", "Brier score", "Calibration slope", "Calibration intercept"];

/** @param {Record<string, Metrics>} metrics @param {Words} words */
export function drawMetrics(metrics, words) {
  return [table("Metrics per hospital", HEAD, scopes(metrics, words).map(([scope, one]) => row(scopeName(scope, words), one)))];
}

/** @param {string} name @param {Metrics} m */
function row(name, m) {
  const why = m.suppressed;
  return [
    name,
    cell(m.n, why, count),
    cell(m.events, why, count),
    cell(m.prevalence, why, (value) => `${decimals(100 * value, 2)} %`),
    cell(m.auroc, why),
    m.auroc_ci95 ? interval(m.auroc_ci95) : suppressed(why),
    ...[m.auprc, m.brier, m.calibration_slope, m.calibration_intercept].map((value) => cell(value, why, exact)),
  ];
}
