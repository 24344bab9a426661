"""Shamir's scheme over a prime field, in whole words: splitting, Lagrange factors, exact sums.

Products of two 54-bit words do not fit into 64 bits. ``multiply`` estimates the quotient in floating point, takes
a b - quotient q modulo 2^64, and reduces what is left: the estimate is off by less than 16, so the rest lies within
+-2^58 and is exact. docs/adr/1101 says why no library does this here.

The words of the key modulo q0 are the values at 0 of polynomials of degree k - 1; hospital i holds their values at i.
For every set A of k - 1 hospitals there is one noise key that all others hold. What k - 1 hospitals know together lacks
one value of every polynomial and exactly one noise key. Sources: Shamir 1979; Cramer, Damgard and Ishai, TCC 2005
(pseudorandom secret sharing); Dahl et al., WAHC 2023 (its use to flood the noise of a threshold decryption).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import combinations
from math import comb, prod

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


Point = int  # a hospital's place in the sharing: 1, 2, ... n
Absent = tuple[Point, ...]  # the k - 1 hospitals that do not hold a noise key, ascending

NOISE_KEY_BYTES = 32
MAX_PARTIES = 9  # C(9, 4) = 126 noise keys; beyond, openings and shares grow fast
_TOTAL_BITS, _SLOT_BITS, _PIECES = 16, 21, 10  # noise per key by docs/circuits/threshold.md, for up to ten keys


@dataclass(frozen=True)
class Scheme:
    """k of n hospitals open together. Checked here, trusted by everything downstream."""

    profile: Profile
    parties: int
    threshold: int

    def __post_init__(self) -> None:
        field_prime(self.profile)
        if not 2 <= self.threshold <= self.parties <= MAX_PARTIES:
            raise BadInput("threshold.scheme", parties=self.parties, threshold=self.threshold, limit=MAX_PARTIES)

    @property
    def prime(self) -> int:
        return self.profile.primes[0]

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(range(1, self.parties + 1))

    @cached_property
    def absences(self) -> tuple[Absent, ...]:
        """One noise key each."""
        return tuple(combinations(self.points, self.threshold - 1))

    def held_by(self, point: Point) -> list[Absent]:
        """The noise keys of one hospital."""
        return [absent for absent in self.absences if point not in absent]

    @property
    def total_bits(self) -> int:
        """Every key's noise on a total is a sum of 16 uniform numbers of so many bits: SD 1.15 x 2^bits."""
        return _TOTAL_BITS - self._spread_bits

    @property
    def slot_bits(self) -> int:
        """The same for every coefficient of opened row scores."""
        return _SLOT_BITS - self._spread_bits

    @property
    def _spread_bits(self) -> int:
        """Many keys add up to more noise; half a bit less each for every doubling keeps the sum."""
        doublings = (comb(self.parties, self.threshold - 1) - 1) // _PIECES
        return (doublings.bit_length() + 1) // 2


@dataclass(frozen=True)
class Share:
    """What one hospital holds. Its repr shows neither words nor keys, so that no traceback can print them."""

    scheme: Scheme
    point: Point
    words: Words = field(repr=False, compare=False)
    noise_keys: Mapping[Absent, bytes] = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.point not in self.scheme.points or len(self.words) != self.scheme.profile.ring_degree:
            raise BadInput(
                "threshold.share_size",
                place=self.point,
                words=len(self.words),
                parties=self.scheme.parties,
                expected=self.scheme.profile.ring_degree,
            )
        if sorted(self.noise_keys) != self.scheme.held_by(self.point):
            raise BadInput(
                "threshold.noise_keys",
                found=len(self.noise_keys),
                place=self.point,
                expected=len(self.scheme.held_by(self.point)),
            )


def split(scheme: Scheme, words: Words) -> list[Share]:
    """Shares of the key's words modulo q0, with fresh noise keys; the caller forgets ``words``."""
    keys = {absent: secrets.token_bytes(NOISE_KEY_BYTES) for absent in scheme.absences}
    shared = share_words(scheme, words)
    return [
        Share(scheme, point, shared[point], {absent: keys[absent] for absent in scheme.held_by(point)})
        for point in scheme.points
    ]


def share_words(scheme: Scheme, words: Words) -> dict[Point, Words]:
    """The values at every hospital's point of fresh random polynomials whose values at 0 are ``words``."""
    random = [random_words(len(words), scheme.prime) for _ in range(scheme.threshold - 1)]
    return {point: evaluate([words, *random], point, scheme.prime) for point in scheme.points}


@lru_cache(maxsize=4096)
def lagrange(group: tuple[Point, ...], at: Point, prime: int) -> tuple[int, ...]:
    """The weights that give the value at ``at`` from the values at the points of the group."""
    weights = []
    for i in group:
        others = [j for j in group if j != i]
        numerator, denominator = prod(at - j for j in others), prod(i - j for j in others)
        weights.append(numerator * pow(denominator, -1, prime) % prime)
    return tuple(weights)


def noise_weight(absent: Absent, point: Point, prime: int) -> int:
    """The polynomial of degree k - 1 that is 1 at 0 and 0 at every absent point, at ``point``."""
    numerator, denominator = prod(a - point for a in absent), prod(absent)
    return numerator * pow(denominator, -1, prime) % prime
