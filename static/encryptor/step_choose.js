// @ts-check
// Step 1: choose a file. It is handed to the table worker; the page itself reads only its name and size.

import { t } from "../i18n/text.js";
import { said, words } from "../i18n/words.js";
import { byId, el } from "./dom.js";
import { counted, size } from "./format.js";
import { announce, problem } from "./step.js";

const ENCODINGS = { "utf-8": "UTF-8", "utf-16le": "UTF-16", "utf-16be": "UTF-16", "euc-kr": "CP949 / EUC-KR" };

/** @param {(file: File) => void} chosen */
export function watchForFiles(chosen) {
  const input = byId("file", HTMLInputElement);
  const zone = byId("drop", HTMLElement);
  input.addEventListener("change", () => {
    if (input.files?.[0]) chosen(input.files[0]);
    input.value = ""; // the same file may be chosen again after it was corrected
  });
  for (const name of ["dragover", "dragenter"]) zone.addEventListener(name, (event) => event.preventDefault());
  zone.addEventListener("dragenter", () => zone.classList.add("over"));
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (file) chosen(file);
  });
}

/**
 * @param {import("./page.js").Desk} desk @param {File} file
 * @returns {Promise<boolean>} whether the file can be read
 */
export async function openFile(desk, file) {
  problem("choose-problem");
  byId("choose-busy", HTMLElement).hidden = false;
  announce(t("Reading {file}", { file: file.name }));
  try {
    desk.opened = await desk.table.call("open", [file]);
    desk.file = { name: file.name, size: file.size, digest: "" };
    return true;
  } catch (error) {
    problem("choose-problem", desk.words(error, said("browser.read_file")));
    return false;
  } finally {
    byId("choose-busy", HTMLElement).hidden = true;
  }
}

/** The chosen file in one line. @param {import("./page.js").Desk} desk */
export function fileInWords({ file, opened }) {
  const { layout, header, delimiterName } = opened;
  const encoding = ENCODINGS[/** @type {"utf-8"} */ (layout.encoding)];
  const delimiter = delimiterName && words(delimiterName);
  const kind =
    delimiter === null
      ? t("Excel workbook")
      : t("CSV, {encoding}, {delimiter} between columns", { encoding, delimiter });
  return `${file.name}: ${size(file.size)}, ${kind}, ${counted(header.length, "{n} column", "{n} columns")}`;
}

/**
 * Unfinished uploads of this computer, each with what to do.
 * @param {import("./progress_store.js").Upload[]} uploads
 * @param {Map<string, import("./api.js").BatchStatus>} states
 * @param {(upload: import("./progress_store.js").Upload) => void} dropped
 */
export function showUnfinished(uploads, states, dropped) {
  byId("unfinished", HTMLElement).replaceChildren(
    ...uploads.map((upload) => {
      const blocks = states.get(upload.id)?.blocks ?? [];
      const stored = blocks.filter((block) => block.state === "stored").length;
      return el(
        "div",
        { class: "notice notice-sealed" },
        el(
          "div",
          {},
          el(
            "h3",
            {},
            counted(
              blocks.length,
              "{batch} is not complete: {stored} of {n} block stored",
              "{batch} is not complete: {stored} of {n} blocks stored",
              { batch: upload.batch, stored },
            ),
          ),
          el(
            "p",
            {},
            t(
              "Choose the same file again ({file}, {size}) and the upload goes on where it stopped. It must be the very file: a changed one would mix two tables.",
              { file: upload.file.name, size: size(upload.file.size) },
            ),
          ),
          el(
            "p",
            { class: "mt-2" },
            el(
              "button",
              { type: "button", class: "btn btn-sm btn-danger-quiet", click: () => dropped(upload) },
              t("Withdraw {batch} instead", { batch: upload.batch }),
            ),
          ),
        ),
      );
    }),
  );
}
