"""Totals without rotations: the server keeps every word but one, the custodian opens that one. Pure Python.

For real slots the sum over all slots is N/2 times the constant coefficient of the plaintext, and that coefficient is
the mean modulo q0 of the NTT words. Opening is linear in the key: total = b + mean(c1 * s).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import mul

import numpy as np

from hefed.core.ckks import wire
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import Profile
from hefed.core.ckks.wire import CiphertextWords, Words
from hefed.core.errors import CiphertextInvalid, NotAtLevelZero

_B = struct.Struct("<Q")


@dataclass(frozen=True)
class SealedTotal:
    """``b``: mean of the words of c0 modulo q0; ``c1``: the words of c1; one total, and nothing else, can be opened."""

    b: int
    c1: Words = field(repr=False)
    scale: float


def seal_total(profile: Profile, ciphertext: CiphertextWords) -> SealedTotal:
    """Reduce a ciphertext to the total of its slots, hiding everything else.

    Shape:  (slots,) -> one number
    Levels: 0; the input must be at level 0, have two parts and carry a fresh encryption of zero
    Keys:   none
    Error:  slots x coefficient noise / scale, 1e-5 to 4e-5 for 8,192 products
    Raises: NotAtLevelZero
    Source: docs/circuits/totals.md (constant coefficient of a negacyclic NTT)
    """
    if ciphertext.level != 0 or ciphertext.parts != 2:
        raise NotAtLevelZero("ckks.total_level", level=ciphertext.level, parts=ciphertext.parts)
    q0 = profile.primes[0]
    b = sum_words(ciphertext.words[0, 0]) * pow(profile.ring_degree, -1, q0) % q0
    return SealedTotal(b, ciphertext.words[1, 0], ciphertext.scale)


def open_total(key: SecretKey, sealed: SealedTotal) -> float:
    """The total of the slots, about 1 ms.

    Shape:  one sealed total -> one number
    Levels: 0
    Keys:   secret key, its words modulo q0 only
    Error:  slots x coefficient noise / scale
    Raises: nothing
    Source: docs/circuits/totals.md
    """
    return total_value(key.profile, sealed, masked_mean(key.profile, sealed.c1, key.words_q0))


def masked_mean(profile: Profile, c1: Words, key_words: Sequence[int]) -> int:
    """mean(c1 * s) modulo q0: a custodian's part of an opening; linear in ``key_words``, so a share of s works too."""
    q0 = profile.primes[0]
    total: int = sum(map(mul, c1.tolist(), key_words))
    return total * pow(profile.ring_degree, -1, q0) % q0


def total_value(profile: Profile, sealed: SealedTotal, mean: int) -> float:
    """Put b and the custodian's part together: the centred constant coefficient, times slots over scale."""
    q0 = profile.primes[0]
    constant = (sealed.b + mean) % q0
    centred = constant - q0 if constant > q0 // 2 else constant
    return centred * profile.slots / sealed.scale


def sealed_bytes(profile: Profile) -> int:
    """Size of one packed total: about 110 kB at ring degree 16,384."""
    return _B.size + wire.packed_bytes(profile, 0, parts=1)


def pack_total(profile: Profile, sealed: SealedTotal) -> bytes:
    """``b``, then c1 as a packed ciphertext of one part at level 0."""
    part = CiphertextWords(0, sealed.scale, sealed.c1.reshape(1, 1, -1))
    return _B.pack(sealed.b) + wire.pack(profile, part)


def unpack_total(profile: Profile, data: bytes, scale: float) -> SealedTotal:
    """The inverse of ``pack_total``, from untrusted bytes; ``scale`` is the one that the request announces."""
    if len(data) != sealed_bytes(profile):
        raise CiphertextInvalid(
            "ckks.sealed_total_size", bytes=len(data), name=profile.name, expected=sealed_bytes(profile)
        )
    (b,) = _B.unpack(data[: _B.size])
    if b >= profile.primes[0]:
        raise CiphertextInvalid("ckks.sealed_total_range", b=b, prime=profile.primes[0])
    part = wire.unpack(profile, data[_B.size :], wire.Shape(0, 1, scale))
    return SealedTotal(b, part.words[0, 0], part.scale)


def sum_words(words: Words) -> int:
    """The exact sum; halves are added apart because 16,384 words of 54 bits overflow 64."""
    low = int(np.bitwise_and(words, np.uint64(0xFFFFFFFF)).sum())
    return (int((words >> np.uint64(32)).sum()) << 32) + low
