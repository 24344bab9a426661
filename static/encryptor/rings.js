// @ts-check
// The rings that this encryptor knows. A server cannot make it use another one. Twin: hefed/core/ckks/params.py.

/** @typedef {{name: string, ringDegree: number, primeBits: number[], scaleBits: number, secure: boolean}} Ring */

/** @type {Ring[]} */
export const RINGS = [
  {
    name: "N14_L9",
    ringDegree: 16384,
    primeBits: [54, 36, 36, 36, 36, 36, 36, 36, 36, 36, 60],
    scaleBits: 36,
    secure: true,
  },
];
