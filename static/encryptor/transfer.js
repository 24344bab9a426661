// @ts-check
// Encrypts and sends a batch: a pool of workers seals blocks, a worker of its own sends each, and only a few are alive.
// A browser keeps what a worker sent until it collects that worker's garbage, which it does late: 1 GiB after 100,000
// patients (docs/browser-encryptor.md). What a worker held is free the moment that it ends.

import { Remote } from "./calls.js";
import { blockLabel } from "./manifest.js";
import { untilAnswered } from "./patience.js";
import { Problem } from "./problem.js";

const MOST_WORKERS = 4;
const SENDING_BLOCKS = 1; // sealed blocks that wait for the network, beyond one a worker

/** @typedef {{sealedPatients: number, sentBytes: number, storedBlocks: number, sealSeconds: number}} Progress */

/** @returns {Progress} */
function nothingSent() {
  return { sealedPatients: 0, sentBytes: 0, storedBlocks: 0, sealSeconds: 0 };
}

/** A counted permission to hold a block in memory. */
class Places {
  /** @param {number} free */
  constructor(free) {
    this.free = free;
    /** @type {(() => void)[]} */
    this.queue = [];
  }

  async take() {
    if (this.free > 0) this.free -= 1;
    else await new Promise((resolve) => this.queue.push(() => resolve(undefined)));
  }

  give() {
    const next = this.queue.shift();
    if (next) next();
    else this.free += 1;
  }
}

/** One worker per core, up to four. */
export function workerCount() {
  return Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1));
}

/** @param {string} name */
export function workerAddress(name) {
  return new URL(`./${name}.js`, import.meta.url);
}

/**
 * A worker that is ready; its scripts are asked for again until they arrive.
 * @param {string} name
 * @param {unknown[]} facts
 * @param {import("./patience.js").Waiting} waiting
 * @param {number} [patienceSeconds]
 */
function started(name, facts, waiting, patienceSeconds) {
  return untilAnswered(
    async () => {
      const worker = new Remote(workerAddress(name));
      try {
        await worker.call("begin", facts);
        return worker;
      } catch (error) {
        worker.end();
        throw error;
      }
    },
    waiting,
    patienceSeconds,
  );
}

export class Transfer {
  /**
   * @param {Remote} table the worker that holds the patients
   * @param {import("./api.js").ApiFacts} facts
   * @param {Remote[]} ciphers
   * @param {import("./patience.js").Waiting} waiting
   */
  constructor(table, facts, ciphers, waiting) {
    this.table = table;
    this.facts = facts;
    this.ciphers = ciphers;
    this.waiting = waiting;
    /** @type {Set<Remote>} */
    this.senders = new Set();
    this.places = new Places(workerCount() + SENDING_BLOCKS);
    /** @type {Progress} */
    this.progress = nothingSent();
    this.changed = (/** @type {Progress} */ _) => {};
    this.cancelled = false;
    this.stop = (/** @type {unknown} */ _) => {};
    /** @type {Promise<void> | null} */
    this.paused = null;
    this.go = () => {};
  }

  /**
   * Start the workers.
   * @param {Remote} table
   * @param {import("./api.js").ApiFacts} facts
   * @param {{name: string, publicKey: Uint8Array}} ring profile name and key stream
   * @param {number} count workers that encrypt
   * @param {import("./patience.js").Waiting} waiting
   */
  static async start(table, facts, ring, count, waiting) {
    const ciphers = Array.from({ length: count }, () => started("cipher_worker", [ring.name, ring.publicKey], waiting));
    try {
      return new Transfer(table, facts, await Promise.all(ciphers), waiting);
    } catch (error) {
      for (const cipher of await Promise.allSettled(ciphers)) if (cipher.status === "fulfilled") cipher.value.end();
      throw error;
    }
  }

