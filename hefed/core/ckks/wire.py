"""The packed ciphertext: every word at the width of its prime, fixed size, checked before native code sees it.

Pure NumPy. Layout: a 64-byte header (see ``_HEADER``), then per part and prime the words of one polynomial, word 0
in the lowest bits. Nothing is compressed, so there is nothing to inflate. SEAL's own streams are next door in
``seal_stream``.
"""

import math
import struct
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from hefed.core.ckks.params import Profile
from hefed.core.errors import BadInput, CiphertextInvalid
from hefed.core.words import Said

Words = npt.NDArray[np.uint64]
MAGIC = b"HCT1"
VERSION = 1
HEADER_BYTES = 64
_HEADER = struct.Struct(
    "<4sBBBBId32s12s"
)  # magic, version, level, parts, NTT flag, ring degree, scale, parms_id, zeros


@dataclass(frozen=True)
class CiphertextWords:
    """A ciphertext in NTT form as plain numbers; ``words`` has shape (parts, level + 1, ring_degree)."""

    level: int
    scale: float
    words: Words

    @property
    def parts(self) -> int:
        return int(self.words.shape[0])


@dataclass(frozen=True)
class Shape:
    """What a reader expects of bytes before it believes them; ``scale`` None accepts any that the level can hold."""

    level: int
    parts: int = 2
    scale: float | None = None


def packed_bytes(profile: Profile, level: int, parts: int = 2) -> int:
    """Exact size of a packed ciphertext: 189 bytes a slot for two parts at level 9."""
    bits = sum(profile.prime_bits[: level + 1])
    return HEADER_BYTES + parts * bits * profile.ring_degree // 8


def pack(profile: Profile, ciphertext: CiphertextWords) -> bytes:
    """The bytes that travel; the inverse of ``unpack``."""
    level, words = ciphertext.level, ciphertext.words
    fields = (MAGIC, VERSION, level, ciphertext.parts, 1, profile.ring_degree, ciphertext.scale)
    header = _HEADER.pack(*fields, profile.parms_id(level), bytes(12))
    pieces = [pack_words(words[:, first:last], bits) for first, last, bits in _runs(profile, level)]
    return b"".join([header, *(piece[part].tobytes() for part in range(ciphertext.parts) for piece in pieces)])


def unpack(
    profile: Profile, data: bytes | memoryview, shape: Shape, *, keep_level: int | None = None
) -> CiphertextWords:
    """Check untrusted bytes field by field and word by word; raises CiphertextInvalid with the reason.

    ``keep_level`` drops to a lower level on the way, which is free here: the words of the upper primes are checked and
    left out.
    """
    level, parts = shape.level, shape.parts
    scale = _check_header(profile, memoryview(data), shape)
    words = np.empty((parts, level + 1, profile.ring_degree), np.uint64)
    raw, position = np.frombuffer(data, np.uint8), HEADER_BYTES
    for part in range(parts):
        for first, last, bits in _runs(profile, level):
            length = (last - first) * profile.ring_degree * bits // 8
            packed = raw[position : position + length].reshape(last - first, -1)
            words[part, first:last] = unpack_words(packed, bits)
            position += length
    check_words(profile, words)
    kept = level if keep_level is None else min(keep_level, level)
    return CiphertextWords(kept, scale, np.ascontiguousarray(words[:, : kept + 1]))


def check_words(profile: Profile, words: Words) -> None:
    """Raise CiphertextInvalid unless every word is below its prime; the last axis but one runs over the primes."""
    largest = words.max(axis=-1).reshape(-1, words.shape[-2])
    for index, prime in enumerate(profile.primes[: words.shape[-2]]):
        if (found := int(largest[:, index].max())) >= prime:
            refuse(Said("ckks.word_range", index=index, found=found, prime=prime))


