"""SEAL's own byte streams, read and written without SEAL: ciphertexts, public keys, relinearisation keys, secret keys.

An untrusted stream is walked header by header, inflated under a hard cap, compared field by field with what the profile
allows, and written anew: native code only ever sees streams that this module made. So the minor version of a SEAL 4.x
sender (outer header and every nested one) becomes ours on the walk. Source: docs/circuits/wire.md.
"""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import zstandard

from hefed.core.ckks.params import Profile
from hefed.core.ckks.wire import CiphertextWords, Shape, Words, check_field, check_scale, check_words, refuse
from hefed.core.errors import CiphertextInvalid, KeyInvalid
from hefed.core.words import Said

Result = TypeVar("Result")
_SEAL_HEADER = struct.Struct("<HBBBBHQ")  # magic, header size, major, minor, compression, reserved, size with header
_MAGIC, _HEADER_BYTES, _MAJOR, _NATIVE_MINOR = 0xA15E, 16, 4, 3
_KNOWN_MINORS = range(5)  # SEAL 4.0 to 4.4: same wire format by SEAL's changelog
_STORED, _ZSTD = 0, 2
_COUNT = struct.Struct("<Q")
_CIPHERTEXT = struct.Struct("<32sBQQQdQ")  # parms_id, NTT flag, parts, ring degree, primes, scale, correction factor
_PLAINTEXT = struct.Struct("<32sQd")  # parms_id, words, scale: a secret key is one of these
_KEY_TABLE = struct.Struct("<32sQ")  # parms_id, number of key lists; then per list a count
_COMPRESSED_MARGIN_BYTES = 64 * 1024


@dataclass
class _Cursor:
    """A position in inflated bytes; every read is checked against the end."""

    data: memoryview
    position: int = 0

    def take(self, length: int) -> memoryview:
        piece = self.data[self.position : self.position + length]
        if len(piece) != length:
            refuse(Said("ckks.cut_off", size=len(self.data), needed=length, position=self.position))
        self.position += length
        return piece

    def finish(self) -> None:
        if left := len(self.data) - self.position:
            refuse(Said("ckks.trailing", left=left))


def ciphertext_stream(profile: Profile, ciphertext: CiphertextWords) -> bytes:
    """An uncompressed stream that SEAL loads in 0.4 ms."""
    return _with_header(_ciphertext_body(profile.parms_id(ciphertext.level), ciphertext.scale, ciphertext.words))


def read_ciphertext(profile: Profile, data: bytes, shape: Shape) -> CiphertextWords:
    """Check an untrusted SEAL ciphertext stream; raises CiphertextInvalid with the reason."""
    primes = shape.level + 1
    cursor = _open(data, _ciphertext_bytes(profile, shape.parts, primes))
    scale, words = _read_body(cursor, profile, profile.parms_id(shape.level), shape.parts, primes)
    cursor.finish()
    check_scale(profile, scale, shape)
    return CiphertextWords(shape.level, scale, words)


def stream_bytes(profile: Profile, level: int, parts: int = 2) -> int:
    """Size of an uncompressed ciphertext stream."""
    return _HEADER_BYTES + _ciphertext_bytes(profile, parts, level + 1)


def public_key_stream(profile: Profile, data: bytes) -> bytes:
    """Check an untrusted public key and write it anew, uncompressed; raises KeyInvalid, above all for a secret key."""
    return _translated(Said("ckks.public_key"), lambda: _read_public_key(profile, data))


def public_key_words(profile: Profile, canonical: bytes) -> tuple[Words, Words]:
    """Both parts of a public key modulo the first prime, in NTT form, from the stream that ``public_key_stream`` made.

    Together they are an encryption of zero at level 0.
    """
    cursor = _open(canonical, _ciphertext_bytes(profile, 2, len(profile.primes)))
    _, words = _read_body(cursor, profile, profile.key_parms_id, 2, len(profile.primes))
    return words[0, 0], words[1, 0]


def relinearisation_key_stream(profile: Profile, data: bytes) -> bytes:
    """Check an untrusted relinearisation key and write it anew, uncompressed; raises KeyInvalid."""
    return _translated(Said("ckks.relinearisation_key"), lambda: _read_relinearisation_key(profile, data))


def key_stream_limit_bytes(profile: Profile) -> int:
    """The largest key stream that can be honest: an uncompressed relinearisation key (29 MB at N14_L9)."""
    return _HEADER_BYTES + _relinearisation_bytes(profile) + _COMPRESSED_MARGIN_BYTES


