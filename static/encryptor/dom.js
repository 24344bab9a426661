// @ts-check
// Building small pieces of a page. Text is always set as text, never parsed.

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean | ((event: Event) => void)>} [attributes] a function is a listener
 * @param {...Child} children
 */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** @param {string} tag @param {Record<string, string | number | boolean>} attributes @param {...Child} children */
export function svg(tag, attributes, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** @template {Element} T @param {T} element @param {Record<string, unknown>} attributes @param {Child[]} children */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, /** @type {EventListener} */ (value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
  element.append(
    ...children
      .filter((child) => child !== null && child !== undefined && child !== false)
      .map((child) => /** @type {Node|string} */ (child)),
  );
  return element;
}

/**
 * An element of the page that must be there.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} with id ${id}`);
  return found;
}

/** An icon of the site's sprite; decoration only. @param {string} name */
export function icon(name) {
  const sprite = document.querySelector("[data-icons]")?.getAttribute("data-icons");
  return svg(
    "svg",
    { class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("use", { href: `${sprite}#${name}` }),
  );
}

/**
 * A message box.
 * @param {"failure"|"open"|"sealed"|"good"|""} look
 * @param {string} symbol
 * @param {string} title
 * @param {...Child} children
 */
export function notice(look, symbol, title, ...children) {
  return el(
    "div",
    { class: `notice ${look ? `notice-${look}` : ""}` },
    icon(symbol),
    el("div", {}, el("h3", {}, title), ...children),
  );
}

/** Offer a text as a file; it never leaves the computer. @param {string} name @param {string} text */
export function download(name, text) {
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  const link = el("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
