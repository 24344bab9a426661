"""Exact arithmetic modulo q0, the first prime of a ring, on whole polynomials at once. NumPy only.

Products of two 54-bit words do not fit into 64 bits. ``multiply`` estimates the quotient in floating point, takes
a b - quotient q modulo 2^64, and reduces what is left: the estimate is off by less than 16, so the rest lies within
+-2^58 and is exact. docs/adr/1101 says why no library does this here.
"""

import secrets
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hefed.core.ckks.params import Profile
from hefed.core.ckks.wire import Words
from hefed.core.errors import BadInput

MAX_BITS = 54  # beyond, a wrong quotient would no longer fit into a signed 64-bit rest, nor a word into three limbs
_WORD_BYTES = 8
_LIMB_BITS, _LIMBS = 18, 3  # 2 x 18 bits + 14 bits of ring degree stay below a float64's 53: dot products are exact
_Limbs = NDArray[np.float64]


def field_prime(profile: Profile) -> int:
    """q0; raises BadInput for a ring whose q0 is too wide for the arithmetic here."""
    if profile.prime_bits[0] > MAX_BITS:
        raise BadInput("threshold.wide_prime", profile=profile.name, bits=profile.prime_bits[0], limit=MAX_BITS)
    return profile.primes[0]


def add(a: Words, b: Words, prime: int) -> Words:
    """a + b, word by word."""
    return (a + b) % np.uint64(prime)


def multiply(a: Words, b: Words | int, prime: int) -> Words:
    """a b, word by word; every word below the prime."""
    factor = np.uint64(b) if isinstance(b, int) else b
    quotient = (a.astype(np.float64) * factor.astype(np.float64) / prime).astype(np.uint64)
    rest = (a * factor - quotient * np.uint64(prime)).view(np.int64)
    return (rest % np.int64(prime)).astype(np.uint64)


def random_words(count: int, prime: int) -> Words:
    """Uniform below the prime, from the operating system's generator; too large draws are drawn again."""
    mask = np.uint64((1 << prime.bit_length()) - 1)
    found = np.empty(0, np.uint64)
    while len(found) < count:
        drawn = np.frombuffer(secrets.token_bytes(_WORD_BYTES * (count - len(found))), "<u8") & mask
        found = np.concatenate([found, drawn[drawn < prime]])
    return found


def evaluate(coefficients: list[Words], point: int, prime: int) -> Words:
    """The polynomials with these coefficients (constant first), one per word, at a point: Horner."""
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = add(multiply(value, point, prime), coefficient, prime)
    return value


def weighted_sum(values: Sequence[Words], weights: Sequence[int], prime: int) -> Words:
    """sum of weight x value, word by word."""
    total = np.zeros_like(values[0])
    for value, weight in zip(values, weights, strict=True):
        total = add(total, multiply(value, weight, prime), prime)
    return total


class MeanOfProduct:
    """mean(words x other words) modulo q0, exactly, by nine dot products of 18-bit limbs.

    In NTT form the mean of a polynomial's words is its constant coefficient, which is all that a total needs.
    """

    def __init__(self, profile: Profile, words: Words) -> None:
        self._prime, self._inverse = field_prime(profile), pow(profile.ring_degree, -1, profile.primes[0])
        self._limbs = _split_into_limbs(words)

    def __call__(self, other: Words) -> int:
        products = (_split_into_limbs(other) @ self._limbs.T).tolist()
        whole = sum(int(value) << _LIMB_BITS * (i + j) for i, row in enumerate(products) for j, value in enumerate(row))
        return whole * self._inverse % self._prime


def _split_into_limbs(words: Words) -> _Limbs:
    """The words of one polynomial below 2^54 as three rows of 18-bit digits, lowest first."""
    mask = np.uint64(2**_LIMB_BITS - 1)
    return np.stack([((words >> np.uint64(_LIMB_BITS * i)) & mask).astype(np.float64) for i in range(_LIMBS)])


class Transform:
    """SEAL's negacyclic number-theoretic transform modulo q0, coefficients to words and back.

    Word j is the polynomial at psi^(2 r(j) + 1), r reversing the bits of j, psi the smallest primitive 2N-th root of
    unity. Source: Longa and Naehrig, CANS 2016 (the butterflies); SEAL, ``native/src/seal/util/ntt.cpp`` (the order).
    """

    def __init__(self, profile: Profile) -> None:
        self.prime, self.degree = field_prime(profile), profile.ring_degree
        psi, bits = _smallest_root(self.prime, 2 * self.degree), self.degree.bit_length() - 1
        exponents = [int(f"{index:0{bits}b}"[::-1], 2) for index in range(self.degree)]
        powers = _powers(psi, self.degree, self.prime)
        inverse = _powers(pow(psi, -1, self.prime), self.degree, self.prime)
        self._forward = np.array([powers[exponent] for exponent in exponents], np.uint64)
        self._backward = np.array([inverse[exponent] for exponent in exponents], np.uint64)

    def words(self, coefficients: Words) -> Words:
        """From coefficients to NTT words (Cooley and Tukey)."""
        value, prime, blocks = coefficients.reshape(1, -1), self.prime, 1
        while blocks < self.degree:
            halves = value.reshape(blocks, 2, -1)
            factors = np.repeat(self._forward[blocks : 2 * blocks, None], halves.shape[-1], axis=1)
            low, high = halves[:, 0], multiply(halves[:, 1], factors, prime)
            value = np.stack([add(low, high, prime), add(low, np.uint64(prime) - high, prime)], axis=1)
            blocks *= 2
        return value.reshape(-1)

    def coefficients(self, words: Words) -> Words:
        """From NTT words to coefficients (Gentleman and Sande)."""
        value, prime, blocks = words.reshape(self.degree, 1), self.prime, self.degree // 2
        while blocks >= 1:
            halves = value.reshape(blocks, 2, -1)
            low, high = halves[:, 0], halves[:, 1]
            factors = np.repeat(self._backward[blocks : 2 * blocks, None], halves.shape[-1], axis=1)
            difference = multiply(add(low, np.uint64(prime) - high, prime), factors, prime)
            value = np.concatenate([add(low, high, prime), difference], axis=1)
            blocks //= 2
        return multiply(value.reshape(-1), pow(self.degree, -1, prime), prime)


@lru_cache(maxsize=4)
def transform(profile: Profile) -> Transform:
    """The transform of a ring, its tables made once."""
    return Transform(profile)


def _powers(base: int, count: int, prime: int) -> list[int]:
    powers = [1]
    for _ in range(count - 1):
        powers.append(powers[-1] * base % prime)
    return powers


def _smallest_root(prime: int, order: int) -> int:
    """The smallest element of exactly this order, a power of two: the odd powers of any one are all of them."""
    candidate = 2
    while pow(root := pow(candidate, (prime - 1) // order, prime), order // 2, prime) != prime - 1:
        candidate += 1
    square, smallest = root * root % prime, root
    for _ in range(order // 2 - 1):
        root = root * square % prime
        smallest = min(smallest, root)
    return smallest
