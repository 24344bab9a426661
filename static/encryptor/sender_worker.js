// @ts-check
// The worker that sends sealed blocks, piece by piece, and goes on after a lost network where the server says.

import { serve } from "./calls.js";
import { Api } from "./api.js";
import { BlockSender } from "./block_sender.js";

/** @type {BlockSender} */
let sender;

serve({
  begin: (/** @type {import("./api.js").ApiFacts} */ facts) => {
    sender = new BlockSender(new Api(facts));
  },
  send: (
    /** @type {import("./block_sender.js").SealedBlock} */ block,
    /** @type {(...args: unknown[]) => void} */ tell,
  ) => sender.send(block, tell),
  pause: (/** @type {boolean} */ paused) => sender.pause(paused),
});
