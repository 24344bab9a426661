// @ts-check
// The curves as they would be published: charts, the same numbers as tables, and which hospitals have none and why.

import { t } from "../i18n/text.js";
import { el } from "../encryptor/dom.js";
import { draw } from "../js/charts.js";
import { calibrationFigure, hospitalOf, precisionFigure, rocFigure } from "./figures.js";
import { count, exact, folded, interval, scopeName, scopes, symbol } from "./parts.js";

/** @typedef {import("./parts.js").Words} Words */
/** @typedef {import("./figures.js").Curves} Curves */
/** @typedef {import("./figures.js").Series} Series */
/** @typedef {import("./figures.js").Figure} Figure */

/** @param {Record<string, Curves>} curves @param {Words} words */
export function drawCurves(curves, words) {
  const all = scopes(curves, words);
  const series = all.filter(([, one]) => !one.suppressed);
  const hidden = all.filter(([, one]) => one.suppressed);
  return [
    ...hidden.map(([scope, { suppressed }]) =>
      el("p", { class: "suppressed" }, `${scopeName(scope, words)}: ${suppressed}`),
    ),
    legend(series, words),
    el(
      "div",
      { class: "two-charts" },
      chart(
        "preview-roc",
        t("Ranking: ROC curve"),
        rocFigure(series, words),
        points(t("ROC curve"), [t("false positive rate"), t("true positive rate")], series, words, ({ roc }) => roc),
      ),
      chart(
        "preview-precision",
        t("Finding events: precision and recall"),
        precisionFigure(series, words),
        points(
          t("Precision and recall"),
          [t("recall"), t("precision")],
          series,
          words,
          ({ precision_recall }) => precision_recall,
        ),
      ),
      chart(
        "preview-calibration",
        t("Risk as predicted, risk as seen"),
        calibrationFigure(series, words),
        calibrationTable(series, words),
      ),
    ),
  ];
}

/** Draw the charts that stand in the page now: before that a canvas has no width. */
export function drawCharts() {
  for (const canvas of document.querySelectorAll("#preview [data-chart]"))
    if (canvas instanceof HTMLElement) draw(canvas);
}

/** @param {Series} series @param {Words} words */
function legend(series, words) {
  return el(
    "ul",
    { class: "legend" },
    ...series.map(([scope]) =>
      el("li", {}, el("span", { class: "hospital" }, symbol(hospitalOf(scope, words)), scopeName(scope, words))),
    ),
  );
}

/** @param {string} id @param {string} title @param {Figure} figure @param {HTMLElement} numbers */
function chart(id, title, figure, numbers) {
  const source = el("script", { type: "application/json", id });
  source.textContent = JSON.stringify(figure);
  return el(
    "div",
    { class: "chart" },
    el("h4", {}, title),
    el("div", {
      class: "canvas canvas-square",
      "data-chart": id,
      role: "img",
      "aria-label": t("{title}. All numbers are in the table below.", { title }),
    }),
    source,
    numbers,
  );
}

/**
 * @param {string} name @param {string[]} head @param {Series} series @param {Words} words
 * @param {(curves: Curves) => [number, number][]} pick
 */
function points(name, head, series, words, pick) {
  return folded(
    name,
    [t("Hospital"), ...head],
    series.flatMap(([scope, curves]) => pick(curves).map(([x, y]) => [scopeName(scope, words), exact(x), exact(y)])),
  );
}

/** @param {Series} series @param {Words} words */
function calibrationTable(series, words) {
  const rows = series.flatMap(([scope, { calibration }]) =>
    calibration.map((bin) => [
      scopeName(scope, words),
      exact(bin.predicted),
      exact(bin.observed),
      interval(bin.ci95),
      count(bin.n),
      count(bin.events),
    ]),
  );
  return folded(
    t("Calibration"),
    [t("Hospital"), t("predicted risk"), t("observed risk"), t("95 % interval"), t("patients"), t("events")],
    rows,
  );
}
