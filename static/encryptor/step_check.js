// @ts-check
// Step 3: the local quality report. What is fine, what will be changed, what is refused, what a person should look at.

import { t } from "../i18n/text.js";
import { said, say, words } from "../i18n/words.js";
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
  announce(t("Checking the table"));
  const tell = (/** @type {number} */ done, /** @type {number} */ total) => (bar.value = done / total);
  try {
    desk.report = await desk.table.call("check", [desk.opened.layout, desk.choices], { tell });
    desk.file.digest = await desk.table.call("digest");
    return true;
  } catch (error) {
    problem("check-problem", desk.words(error, said("browser.check_table")));
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
    ...[
      [t("rows read"), report.rows],
      [t("patients to send"), report.patients],
      [t("with the outcome"), report.events],
      [t("held out for testing"), report.holdout],
      [t("rows refused"), report.refusedRows],
    ].map(([label, value]) => el("div", {}, el("dd", {}, count(Number(value))), el("dt", {}, String(label)))),
  );
  const parts = [refused(desk), changed(desk), suspicious(desk), notes(desk)];
  byId("report-parts", HTMLElement).replaceChildren(...parts.filter((one) => one !== null));
  byId("report-variables", HTMLElement).replaceChildren(...report.variables.map(line));
  for (const box of document.querySelectorAll("#report-parts input"))
    box.addEventListener("change", () => refresh(desk));
  refresh(desk);
  announce(
    t("Checked: {patients} can be sent, {rows} refused", {
      patients: patients(report.patients),
      rows: counted(report.refusedRows, "{n} row", "{n} rows"),
    }),
  );
}

/** The check in one line. @param {Desk} desk */
export function reportInWords({ report }) {
  const refusedRows = report.refusedRows
    ? `, ${counted(report.refusedRows, "{n} refused row left out", "{n} refused rows left out")}`
    : "";
  return `${patients(report.patients)}, ${counted(report.events, "{n} event", "{n} events")}${refusedRows}`;
}

/** @param {number} value */
function patients(value) {
  return counted(value, "{n} patient", "{n} patients");
}

/** @param {Desk} desk */
function refresh({ report }) {
  const open = [...document.querySelectorAll("#report-parts input")].some(
    (box) => box instanceof HTMLInputElement && !box.checked,
  );
  byId("check-confirm", HTMLButtonElement).disabled = open || report.patients === 0;
  problem("check-problem", report.patients ? "" : say("browser.no_patient"));
}

/** @param {string} look @param {string} symbol @param {string} title @param {import("./dom.js").Child[]} children */
function part(look, symbol, title, children) {
  return el("section", { class: `notice ${look}` }, icon(symbol), el("div", {}, el("h3", {}, title), ...children));
}

/** @param {string} id @param {string} text */
function agreement(id, text) {
  return el(
    "p",
    { class: "mt-2" },
    el("label", { class: "check", for: id }, el("input", { type: "checkbox", id }), ` ${text}`),
  );
}

/** @param {string} text @param {string} name @param {() => Promise<string>} content */
function downloadButton(text, name, content) {
  return el(
    "p",
    { class: "mt-2" },
    el(
      "button",
      { type: "button", class: "btn btn-sm btn-quiet", click: async () => download(name, await content()) },
      text,
    ),
  );
}

/** @param {Desk} desk */
function refused({ report, table }) {
  if (!report.refusedRows)
    return part("notice-good", "check", t("No row is refused"), [el("p", {}, t("Every row follows the dictionary."))]);
  const causes = report.causes.map((cause) =>
    el(
      "li",
      {},
      el("strong", {}, `${cause.column}: ${words(cause.valueClass)}`),
      ` ${t("in {rows}", { rows: rowsInWords(cause.rows, cause.count) })}. ${sentence(words(cause.remedy))}`,
    ),
  );
  return part("notice-failure", "ban", counted(report.refusedRows, "{n} row refused", "{n} rows refused"), [
    el(
      "p",
      {},
      t("Correct them in your file and choose it again, or leave them out. Row 1 is the first row of the file."),
    ),
    el("ul", { class: "causes" }, ...causes),
    downloadButton(t("Download refused rows (row, column, reason)"), "refused-rows.csv", () => table.call("refusals")),
    agreement("leave-out", counted(report.refusedRows, "Leave out this row", "Leave out these {n} rows")),
  ]);
}

/** @param {Desk} desk */
function changed({ report, table }) {
  const lines = report.variables.flatMap(changesOf);
  if (!lines.length)
    return part("notice-good", "check", t("No value will be changed"), [
      el("p", {}, t("Nothing is filled in and nothing lies outside the dictionary's range.")),
    ]);
  return part("notice-open", "info-circle", t("What will be changed before encrypting"), [
    el("ul", { class: "causes" }, ...lines.map((text) => el("li", {}, text))),
    downloadButton(t("Download changed rows (row, column, change)"), "changed-rows.csv", () => table.call("changes")),
  ]);
}

