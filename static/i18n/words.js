// @ts-check
// Twin: hefed/core/words/template.py and rendering.py. Words for what is said, in the language of the page.
// The catalogue beside it is written from hefed/core/words/catalogue by `python -m tools.catalogues` (docs/words.md).

import en from "./catalogue/en.js";
import ko from "./catalogue/ko.js";
import { language as ofPage } from "./text.js";

/** @typedef {{code: string, facts: Record<string, Fact>}} Said */
/** @typedef {number | string | boolean | Said} One */
/** @typedef {One | One[]} Fact */

/** @type {Record<string, Record<string, string>>} */
const CATALOGUES = { en, ko };
/** @type {Record<string, [string, string]>} */
const YES_NO = { en: ["yes", "no"], ko: ["예", "아니요"] };
const PLACEHOLDER = /\{(\w+)(?::(,?(?:\.\d+[fg%])?|lines))?(?:([|?])([^|{}]*)\|([^|{}]*))?\}/g;

/**
 * A code of the catalogue with its facts, to be told later or by another script.
 * @param {string} code
 * @param {Record<string, Fact>} [facts]
 * @returns {Said}
 */
export function said(code, facts = {}) {
  return { code, facts };
}

/**
 * The words of a code and its facts.
 * @param {string} code
 * @param {Record<string, Fact>} [facts]
 * @param {string} [language]
 */
export function say(code, facts = {}, language = ofPage) {
  return words(said(code, facts), language);
}

/**
 * Whether this page has words for a code.
 * @param {string} code
 */
export function knows(code) {
  return code !== "legacy" && Object.hasOwn(CATALOGUES.en, code);
}

/**
 * Never throws: a code that this page does not know is shown with its facts.
 * @param {Said} told
 * @param {string} [language]
 * @returns {string}
 */
export function words(told, language = ofPage) {
  const spoken = Object.keys(CATALOGUES).find((known) => language.toLowerCase().startsWith(known)) ?? "en";
  const template = CATALOGUES[spoken][told.code];
  if (template !== undefined) return filled(template, told.facts, spoken);
  const facts = Object.keys(told.facts)
    .sort()
    .map((name) => filled(`${name}={${name}}`, told.facts, spoken));
  return facts.length > 0 ? `${told.code} (${facts.join(", ")})` : told.code;
}

/**
 * The template with its facts; "…" for one that was kept back.
 * @param {string} template
 * @param {Record<string, Fact>} facts
 * @param {string} language
 */
export function filled(template, facts, language) {
  return template.replace(PLACEHOLDER, (_whole, name, form, mark, one, many) => {
    const fact = Object.hasOwn(facts, name) ? facts[name] : "…";
    const chosen = count(fact) === 1 ? one : many;
    if (mark === "?") return chosen;
    const text = shown(fact, form ?? "", language);
    if (mark === "|") return Array.isArray(fact) ? `${chosen} ${text}` : `${text} ${chosen}`;
    return text;
  });
}

/** @param {Fact} fact */
function count(fact) {
  return Array.isArray(fact) ? fact.length : fact;
}

/** @param {Fact} fact @param {string} form @param {string} language */
function shown(fact, form, language) {
  if (!Array.isArray(fact)) return shownOne(fact, form, language);
  const items = fact.map((item) => shownOne(item, form, language));
  if (form === "lines") return items.map((item) => `\n  ${item}`).join("");
  return items.join(fact.some((item) => typeof item === "object") ? "; " : ", ");
}

/** @param {One} fact @param {string} form @param {string} language */
function shownOne(fact, form, language) {
  if (typeof fact === "object") return words(fact, language);
  if (typeof fact === "boolean") return YES_NO[language][fact ? 0 : 1];
  return typeof fact === "string" ? fact : number(fact, form === "lines" ? "" : form);
}

/** @param {number} value @param {string} wanted */
function number(value, wanted) {
  const grouped = wanted.startsWith(",");
  const form = grouped ? wanted.slice(1) : wanted;
  const text = ungrouped(value, form.slice(-1), form === "" ? 6 : Number.parseInt(form.slice(1), 10));
  return grouped
    ? text.replace(/^(-?)(\d+)/, (_all, sign, whole) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ","))
    : text;
}

/** @param {number} value @param {string} kind @param {number} digits @returns {string} */
function ungrouped(value, kind, digits) {
  if (kind === "%") return `${ungrouped(value * 100, "f", digits)}%`;
  if (kind === "" && Number.isInteger(value) && Math.abs(value) <= 2 ** 53) return String(value);
  if (kind === "f" && Math.abs(value) < 1e15) return value.toFixed(digits);
  return general(value, kind === "g" ? Math.max(digits, 1) : 6);
}

/** As C's %g. @param {number} value @param {number} digits */
function general(value, digits) {
  if (value === 0) return "0";
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < digits) return short(value.toFixed(digits - 1 - exponent));
  return `${short(mantissa)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** @param {string} text */
function short(text) {
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}
