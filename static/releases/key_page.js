// @ts-check
// The page of a person's approval key: makes it in this browser, registers its public half, shows the fingerprint.

import { t } from "../i18n/text.js";
import { said } from "../i18n/words.js";
import { byId, el, notice } from "../encryptor/dom.js";
import { grouped } from "../encryptor/bytes.js";
import { Problem, explained } from "../encryptor/problem.js";
import { discard, keep, newKey, ownKey } from "./key_store.js";
import { sentence } from "./parts.js";
import { post } from "./server.js";

const root = byId("approval-key", HTMLElement);
const state = byId("key-state", HTMLElement);
const button = byId("make-key", HTMLButtonElement);
const message = byId("key-message", HTMLElement);
const { person = "", fingerprint = "", registerUrl = "" } = root.dataset;

async function show() {
  if (!window.isSecureContext) throw new Problem("browser.make_key_insecure");
  const here = fingerprint ? await ownKey(person, fingerprint) : null;
  state.replaceChildren(here ? inThisBrowser() : fingerprint ? elsewhere() : none());
  button.disabled = false;
}

function none() {
  return notice(
    "",
    "key",
    t("You have no approval key"),
    el(
      "p",
      {},
      t(
        "It signs your requests and approvals, and opens the previews that only you may read. It is made here and stays in this browser.",
      ),
    ),
  );
}

function inThisBrowser() {
  return notice(
    "good",
    "shield-check",
    t("Your approval key is in this browser"),
    el(
      "p",
      {},
      t(
        "Read these groups to the custodian by telephone. The custodian vouches for your key when they are the same there.",
      ),
    ),
    groups(),
  );
}

function elsewhere() {
  return notice(
    "open",
    "key",
    t("Your approval key is in another browser"),
    el(
      "p",
      {},
      t(
        "This browser cannot sign or open previews for you. Use the browser that made the key, or make a new one here: the old one is retired, its approvals of open releases no longer count, and the custodian must vouch for you again.",
      ),
    ),
    groups(),
  );
}

function groups() {
  return el(
    "p",
    { class: "fingerprint mt-2", id: "key-fingerprint" },
    ...grouped(fingerprint).map((four) => el("span", {}, four)),
  );
}

async function make() {
  const csrf = root.querySelector("input[name=csrfmiddlewaretoken]");
  const key = await newKey(person);
  await keep(key);
  try {
    await post(registerUrl, csrf instanceof HTMLInputElement ? csrf.value : "", key.key);
  } catch (error) {
    if (error instanceof Problem && error.kind.startsWith("4")) await discard(key); // else the server may have it
    throw error;
  }
  location.reload();
}

/** A second key retires the first: that is a decision, so it takes a second press. */
function confirmed() {
  if (!fingerprint || button.dataset.sure) return true;
  button.dataset.sure = "yes";
  button.textContent = t("Make a new key and retire the old one");
  message.textContent = t(
    "Your present key will be retired and its approvals of open releases will no longer count. Press again to go on.",
  );
  return false;
}

button.addEventListener("click", () => {
  if (!confirmed()) return;
  button.disabled = true;
  message.textContent = t("Making your key");
  make().catch((error) => failed(error, said("browser.make_key")));
});

/** @param {unknown} error @param {import("../i18n/words.js").Said} doing what could not be done */
function failed(error, doing) {
  button.disabled = false;
  message.replaceChildren(
    notice(
      "failure",
      "alert-triangle",
      t("No key was registered"),
      el("p", {}, sentence(explained(error, doing).message)),
    ),
  );
}

await show().catch((error) => failed(error, said("browser.key_place")));
