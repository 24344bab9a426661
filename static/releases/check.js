// @ts-check
// What must hold before anybody may approve: the preview is of this very version, every item matches what the custodian
// committed to, and the statement names the digest of exactly these items. Computed here, from the numbers themselves.

import { said } from "../i18n/words.js";
import { Problem } from "../encryptor/problem.js";
import { commitment, manifestDigest } from "./protocol.js";

/** @typedef {import("./protocol.js").PreviewContent} PreviewContent */
/** @typedef {import("./protocol.js").Statement} Statement */
/** @typedef {import("./protocol.js").ItemCommitment} ItemCommitment */
/** @typedef {import("./protocol.js").OpenedItem & {sha256: string}} CheckedItem */

/**
 * The items with the commitments computed from them; throws a Problem.
 * @param {PreviewContent} preview @param {Statement} statement @param {ItemCommitment[]} commitments
 * @returns {Promise<CheckedItem[]>}
 */
export async function checkPreview(preview, statement, commitments) {
  sameRelease(preview, statement);
  const items = await Promise.all(preview.items.map(async (one) => ({ ...one, ...(await commitment(one)) })));
  sameCommitments(items, commitments);
  await checkStatement(statement, items);
  if (preview.digest !== statement.digest) changed(said("browser.preview_items"));
  return items;
}

/**
 * The digest to be signed is that of these commitments.
 * @param {Statement} statement
 * @param {ItemCommitment[]} commitments
 */
export async function checkStatement(statement, commitments) {
  const digest = await manifestDigest(statement.study, statement.job, commitments);
  if (digest !== statement.digest) changed(said("browser.preview_digest"));
}

/** @param {PreviewContent} preview @param {Statement} statement */
function sameRelease(preview, statement) {
  if (preview.study !== statement.study || preview.release !== statement.release) {
    changed(said("browser.preview_release", { release: preview.release, study: preview.study }));
  }
  if (preview.version !== statement.version) {
    throw new Problem("browser.preview_version", { old: preview.version, version: statement.version });
  }
}

/** @param {CheckedItem[]} items @param {ItemCommitment[]} commitments */
function sameCommitments(items, commitments) {
  const promised = new Map(commitments.map(({ item, sha256 }) => [item, sha256]));
  if (new Set(items.map(({ item }) => item)).size !== items.length) changed(said("browser.preview_twice"));
  if (items.length !== commitments.length)
    changed(said("browser.preview_count", { n: items.length, all: commitments.length }));
  for (const { item, sha256 } of items) {
    if (promised.get(item) !== sha256) changed(said("browser.preview_item", { item }));
  }
}

/** @param {import("../i18n/words.js").Said} why @returns {never} */
function changed(why) {
  throw new Problem("browser.preview_changed", { why });
}
