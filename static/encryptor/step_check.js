// @ts-check
// Step 3: the local quality report. What is fine, what will be changed, what is refused, what a person should look at.

import { byId, download, el, icon } from "./dom.js";
import { count, counted, number, rowsInWords, share } from "./format.js";
import { picture } from "./histogram.js";
import { announce, problem } from "./step.js";

/** @typedef {import("./page.js").Desk} Desk */
/** @typedef {import("./report.js").VariableSummary} VariableSummary */

/** Read the whole file against the dictionary. @param {Desk} desk @returns {Promise<boolean>} */
export async function checkTable(desk) {
  const bar = byId("check-progress", HTMLProgressElement);
  byId("check-busy", HTMLElement).hidden = false;
  byId("report", HTMLElement).hidden = true;
  problem("check-problem");
  announce("Checking the table");
  const tell = (/** @type {number} */ done, /** @type {number} */ total) => (bar.value = done / total);
  try {
    desk.report = await desk.table.call("check", [desk.opened.layout, desk.choices], { tell });
    desk.file.digest = await desk.table.call("digest");
    return true;
  } catch (error) {
    problem("check-problem", desk.words(error, "check the table"));
    return false;
  } finally {
    byId("check-busy", HTMLElement).hidden = true;
  }
}

/** @param {Desk} desk */
export function showReport(desk) {
  const { report } = desk;
  byId("report", HTMLElement).hidden = false;
  byId("report-facts", HTMLElement).replaceChildren(
    ...[["rows read", report.rows], ["patients to send", report.patients], ["with the outcome", report.events], ["held out for testing", report.holdout], ["rows refused", report.refusedRows]]
      .map(([label, value]) => el("div", {}, el("dd", {}, count(Number(value))), el("dt", {}, String(label)))));
  const parts = [refused(desk), changed(desk), suspicious(desk), notes(desk)];
  byId("report-parts", HTMLElement).replaceChildren(...parts.filter((one) => one !== null));
  byId("report-variables", HTMLElement).replaceChildren(...report.variables.map(line));
  for (const box of document.querySelectorAll("#report-parts input")) box.addEventListener("change", () => refresh(desk));
  refresh(desk);
  announce(`Checked: ${counted(report.patients, "patient")} can be sent, ${counted(report.refusedRows, "row")} refused`);
}

/** The check in one line. @param {Desk} desk */
export function reportInWords({ report }) {
  const refusedRows = report.refusedRows ? `, ${counted(report.refusedRows, "refused row")} left out` : "";
  return `${counted(report.patients, "patient")}, ${counted(report.events, "event")}${refusedRows}`;
}

/** @param {Desk} desk */
function refresh({ report }) {
  const open = [...document.querySelectorAll("#report-parts input")].some((box) => box instanceof HTMLInputElement && !box.checked);
  byId("check-confirm", HTMLButtonElement).disabled = open || report.patients === 0;
  problem("check-problem", report.patients ? "" : "cannot send anything: no usable patient is left; correct the rows listed below, or go back to step 2");
}

/** @param {string} look @param {string} symbol @param {string} title @param {import("./dom.js").Child[]} children */
function part(look, symbol, title, children) {
  return el("section", { class: `notice ${look}` }, icon(symbol), el("div", {}, el("h3", {}, title), ...children));
}

/** @param {string} id @param {string} text */
function agreement(id, text) {
  return el("p", { class: "mt-2" }, el("label", { class: "check", for: id }, el("input", { type: "checkbox", id }), ` ${text}`));
}

/** @param {string} text @param {string} name @param {() => Promise<string>} content */
function downloadButton(text, name, content) {
  return el("p", { class: "mt-2" }, el("button", { type: "button", class: "btn btn-sm btn-quiet", click: async () => download(name, await content()) }, text));
}

/** @param {Desk} desk */
function refused({ report, table }) {
  if (!report.refusedRows) return part("notice-good", "check", "No row is refused", [el("p", {}, "Every row follows the dictionary.")]);
  const causes = report.causes.map((cause) => el("li", {}, el("strong", {}, `${cause.column}: ${cause.valueClass}`), ` in ${rowsInWords(cause.rows, cause.count)}. ${sentence(cause.remedy)}`));
  return part("notice-failure", "ban", `${counted(report.refusedRows, "row")} refused`, [
    el("p", {}, "Correct them in your file and choose it again, or leave them out. Row 1 is the first row of the file."),
    el("ul", { class: "causes" }, ...causes),
    downloadButton("Download refused rows (row, column, reason)", "refused-rows.csv", () => table.call("refusals")),
    agreement("leave-out", `Leave out ${report.refusedRows === 1 ? "this row" : `these ${count(report.refusedRows)} rows`}`),
  ]);
}

