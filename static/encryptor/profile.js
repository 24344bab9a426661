// @ts-check
// Twin: hefed/core/ckks/params.py. CKKS parameter profiles: ring degree, primes in SEAL's order, identifiers of levels.

import { blake2b } from "../vendor/noble/blake2.js";
import { Problem } from "./problem.js";
import { RINGS } from "./rings.js";

export const OUTCOME_LEVEL = 2; // sum y x_j x_k is two products deep; everything else needs less
const CKKS_SCHEME_ID = 2n;
const WITNESSES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n]; // deterministic below 3.3e24

export class Profile {
  /** @param {import("./rings.js").Ring} ring */
  constructor(ring) {
    this.name = ring.name;
    this.ringDegree = ring.ringDegree;
    this.primeBits = ring.primeBits;
    this.scale = 2 ** ring.scaleBits;
    this.secure = ring.secure;
    this.slots = ring.ringDegree / 2;
    this.maxLevel = ring.primeBits.length - 2;
    this.primes = primesOf(ring);
  }

  /** Primes of a ciphertext at that level. @param {number} level */
  dataPrimes(level) {
    return this.primes.slice(0, level + 1);
  }

  /** SEAL's 32-byte identifier of a level. @param {number} level */
  parmsId(level) {
    return parmsId(this.ringDegree, this.dataPrimes(level));
  }

  /** The identifier of the whole chain, which keys carry. */
  keyParmsId() {
    return parmsId(this.ringDegree, this.primes);
  }
}

/** @param {string} name */
export function profileOf(name) {
  const ring = RINGS.find((one) => one.name === name);
  if (!ring) {
    const known = RINGS.map((one) => one.name);
    throw new Problem("browser.profile", { name, known });
  }
  return new Profile(ring);
}

/** @param {import("./rings.js").Ring} ring @returns {bigint[]} */
function primesOf(ring) {
  const step = BigInt(2 * ring.ringDegree);
  /** @type {Map<number, bigint[]>} */
  const found = new Map();
  for (const bits of new Set(ring.primeBits)) {
    found.set(bits, descending(bits, step, ring.primeBits.filter((one) => one === bits).length));
  }
  return ring.primeBits.map((bits) => /** @type {bigint} */ (found.get(bits)?.pop()));
}

/**
 * The largest primes of exactly that many bits that are 1 modulo step.
 * @param {number} bits
 * @param {bigint} step
 * @param {number} count
 */
function descending(bits, step, count) {
  const primes = [];
  const ceiling = 1n << BigInt(bits);
  let candidate = ((ceiling - 1n) / step) * step + 1n;
  if (candidate >= ceiling) candidate -= step;
  for (; primes.length < count; candidate -= step) if (isPrime(candidate)) primes.push(candidate);
  return primes;
}

/** @param {bigint} number */
function isPrime(number) {
  if (WITNESSES.some((base) => number % base === 0n)) return WITNESSES.includes(number);
  let odd = number - 1n;
  let twos = 0;
  for (; odd % 2n === 0n; odd /= 2n) twos += 1;
  return WITNESSES.every((base) => passes(number, base, odd, twos));
}

/**
 * One round of Miller and Rabin.
 * @param {bigint} number
 * @param {bigint} base
 * @param {bigint} odd
 * @param {number} twos
 */
function passes(number, base, odd, twos) {
  let power = powerModulo(base, odd, number);
  if (power === 1n || power === number - 1n) return true;
  for (let round = 1; round < twos; round += 1) {
    power = (power * power) % number;
    if (power === number - 1n) return true;
  }
  return false;
}

/** @param {bigint} base @param {bigint} exponent @param {bigint} modulus */
function powerModulo(base, exponent, modulus) {
  let result = 1n;
  for (let square = base % modulus; exponent > 0n; exponent >>= 1n, square = (square * square) % modulus) {
    if (exponent & 1n) result = (result * square) % modulus;
  }
  return result;
}

/** @param {number} ringDegree @param {bigint[]} primes */
function parmsId(ringDegree, primes) {
  const words = new BigUint64Array([CKKS_SCHEME_ID, BigInt(ringDegree), ...primes, 0n]);
  return blake2b(new Uint8Array(words.buffer), { dkLen: 32 });
}
