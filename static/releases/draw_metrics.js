// @ts-check
// Discrimination and calibration on held-out patients, per hospital and together.

import { t } from "../i18n/text.js";
import { el } from "../encryptor/dom.js";
import { count, decimals, exact, interval, scopeMark, scopes, suppressed, table } from "./parts.js";

/** @typedef {import("./parts.js").Words} Words */
/**
 * @typedef {{n: number|null, events: number|null, auroc: number|null, auroc_ci95: [number, number]|null,
 *   auprc: number|null, prevalence: number|null, brier: number|null, calibration_slope: number|null,
 *   calibration_intercept: number|null, suppressed: string}} Metrics
 */

const HEAD = [
  t("Hospital"),
  t("Patients"),
  t("Events"),
  t("Prevalence"),
  `${t("AUROC")}, ${t("95 % interval")}`,
  t("AUPRC"),
  t("Brier"),
  t("Slope"),
  t("Intercept"),
];

/** @param {Record<string, Metrics>} metrics @param {Words} words */
export function drawMetrics(metrics, words) {
  return [
    table(
      t("Metrics per hospital"),
      HEAD,
      scopes(metrics, words).map(([scope, one]) => row(scopeMark(scope, words), one)),
    ),
  ];
}

/** Why a number is missing stands once, below the hospital's name. @param {HTMLElement} name @param {Metrics} m */
function row(name, m) {
  const why = m.suppressed ? el("span", { class: "suppressed d-block" }, m.suppressed) : null;
  return [
    el("span", {}, name, why),
    shown(m.n, count),
    shown(m.events, count),
    shown(m.prevalence, (value) => `${decimals(100 * value, 2)} %`),
    el(
      "span",
      {},
      shown(m.auroc),
      m.auroc_ci95 && el("span", { class: "d-block small muted" }, interval(m.auroc_ci95)),
    ),
    ...[m.auprc, m.brier, m.calibration_slope, m.calibration_intercept].map((value) => shown(value)),
  ];
}

/** @param {number | null} value @param {(value: number) => string} [text] */
function shown(value, text = exact) {
  return value === null ? suppressed() : text(value);
}