/** @param {VariableSummary} variable */
function changesOf({ label, unit, missing, fill, clippedLow, clippedHigh, centre, scale }) {
  const [low, high] = [number(centre - 4 * scale), number(centre + 4 * scale)];
  const texts = [];
  if (fill && missing)
    texts.push(
      counted(
        missing,
        "{label}: {n} missing value becomes the dictionary's {fill}",
        "{label}: {n} missing values become the dictionary's {fill}",
        { label, fill },
      ),
    );
  if (clippedLow)
    texts.push(
      counted(
        clippedLow,
        "{label}: {n} value below {limit} {unit} becomes {limit}",
        "{label}: {n} values below {limit} {unit} become {limit}",
        { label, unit, limit: low },
      ),
    );
  if (clippedHigh)
    texts.push(
      counted(
        clippedHigh,
        "{label}: {n} value above {limit} {unit} becomes {limit}",
        "{label}: {n} values above {limit} {unit} become {limit}",
        { label, unit, limit: high },
      ),
    );
  return texts;
}

/** @param {Desk} desk */
function suspicious({ report }) {
  const odd = report.variables.filter((variable) => variable.suspicion);
  if (!odd.length) return null;
  const lines = odd.map((variable) => {
    const { label, suspicion, mean, centre, unit } = variable;
    const facts = {
      label,
      times: Math.round(suspicion > 1 ? suspicion : 1 / suspicion),
      mean: number(mean),
      centre: number(centre),
      unit,
    };
    return el(
      "li",
      {},
      suspicion > 1
        ? t(
            "{label} looks {times} times too large: your mean is {mean}, the dictionary expects about {centre} {unit}",
            facts,
          )
        : t(
            "{label} looks {times} times too small: your mean is {mean}, the dictionary expects about {centre} {unit}",
            facts,
          ),
    );
  });
  return part(
    "notice-failure",
    "alert-triangle",
    counted(odd.length, "Check the unit of {n} variable", "Check the unit of {n} variables"),
    [
      el("ul", { class: "causes" }, ...lines),
      el(
        "p",
        {},
        t("No unit is ever converted here. If the unit differs, convert the column in your file and choose it again."),
      ),
      agreement("units", t("I checked: the values are in the dictionary's unit")),
    ],
  );
}

/** @param {Desk} desk */
function notes({ report, opened, variables, choices }) {
  const mapped = new Set(Object.values(choices?.places ?? {}));
  const extra = opened.header.filter((_, at) => !mapped.has(at)).length;
  const id = variables.find((one) => one.role === "id")?.label ?? "";
  const texts = [
    report.emptyRows > 0 && counted(report.emptyRows, "{n} empty row skipped.", "{n} empty rows skipped."),
    extra > 0 &&
      counted(
        extra,
        "{n} column of your file is not in the dictionary and will not be read.",
        "{n} columns of your file are not in the dictionary and will not be read.",
      ),
    report.zeroIds > 0 &&
      counted(
        report.zeroIds,
        "{n} value of {id} begins with 0 and is kept as written: 007 and 7 are two patients.",
        "{n} values of {id} begin with 0 and are kept as written: 007 and 7 are two patients.",
        { id },
      ),
    report.lostZeros &&
      t(
        "All values of {id} are numbers of different lengths. If your ids begin with zeros, Excel may have dropped them: compare a few with the source.",
        { id },
      ),
    report.events > 0 &&
      report.events < 20 &&
      counted(
        report.events,
        "Only {n} event: this hospital's own results will be suppressed by the disclosure rules.",
        "Only {n} events: this hospital's own results will be suppressed by the disclosure rules.",
      ),
    report.events === 0 && report.patients > 0 && t("No patient has the outcome: check its column and its coding."),
  ].filter(Boolean);
  return texts.length
    ? part("", "info-circle", t("Good to know"), [
        el("ul", { class: "causes" }, ...texts.map((text) => el("li", {}, String(text)))),
      ])
    : null;
}

/** @param {VariableSummary} variable */
function line(variable) {
  const numeric = variable.kind === "continuous";
  const own = numeric
    ? `${number(variable.mean)} ± ${number(variable.sd)}`
    : variable.levels.map((level, at) => `${level} ${share(variable.counts[at], variable.valid)}`).join(", ");
  const expected = numeric ? `${number(variable.centre)} ± ${number(variable.scale)}` : "–";
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, variable.label, variable.unit && el("span", { class: "muted" }, ` (${variable.unit})`)),
    el("td", { "data-label": t("Distribution") }, picture(variable)),
    el("td", { class: numeric ? "num" : "", "data-label": t("Your table") }, own),
    el("td", { class: "num", "data-label": t("Dictionary") }, expected),
    el("td", { class: "num", "data-label": t("Missing") }, count(variable.missing)),
    el(
      "td",
      { class: "num", "data-label": t("Clipped") },
      numeric ? count(variable.clippedLow + variable.clippedHigh) : "–",
    ),
    el("td", { class: "num", "data-label": t("Refused") }, count(variable.refused)),
  );
}

/** @param {string} text */
function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
