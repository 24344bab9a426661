"""SEAL's streams, walked in pure Python: what SEAL wrote is read, what was tampered with is refused."""

import struct
from pathlib import Path

import numpy as np
import pytest
import tenseal.sealapi as seal
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.ckks import backend, seal_stream, wire
from hefed.core.ckks.backend import Decryptor, Encryptor
from hefed.core.ckks.keys import EvaluationKeys, PublicKeys, SecretKey
from hefed.core.ckks.params import Profile
from hefed.core.ckks.wire import CiphertextWords, Shape
from hefed.core.errors import CiphertextInvalid, KeyInvalid
from tests.insecure import INSECURE_TEST_N12_L9 as RING
from tests.words.raises import says

_OUTER = 16
_FIELDS = {
    "parms_id": 16,
    "NTT flag": 48,
    "number of parts": 49,
    "ring degree": 57,
    "number of primes": 65,
    "correction factor": 81,
    "SEAL magic": 89,
    "nested size": 97,
    "word count": 105,
}


def _words(level: int = 1) -> CiphertextWords:
    random = np.random.default_rng(3)
    rows = [random.integers(0, prime, (2, RING.ring_degree), dtype=np.uint64) for prime in RING.data_primes(level)]
    return CiphertextWords(level, RING.scale, np.stack(rows, axis=1))


def _stream(level: int = 1) -> bytearray:
    return bytearray(seal_stream.ciphertext_stream(RING, _words(level)))


def _compressed(stream: bytes, minor: int = 3) -> bytes:
    """As a SEAL of another minor version would have sent it."""
    body = zstandard.ZstdCompressor().compress(stream[_OUTER:])
    return struct.pack("<HBBBBHQ", 0xA15E, 16, 4, minor, 2, 0, _OUTER + len(body)) + body


def _saved(value: object, tmp_path: Path) -> bytes:
    path = tmp_path / "value"
    value.save(str(path))  # type: ignore[attr-defined]
    return path.read_bytes()


def test_stream_that_seal_saved_is_read_and_decrypts(
    ring: Profile, encryptor: Encryptor, decryptor: Decryptor, tmp_path: Path
) -> None:
    data = _saved(encryptor.encrypt([0.25, -3.0], 2), tmp_path)

    words = seal_stream.read_ciphertext(ring, data, Shape(2, scale=ring.scale))

    assert data[5] == 2  # SEAL compresses with zstd
    assert decryptor.slots(words)[:2] == pytest.approx([0.25, -3.0], abs=1e-5)


def test_stream_that_we_wrote_is_loaded_by_seal(ring: Profile, encryptor: Encryptor, decryptor: Decryptor) -> None:
    words = backend.to_words(ring, encryptor.encrypt([4.0], 3))

    native = backend.from_words(ring, words)

    assert decryptor.decrypt(native)[0] == pytest.approx(4.0, abs=1e-5)


@pytest.mark.parametrize("minor", range(5))
def test_minor_version_is_bridged_in_outer_and_nested_header(ring: Profile, minor: int) -> None:
    stream = _stream()
    stream[_OUTER + 73 + 4] = minor  # the nested header's minor version

    words = seal_stream.read_ciphertext(ring, _compressed(bytes(stream), minor), Shape(1))

    assert seal_stream.ciphertext_stream(ring, words) == bytes(_stream())


def test_bytes_that_look_like_a_header_inside_the_words_are_left_alone(ring: Profile) -> None:
    words = _words(0)
    words.words[0, 0, :2] = struct.unpack("<QQ", bytes.fromhex("5ea11004000000000100000000000000"))
    words.words[0, 0, :2] %= ring.primes[0]

    back = seal_stream.read_ciphertext(ring, seal_stream.ciphertext_stream(ring, words), Shape(0))

    assert np.array_equal(back.words, words.words)


@pytest.mark.parametrize(("name", "offset"), _FIELDS.items())
def test_every_wrong_field_is_named(ring: Profile, name: str, offset: int) -> None:
    stream = _stream()
    stream[offset] ^= 1

    with says("ckks.field", CiphertextInvalid, name=name):
        seal_stream.read_ciphertext(ring, bytes(stream), Shape(1))


@pytest.mark.parametrize("offset", range(16))
def test_every_wrong_byte_of_the_outer_header_is_refused(ring: Profile, offset: int) -> None:
    stream = _stream()
    stream[offset] ^= 0x40

    with pytest.raises(CiphertextInvalid):
        seal_stream.read_ciphertext(ring, bytes(stream), Shape(1))


def test_unknown_minor_version_is_refused(ring: Profile) -> None:
    with says("ckks.seal_version", CiphertextInvalid, minor=9, newest=4):
        seal_stream.read_ciphertext(ring, _compressed(bytes(_stream()), 9), Shape(1))


def test_word_that_equals_its_prime_is_refused(ring: Profile) -> None:
    words = _words(1)
    words.words[1, 1, 7] = ring.primes[1]

    with says("ckks.word_range", CiphertextInvalid, index=1):
        seal_stream.read_ciphertext(ring, seal_stream.ciphertext_stream(ring, words), Shape(1))


