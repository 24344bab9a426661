// @ts-check
// The page "Add patients": four steps, one after the other. Reads and encrypts nothing itself; workers do.

import { t } from "../i18n/text.js";
import { said } from "../i18n/words.js";
import { Api } from "./api.js";
import { Remote } from "./calls.js";
import { byId } from "./dom.js";
import { size } from "./format.js";
import { NetworkLost } from "./patience.js";
import { Problem, explained } from "./problem.js";
import { forget, uploadsOf } from "./progress_store.js";
import { Step, announce, problem, waitingForServer } from "./step.js";
import { checkTable, reportInWords, showReport } from "./step_check.js";
import { fileInWords, openFile, showUnfinished, watchForFiles } from "./step_choose.js";
import { chosenColumns, showColumns, watchLayout } from "./step_columns.js";
import { encryptAndSend, preparePlan, showDone, showPlan, watchButtons } from "./step_send.js";
import { workerAddress } from "./transfer.js";

/**
 * @typedef {{layout: any, header: string[], sheets: string[],
 *   delimiterName: import("../i18n/words.js").Said | null, places: Record<string, number>,
 *   sample: string[][], style: import("./values.js").NumberStyle}} Opened
 * @typedef {ReturnType<typeof chosenColumns>} Choices
 */

/** What the page knows; one object that all steps share. */
export class Desk {
  /** @param {HTMLElement} root */
  constructor(root) {
    const { study = "", api = "", replaces = "", batchPage = "" } = root.dataset;
    const csrf = root.querySelector("input[name=csrfmiddlewaretoken]");
    this.facts = {
      address: new URL(api, location.href).href,
      study,
      csrf: csrf instanceof HTMLInputElement ? csrf.value : "",
    };
    this.api = new Api(this.facts, waitingForServer);
    this.replaces = replaces;
    this.batchPage = batchPage;
    this.table = new Remote(workerAddress("table_worker"));
    this.batch = "";
    /** @type {any} the StudyPackage */
    this.study = null;
    /** @type {import("./dictionary.js").Variable[]} */
    this.variables = [];
    /** @type {string[]} */
    this.columns = [];
    /** @type {Opened} */
    this.opened = /** @type {any} */ (null);
    this.file = { name: "", size: 0, digest: "" };
    /** @type {Choices | null} */
    this.choices = null;
    /** @type {import("./report.js").ReportSummary} */
    this.report = /** @type {any} */ (null);
  }

  /** @param {unknown} error @param {import("../i18n/words.js").Said} doing */
  words(error, doing) {
    return explained(error, doing).message;
  }

  /** @param {string} batch */
  batchAddress(batch) {
    return this.batchPage.replace("batch-0000", batch);
  }
}

