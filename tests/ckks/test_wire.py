"""The packed ciphertext: round trips, and every damage is refused with its reason."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.ckks import wire
from hefed.core.ckks.backend import Decryptor, Encryptor, Evaluator
from hefed.core.ckks.params import Profile, profile
from hefed.core.ckks.wire import CiphertextWords, Shape
from hefed.core.errors import BadInput, CiphertextInvalid
from tests.insecure import INSECURE_TEST_N12_L9 as RING
from tests.words.raises import says

_FIELDS = {"magic": 0, "version": 4, "level": 5, "parts": 6, "NTT flag": 7, "ring degree": 8, "parms_id": 20}


def _random_words(ring: Profile, level: int, parts: int, seed: int) -> CiphertextWords:
    random = np.random.default_rng(seed)
    rows = [random.integers(0, prime, (parts, ring.ring_degree), dtype=np.uint64) for prime in ring.data_primes(level)]
    return CiphertextWords(level, ring.scale, np.stack(rows, axis=1))


def _packed(level: int = 1, parts: int = 2) -> bytearray:
    return bytearray(wire.pack(RING, _random_words(RING, level, parts, 0)))


@given(bits=st.integers(1, 63), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_words_of_any_width_survive_packing(bits: int, seed: int) -> None:
    words = np.random.default_rng(seed).integers(0, 2**bits, (2, 128), dtype=np.uint64)

    packed = wire.pack_words(words, bits)

    assert packed.nbytes == 2 * 128 * bits // 8
    assert int.from_bytes(packed[0].tobytes(), "little") == sum(int(w) << (bits * i) for i, w in enumerate(words[0]))
    assert np.array_equal(wire.unpack_words(packed, bits), words)


@given(level=st.integers(0, 9), parts=st.integers(1, 3), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_ciphertext_survives_packing(level: int, parts: int, seed: int) -> None:
    words = _random_words(RING, level, parts, seed)

    data = wire.pack(RING, words)
    back = wire.unpack(RING, data, Shape(level, parts, RING.scale))

    assert len(data) == wire.packed_bytes(RING, level, parts)
    assert (back.level, back.scale, np.array_equal(back.words, words.words)) == (level, RING.scale, True)


def test_product_ciphertext_costs_189_bytes_a_value() -> None:
    ring = profile("N14_L9")

    assert wire.packed_bytes(ring, ring.max_level) / ring.slots == pytest.approx(189, abs=0.1)


def test_dropping_while_unpacking_equals_dropping_in_seal(
    ring: Profile, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    data = encryptor.packed([1.5, -2.0], 9)

    native = evaluator.load_packed(data, Shape(9, scale=ring.scale), keep_level=2)

    assert evaluator.level(native) == 2
    assert decryptor.decrypt(native)[:3] == pytest.approx([1.5, -2.0, 0.0], abs=1e-5)


@pytest.mark.parametrize(("name", "offset"), _FIELDS.items())
def test_every_wrong_header_field_is_named(name: str, offset: int) -> None:
    data = _packed()
    data[offset] ^= 1

    with says("ckks.field", CiphertextInvalid, name=name):
        wire.unpack(RING, bytes(data), Shape(1))


@given(offset=st.integers(0, wire.HEADER_BYTES - 1), bit=st.integers(0, 7))
@settings(deadline=None)
def test_every_flipped_header_bit_is_refused(offset: int, bit: int) -> None:
    data = _packed()
    data[offset] ^= 1 << bit

    with says("ckks.field", CiphertextInvalid):
        wire.unpack(RING, bytes(data), Shape(1, scale=RING.scale))


@pytest.mark.parametrize("scale", [0.0, -1.0, float("inf"), float("nan"), 2.0**91])
def test_scale_that_the_level_cannot_hold_is_refused(scale: float) -> None:
    data = _packed()
    struct.pack_into("<d", data, 12, scale)

    with says("ckks.scale_range", CiphertextInvalid, bits=90, level=1):
        wire.unpack(RING, bytes(data), Shape(1))


@given(length=st.integers(0, wire.packed_bytes(RING, 1) - 1))
@settings(deadline=None)
def test_truncation_at_any_byte_is_refused(length: int) -> None:
    with says("ckks.size", CiphertextInvalid, found=length):
        wire.unpack(RING, bytes(_packed()[:length]), Shape(1))


@given(data=st.binary(max_size=300))
@settings(deadline=None)
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(CiphertextInvalid):
        wire.unpack(RING, data, Shape(0))


@given(level=st.integers(0, 3), part=st.integers(0, 1), slot=st.integers(0, RING.ring_degree - 1), data=st.data())
@settings(deadline=None, max_examples=30)
def test_word_that_equals_its_prime_is_refused(level: int, part: int, slot: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, level))
    words = _random_words(RING, level, 2, 0)
    words.words[part, index, slot] = RING.primes[index]

    with says("ckks.word_range", CiphertextInvalid, index=index):
        wire.unpack(RING, wire.pack(RING, words), Shape(level))


def test_ciphertext_of_another_ring_is_refused() -> None:
    other = Profile("INSECURE_TEST_OTHER", RING.ring_degree, RING.prime_bits[:-1] + (58,), RING.scale_bits)
    same_size = Profile("INSECURE_TEST_SHIFTED", RING.ring_degree, (54,) + (36,) * 8 + (36, 60), 36)
    data = bytes(_packed())

    wire.unpack(other, data, Shape(1))  # the special prime is not part of a ciphertext
    assert same_size.primes == RING.primes
    with pytest.raises(CiphertextInvalid):
        wire.unpack(profile("N14_L9"), data, Shape(1))


def test_width_that_fits_no_word_is_refused() -> None:
    with says("ckks.pack_width", BadInput, bits=64):
        wire.pack_words(np.zeros(64, np.uint64), 64)
