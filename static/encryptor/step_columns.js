// @ts-check
// Step 2: which column of the file is which variable of the dictionary, how numbers are written, what means missing.

import { mark, t } from "../i18n/text.js";
import { said, say, words } from "../i18n/words.js";
import { byId, el } from "./dom.js";
import { announce, problem } from "./step.js";

/** @typedef {import("./page.js").Desk} Desk */
/** @typedef {import("./dictionary.js").Variable} Variable */

const KINDS = {
  "": mark("id"),
  continuous: mark("number"),
  binary: mark("two values"),
  categorical: mark("categories"),
};
const ROLES = { id: mark("Patient id"), outcome: mark("Outcome"), feature: "" };

/** @param {Desk} desk */
export function showColumns(desk) {
  showLayout(desk);
  const style = byId("number-style", HTMLSelectElement);
  style.value = desk.choices?.style ?? "point";
  byId("missing-words", HTMLInputElement).value = (desk.choices?.missingWords ?? []).join(", ");
  suggestStyle(desk.opened.style);
  byId("columns-rows", HTMLElement).replaceChildren(...desk.variables.map((variable) => line(desk, variable)));
  showPreview(desk);
  refresh(desk);
}

/** What the person decided; read when the step is confirmed. @param {Desk} desk */
export function chosenColumns(desk) {
  const words = byId("missing-words", HTMLInputElement).value;
  return {
    places: places(desk),
    width: desk.opened.header.length,
    missingWords: words
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean),
    style: /** @type {import("./values.js").NumberStyle} */ (byId("number-style", HTMLSelectElement).value),
  };
}

/** @param {Desk} desk */
function showLayout({ opened: { layout, sheets } }) {
  const [delimiter, sheet, row] = [
    byId("delimiter", HTMLSelectElement),
    byId("sheet", HTMLSelectElement),
    byId("header-row", HTMLInputElement),
  ];
  delimiter.value = layout.delimiter;
  byId("delimiter-field", HTMLElement).hidden = layout.kind !== "csv";
  byId("sheet-field", HTMLElement).hidden = sheets.length < 2;
  sheet.replaceChildren(...sheets.map((name, at) => el("option", { value: at + 1 }, name)));
  sheet.value = String(layout.sheet || 1);
  row.value = String(layout.headerRow);
}

/** Listen to the three settings of how the file is read. @param {() => Desk} desk @param {() => void} changed */
export function watchLayout(desk, changed) {
  for (const id of ["delimiter", "sheet", "header-row"]) {
    byId(id, HTMLElement).addEventListener("change", async () => {
      const layout = {
        ...desk().opened.layout,
        delimiter: byId("delimiter", HTMLSelectElement).value || ",",
        sheet: Number(byId("sheet", HTMLSelectElement).value || 1),
        headerRow: Math.max(1, Math.round(Number(byId("header-row", HTMLInputElement).value)) || 1),
      };
      try {
        desk().opened = await desk().table.call("reopen", [layout]);
        changed();
      } catch (error) {
        problem("columns-problem", desk().words(error, said("browser.read_that_way")));
      }
    });
  }
}

/** @param {import("./values.js").NumberStyle} suggested */
function suggestStyle(suggested) {
  const place = byId("style-suggestion", HTMLElement);
  const select = byId("number-style", HTMLSelectElement);
  place.hidden = suggested === "point" || select.value === suggested;
  const text =
    suggested === "comma"
      ? t("This file seems to write decimals with a comma (61,5).")
      : t("This file seems to write thousands with a comma (1,234.5).");
  place.replaceChildren(
    `${text} `,
    el(
      "button",
      {
        type: "button",
        class: "btn btn-sm btn-quiet",
        click: () => {
          select.value = suggested;
          place.hidden = true;
          select.focus();
          announce(t("Numbers will be read that way"));
        },
      },
      t("Read numbers that way"),
    ),
  );
}

/** @param {Desk} desk @param {Variable} variable */
function line(desk, variable) {
  const { header, places: found } = desk.opened;
  const place = desk.choices?.places[variable.name] ?? found[variable.name];
  const select = el(
    "select",
    {
      id: `column-${variable.name}`,
      class: "form-select",
      "aria-label": t("Column for {variable}", { variable: variable.label }),
      change: () => refresh(desk),
    },
    el("option", { value: -1 }, t("Choose a column")),
    ...header.map((cell, at) =>
      el("option", { value: at, selected: at === place }, cell || t("(column {n} without heading)", { n: at + 1 })),
    ),
  );
  const details = [t(ROLES[variable.role]), t(KINDS[variable.kind]), variable.unit].filter(Boolean).join(", ");
  const allowed = variable.levels.length > 0 && el("div", { class: "small muted" }, variable.levels.join(" | "));
  return el(
    "tr",
    { "data-variable": variable.name },
    el(
      "th",
      { scope: "row" },
      variable.label,
      el("div", { class: "small muted" }, `${variable.name} · ${details}`),
      allowed,
    ),
    el("td", { "data-label": t("Column of your file") }, select),
    el("td", { "data-label": t("First values"), class: "small muted sample" }),
    el("td", { "data-label": t("State"), class: "state" }),
  );
}

/** @param {Desk} desk @returns {Record<string, number>} */
function places({ variables }) {
  return Object.fromEntries(
    variables.map(({ name }) => [name, Number(byId(`column-${name}`, HTMLSelectElement).value)]),
  );
}

/** Samples, states and the button follow the choices. @param {Desk} desk */
function refresh(desk) {
  const chosen = places(desk);
  const uses = Object.values(chosen);
  let open = 0;
  for (const row of byId("columns-rows", HTMLElement).querySelectorAll("tr")) {
    const place = chosen[row.dataset.variable ?? ""];
    const state =
      place < 0 ? mark("missing") : uses.filter((one) => one === place).length > 1 ? mark("used twice") : mark("found");
    open += Number(state !== "found");
    const [sample, word] = [row.querySelector(".sample"), row.querySelector(".state")];
    if (sample)
      sample.textContent =
        place < 0
          ? ""
          : desk.opened.sample
              .map((cells) => cells[place] ?? "")
              .filter(Boolean)
              .slice(0, 3)
              .join(", ");
    word?.replaceChildren(el("span", { class: `lock ${state === "found" ? "lock-good" : "lock-failed"}` }, t(state)));
  }
  byId("columns-confirm", HTMLButtonElement).disabled = open > 0;
  problem("columns-problem", open ? unmatched(desk, chosen, open) : "");
}

/** @param {Desk} desk @param {Record<string, number>} chosen @param {number} open */
function unmatched(desk, chosen, open) {
  const empty = desk.opened.header.filter((cell) => !cell).length;
  const found = desk.variables.length - open;
  if (found <= 1 && desk.opened.layout.kind === "csv") {
    return say("browser.columns_unknown", { found, all: desk.variables.length, n: desk.opened.header.length });
  }
  const unmatched = said("browser.columns_open", { n: open });
  return empty ? say("browser.headings_empty", { open: unmatched, n: empty }) : words(unmatched);
}

/** @param {Desk} desk */
function showPreview({ opened: { header, sample, layout } }) {
  byId("preview-head", HTMLElement).replaceChildren(...header.map((cell) => el("th", { scope: "col" }, cell || "–")));
  byId("preview-body", HTMLElement).replaceChildren(
    ...sample.map((cells, at) =>
      el(
        "tr",
        { "data-row": layout.headerRow + 1 + at },
        ...header.map((_, place) => el("td", {}, cells[place] ?? "")),
      ),
    ),
  );
}
