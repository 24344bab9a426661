// @ts-check
// What these pages say to the server, with the person's session. Private keys and previews in clear never pass here.

import { NetworkLost } from "../encryptor/patience.js";
import { Problem, refusal } from "../encryptor/problem.js";

const PATIENCE_MS = 30_000;

/**
 * The caller's encrypted preview; a Problem of the kind "waiting" while there is none.
 * @param {string} address
 * @returns {Promise<string>}
 */
export async function preview(address) {
  const response = await asked(address, { headers: { Accept: "application/jose, application/json" } });
  if (response.status === 404) throw (await refused(response)).of("waiting");
  return (await accepted(response)).text();
}

/** @param {string} address @param {string} csrf @param {unknown} body */
export async function post(address, csrf, body) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf };
  await accepted(await asked(address, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** @param {string} address @param {RequestInit} options */
async function asked(address, options) {
  try {
    return await fetch(address, {
      ...options,
      signal: AbortSignal.timeout(PATIENCE_MS),
      cache: "no-store",
      redirect: "manual",
    });
  } catch {
    throw new NetworkLost();
  }
}

/** @param {Response} response */
async function accepted(response) {
  if (response.type === "opaqueredirect" || response.status === 401) {
    throw new Problem("browser.session_ended");
  }
  if (!response.ok) throw await refused(response);
  return response;
}

/** @param {Response} response */
async function refused(response) {
  return refusal(await response.json().catch(() => ({})), response.status);
}