  /**
   * Seconds that sealing one block takes here; its bytes are thrown away.
   * @param {import("./manifest.js").StudyFacts} study
   * @param {string} fingerprint
   * @param {import("./manifest.js").BlockFacts} block
   */
  async measure(study, fingerprint, block) {
    const { seconds, envelope } = await this.seal(this.ciphers[0], study, fingerprint, block);
    return { seconds: /** @type {number} */ (seconds), bytes: envelope.length };
  }

  /**
   * @param {Remote} cipher
   * @param {import("./manifest.js").StudyFacts} study
   * @param {string} fingerprint
   * @param {import("./manifest.js").BlockFacts} block
   */
  async seal(cipher, study, fingerprint, { index, role, patients }) {
    const columns = /** @type {Float64Array[]} */ (await this.table.call("block", [index]));
    const { label, meta } = blockLabel(study, fingerprint, { index, role, patients });
    return cipher.call("seal", [label, meta, columns], {
      transfer: columns.map((column) => /** @type {ArrayBuffer} */ (column.buffer)),
    });
  }

  /**
   * Seal and send the blocks that the server does not have yet.
   * @param {string} batch
   * @param {import("./manifest.js").StudyFacts} study
   * @param {string} fingerprint
   * @param {import("./manifest.js").BlockFacts[]} blocks
   */
  async run(batch, study, fingerprint, blocks) {
    const waiting = [...blocks];
    this.progress = nothingSent();
    /** @type {Promise<void>[]} */
    const sending = [];
    /** @type {Promise<never>} */
    // A failed block must not leave the others waiting.
    const stopped = new Promise((_, reject) => (this.stop = reject));
    const worker = async (/** @type {Remote} */ cipher) => {
      for (let block = waiting.shift(); block && !this.cancelled; block = waiting.shift()) {
        await this.places.take();
        await this.paused;
        if (this.cancelled) return;
        const sealed = await this.seal(cipher, study, fingerprint, block);
        this.note({
          sealedPatients: this.progress.sealedPatients + block.patients,
          sealSeconds: this.progress.sealSeconds + sealed.seconds,
        });
        sending.push(this.send(batch, block.index, sealed).catch(this.stop));
      }
    };
    const work = Promise.all(this.ciphers.map(worker)).then(() => Promise.all(sending));
    await Promise.race([work, stopped]);
  }

  /** @param {string} batch @param {number} index @param {{envelope: Uint8Array, sha256: string}} sealed */
  async send(batch, index, { envelope, sha256 }) {
    let sent = 0;
    const tell = (/** @type {string} */ event, /** @type {number} */ value, /** @type {boolean} */ full = false) => {
      if (event === "waiting") this.waiting(value, full);
      else {
        this.note({ sentBytes: this.progress.sentBytes + value - sent });
        sent = value;
      }
    };
    const sender = await started("sender_worker", [this.facts], this.waiting, Infinity);
    if (this.cancelled) {
      sender.end();
      return;
    }
    this.senders.add(sender);
    if (this.paused) this.pause(true);
    await sender.call("send", [{ batch, index, digest: sha256, envelope }], {
      transfer: [/** @type {ArrayBuffer} */ (envelope.buffer)],
      tell,
    });
    this.senders.delete(sender);
    sender.end();
    this.note({ storedBlocks: this.progress.storedBlocks + 1 });
    this.places.give();
  }

  /** @param {Partial<Progress>} change */
  note(change) {
    this.progress = { ...this.progress, ...change };
    this.changed(this.progress);
  }

  /** Does not wait for the senders: one that has just ended never answers. @param {boolean} paused */
  pause(paused) {
    if (paused && !this.paused) this.paused = new Promise((resolve) => (this.go = () => resolve()));
    if (!paused) {
      this.go();
      this.paused = null;
    }
    for (const sender of this.senders) sender.call("pause", [paused]).catch(this.stop);
  }

  /** End all workers; blocks in memory are lost, stored ones stay. */
  end() {
    this.cancelled = true;
    this.stop(new Problem("browser.stopped"));
    for (const remote of [...this.ciphers, ...this.senders]) remote.end();
  }
}
