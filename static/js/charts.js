// @ts-check
// Draws every [data-chart] from the JSON element it names, in the colours of the theme. Figures come from
// training/results/charts.py.

/** @typedef {{data: object[], layout: Record<string, unknown>}} Figure */
/** @typedef {{react: Function, restyle: Function}} PlotlyApi */

const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };

const NARROW = 480;

/** @returns {PlotlyApi} */
const plotly = () => /** @type {any} */ (window).Plotly;

/** The value of a CSS custom property as a colour; light-dark() only resolves on an element.
 * @param {HTMLElement} probe @param {string} reference @returns {string} */
function colour(probe, reference) {
  probe.style.color = reference;
  return getComputedStyle(probe).color;
}

/** A copy of the figure with each "var(--x)" replaced.
 * @param {unknown} value @param {HTMLElement} probe @returns {any} */
function dressed(value, probe) {
  if (typeof value === "string") return value.startsWith("var(") ? colour(probe, value) : value;
  if (Array.isArray(value)) return value.map((item) => dressed(item, probe));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, dressed(item, probe)]));
}

/** On a narrow screen long names of a category axis would leave no room for the numbers: wrap them.
 * @param {Figure} figure @param {HTMLElement} canvas */
function narrow(figure, canvas) {
  const names = /** @type {any} */ (figure.data[0])?.y ?? [];
  if (canvas.clientWidth >= NARROW || typeof names[0] !== "string") return;
  const axis = /** @type {Record<string, unknown>} */ (figure.layout.yaxis);
  axis.tickvals = names;
  axis.ticktext = names.map((/** @type {string} */ name) => name.replace(/(.{10,}?) /g, "$1<br>"));
  axis.tickfont = { size: 11 };
  figure.layout.height = Number(figure.layout.height) * 1.25;
}

/** @param {HTMLElement} canvas */
export function draw(canvas) {
  const source = document.getElementById(canvas.dataset.chart ?? "");
  if (!source?.textContent) return;
  const probe = document.createElement("span");
  probe.style.setProperty("transition", "none", "important"); // else the colour read is that of the moment before
  canvas.append(probe);
  const figure = /** @type {Figure} */ (dressed(JSON.parse(source.textContent), probe));
  probe.remove();
  narrow(figure, canvas);
  if (typeof figure.layout.height === "number") canvas.style.height = `${figure.layout.height}px`;
  plotly().react(canvas, figure.data, figure.layout, CONFIG);
  canvas.dataset.drawn = String(source.textContent.length);
  for (const box of boxes(canvas)) toggle(canvas, box);
}

/** The legend's check boxes of one chart. @param {HTMLElement} canvas @returns {HTMLInputElement[]} */
function boxes(canvas) {
  const panel = canvas.closest(".chart");
  return panel
    ? [...panel.querySelectorAll("input[data-series]")].filter((box) => box instanceof HTMLInputElement)
    : [];
}

/** @param {HTMLElement} canvas @param {HTMLInputElement} box */
function toggle(canvas, box) {
  const traces = /** @type {any} */ (canvas).data.map((/** @type {{meta?: string}} */ trace) => trace.meta);
  const wanted = traces.flatMap((/** @type {string} */ meta, /** @type {number} */ at) =>
    meta === box.dataset.series ? [at] : [],
  );
  if (wanted.length > 0) plotly().restyle(canvas, { visible: box.checked }, wanted);
}

const drawAll = () =>
  document.querySelectorAll("[data-chart]").forEach((canvas) => canvas instanceof HTMLElement && draw(canvas));

document.addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLInputElement) || !event.target.dataset.series) return;
  const canvas = event.target.closest(".chart")?.querySelector("[data-chart]");
  if (canvas instanceof HTMLElement) toggle(canvas, event.target);
});
document.addEventListener("hefed:theme", drawAll);
document.addEventListener("htmx:afterSwap", drawAll);
drawAll();
