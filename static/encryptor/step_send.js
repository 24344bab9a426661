// @ts-check
// Step 4: estimate, say what leaves, encrypt and send; pause, go on, stop.

import { t } from "../i18n/text.js";
import { readPublicKey } from "./envelope.js";
import { byId, el, notice } from "./dom.js";
import { grouped, sha256Hex } from "./bytes.js";
import { count, counted, duration, size } from "./format.js";
import { batchManifest } from "./manifest.js";
import { Problem } from "./problem.js";
import { profileOf } from "./profile.js";
import { forget, newOrderKey, orderBytes, remember } from "./progress_store.js";
import { announce, problem, waitingForServer } from "./step.js";
import { Transfer, workerCount } from "./transfer.js";

const COMPLETE_ATTEMPTS = 3;

/** @typedef {import("./page.js").Desk} Desk */
/** @typedef {import("./progress_store.js").Upload} Upload */
/**
 * @typedef {{manifest: import("./manifest.js").BatchManifest, orderKey: CryptoKey, transfer: Transfer,
 *   fingerprint: string, secondsPerBlock: number, keyBytesPerSecond: number}} Plan
 */

/**
 * Fetch and verify the key, order the patients, seal one block to measure.
 * @param {Desk} desk
 * @param {Upload | null} unfinished
 * @returns {Promise<Plan>}
 */
export async function preparePlan(desk, unfinished) {
  const profile = profileOf(desk.study.profile);
  const started = performance.now();
  const envelope = await desk.api.publicKey();
  const keyBytesPerSecond = (1000 * envelope.length) / (performance.now() - started);
  const { fingerprint, payload } = await readPublicKey(envelope, { study: desk.study.study, profile: profile.name });
  showFingerprint(fingerprint, desk.study.key?.fingerprint ?? "");
  const orderKey = unfinished?.orderKey ?? (await newOrderKey());
  const order = await orderBytes(orderKey);
  const { cohortDigest, blocks } = await desk.table.call("plan", [order, profile.slots]);
  const planned = batchManifest({
    study: desk.study,
    fingerprint,
    profile,
    columns: desk.columns,
    cohortDigest,
    orderDigest: await sha256Hex(order),
    blocks,
  });
  const manifest = unfinished ? continued(unfinished, planned) : planned;
  const workers = Math.min(workerCount(), blocks.length);
  const transfer = await Transfer.start(
    desk.table,
    desk.facts,
    { name: profile.name, publicKey: payload },
    workers,
    waitingForServer,
  );
  const { seconds } = await transfer.measure(desk.study, fingerprint, blocks[0]);
  return { manifest, orderKey, transfer, fingerprint, secondsPerBlock: seconds, keyBytesPerSecond };
}

/**
 * The manifest of an unfinished upload, if what is planned now is the same batch.
 * @param {Upload} unfinished @param {import("./manifest.js").BatchManifest} planned
 */
function continued({ manifest, batch }, planned) {
  const facts = (/** @type {import("./manifest.js").BatchManifest} */ one) => JSON.stringify({ ...one, encryptor: "" });
  if (facts(manifest) === facts(planned)) return manifest;
  throw new Problem("browser.batch_changed", { batch });
}

/** @param {string} computed @param {string} published */
function showFingerprint(computed, published) {
  byId("fingerprint", HTMLElement).replaceChildren(...grouped(computed).map((four) => el("span", {}, four)));
  const same = computed === published;
  byId("fingerprint-state", HTMLElement).replaceChildren(
    same
      ? notice(
          "good",
          "check",
          t("The same as the one the study shows"),
          el(
            "p",
            {},
            t(
              "Computed on this computer from the key itself. For certainty beyond this website, read it out to the custodian.",
            ),
          ),
        )
      : notice(
          "failure",
          "alert-triangle",
          t("Not the key that the study shows"),
          el("p", {}, t("Send nothing and call the custodian.")),
        ),
  );
  if (!same) throw new Problem("browser.other_key");
}

/** What will leave, how long it takes. @param {Desk} desk @param {Plan} plan */
export function showPlan(desk, { manifest, secondsPerBlock, keyBytesPerSecond }) {
  const bytes = totalBytes(manifest);
  const workers = Math.min(workerCount(), manifest.blocks.length);
  const encrypting =
    Math.ceil(manifest.blocks.length / workers) *
    secondsPerBlock *
    Math.max(1, workers / (navigator.hardwareConcurrency || 1));
  byId("plan-facts", HTMLElement).replaceChildren(
    ...[
      [count(manifest.patients), t("patients")],
      [`${manifest.columns.length} + 1`, t("encrypted columns and the outcome")],
      [size(bytes), t("of ciphertext")],
      [
        duration(encrypting),
        counted(
          workers,
          "to encrypt on this computer, measured on one block, {n} worker",
          "to encrypt on this computer, measured on one block, {n} workers",
        ),
      ],
      [duration(bytes / keyBytesPerSecond), t("to send, if sending is as fast as the key arrived")],
    ].map(([value, label]) => el("div", {}, el("dd", {}, value), el("dt", {}, label))),
  );
  byId("leaves", HTMLElement).replaceChildren(
    el(
      "li",
      {},
      t(
        "{blocks}: {columns} columns and the outcome of {patients}, sealed with the key above: only the custodian's secret key could open it",
        {
          blocks: counted(manifest.blocks.length, "{n} sealed block", "{n} sealed blocks"),
          columns: manifest.columns.length,
          patients: counted(manifest.patients, "{n} patient", "{n} patients"),
        },
      ),
    ),
    el(
      "li",
      {},
      t(
        "in clear: how many patients and blocks, the names of the dictionary's columns, digests of the blocks, and one digest of all hashed ids together, which recognises the same patients sent twice",
      ),
    ),
  );
  byId("send", HTMLButtonElement).textContent = t("Encrypt and send {size}", { size: size(bytes) });
  byId("send", HTMLButtonElement).disabled = false;
}

