// @ts-check
// Sends one block after the other: pieces in order, each acknowledged; what the server has is never sent again.

import { WrongOffset } from "./api.js";
import { untilAnswered } from "./patience.js";

const PIECE_BYTES = 4 * 1024 ** 2;

/** @typedef {{batch: string, index: number, digest: string, envelope: Uint8Array}} SealedBlock */
/**
 * @typedef {(event: "sent"|"waiting", value: number, full?: boolean) => void} Tell bytes of this block that the server
 *   has, or seconds to wait; full: for room on the server's disk
 */

export class BlockSender {
  /** @param {import("./api.js").Api} api @param {number} [pieceBytes] */
  constructor(api, pieceBytes = PIECE_BYTES) {
    this.api = api;
    this.pieceBytes = pieceBytes;
    /** @type {Promise<void> | null} */
    this.paused = null;
    this.go = () => {};
  }

  /** @param {boolean} paused */
  pause(paused) {
    if (paused && !this.paused) this.paused = new Promise((resolve) => (this.go = resolve));
    if (!paused) {
      this.go();
      this.paused = null;
    }
  }

  /** @param {SealedBlock} block @param {(...args: any[]) => void} tell as Tell */
  async send(block, tell) {
    const waiting = (/** @type {number} */ seconds, /** @type {boolean} */ full = false) =>
      tell("waiting", seconds, full);
    let offset = 0;
    const piece = async (/** @type {number} */ failures) => {
      await this.paused;
      return this.sendPiece(block, offset, failures);
    };
    while (offset < block.envelope.length) {
      offset = await untilAnswered(piece, waiting, Infinity);
      tell("sent", offset);
    }
  }

  /**
   * The server's next byte. After a failure it is asked first. A server that has all bytes and could not keep the
   * block, its disk was full, tries again when it gets a piece without bytes.
   * @param {SealedBlock} block
   * @param {number} offset
   * @param {number} failures
   */
  async sendPiece({ batch, index, digest, envelope }, offset, failures) {
    const { begin, stored } = failures ? await this.nextByte(batch, index, offset) : { begin: offset, stored: false };
    if (stored) return envelope.length;
    try {
      const status = await this.api.append(
        batch,
        index,
        begin,
        digest,
        envelope.subarray(begin, begin + this.pieceBytes),
      );
      return status.received_bytes;
    } catch (error) {
      if (error instanceof WrongOffset) return error.right;
      throw error;
    }
  }

  /**
   * Where to go on after a failure. Before the first acknowledgement the server may hold a piece of an older encryption
   * of this block, so byte 0 is offered; if it holds ours, it answers with the right byte.
   * @param {string} batch @param {number} index @param {number} offset
   */
  async nextByte(batch, index, offset) {
    const status = (await this.api.batch(batch)).blocks[index];
    return { begin: offset === 0 ? 0 : status.received_bytes, stored: status.state === "stored" };
  }
}