def check_scale(profile: Profile, scale: float, shape: Shape) -> None:
    """Raise CiphertextInvalid unless the scale is the expected one, or a number between 1 and the level's modulus."""
    if shape.scale is not None:
        check_field("scale", scale, shape.scale)
    bits = sum(profile.prime_bits[: shape.level + 1])
    if not (math.isfinite(scale) and 1 <= scale < 2.0**bits):
        refuse(Said("ckks.scale_range", scale=repr(scale), bits=bits, level=shape.level))


def pack_words(words: Words, bits: int) -> npt.NDArray[np.uint8]:
    """Pack the last axis at ``bits`` a word: shape (..., n) to (..., n * bits / 8) bytes."""
    group, width = _group(bits)
    source = words.reshape(-1, group)
    packed = np.zeros((len(source), width), np.uint64)
    for index in range(group):
        target, shift = divmod(index * bits, 64)
        packed[:, target] |= source[:, index] << np.uint64(shift)
        if shift + bits > 64:
            packed[:, target + 1] |= source[:, index] >> np.uint64(64 - shift)
    return packed.astype("<u8", copy=False).view(np.uint8).reshape(*words.shape[:-1], -1)


def unpack_words(packed: npt.NDArray[np.uint8], bits: int) -> Words:
    """The inverse of ``pack_words``; every pattern of bits is some word below 2^bits."""
    group, width = _group(bits)
    source = np.frombuffer(packed.tobytes(), "<u8").reshape(-1, width)
    words = np.empty((len(source), group), np.uint64)
    mask = np.uint64(2**bits - 1)
    for index in range(group):
        origin, shift = divmod(index * bits, 64)
        value = source[:, origin] >> np.uint64(shift)
        if shift + bits > 64:
            value |= source[:, origin + 1] << np.uint64(64 - shift)
        np.bitwise_and(value, mask, out=words[:, index])
    return words.reshape(*packed.shape[:-1], -1)


def _group(bits: int) -> tuple[int, int]:
    """The smallest number of words that fills whole 64-bit words, and how many it fills: 36 bits: 16 words in 9."""
    if not 1 <= bits < 64:
        raise BadInput("ckks.pack_width", bits=bits)
    group = 64 // math.gcd(bits, 64)
    return group, group * bits // 64


def _runs(profile: Profile, level: int) -> list[tuple[int, int, int]]:
    """Neighbouring primes of one width, packed in one go: (first, last, bits)."""
    runs: list[tuple[int, int, int]] = []
    for index, bits in enumerate(profile.prime_bits[: level + 1]):
        if runs and runs[-1][2] == bits:
            runs[-1] = (runs[-1][0], index + 1, bits)
        else:
            runs.append((index, index + 1, bits))
    return runs


def _check_header(profile: Profile, data: memoryview, shape: Shape) -> float:
    level, parts = shape.level, shape.parts
    expected_bytes = packed_bytes(profile, level, parts)
    if len(data) != expected_bytes:
        size = len(data)
        refuse(Said("ckks.size", found=size, level=level, parts=parts, profile=profile.name, expected=expected_bytes))
    magic, version, *fields, scale, parms_id, zeros = _HEADER.unpack(data[:HEADER_BYTES])
    found = (magic, version, *fields, parms_id, zeros)
    wanted = (MAGIC, VERSION, level, parts, 1, profile.ring_degree, profile.parms_id(level), bytes(12))
    names = ("magic", "version", "level", "parts", "NTT flag", "ring degree", "parms_id", "reserved bytes")
    for name, seen, should in zip(names, found, wanted, strict=True):
        check_field(name, seen, should)
    check_scale(profile, scale, shape)
    return float(scale)


def check_field(name: str, found: object, wanted: object) -> None:
    """Raise CiphertextInvalid unless a field of the structure has the one value it may have."""
    if found != wanted:
        refuse(Said("ckks.field", name=name, found=_show(found), wanted=_show(wanted)))


def refuse(why: Said) -> NoReturn:
    raise CiphertextInvalid("ckks.ciphertext", why=why)


def _show(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