/** @param {import("./manifest.js").BatchManifest} manifest */
function totalBytes(manifest) {
  return manifest.blocks.reduce((sum, block) => sum + block.bytes, 0);
}

/**
 * Announce, encrypt, send, complete. Resolves with the batch's last state.
 * @param {Desk} desk @param {Plan} plan @param {Upload | null} unfinished
 */
export async function encryptAndSend(desk, plan, unfinished) {
  const { manifest, transfer } = plan;
  if (desk.replaces && !unfinished) await desk.api.withdraw(desk.replaces);
  const status = await desk.api.announce(manifest);
  desk.batch = status.batch;
  const id = `${manifest.study}/${status.batch}`;
  return navigator.locks.request(`hefed ${id}`, { ifAvailable: true }, async (lock) => {
    if (!lock) throw new Problem("browser.other_tab", { batch: status.batch });
    const { orderKey } = plan;
    await remember({
      id,
      study: manifest.study,
      batch: status.batch,
      manifest,
      orderKey,
      file: desk.file,
      layout: desk.opened.layout,
      choices: desk.choices,
      begunAt: Date.now(),
    });
    const final = await sendMissing(desk, plan, status);
    await forget(id);
    return final;
  });
}

/**
 * Seal and send what the server lacks, then complete. Blocks that it lost meanwhile, its disk was full, are sealed and
 * sent again.
 * @param {Desk} desk @param {Plan} plan @param {import("./api.js").BatchStatus} announced
 */
async function sendMissing(desk, { manifest, transfer, fingerprint }, announced) {
  let status = announced;
  for (let attempts = COMPLETE_ATTEMPTS; ; attempts -= 1) {
    const stored = new Set(status.blocks.filter((block) => block.state === "stored").map((block) => block.index));
    watchProgress(manifest, transfer, stored);
    await transfer.run(
      status.batch,
      desk.study,
      fingerprint,
      manifest.blocks.filter((block) => !stored.has(block.index)),
    );
    try {
      return await desk.api.complete(status.batch);
    } catch (error) {
      status = await desk.api.batch(status.batch);
      const lacking = status.state === "uploading" && status.blocks.some((block) => block.state !== "stored");
      if (!lacking || attempts === 1) throw error;
    }
  }
}

/** @param {import("./manifest.js").BatchManifest} manifest @param {Transfer} transfer @param {Set<number>} stored */
function watchProgress(manifest, transfer, stored) {
  const before = manifest.blocks.filter((block) => stored.has(block.index));
  const [oldPatients, oldBytes, allBytes] = [
    before.reduce((sum, block) => sum + block.patients, 0),
    before.reduce((sum, block) => sum + block.bytes, 0),
    totalBytes(manifest),
  ];
  const started = performance.now();
  byId("send-bar", HTMLProgressElement).max = allBytes;
  let spoken = -1;
  transfer.changed = ({ sealedPatients, sentBytes }) => {
    const done = oldBytes + sentBytes;
    byId("send-bar", HTMLProgressElement).value = done;
    byId("send-patients", HTMLElement).textContent = t("{done} of {all}", {
      done: count(oldPatients + sealedPatients),
      all: count(manifest.patients),
    });
    byId("send-bytes", HTMLElement).textContent = t("{done} of {all}", { done: size(done), all: size(allBytes) });
    const seconds = (performance.now() - started) / 1000;
    byId("send-left", HTMLElement).textContent =
      sentBytes && done < allBytes ? duration((seconds * (allBytes - done)) / sentBytes) : "–";
    const tenth = Math.floor((10 * done) / allBytes);
    if (tenth !== spoken) announce(t("{n} percent sent", { n: 10 * tenth }));
    spoken = tenth;
  };
  transfer.note({});
}

/** The buttons of a running transfer. @param {() => Plan | null} plan @param {() => void} stopped */
export function watchButtons(plan, stopped) {
  const pause = byId("pause", HTMLButtonElement);
  pause.addEventListener("click", () => {
    const paused = pause.getAttribute("aria-pressed") !== "true";
    plan()?.transfer.pause(paused);
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? t("Go on") : t("Pause");
    byId("send-state", HTMLElement).textContent = paused
      ? t("Paused. Blocks that were sent stay on the server.")
      : t("Encrypting and sending");
    announce(paused ? t("Paused") : t("Going on"));
  });
  byId("stop", HTMLButtonElement).addEventListener("click", () => byId("stop-dialog", HTMLDialogElement).showModal());
  byId("stop-dialog", HTMLDialogElement).addEventListener("close", () => {
    if (byId("stop-dialog", HTMLDialogElement).returnValue === "stop") stopped();
  });
}

/** @param {Desk} desk @param {import("./api.js").BatchStatus} status */
export function showDone(desk, status) {
  const address = desk.batchAddress(status.batch);
  problem("send-problem");
  byId("sent", HTMLElement).replaceChildren(
    notice(
      "sealed",
      "lock",
      t("{batch} arrived whole", { batch: status.batch }),
      el(
        "p",
        {},
        t(
          "The server now checks every ciphertext's structure, then the custodian tests the batch's encrypted sums. Nothing of it can be read on the way. You may close this tab.",
        ),
      ),
      el(
        "p",
        { class: "mt-2" },
        el("a", { class: "btn btn-primary", href: address }, t("See {batch}", { batch: status.batch })),
      ),
    ),
  );
  announce(t("{batch} arrived whole", { batch: status.batch }));
}
