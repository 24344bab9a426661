// @ts-check
// One of the page's four steps: locked, open, or done and folded to one line that can be opened again.

import { t } from "../i18n/text.js";
import { byId, el } from "./dom.js";

export class Step {
  /** @param {string} name @param {() => void} [reopened] */
  constructor(name, reopened = () => {}) {
    this.panel = byId(`step-${name}`, HTMLElement);
    this.body = byId(`step-${name}-body`, HTMLElement);
    this.summary = byId(`step-${name}-summary`, HTMLElement);
    this.change = byId(`step-${name}-change`, HTMLButtonElement);
    this.change.addEventListener("click", () => {
      reopened();
      this.open();
    });
  }

  lock() {
    this.show("locked");
    this.summary.textContent = "";
  }

  /** @param {boolean} [focus] move the keyboard there */
  open(focus = true) {
    this.show("open");
    if (focus) byId(`${this.panel.id}-title`, HTMLElement).focus();
  }

  /** @param {string} text @param {boolean} [final] nothing can be changed any more */
  done(text, final = false) {
    this.show("done");
    this.summary.textContent = text;
    this.change.hidden = final;
  }

  /** @param {"locked"|"open"|"done"} state */
  show(state) {
    this.panel.dataset.state = state;
    this.body.hidden = state !== "open";
    this.summary.hidden = state !== "done";
    this.change.hidden = state !== "done";
    this.panel.toggleAttribute("aria-current", state === "open");
    if (state === "open") this.panel.setAttribute("aria-current", "step");
  }
}

/** Say something to a screen reader. @param {string} text */
export function announce(text) {
  byId("encryptor-announcer", HTMLElement).textContent = text;
}

/**
 * Say that the page waits for the server, or for room on its disk, or that it answers again.
 * @param {number} seconds
 * @param {boolean} [full]
 */
export function waitingForServer(seconds, full = false) {
  const notice = byId("encryptor-waiting", HTMLElement);
  notice.hidden = seconds === 0;
  const words = notice.querySelector("span");
  if (!words) return;
  words.dataset.usual ??= words.textContent ?? "";
  words.textContent = full
    ? t(
        "The server's disk is full. Tell its administrator; the upload goes on by itself when there is room, and nothing is lost.",
      )
    : words.dataset.usual;
}

/** Show a problem where it happened, or remove it. @param {string} id @param {string} [message] */
export function problem(id, message = "") {
  const place = byId(id, HTMLElement);
  place.replaceChildren();
  if (!message) return;
  const [first, ...rest] = message.split("; ");
  place.append(
    el(
      "div",
      { class: "notice notice-failure" },
      el("div", {}, el("p", {}, el("strong", {}, first)), rest.length > 0 && el("p", {}, sentence(rest.join("; ")))),
    ),
  );
}

/** @param {string} text */
function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
