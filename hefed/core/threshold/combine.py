"""Partial openings as they travel, and put together: which agree, what they open, who is wrong.

Beside the totals everybody opens one total that is known: the study's public key is an encryption of zero.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar

import numpy as np

from hefed.core.ckks.keys import PublicKeys
from hefed.core.ckks.params import Profile, profile
from hefed.core.ckks.seal_stream import public_key_words
from hefed.core.ckks.totals import SealedTotal, sum_words
from hefed.core.ckks.wire import CiphertextWords, Words, pack_words, unpack_words
from hefed.core.errors import BadInput, HEFedError
from hefed.core.protocol.threshold import NoiseKey, SharedPiece, Sharing
from hefed.core.threshold.partial import c1_digest
from hefed.core.threshold.shamir import Absent, Point, Scheme, Share, add, lagrange, weighted_sum
from hefed.core.words import Said


def scheme_of(sharing: Sharing) -> Scheme:
    """What the sharing means for the arithmetic."""
    return Scheme(profile(sharing.profile), len(sharing.seats), sharing.threshold)


def to_piece(sharing: Sharing, share: Share) -> SharedPiece:
    """As it is sealed to its hospital."""
    keys = [NoiseKey(absent=list(absent), key=key.hex()) for absent, key in share.noise_keys.items()]
    words = encode_words(share.scheme.profile, share.words)
    return SharedPiece(sharing=sharing.digest, point=share.point, words=words, noise_keys=keys)


def to_share(sharing: Sharing, piece: SharedPiece) -> Share:
    """The inverse; raises BadInput for a piece of another sharing, or one that does not fit it."""
    if piece.sharing != sharing.digest:
        raise BadInput("threshold.other_sharing", found=piece.sharing[:16], wanted=sharing.digest[:16])
    scheme = scheme_of(sharing)
    return Share(scheme, piece.point, decode_words(scheme.profile, piece.words), noise_keys(piece))


def noise_keys(piece: SharedPiece) -> dict[Absent, bytes]:
    """By the set of absent hospitals."""
    return {tuple(sorted(key.absent)): bytes.fromhex(key.key) for key in piece.noise_keys}


def encode_words(ring: Profile, words: Words) -> str:
    """Words below q0 as text, at the width of q0."""
    return base64.b64encode(pack_words(words, ring.prime_bits[0]).tobytes()).decode()


def decode_words(ring: Profile, text: str) -> Words:
    """The inverse, from bytes that may be wrong; raises BadInput."""
    try:
        packed = np.frombuffer(base64.b64decode(text.encode(errors="replace"), validate=True), np.uint8)
    except binascii.Error as error:
        raise BadInput("threshold.words_base64") from error
    bits = ring.prime_bits[0]
    if packed.size * 8 != bits * ring.ring_degree:
        raise BadInput(
            "threshold.words_size", size=packed.size, profile=ring.name, expected=bits * ring.ring_degree // 8
        )
    words = unpack_words(packed, bits)
    if int(words.max()) >= ring.primes[0]:
        raise BadInput("threshold.words_large")
    return words


T = TypeVar("T")
_KNOWN_LIMIT_BITS = 8  # the noise of a zero lies far below 2^8 x the flooding of one key


class AnswersMissing(HEFedError):
    """Fewer hospitals have answered than must open together."""


class AnswersDisagree(HEFedError):
    """Answers contradict each other, or the known total, and nothing tells who is right."""


@dataclass(frozen=True)
class PartialAnswers:
    """All that one hospital answers to one request, by the digest of each c1."""

    point: Point
    totals: Mapping[str, int] = field(repr=False)
    slots: Mapping[str, Words] = field(repr=False, default_factory=dict)

    @property
    def digests(self) -> frozenset[str]:
        """Everything it has an answer for."""
        return frozenset({*self.totals, *self.slots})


@dataclass(frozen=True)
class Agreement:
    """Who opens, and who answered wrongly."""

    group: tuple[Point, ...]
    wrong: tuple[Point, ...] = ()


def known_total(public: PublicKeys) -> SealedTotal:
    """The public key as a sealed total: an encryption of zero that everybody has."""
    ring = public.profile
    c0, c1 = public_key_words(ring, public.public)
    b = sum_words(c0) * pow(ring.ring_degree, -1, ring.primes[0]) % ring.primes[0]
    return SealedTotal(b, c1, ring.scale)


class Combination:
    """The answers of k hospitals put together; see ``agree`` for how the k are found."""

    def __init__(self, scheme: Scheme, answers: Iterable[PartialAnswers], group: Sequence[Point]) -> None:
        found = {answer.point: answer for answer in answers}
        self._answers = [found[point] for point in group]
        self._prime, self._weights = scheme.prime, lagrange(tuple(group), 0, scheme.prime)

    def mean(self, c1: Words) -> int:
        """mean(c1 x key) modulo q0, with the noise: what opens the total that c1 belongs to."""
        digest = c1_digest(c1)
        numbers = [_of(answer.totals, digest, answer.point) for answer in self._answers]
        return sum(weight * number for weight, number in zip(self._weights, numbers, strict=True)) % self._prime

    def plaintext(self, ciphertext: CiphertextWords) -> Words:
        """The opened polynomial of a ciphertext at level 0, as NTT words with the noise in them."""
        (c0,), (c1,) = ciphertext.words
        digest = c1_digest(c1)
        parts = [_of(answer.slots, digest, answer.point) for answer in self._answers]
        return add(c0, weighted_sum(parts, self._weights, self._prime), self._prime)


def agree(scheme: Scheme, answers: Sequence[PartialAnswers], known: SealedTotal, asked: frozenset[str]) -> Agreement:
    """Which k hospitals to open with, and who answered wrongly. ``asked``: the digests that a whole answer covers.

    A group of k can be trusted when it opens the known total to zero; of several, the one on whose polynomials most
    other answers lie, and none when two have equally many and contradict each other. Raises AnswersMissing below k,
    AnswersDisagree when no group can be trusted. Places that the sharing does not have are passed over; a hospital
    that answers twice and differently has answered wrongly.
    """
    answers = [_only(answers, point) for point in scheme.points if any(answer.point == point for answer in answers)]
    whole = [answer for answer in answers if answer.digests == asked]
    incomplete = tuple(sorted(answer.point for answer in answers if answer.digests != asked))
    if len(whole) < scheme.threshold:
        raise AnswersMissing(_missing(scheme, len(whole), incomplete))
    agreeing = _largest(scheme, whole, known)
    wrong = sorted({*incomplete, *(answer.point for answer in whole if answer.point not in agreeing)})
    return Agreement(tuple(sorted(agreeing)[: scheme.threshold]), tuple(wrong))


def _only(answers: Iterable[PartialAnswers], point: Point) -> PartialAnswers:
    """What that hospital answers, however often; nothing when it says two things."""
    first, *others = (answer for answer in answers if answer.point == point)
    return first if all(_same(first, other) for other in others) else PartialAnswers(point, {})


def _same(one: PartialAnswers, other: PartialAnswers) -> bool:
    if one.totals != other.totals or one.slots.keys() != other.slots.keys():
        return False
    return all(np.array_equal(words, other.slots[digest]) for digest, words in one.slots.items())


def _largest(scheme: Scheme, answers: Sequence[PartialAnswers], known: SealedTotal) -> frozenset[Point]:
    """The points of the largest set of answers that agree and open the known total."""
    sets = set()
    for group in combinations(answers, scheme.threshold):
        candidate = _Candidate(scheme, group)
        if candidate.opens(known):
            sets.add(candidate.agreeing(answers))
        if sets and len(answers) in map(len, sets):
            break
    if not sets:
        raise AnswersDisagree("threshold.known_total", places=tuple(answer.point for answer in answers))
    most = max(map(len, sets))
    largest = [points for points in sets if len(points) == most]
    if len(largest) > 1:
        raise AnswersDisagree("threshold.no_majority", answers=len(answers), most=most, ways=len(largest))
    return largest[0]


class _Candidate:
    """k answers that may open together."""

    def __init__(self, scheme: Scheme, group: Sequence[PartialAnswers]) -> None:
        self._scheme, self._group = scheme, group
        self._points = tuple(answer.point for answer in group)

    def opens(self, known: SealedTotal) -> bool:
        """Whether the known total opens to nothing but noise."""
        prime = self._scheme.prime
        found = (known.b + self._total(0, c1_digest(known.c1))) % prime
        return min(found, prime - found).bit_length() <= self._scheme.total_bits + _KNOWN_LIMIT_BITS

    def agreeing(self, answers: Iterable[PartialAnswers]) -> frozenset[Point]:
        """The points of the group and of every other answer on its polynomials."""
        return frozenset(answer.point for answer in answers if answer.point in self._points or self._predicts(answer))

    def _predicts(self, other: PartialAnswers) -> bool:
        totals = all(self._total(other.point, digest) == number for digest, number in other.totals.items())
        return totals and all(self._predicts_slots(other.point, digest, words) for digest, words in other.slots.items())

    def _predicts_slots(self, point: Point, digest: str, words: Words) -> bool:
        weights = lagrange(self._points, point, self._scheme.prime)
        expected = weighted_sum([answer.slots[digest] for answer in self._group], weights, self._scheme.prime)
        return bool(np.array_equal(expected, words))

    def _total(self, at: Point, digest: str) -> int:
        weights = lagrange(self._points, at, self._scheme.prime)
        products = (weight * answer.totals[digest] for weight, answer in zip(weights, self._group, strict=True))
        return sum(products) % self._scheme.prime


def _missing(scheme: Scheme, answered: int, incomplete: tuple[Point, ...]) -> Said:
    parties, threshold = scheme.parties, scheme.threshold
    if not incomplete:
        return Said("threshold.answers_missing", answered=answered, parties=parties, threshold=threshold)
    return Said(
        "threshold.answers_incomplete", answered=answered, parties=parties, threshold=threshold, places=incomplete
    )


def _of(answers: Mapping[str, T], digest: str, point: Point) -> T:
    try:
        return answers[digest]
    except KeyError:
        raise BadInput("threshold.nothing_for", place=point, digest=digest[:16]) from None