class AddPatients {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.choose = new Step("choose", () => this.lockFrom(1));
    this.match = new Step("columns", () => this.lockFrom(2));
    this.check = new Step("check", () => this.lockFrom(3));
    this.send = new Step("send");
    /** @type {import("./progress_store.js").Upload[]} */
    this.uploads = [];
    /** @type {import("./progress_store.js").Upload | null} */
    this.unfinished = null;
    /** @type {import("./step_send.js").Plan | null} */
    this.plan = null;
    watchForFiles((file) => this.fileChosen(file));
    watchLayout(
      () => desk,
      () => this.layoutChanged(),
    );
    byId("columns-confirm", HTMLButtonElement).addEventListener("click", () => this.columnsConfirmed());
    byId("check-confirm", HTMLButtonElement).addEventListener("click", () => this.reportConfirmed());
    byId("send", HTMLButtonElement).addEventListener("click", () => this.sendPressed());
    byId("retry", HTMLButtonElement).addEventListener("click", () => this.reportConfirmed());
    watchButtons(
      () => this.plan,
      () => this.stop(),
    );
    addEventListener("beforeunload", (event) => {
      if (this.running) event.preventDefault();
    });
  }

  running = false;

  async begin() {
    requireBrowser();
    this.desk.study = await this.desk.api.study();
    const { variables, columns } = await this.desk.table.call("begin", [this.desk.study]);
    [this.desk.variables, this.desk.columns] = [variables, columns];
    if (!this.desk.study.key) throw new Problem("browser.no_key");
    await this.findUnfinished();
    this.choose.open(false);
  }

  /** Uploads that this browser began and the server still waits for. */
  async findUnfinished() {
    const states = new Map();
    this.uploads = [];
    for (const upload of await uploadsOf(this.desk.study.study)) {
      const status = await this.desk.api.batch(upload.batch).catch(unlessUnreachable);
      if (status?.state === "uploading" && upload.manifest.institution === this.desk.study.institution) {
        states.set(upload.id, status);
        this.uploads.push(upload);
      } else if (status) await forget(upload.id);
    }
    showUnfinished(this.uploads, states, (upload) => this.drop(upload));
  }

  /** @param {import("./progress_store.js").Upload} upload */
  async drop(upload) {
    try {
      await this.desk.api.withdraw(upload.batch);
      await forget(upload.id);
      announce(t("{batch} is withdrawn", { batch: upload.batch }));
      await this.findUnfinished();
    } catch (error) {
      problem("choose-problem", this.desk.words(error, said("browser.withdraw", { batch: upload.batch })));
    }
  }

  /** @param {number} first steps from there on are locked again */
  lockFrom(first) {
    [this.choose, this.match, this.check, this.send].slice(first).forEach((step) => step.lock());
    this.plan?.transfer.end();
    this.plan = null;
  }

  /** @param {File} file */
  async fileChosen(file) {
    this.lockFrom(1);
    [this.desk.choices, this.unfinished] = [null, null];
    if (!(await openFile(this.desk, file))) return;
    this.choose.done(fileInWords(this.desk));
    if (await this.goesOn()) return;
    showColumns(this.desk);
    this.match.open();
  }

  /** The file of an unfinished upload: same bytes, same choices, straight to sending. */
  async goesOn() {
    const candidates = this.uploads.filter((one) => one.file.size === this.desk.file.size);
    if (!candidates.length) return false;
    const digest = await this.desk.table.call("digest");
    const upload = candidates.find((one) => one.file.digest === digest);
    if (!upload) return false;
    this.unfinished = upload;
    this.desk.opened = await this.desk.table.call("reopen", [upload.layout]);
    this.desk.choices = /** @type {Choices} */ (upload.choices);
    this.match.done(t("As before: columns and numbers are read as when the upload began"));
    this.check.open(false);
    if (await checkTable(this.desk)) await this.reportConfirmed();
    return true;
  }

  layoutChanged() {
    this.desk.choices = null;
    this.choose.done(fileInWords(this.desk));
    showColumns(this.desk);
  }

  async columnsConfirmed() {
    this.desk.choices = chosenColumns(this.desk);
    this.match.done(t("{n} variables matched", { n: this.desk.variables.length }));
    this.check.open();
    if (await checkTable(this.desk)) showReport(this.desk);
  }

  async reportConfirmed() {
    this.plan?.transfer.end();
    this.check.done(reportInWords(this.desk));
    this.send.open();
    this.show("planning");
    problem("send-problem");
    try {
      this.plan = await preparePlan(this.desk, this.unfinished);
      showPlan(this.desk, this.plan);
      this.show("ready");
    } catch (error) {
      this.failed(error, said("browser.prepare"));
    }
  }

  async sendPressed() {
    if (!this.plan) return;
    this.freeze(true);
    this.show("running");
    problem("send-problem");
    try {
      const status = await encryptAndSend(this.desk, this.plan, this.unfinished);
      this.running = false;
      this.plan.transfer.end();
      this.show("done");
      showDone(this.desk, status);
      this.send.summary.textContent = size(this.plan.transfer.progress.sentBytes);
    } catch (error) {
      this.freeze(false);
      if (!(error instanceof Problem && error.code === "browser.stopped")) this.failed(error, said("browser.send"));
    }
  }

  /** @param {unknown} error @param {import("../i18n/words.js").Said} doing */
  failed(error, doing) {
    this.plan?.transfer.end();
    this.show("failed");
    const { message } = explained(error, doing);
    problem("send-problem", message);
    announce(message);
  }

  /** Earlier steps cannot be changed while blocks are under way. @param {boolean} running */
  freeze(running) {
    this.running = running;
    for (const step of [this.choose, this.match, this.check]) step.change.hidden = running;
  }

  async stop() {
    this.plan?.transfer.end();
    this.freeze(false);
    try {
      if (this.desk.batch) {
        await this.desk.api.withdraw(this.desk.batch);
        await forget(`${this.desk.study.study}/${this.desk.batch}`);
      }
      this.show("stopped");
      announce(t("Stopped. Nothing of this batch stays on the server."));
    } catch (error) {
      this.failed(error, said("browser.withdraw", { batch: this.desk.batch }));
    }
  }

  /** @param {"planning"|"ready"|"running"|"done"|"failed"|"stopped"} state */
  show(state) {
    for (const part of document.querySelectorAll("#step-send-body [data-when]")) {
      if (part instanceof HTMLElement) part.hidden = !(part.dataset.when ?? "").split(" ").includes(state);
    }
  }
}

/**
 * A batch that the server does not show is none of ours; one it could not be asked about may be.
 * @param {unknown} error
 */
function unlessUnreachable(error) {
  if (error instanceof NetworkLost) throw error;
  return null;
}

/** What this page needs of a browser, said before a file is chosen. */
function requireBrowser() {
  if (!isSecureContext) throw new Problem("browser.insecure");
  if (!("locks" in navigator) || typeof WebAssembly !== "object") throw new Problem("browser.too_old");
}

const desk = new Desk(byId("encryptor", HTMLElement));
new AddPatients(desk).begin().catch((error) => problem("choose-problem", desk.words(error, said("browser.open_page"))));
