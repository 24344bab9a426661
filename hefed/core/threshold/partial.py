"""A hospital's answer with its share: the partial openings and the noise that floods them.

A keyed pseudorandom function of c1 alone: not of the request, of b or of who answers, so that neither asking again nor
asking others gives a second sample of it. HMAC-SHA256 makes a key from the digest of c1, AES-256 in counter mode the
numbers. A number is a sum of 16 uniform ones: nearly normal, and in integers, so that every machine makes the same.

The answers of all hospitals to one c1 are the values of one polynomial of degree k - 1, whose value at 0 is c1 s plus
the noise. So any k of them open to the same number, bit by bit, and one answer too many shows whether they agree.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Literal

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from numpy.typing import NDArray

from hefed.core.ckks.wire import Words
from hefed.core.threshold.shamir import MeanOfProduct, Share, add, multiply, noise_weight, transform, weighted_sum

Use = Literal["total", "slots"]
Noise = NDArray[np.int64]
ADDENDS = 16
_BYTES = 4


def c1_digest(c1: Words) -> str:
    """SHA-256 of the words, little endian: what an opening is an opening of."""
    return hashlib.sha256(np.ascontiguousarray(c1, "<u8").tobytes()).hexdigest()


def noise(key: bytes, digest: str, use: Use, count: int, bits: int) -> Noise:
    """``count`` numbers around 0 with SD 1.15 x 2^bits, always the same for the same arguments."""
    purpose = f"hefed flooding {use} {bits} {digest}".encode()
    stream = _stream(hmac.new(key, purpose, hashlib.sha256).digest(), count * ADDENDS * _BYTES)
    uniform = np.frombuffer(stream, "<u4").reshape(count, ADDENDS) & np.uint32(2**bits - 1)
    centre = ADDENDS * (2**bits - 1) // 2
    numbers: Noise = uniform.astype(np.int64).sum(axis=1) - np.int64(centre)
    return numbers


def standard_deviation(bits: int) -> float:
    """Of one number."""
    return float(np.sqrt(ADDENDS * (4.0**bits - 1) / 12))


def _stream(key: bytes, length: int) -> bytes:
    """Every stream has a key of its own, so that the counter may begin at zero."""
    encryptor = Cipher(AES(key), CTR(bytes(16))).encryptor()
    return encryptor.update(bytes(length)) + encryptor.finalize()


class PartialOpener:
    """One share at work. It never sees c0, b, or what the others answer."""

    def __init__(self, share: Share) -> None:
        scheme = share.scheme
        self._share, self._scheme, self._prime = share, scheme, scheme.prime
        self._mean = MeanOfProduct(scheme.profile, share.words)
        self._weights = {absent: noise_weight(absent, share.point, scheme.prime) for absent in share.noise_keys}

    def total(self, c1: Words) -> int:
        """This hospital's number for one total.

        Shape:  (ring degree,) -> one number modulo q0
        Levels: 0
        Keys:   one share of the secret key, modulo q0
        Error:  adds noise of SD 1.15 x 2^total_bits per noise key to the sum of k answers
        Raises: nothing
        Source: docs/circuits/threshold.md
        """
        noises = self._noise(c1_digest(c1), "total", 1, self._scheme.total_bits)
        flooding = sum(weight * int(values[0]) for weight, values in noises)
        return (self._mean(c1) + flooding) % self._prime

    def slots(self, c1: Words) -> Words:
        """This hospital's polynomial for row scores, in NTT form.

        Shape:  (ring degree,) -> (ring degree,) modulo q0
        Levels: 0
        Keys:   one share of the secret key, modulo q0
        Error:  adds noise of SD 1.15 x 2^slot_bits per noise key to every coefficient of the sum of k answers
        Raises: nothing
        Source: docs/circuits/threshold.md
        """
        noises = self._noise(c1_digest(c1), "slots", len(c1), self._scheme.slot_bits)
        coefficients, weights = [], []
        for weight, values in noises:
            coefficients.append((values % self._prime).astype(np.uint64))
            weights.append(weight)
        flooding = transform(self._scheme.profile).words(weighted_sum(coefficients, weights, self._prime))
        return add(multiply(c1, self._share.words, self._prime), flooding, self._prime)

    def _noise(self, digest: str, use: Use, count: int, bits: int) -> Iterable[tuple[int, Noise]]:
        for absent, key in self._share.noise_keys.items():
            yield self._weights[absent], noise(key, digest, use, count, bits)
