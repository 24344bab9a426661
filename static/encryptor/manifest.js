// @ts-check
// Twin: hefed/core/protocol/uploads.py, class BatchManifest. Same fields in the same order: the JSON agrees to the
// byte.

import { blockItems } from "./cipher_sizes.js";
import { blockBytes } from "./envelope.js";

export const ENCRYPTOR = "hefed.browser/0.1";

/** What of the study goes into a manifest. */
/**
 * @typedef {{study: string, institution: string, profile: string, dictionary_version: number,
 *   dictionary_digest: string}} StudyFacts
 */
/** @typedef {{index: number, role: string, patients: number}} BlockFacts */

/**
 * The label and the meta of one block's envelope.
 * @param {StudyFacts} study
 * @param {string} fingerprint
 * @param {BlockFacts} block
 */
export function blockLabel(study, fingerprint, block) {
  const label = { kind: "block", study: study.study, profile: study.profile, key_fingerprint: fingerprint };
  const meta = { institution: study.institution, dictionary_digest: study.dictionary_digest, ...block };
  return { label, meta };
}

/**
 * Announces a batch before it is encrypted: blocks' digests are empty, each is declared when its upload begins.
 * @param {{study: StudyFacts, fingerprint: string, profile: import("./profile.js").Profile, columns: string[],
 *   cohortDigest: string, orderDigest: string, blocks: BlockFacts[], encryptor?: string}} facts
 */
export function batchManifest({
  study,
  fingerprint,
  profile,
  columns,
  cohortDigest,
  orderDigest,
  blocks,
  encryptor = ENCRYPTOR,
}) {
  const items = blockItems(profile, columns.length);
  return {
    format: "hefed-batch/1",
    study: study.study,
    institution: study.institution,
    profile: study.profile,
    key_fingerprint: fingerprint,
    dictionary_version: study.dictionary_version,
    dictionary_digest: study.dictionary_digest,
    cohort_digest: cohortDigest,
    patients: blocks.reduce((sum, block) => sum + block.patients, 0),
    columns,
    blocks: blocks.map(({ index, role, patients }) => {
      const { label, meta } = blockLabel(study, fingerprint, { index, role, patients });
      return { index, role, patients, bytes: blockBytes(label, items, meta), sha256: "" };
    }),
    encryptor,
    order_digest: orderDigest,
    shared: null, // a browser remembers no earlier patients
  };
}

/** @typedef {ReturnType<typeof batchManifest>} BatchManifest */