def secret_key_stream(profile: Profile, words: Words) -> bytes:
    """A SEAL secret key from its NTT words of shape (primes, ring_degree)."""
    return plaintext_stream(profile.key_parms_id, 1.0, words)


def plaintext_stream(parms_id: bytes, scale: float, words: Words) -> bytes:
    """A plaintext in NTT form, words of shape (primes, ring_degree)."""
    return _with_header(_PLAINTEXT.pack(parms_id, words.size, scale) + _word_array(words))


def read_secret_key(profile: Profile, data: bytes) -> Words:
    """The NTT words of a SEAL secret key, shape (primes, ring_degree); raises KeyInvalid."""
    return _translated(Said("ckks.secret_key"), lambda: _read_secret_words(profile, data))


def _read_public_key(profile: Profile, data: bytes) -> bytes:
    primes = len(profile.primes)
    cursor = _open(data, _ciphertext_bytes(profile, 2, primes))
    _refuse_secret(cursor, profile)
    scale, words = _read_body(cursor, profile, profile.key_parms_id, 2, primes)
    cursor.finish()
    _check_key_words(scale, words)
    return _with_header(_ciphertext_body(profile.key_parms_id, 1.0, words))


def _read_relinearisation_key(profile: Profile, data: bytes) -> bytes:
    count, primes = len(profile.primes) - 1, len(profile.primes)
    cursor = _open(data, _relinearisation_bytes(profile))
    _refuse_secret(cursor, profile)
    parms_id, lists = _KEY_TABLE.unpack(cursor.take(_KEY_TABLE.size))
    check_field("parms_id", parms_id, profile.key_parms_id)
    check_field("number of key lists", lists, 1)
    check_field("number of keys", _COUNT.unpack(cursor.take(8))[0], count)
    body = [_KEY_TABLE.pack(parms_id, 1), _COUNT.pack(count)]
    for _ in range(count):
        _nested_header(cursor, _ciphertext_bytes(profile, 2, primes))
        scale, words = _read_body(cursor, profile, profile.key_parms_id, 2, primes)
        _check_key_words(scale, words)
        body.append(_with_header(_ciphertext_body(profile.key_parms_id, 1.0, words)))
    cursor.finish()
    return _with_header(b"".join(body))


def _read_secret_words(profile: Profile, data: bytes) -> Words:
    cursor = _open(data, _secret_bytes(profile))
    parms_id, count, scale = _PLAINTEXT.unpack(cursor.take(_PLAINTEXT.size))
    check_field("parms_id", parms_id, profile.key_parms_id)
    check_field("scale", scale, 1.0)
    check_field("number of words", count, len(profile.primes) * profile.ring_degree)
    words = _read_words(cursor, (len(profile.primes), profile.ring_degree))
    cursor.finish()
    check_words(profile, words)
    return words


def _translated(what: Said, read: Callable[[], Result]) -> Result:
    try:
        return read()
    except CiphertextInvalid as error:
        raise KeyInvalid("ckks.key", what=what, why=error.facts["why"]) from error


def _refuse_secret(cursor: _Cursor, profile: Profile) -> None:
    """A SEAL secret key is a Plaintext: word count, scale and a nested header follow its parms_id directly."""
    start = bytes(cursor.data[: _PLAINTEXT.size + 2])
    nested = start[_PLAINTEXT.size :] == struct.pack("<H", _MAGIC)
    one_list = start[32:40] == _COUNT.pack(1)  # a key table looks the same up to here, but counts one list of keys
    if (nested and not one_list) or len(cursor.data) == _secret_bytes(profile):
        raise KeyInvalid("ckks.secret_key_sent", bytes=len(cursor.data))


def _check_key_words(scale: float, words: Words) -> None:
    """A transparent key (a zero second part) would show in its first part what it should hide."""
    check_field("scale", scale, 1.0)
    if not words.any(axis=-1).all():
        refuse(Said("ckks.zero_polynomial"))


