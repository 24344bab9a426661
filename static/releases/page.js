// @ts-check
// A release: opens the preview that was encrypted to the person who reads, checks it, and signs what the page names.

import { plural, t } from "../i18n/text.js";
import { said } from "../i18n/words.js";
import { byId, el, notice } from "../encryptor/dom.js";
import { grouped } from "../encryptor/bytes.js";
import { Problem, explained } from "../encryptor/problem.js";
import { checkPreview, checkStatement } from "./check.js";
import { drawPreview } from "./draw_preview.js";
import { ownKey } from "./key_store.js";
import { sentence } from "./parts.js";
import { openPreview, sign } from "./protocol.js";
import { post, preview } from "./server.js";

/** @typedef {import("./protocol.js").Statement} Statement */
/** @typedef {import("./key_store.js").OwnKey} OwnKey */

class ReleasePage {
  /** @param {HTMLElement} root */
  constructor(root) {
    const { person = "", fingerprint = "", keyUrl = "", statement = "{}", commitments = "[]" } = root.dataset;
    this.root = root;
    this.person = person;
    this.fingerprint = fingerprint;
    this.keyUrl = keyUrl;
    /** @type {Statement} */
    this.statement = JSON.parse(statement);
    /** @type {import("./protocol.js").ItemCommitment[]} */
    this.commitments = JSON.parse(commitments);
    this.previewUrl = root.dataset.previewUrl ?? "";
    this.signUrl = root.dataset.requestUrl ?? root.dataset.approveUrl ?? "";
    this.preview = byId("preview", HTMLElement);
    this.button = document.getElementById("sign");
  }

  async begin() {
    if (!this.previewUrl && !this.signUrl) return;
    const key = await this.findKey();
    if (!key) return;
    if (this.previewUrl) await this.showPreview(key);
    else await checkStatement(this.statement, this.commitments);
    this.offer(key);
  }

  /** The key in use, if this browser has it; otherwise the page says what to do. @returns {Promise<OwnKey | null>} */
  async findKey() {
    if (!window.isSecureContext) throw new Problem("browser.use_key_insecure");
    const key = this.fingerprint ? await ownKey(this.person, this.fingerprint) : null;
    if (!key) this.place().replaceChildren(this.fingerprint ? this.elsewhere() : this.noKey());
    return key;
  }

  /** Readers look for it in the preview, the requester beside the button. */
  place() {
    return this.previewUrl ? this.preview : byId("release-message", HTMLElement);
  }

  noKey() {
    return notice(
      "sealed",
      "key",
      t("You have no approval key yet"),
      el(
        "p",
        {},
        t(
          "Make one in the browser that you use for this work. The custodian compares its fingerprint with you; then your preview can be encrypted to it.",
        ),
      ),
      el("a", { class: "btn btn-primary mt-2", href: this.keyUrl }, t("Make my approval key")),
    );
  }

  elsewhere() {
    return notice(
      "open",
      "key",
      t("Your approval key is in another browser"),
      el(
        "p",
        {},
        t(
          "Keys never leave the browser that made them. Open this page there. If that browser is lost, make a new key: the custodian must then vouch for you again.",
        ),
      ),
      this.fingerprintGroups(),
      el("a", { class: "btn btn-quiet mt-2", href: this.keyUrl }, t("My approval key")),
    );
  }

  fingerprintGroups() {
    return el("p", { class: "fingerprint" }, ...grouped(this.fingerprint).map((four) => el("span", {}, four)));
  }

  /** @param {OwnKey} key */
  async showPreview(key) {
    const content = await openPreview(await preview(this.previewUrl), key.agreement);
    const items = await checkPreview(content, this.statement, this.commitments);
    drawPreview(this.preview, items, content.notes, JSON.parse(byId("release-words", HTMLElement).textContent ?? "{}"));
    this.say(
      plural(
        items.length,
        "Opened with your key in this browser. The item matches what the custodian committed to.",
        "Opened with your key in this browser. All {n} items match what the custodian committed to.",
        { n: items.length },
      ),
    );
  }

  /** @param {OwnKey} key */
  offer(key) {
    if (!(this.button instanceof HTMLButtonElement) || !this.signUrl) return;
    const button = this.button;
    button.disabled = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      await this.signed(key).catch((error) => {
        button.disabled = false;
        byId("release-message", HTMLElement).replaceChildren(failure(t("Not signed"), error, said("browser.sign")));
      });
    });
  }

  /** @param {OwnKey} key */
  async signed(key) {
    const csrf = this.root.querySelector("input[name=csrfmiddlewaretoken]");
    const jws = await sign(this.statement, key);
    await post(this.signUrl, csrf instanceof HTMLInputElement ? csrf.value : "", { jws });
    location.reload();
  }

  /** @param {string} text */
  say(text) {
    byId("release-message", HTMLElement).textContent = text;
  }

  /** Nothing of a preview that is not as promised stays on the page. @param {unknown} error */
  refuse(error) {
    const waits = error instanceof Problem && error.kind === "waiting";
    this.place().replaceChildren(
      waits
        ? this.waiting(error.message)
        : failure(t("This cannot be signed now"), error, said("browser.open_release")),
    );
  }

  /** @param {string} reason */
  waiting(reason) {
    return notice(
      "sealed",
      "hourglass",
      t("No preview for your key yet"),
      el("p", {}, sentence(reason)),
      el("p", {}, t("The custodian encrypts previews only to keys compared with their owners. Your key:")),
      this.fingerprintGroups(),
    );
  }
}

/**
 * @param {string} title
 * @param {unknown} error
 * @param {import("../i18n/words.js").Said} doing what could not be done
 */
function failure(title, error, doing) {
  return notice("failure", "alert-triangle", title, el("p", {}, sentence(explained(error, doing).message)));
}

const page = new ReleasePage(byId("release", HTMLElement));
await page.begin().catch((error) => page.refuse(error));