@given(fraction=st.floats(0, 1, exclude_max=True), compressed=st.booleans())
@settings(deadline=None, max_examples=60)
def test_truncation_at_any_byte_is_refused(fraction: float, compressed: bool) -> None:
    whole = _compressed(bytes(_stream(0))) if compressed else bytes(_stream(0))
    cut = bytearray(whole[: int(fraction * len(whole))])
    if len(cut) >= _OUTER:
        cut[8:16] = struct.pack("<Q", len(cut))  # an attacker keeps the announced size consistent

    with pytest.raises(CiphertextInvalid):
        seal_stream.read_ciphertext(RING, bytes(cut), Shape(0))


@given(data=st.binary(max_size=400))
@settings(deadline=None)
def test_random_bytes_are_refused(data: bytes) -> None:
    header = struct.pack("<HBBBBHQ", 0xA15E, 16, 4, 3, 2, 0, 16 + len(data))

    for attempt in (data, header + data):
        with pytest.raises(CiphertextInvalid):
            seal_stream.read_ciphertext(RING, attempt, Shape(0))


def test_decompression_bomb_is_refused_without_inflating_it(ring: Profile) -> None:
    body = zstandard.ZstdCompressor().compress(bytes(300_000_000))
    bomb = struct.pack("<HBBBBHQ", 0xA15E, 16, 4, 3, 2, 0, _OUTER + len(body)) + body

    with says("ckks.inflates", CiphertextInvalid):
        seal_stream.read_ciphertext(ring, bomb, Shape(1))


def test_oversized_stream_is_refused_before_anything_is_read(ring: Profile) -> None:
    with says("ckks.too_long", CiphertextInvalid):
        seal_stream.read_ciphertext(ring, bytes(_stream()) + bytes(200_000), Shape(1))


def test_zlib_stream_is_refused(ring: Profile) -> None:
    stream = _stream()
    stream[5] = 1

    with says("ckks.compression", CiphertextInvalid, mode=1):
        seal_stream.read_ciphertext(ring, bytes(stream), Shape(1))


def test_keys_survive_their_streams(ring: Profile, keys: EvaluationKeys, secret_key: SecretKey) -> None:
    public = PublicKeys.load(ring, keys.public.public)

    assert public.fingerprint == keys.fingerprint
    assert EvaluationKeys.load(public, keys.relinearisation) == keys
    assert np.array_equal(SecretKey.load(ring, secret_key.stream).words, secret_key.words)


def test_compressed_keys_have_the_same_fingerprint(ring: Profile, keys: EvaluationKeys) -> None:
    assert PublicKeys.load(ring, _compressed(keys.public.public, 1)).fingerprint == keys.fingerprint


def test_secret_key_is_refused_in_place_of_each_public_part(
    ring: Profile, keys: EvaluationKeys, secret_key: SecretKey
) -> None:
    for secret in (secret_key.stream, _compressed(secret_key.stream)):
        with says("ckks.secret_key_sent", KeyInvalid):
            PublicKeys.load(ring, secret)
        with says("ckks.secret_key_sent", KeyInvalid):
            EvaluationKeys.load(keys.public, secret)


def test_secret_key_behind_a_public_key_is_refused(ring: Profile, keys: EvaluationKeys, secret_key: SecretKey) -> None:
    bundle = bytearray(keys.public.public + secret_key.stream)
    bundle[8:16] = struct.pack("<Q", len(bundle))

    with pytest.raises(KeyInvalid):
        PublicKeys.load(ring, bytes(bundle))


def test_transparent_public_key_is_refused(ring: Profile, secret_key: SecretKey) -> None:
    """A secret key dressed up as a public key: its words in the first part, nothing in the second."""
    words = np.stack([secret_key.words, np.zeros_like(secret_key.words)])
    stream = seal_stream._with_header(seal_stream._ciphertext_body(ring.key_parms_id, 1.0, words))

    with says("ckks.zero_polynomial", KeyInvalid):
        PublicKeys.load(ring, stream)


def test_keys_are_not_interchangeable(ring: Profile, keys: EvaluationKeys) -> None:
    with pytest.raises(KeyInvalid):
        PublicKeys.load(ring, keys.relinearisation)
    with pytest.raises(KeyInvalid):
        EvaluationKeys.load(keys.public, keys.public.public)
    with pytest.raises(KeyInvalid):
        SecretKey.load(ring, keys.public.public)


def test_relinearisation_key_with_a_word_at_its_prime_is_refused(ring: Profile, keys: EvaluationKeys) -> None:
    stream = bytearray(keys.relinearisation)
    stream[-8:] = struct.pack("<Q", ring.primes[-1])

    with says("ckks.word_range", KeyInvalid, index=10):
        EvaluationKeys.load(keys.public, bytes(stream))


def test_secret_words_do_not_show_in_a_repr(secret_key: SecretKey) -> None:
    assert str(int(secret_key.words[0, 0])) not in repr(secret_key)


def test_rotation_keys_are_refused(ring: Profile, keys: EvaluationKeys, tmp_path: Path) -> None:
    context = backend._ring(ring).context
    galois = seal.GaloisKeys()
    seal.KeyGenerator(context).create_galois_keys([3], galois)

    with pytest.raises(KeyInvalid):
        EvaluationKeys.load(keys.public, _saved(galois, tmp_path))


def test_stream_size_is_known_in_advance(ring: Profile) -> None:
    assert len(_stream(4)) == seal_stream.stream_bytes(ring, 4)
    assert wire.packed_bytes(ring, 4) < seal_stream.stream_bytes(ring, 4)
