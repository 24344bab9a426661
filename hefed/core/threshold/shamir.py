"""Shamir's sharing of a secret key over the field of q0 elements, and the keys of the flooding noise that go with it.

The words of the key modulo q0 are the values at 0 of polynomials of degree k - 1; hospital i holds their values at i.
For every set A of k - 1 hospitals there is one noise key that all others hold. What k - 1 hospitals know together lacks
one value of every polynomial and exactly one noise key. Sources: Shamir 1979; Cramer, Damgard and Ishai, TCC 2005
(pseudorandom secret sharing); Dahl et al., WAHC 2023 (its use to flood the noise of a threshold decryption).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import combinations
from math import comb, prod

from hefed.core.ckks.params import Profile
from hefed.core.ckks.wire import Words
from hefed.core.errors import BadInput
from hefed.core.threshold.field import evaluate, field_prime, random_words

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