def _open(data: bytes, inflated_bytes: int) -> _Cursor:
    """Check the outer header and inflate to exactly the size that the profile implies, never more."""
    if len(data) < _HEADER_BYTES:
        refuse(Said("ckks.no_header", found=len(data), header=_HEADER_BYTES))
    if len(data) > _HEADER_BYTES + inflated_bytes + _COMPRESSED_MARGIN_BYTES:
        refuse(Said("ckks.too_long", found=len(data), inflated=inflated_bytes))
    compression, size = _check_header(data[:_HEADER_BYTES])
    check_field("announced size", size, len(data))
    body = memoryview(data)[_HEADER_BYTES:]
    if compression == _ZSTD:
        body = memoryview(_inflate(bytes(body), inflated_bytes))
    elif compression != _STORED:
        refuse(Said("ckks.compression", mode=compression, stored=_STORED, zstd=_ZSTD))
    return _Cursor(body)


def _inflate(data: bytes, limit: int) -> bytes:
    """At most ``limit`` bytes are ever held, whatever the frame announces."""
    try:
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)) as reader:
            inflated = reader.read(limit)
            while len(inflated) < limit and (more := reader.read(limit - len(inflated))):
                inflated += more
            if reader.read(1):
                refuse(Said("ckks.inflates", limit=limit))
    except zstandard.ZstdError as error:
        raise CiphertextInvalid("ckks.ciphertext", why=Said("ckks.zstd", message=str(error))) from error
    return inflated


def _check_header(raw: bytes | memoryview) -> tuple[int, int]:
    """(compression mode, size) of a SEAL header whose other fields are in order."""
    magic, header_bytes, major, minor, compression, reserved, size = _SEAL_HEADER.unpack(raw)
    check_field("SEAL magic", magic, _MAGIC)
    check_field("SEAL header size", header_bytes, _HEADER_BYTES)
    check_field("SEAL major version", major, _MAJOR)
    if minor not in _KNOWN_MINORS:
        refuse(Said("ckks.seal_version", minor=minor, newest=_KNOWN_MINORS[-1]))
    check_field("SEAL reserved field", reserved, 0)
    return compression, size


def _nested_header(cursor: _Cursor, body_bytes: int) -> None:
    compression, size = _check_header(cursor.take(_HEADER_BYTES))
    check_field("nested compression mode", compression, _STORED)
    check_field("nested size", size, _HEADER_BYTES + body_bytes)


def _read_body(cursor: _Cursor, profile: Profile, parms_id: bytes, parts: int, primes: int) -> tuple[float, Words]:
    *found, scale, correction = _CIPHERTEXT.unpack(cursor.take(_CIPHERTEXT.size))
    wanted = (parms_id, 1, parts, profile.ring_degree, primes, 1)
    names = ("parms_id", "NTT flag", "number of parts", "ring degree", "number of primes", "correction factor")
    for name, seen, should in zip(names, (*found, correction), wanted, strict=True):
        check_field(name, seen, should)
    words = _read_words(cursor, (parts, primes, profile.ring_degree))
    check_words(profile, words)
    return float(scale), words


def _read_words(cursor: _Cursor, shape: tuple[int, ...]) -> Words:
    count = int(np.prod(shape))
    _nested_header(cursor, 8 + 8 * count)
    check_field("word count", _COUNT.unpack(cursor.take(8))[0], count)
    return np.frombuffer(cursor.take(8 * count), "<u8").astype(np.uint64, copy=False).reshape(shape)


def _ciphertext_body(parms_id: bytes, scale: float, words: Words) -> bytes:
    parts, primes, ring_degree = words.shape
    return _CIPHERTEXT.pack(parms_id, 1, parts, ring_degree, primes, scale, 1) + _word_array(words)


def _word_array(words: Words) -> bytes:
    return _with_header(_COUNT.pack(words.size) + words.astype("<u8", copy=False).tobytes())


def _with_header(body: bytes) -> bytes:
    size = _HEADER_BYTES + len(body)
    return _SEAL_HEADER.pack(_MAGIC, _HEADER_BYTES, _MAJOR, _NATIVE_MINOR, _STORED, 0, size) + body


def _ciphertext_bytes(profile: Profile, parts: int, primes: int) -> int:
    return _CIPHERTEXT.size + _HEADER_BYTES + 8 + 8 * parts * primes * profile.ring_degree


def _relinearisation_bytes(profile: Profile) -> int:
    primes = len(profile.primes)
    return _KEY_TABLE.size + 8 + (primes - 1) * (_HEADER_BYTES + _ciphertext_bytes(profile, 2, primes))


def _secret_bytes(profile: Profile) -> int:
    return _PLAINTEXT.size + _HEADER_BYTES + 8 + 8 * len(profile.primes) * profile.ring_degree
