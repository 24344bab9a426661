"""Noise that hides what a decryption tells about the key: the same for the same ciphertext, however often it is asked.

A keyed pseudorandom function of c1 alone: not of the request, of b or of who answers, so that neither asking again nor
asking others gives a second sample of it. HMAC-SHA256 makes a key from the digest of c1, AES-256 in counter mode the
numbers. A number is a sum of 16 uniform ones: nearly normal, and in integers, so that every machine makes the same.
"""

import hashlib
import hmac
from typing import Literal

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from numpy.typing import NDArray

from hefed.core.ckks.wire import Words

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