/** @param {Desk} desk */
function changed({ report, table }) {
  const lines = report.variables.flatMap(changesOf);
  if (!lines.length) return part("notice-good", "check", "No value will be changed", [el("p", {}, "Nothing is filled in and nothing lies outside the dictionary's range.")]);
  return part("notice-open", "info-circle", "What will be changed before encrypting", [
    el("ul", { class: "causes" }, ...lines.map((text) => el("li", {}, text))),
    downloadButton("Download changed rows (row, column, change)", "changed-rows.csv", () => table.call("changes")),
  ]);
}

/** @param {VariableSummary} variable */
function changesOf({ label, unit, missing, fill, clippedLow, clippedHigh, centre, scale }) {
  const [low, high] = [number(centre - 4 * scale), number(centre + 4 * scale)];
  const texts = [];
  if (fill && missing) texts.push(`${label}: ${counted(missing, "missing value")} ${missing === 1 ? "becomes" : "become"} the dictionary's ${fill}`);
  if (clippedLow) texts.push(`${label}: ${counted(clippedLow, "value")} below ${low} ${unit} ${clippedLow === 1 ? "becomes" : "become"} ${low}`);
  if (clippedHigh) texts.push(`${label}: ${counted(clippedHigh, "value")} above ${high} ${unit} ${clippedHigh === 1 ? "becomes" : "become"} ${high}`);
  return texts;
}

/** @param {Desk} desk */
function suspicious({ report }) {
  const odd = report.variables.filter((variable) => variable.suspicion);
  if (!odd.length) return null;
  const lines = odd.map((variable) => {
    const way = variable.suspicion > 1 ? `${variable.suspicion} times too large` : `${Math.round(1 / variable.suspicion)} times too small`;
    return el("li", {}, `${variable.label} looks ${way}: your mean is ${number(variable.mean)}, the dictionary expects about ${number(variable.centre)} ${variable.unit}`);
  });
  return part("notice-failure", "alert-triangle", `Check the unit of ${counted(odd.length, "variable")}`, [
    el("ul", { class: "causes" }, ...lines),
    el("p", {}, "No unit is ever converted here. If the unit differs, convert the column in your file and choose it again."),
    agreement("units", "I checked: the values are in the dictionary's unit"),
  ]);
}

/** @param {Desk} desk */
function notes({ report, opened, variables, choices }) {
  const mapped = new Set(Object.values(choices?.places ?? {}));
  const extra = opened.header.filter((_, at) => !mapped.has(at)).length;
  const id = variables.find((one) => one.role === "id")?.label ?? "";
  const texts = [
    report.emptyRows > 0 && `${counted(report.emptyRows, "empty row")} skipped.`,
    extra > 0 && `${counted(extra, "column")} of your file ${extra === 1 ? "is" : "are"} not in the dictionary and will not be read.`,
    report.zeroIds > 0 && `${counted(report.zeroIds, "value")} of ${id} ${report.zeroIds === 1 ? "begins" : "begin"} with 0 and ${report.zeroIds === 1 ? "is" : "are"} kept as written: 007 and 7 are two patients.`,
    report.lostZeros && `All values of ${id} are numbers of different lengths. If your ids begin with zeros, Excel may have dropped them: compare a few with the source.`,
    report.events > 0 && report.events < 20 && `Only ${counted(report.events, "event")}: this hospital's own results will be suppressed by the disclosure rules.`,
    report.events === 0 && report.patients > 0 && "No patient has the outcome: check its column and its coding.",
  ].filter(Boolean);
  return texts.length ? part("", "info-circle", "Good to know", [el("ul", { class: "causes" }, ...texts.map((text) => el("li", {}, String(text))))]) : null;
}

/** @param {VariableSummary} variable */
function line(variable) {
  const numeric = variable.kind === "continuous";
  const own = numeric ? `${number(variable.mean)} ± ${number(variable.sd)}` : variable.levels.map((level, at) => `${level} ${share(variable.counts[at], variable.valid)}`).join(", ");
  const expected = numeric ? `${number(variable.centre)} ± ${number(variable.scale)}` : "–";
  return el("tr", {},
    el("th", { scope: "row" }, variable.label, variable.unit && el("span", { class: "muted" }, ` (${variable.unit})`)),
    el("td", { "data-label": "Distribution" }, picture(variable)),
    el("td", { class: numeric ? "num" : "", "data-label": "Your table" }, own),
    el("td", { class: "num", "data-label": "Dictionary" }, expected),
    el("td", { class: "num", "data-label": "Missing" }, count(variable.missing)),
    el("td", { class: "num", "data-label": "Clipped" }, numeric ? count(variable.clippedLow + variable.clippedHigh) : "–"),
    el("td", { class: "num", "data-label": "Refused" }, count(variable.refused)));
}

/** @param {string} text */
function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
