// @ts-check
// Twin: training/results/charts.py. ROC, precision and recall, calibration as Plotly figures, made in the tab from a
// decrypted
// preview.

import { t } from "../i18n/text.js";
import { POOLED, scopeName } from "./parts.js";

/** @typedef {import("./parts.js").Words} Words */
/** @typedef {import("./parts.js").Hospital} Hospital */
/** @typedef {{predicted: number, observed: number, ci95: [number, number], n: number, events: number}} Bin */
/**
 * @typedef {{roc: [number, number][], precision_recall: [number, number][], calibration: Bin[],
 *   suppressed: string}} Curves
 */
/** @typedef {{data: Record<string, unknown>[], layout: Record<string, any>}} Figure */
/** @typedef {[string, Curves][]} Series */

// What Plotly puts in for a point.
const HOVER = { x: "%{x:.3f}", y: "%{y:.3f}" };
const RISKS = { x: "%{x:.1%}", y: "%{y:.1%}", events: "%{customdata[1]}", n: "%{customdata[0]}" };
const INK = "var(--hefed-ink)";
const MUTED = "var(--hefed-muted)";

/** @param {Series} series @param {Words} words @returns {Figure} */
export function rocFigure(series, words) {
  const lines = series.map(([scope, { roc }]) => curve(scope, roc, words, t("FPR {x}, TPR {y}", HOVER)));
  return {
    data: [diagonal(1), ...lines],
    layout: layout(t("False positive rate"), t("True positive rate"), [0, 1.005]),
  };
}

/** @param {Series} series @param {Words} words @returns {Figure} */
export function precisionFigure(series, words) {
  const lines = series.map(([scope, { precision_recall }]) =>
    curve(scope, precision_recall, words, t("recall {x}, precision {y}", HOVER)),
  );
  return {
    data: lines,
    layout: layout(t("Recall: share of events found"), t("Precision: events among the flagged"), [0, 1.005]),
  };
}

/** @param {Series} series @param {Words} words @returns {Figure} */
export function calibrationFigure(series, words) {
  const top = highestRisk(series);
  const figure = {
    data: [diagonal(top), ...series.map(([scope, { calibration }]) => bins(scope, calibration, words))],
    layout: layout(t("Predicted risk"), t("Observed risk"), [0, top]),
  };
  for (const axis of [figure.layout.xaxis, figure.layout.yaxis])
    Object.assign(axis, { tickformat: ".0%", dtick: undefined });
  return figure;
}

/** @param {string} scope @param {Words} words @returns {Hospital | undefined} */
export function hospitalOf(scope, words) {
  return scope === POOLED ? undefined : words.hospitals.find(({ slug }) => slug === scope);
}

/** @param {Hospital | undefined} hospital */
function line(hospital) {
  return hospital
    ? { color: `var(--hospital-${hospital.number})`, width: 2, dash: hospital.dash }
    : { color: INK, width: 3 };
}

/** @param {Hospital | undefined} hospital */
function marker(hospital) {
  return { color: line(hospital).color, symbol: hospital?.symbol ?? "circle", size: hospital ? 8 : 9 };
}

/** A line, and a symbol on about eight of its points: colour alone would leave some readers out.
 * @param {string} scope @param {[number, number][]} points @param {Words} words @param {string} hover */
function curve(scope, points, words, hover) {
  const hospital = hospitalOf(scope, words);
  return {
    type: "scatter",
    mode: "lines+markers",
    meta: scope,
    x: points.map(([x]) => x),
    y: points.map(([, y]) => y),
    line: line(hospital),
    marker: { ...marker(hospital), maxdisplayed: 8 },
    hovertemplate: `${scopeName(scope, words)}: ${hover}<extra></extra>`,
  };
}

/** @param {string} scope @param {Bin[]} calibration @param {Words} words */
function bins(scope, calibration, words) {
  const hospital = hospitalOf(scope, words);
  const hover = `${t("predicted {x}, observed {y}", RISKS)}<br>${t("{events} of {n}", RISKS)}`;
  return {
    type: "scatter",
    mode: "markers",
    meta: scope,
    marker: marker(hospital),
    x: calibration.map(({ predicted }) => predicted),
    y: calibration.map(({ observed }) => observed),
    error_y: {
      type: "data",
      symmetric: false,
      color: line(hospital).color,
      thickness: 1.5,
      width: 4,
      array: calibration.map(({ ci95, observed }) => Math.max(ci95[1] - observed, 0)),
      arrayminus: calibration.map(({ ci95, observed }) => Math.max(observed - ci95[0], 0)),
    },
    customdata: calibration.map(({ n, events }) => [n, events]),
    hovertemplate: `${scopeName(scope, words)}: ${hover}<extra></extra>`,
  };
}

/** @param {number} end */
function diagonal(end) {
  return {
    type: "scatter",
    mode: "lines",
    x: [0, end],
    y: [0, end],
    line: { color: MUTED, width: 1, dash: "dot" },
    hoverinfo: "skip",
  };
}

/** @param {Series} series */
function highestRisk(series) {
  const ends = series.flatMap(([, { calibration }]) =>
    calibration.flatMap(({ predicted, ci95 }) => [predicted, ci95[1]]),
  );
  return Math.min(1, 1.05 * Math.max(...(ends.length ? ends : [1])));
}

/** @param {string} x @param {string} y @param {[number, number]} range */
function layout(x, y, range) {
  const axis = {
    gridcolor: "var(--hefed-line)",
    linecolor: MUTED,
    zeroline: false,
    fixedrange: true,
    ticks: "outside",
    range,
    dtick: 0.2,
  };
  const titled = (/** @type {string} */ text) => ({
    ...axis,
    automargin: true,
    title: { text, font: { size: 13 }, standoff: 8 },
  });
  return {
    showlegend: false,
    dragmode: false,
    hovermode: "closest",
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 64, r: 16, t: 16, b: 56 },
    font: { family: "Inter Variable, system-ui, sans-serif", size: 13, color: INK },
    hoverlabel: { bgcolor: "var(--hefed-surface)", bordercolor: MUTED, font: { color: INK } },
    xaxis: titled(x),
    yaxis: titled(y),
  };
}
