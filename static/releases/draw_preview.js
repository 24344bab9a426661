// @ts-check
// A decrypted and checked preview on the page: what was suppressed, each item drawn, and each item's exact text.

import { t } from "../i18n/text.js";
import { words as inWords } from "../i18n/words.js";
import { el, icon, notice } from "../encryptor/dom.js";
import { grouped } from "../encryptor/bytes.js";
import { drawCharts, drawCurves } from "./draw_curves.js";
import { drawMetrics } from "./draw_metrics.js";
import { drawModel } from "./draw_model.js";
import { drawTableOne } from "./draw_table_one.js";

/** @typedef {import("./check.js").CheckedItem} CheckedItem */
/** @typedef {import("./parts.js").Words} Words */
/** @typedef {import("../i18n/words.js").Said | string} Reason */
/** @typedef {{title: string, draw: (content: any, words: Words) => HTMLElement[]}} Drawing */

/** @type {Record<import("./protocol.js").ItemName, Drawing>} */
const DRAWINGS = {
  coefficients: { title: t("Coefficients"), draw: drawModel },
  metrics: { title: t("How well it predicts"), draw: drawMetrics },
  curves: { title: t("Curves"), draw: drawCurves },
  table_one: { title: t("Table 1: the patients"), draw: drawTableOne },
};

/** @param {HTMLElement} place @param {CheckedItem[]} items @param {Reason[]} notes @param {Words} words */
export function drawPreview(place, items, notes, words) {
  const contents = items.map((item) => ({ ...item, content: JSON.parse(item.text, withReasons) }));
  const warnings = contents.flatMap(({ content }) => (content.warnings ?? []).map(text));
  place.replaceChildren(
    noteList(notes.map(text)),
    ...warnings.map(warning),
    ...contents.map((one) => section(one, words)),
  );
  drawCharts();
}

/** The words of a reason; those of an earlier version are sentences already. @param {Reason} reason */
function text(reason) {
  return typeof reason === "string" ? reason : inWords(reason);
}

/** Why a number is missing becomes words; a column may have that name too. @param {string} key @param {any} value */
function withReasons(key, value) {
  return key === "suppressed" && typeof value?.code === "string" ? inWords(value) : value;
}

/** @param {string[]} notes */
function noteList(notes) {
  const list = notes.length
    ? el("ul", {}, ...notes.map((note) => el("li", {}, note)))
    : el("p", {}, t("Nothing was suppressed."));
  return el("section", { class: "preview-notes" }, el("h3", {}, t("What was suppressed or rounded, and why")), list);
}

/** @param {string} text */
function warning(text) {
  return notice("open", "alert-triangle", t("The custodian warns"), el("p", {}, text));
}

/** @param {CheckedItem & {content: unknown}} item @param {Words} words */
function section({ item, text, sha256, content }, words) {
  const { title, draw } = DRAWINGS[item];
  return el(
    "section",
    { class: "preview-item", id: `preview-${item}` },
    el(
      "header",
      { class: "row-between" },
      el("h3", {}, title),
      el("span", { class: "lock lock-good" }, icon("check"), t("matches the commitment")),
    ),
    ...draw(content, words),
    el(
      "details",
      {},
      el("summary", {}, t("Exact text that would be published")),
      el(
        "p",
        { class: "muted small" },
        t("{n} characters. SHA-256 with its salt: {digest}", { n: text.length, digest: grouped(sha256).join(" ") }),
      ),
      el("pre", { tabindex: "0" }, text),
    ),
  );
}
