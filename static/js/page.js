// @ts-check
// Small things that every page shares: copy buttons, confirmation by typing, and spoken progress of a polled region.

import { t } from "../i18n/text.js";

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (!(button instanceof HTMLElement)) return;
  const source = document.getElementById(button.dataset.copy ?? "");
  await navigator.clipboard.writeText(source?.textContent?.trim() ?? "");
  button.textContent = t("Copied");
});

// A destructive button stays off until its object's id is typed; without a script the server checks the same thing.
for (const field of document.querySelectorAll("input[data-confirm]")) {
  if (!(field instanceof HTMLInputElement) || !field.form) continue;
  const button = field.form.querySelector("button");
  const check = () => button?.toggleAttribute("disabled", field.value.trim() !== field.dataset.confirm);
  field.addEventListener("input", check);
  check();
}

// A polled region is replaced every two seconds; only a change of its sentence is read out.
document.addEventListener("htmx:afterSwap", () => {
  const sentence = document.querySelector("[data-announce]")?.textContent?.trim() ?? "";
  const speaker = document.getElementById("announcer");
  if (speaker && sentence && speaker.textContent !== sentence) speaker.textContent = sentence;
});

// The strip of rounds keeps its place when it is renewed; at first it shows the round that runs.
const strip = () => document.getElementById("rounds");
/** @type {number | null} */
let place = null;
document.addEventListener("htmx:beforeSwap", () => {
  place = strip()?.scrollLeft ?? place;
});
/** Where the round that runs stands in the middle; the end of the strip when none does. @param {HTMLElement} rounds */
const running = (rounds) => {
  const one = rounds.querySelector(".running, .reducing, .custodian");
  if (!(one instanceof HTMLElement)) return rounds.scrollWidth;
  const middle = one.getBoundingClientRect().left - rounds.getBoundingClientRect().left + one.offsetWidth / 2;
  return rounds.scrollLeft + middle - rounds.clientWidth / 2;
};
const restore = () => {
  const rounds = strip();
  if (rounds) rounds.scrollLeft = place ?? running(rounds);
};
document.addEventListener("htmx:afterSwap", restore);
restore();

// A polled region that gets no answer stays as it was; the page says so until one comes.
/** @param {boolean} lost */
const connection = (lost) => document.getElementById("connection")?.toggleAttribute("hidden", !lost);
document.addEventListener("htmx:sendError", () => connection(true));
document.addEventListener("htmx:responseError", () => connection(true));
document.addEventListener("htmx:beforeSwap", (event) =>
  connection(!(/** @type {CustomEvent} */ (event).detail.shouldSwap)),
);

// On small screens the side bar is a sheet that rises from the bottom.
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest("[data-sheet]");
  const sheet = document.querySelector(".side");
  if (!sheet) return;
  const open = Boolean(button) && !sheet.classList.contains("show");
  if (!button && target?.closest(".side")) return;
  sheet.classList.toggle("show", open);
  document.querySelector("[data-sheet]")?.setAttribute("aria-expanded", String(open));
  if (open && sheet instanceof HTMLElement) sheet.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelector(".side.show")?.classList.remove("show");
  document.querySelector("[data-sheet]")?.setAttribute("aria-expanded", "false");
});
