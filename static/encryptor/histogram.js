// @ts-check
// A variable's distribution, drawn in the tab. What the dictionary expects is drawn over it as a thin bell.

import { t } from "../i18n/text.js";
import { svg } from "./dom.js";
import { count, number, share } from "./format.js";

const WIDTH = 160;
const HEIGHT = 44;

/** @typedef {import("./report.js").VariableSummary} VariableSummary */

/** @param {VariableSummary} variable */
export function picture(variable) {
  return variable.kind === "continuous" ? histogram(variable) : levels(variable);
}

/** @param {VariableSummary} variable */
function histogram({ histogram: bins, centre, scale, unit, label }) {
  const most = Math.max(1, ...bins);
  const step = WIDTH / bins.length;
  const bars = bins.map((n, at) =>
    svg("rect", {
      x: at * step,
      width: step,
      y: HEIGHT - (HEIGHT * n) / most,
      height: (HEIGHT * n) / most,
      class: "bar-local",
    }),
  );
  const facts = {
    label,
    unit,
    low: number(centre - 4 * scale),
    high: number(centre + 4 * scale),
    bars: bins.length,
    most: count(most),
  };
  const text = t("{label}: from {low} to {high} {unit}, the fullest of {bars} bars holds {most} rows", facts);
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "histogram", role: "img", "aria-label": text },
    ...bars,
    svg("path", { d: bell(), class: "bell" }),
    svg("line", { x1: WIDTH / 2, x2: WIDTH / 2, y1: 0, y2: HEIGHT, class: "centre" }),
  );
}

/** A normal density with the dictionary's centre and scale, over centre - 4 to centre + 4 scales. */
function bell() {
  const points = Array.from({ length: 41 }, (_, at) => {
    const z = (at - 20) / 5;
    return `${(WIDTH * at) / 40},${HEIGHT - 0.9 * HEIGHT * Math.exp((-z * z) / 2)}`;
  });
  return `M${points.join("L")}`;
}

/** @param {VariableSummary} variable */
function levels({ levels: names, counts, valid, label }) {
  let at = 0;
  const bars = counts.map((n, level) => {
    const width = valid ? (WIDTH * n) / valid : 0;
    const bar = svg("rect", { x: at, width, y: 12, height: 20, class: `level level-${level % 4}` });
    at += width;
    return bar;
  });
  const text = `${label}: ${names.map((name, level) => `${name} ${share(counts[level], valid)}`).join(", ")}`;
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "histogram", role: "img", "aria-label": text },
    ...bars,
  );
}
