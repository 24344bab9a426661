"""Keys hold what they may and nothing else, and only the key that belongs to a ciphertext opens it."""

import dataclasses
import hashlib
import pickle
import struct

import numpy as np
import pytest

from hefed.core.ckks import seal_stream, totals
from hefed.core.ckks.backend import Decryptor, Encryptor, Evaluator, generate_keys, to_words
from hefed.core.ckks.keys import EvaluationKeys, PublicKeys, SecretKey
from hefed.core.ckks.params import Profile, profile
from hefed.core.errors import KeyInvalid
from hefed.core.words import Said
from tests.words.raises import says

Pair = tuple[SecretKey, EvaluationKeys]


@pytest.fixture(scope="module")
def stranger(ring: Profile) -> Pair:
    """The keys of another study with the same parameters."""
    return generate_keys(ring)


def eight_byte_words(stream: bytes) -> set[int]:
    """Every aligned and unaligned 64-bit word."""
    found: set[int] = set()
    for offset in range(8):
        usable = stream[offset : offset + (len(stream) - offset) // 8 * 8]
        found |= set(np.frombuffer(usable, "<u8").tolist())
    return found


# ---- what public parts hold ------------------------------------------------------------------------------------------


def test_public_parts_hold_no_word_of_the_secret_key(secret_key: SecretKey, keys: EvaluationKeys) -> None:
    secret = {int(word) for word in secret_key.words[0, :64]}

    assert not secret & eight_byte_words(keys.public.public)
    assert not secret & eight_byte_words(keys.relinearisation[:4_000_000])


def test_public_parts_are_the_only_fields_of_their_types() -> None:
    assert [field.name for field in dataclasses.fields(PublicKeys)] == ["profile", "public"]
    assert [field.name for field in dataclasses.fields(EvaluationKeys)] == ["public", "relinearisation"]


def test_public_key_is_an_encryption_of_zero_under_the_secret_key(
    ring: Profile, secret_key: SecretKey, keys: EvaluationKeys
) -> None:
    first, second = seal_stream.public_key_words(ring, keys.public.public)
    q0 = ring.primes[0]

    noise = [
        (int(a) + int(b) * s) % q0 for a, b, s in zip(first[:200], second[:200], secret_key.words_q0[:200], strict=True)
    ]
    opened = totals.open_total(secret_key, totals.SealedTotal(_mean(first, ring), second, 1.0))

    assert len(set(noise)) > 190  # in NTT form noise looks like anything
    assert abs(opened) / ring.slots < 50  # its constant coefficient is a small error


def _mean(words: np.ndarray, ring: Profile) -> int:
    return totals.sum_words(words) * pow(ring.ring_degree, -1, ring.primes[0]) % ring.primes[0]


def test_fingerprint_is_the_digest_of_the_public_key(keys: EvaluationKeys) -> None:
    assert keys.fingerprint == keys.public.fingerprint == hashlib.sha256(keys.public.public).hexdigest()


def test_fingerprint_changes_with_every_word(ring: Profile, keys: EvaluationKeys) -> None:
    stream = bytearray(keys.public.public)
    for offset in (-8, -16, -8 * ring.ring_degree):
        changed = bytearray(stream)
        changed[offset] ^= 1
        assert PublicKeys.load(ring, bytes(changed)).fingerprint != keys.fingerprint


def test_two_studies_never_share_keys(stranger: Pair, keys: EvaluationKeys, secret_key: SecretKey) -> None:
    assert stranger[1].fingerprint != keys.fingerprint
    assert not np.array_equal(stranger[0].words, secret_key.words)


# ---- who opens what --------------------------------------------------------------------------------------------------


def test_another_studys_key_opens_nothing(
    stranger: Pair, ring: Profile, encryptor: Encryptor, evaluator: Evaluator
) -> None:
    column = np.linspace(-4, 4, ring.slots)
    encrypted = encryptor.encrypt(column, 0)

    seen = Decryptor(stranger[0]).decrypt(encrypted)
    opened = totals.open_total(stranger[0], evaluator.seal_total(evaluator.blind(encrypted)))

    assert abs(np.corrcoef(seen, column)[0, 1]) < 6 / np.sqrt(ring.slots)
    assert np.abs(seen).max() > 1000
    assert abs(opened - column.sum()) > 1


def test_products_under_another_studys_relinearisation_key_are_noise(
    stranger: Pair, ring: Profile, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    column = np.linspace(-1, 1, ring.slots)
    wrong = Evaluator(stranger[1])
    ours, theirs = (
        one.rescale(one.relinearise(one.multiply(encryptor.encrypt(column, 2), encryptor.encrypt(column, 2))))
        for one in (evaluator, wrong)
    )

    assert np.abs(decryptor.decrypt(ours) - column**2).max() < 2**-15
    assert np.abs(decryptor.decrypt(theirs) - column**2).max() > 1


def test_column_encrypted_under_another_public_key_does_not_open(
    stranger: Pair, ring: Profile, decryptor: Decryptor
) -> None:
    column = np.ones(ring.slots)

    seen = decryptor.decrypt(Encryptor(stranger[1].public).encrypt(column, 1))

    assert np.abs(seen - column).min() > 0
    assert np.abs(seen - column).max() > 1000


def test_secret_key_opens_after_a_round_trip_through_its_stream(
    ring: Profile, secret_key: SecretKey, encryptor: Encryptor
) -> None:
    again = SecretKey.load(ring, secret_key.stream)

    found = Decryptor(again).slots(to_words(ring, encryptor.encrypt([2.5], 3)))

    assert found[0] == pytest.approx(2.5, abs=2**-18)
    assert again.words_q0 == secret_key.words_q0


def test_public_parts_survive_a_process_border(keys: EvaluationKeys) -> None:
    assert pickle.loads(pickle.dumps(keys)) == keys  # noqa: S301  what the second encrypting process is given


# ---- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\0" * 15, b"\0" * 16, b"not a key at all", bytes(1000)])
def test_bytes_that_are_no_key_are_refused_for_every_type(data: bytes, ring: Profile, keys: EvaluationKeys) -> None:
    for what, load in (
        ("ckks.public_key", lambda: PublicKeys.load(ring, data)),
        ("ckks.relinearisation_key", lambda: EvaluationKeys.load(keys.public, data)),
        ("ckks.secret_key", lambda: SecretKey.load(ring, data)),
    ):
        with says("ckks.key", KeyInvalid, what=Said(what)):
            load()


def test_keys_of_another_ring_are_refused(keys: EvaluationKeys, secret_key: SecretKey) -> None:
    product = profile("N14_L9")

    with pytest.raises(KeyInvalid):
        PublicKeys.load(product, keys.public.public)
    with pytest.raises(KeyInvalid):
        SecretKey.load(product, secret_key.stream)


@pytest.mark.parametrize("cut", [1, 8, 4096])
def test_key_that_lost_its_end_or_has_more_is_refused(cut: int, ring: Profile, keys: EvaluationKeys) -> None:
    for stream, load in (
        (keys.public.public, lambda data: PublicKeys.load(ring, data)),
        (keys.relinearisation, lambda data: EvaluationKeys.load(keys.public, data)),
    ):
        for damaged in (stream[:-cut], stream + bytes(cut)):
            consistent = damaged[:8] + struct.pack("<Q", len(damaged)) + damaged[16:]
            for data in (damaged, consistent):
                with pytest.raises(KeyInvalid):
                    load(data)


def test_key_with_another_scale_is_refused(ring: Profile, keys: EvaluationKeys) -> None:
    stream = bytearray(keys.public.public)
    stream[73:81] = struct.pack("<d", 2.0**36)

    with says("ckks.field", KeyInvalid, name="scale", found="68719476736.0", wanted="1.0"):
        PublicKeys.load(ring, bytes(stream))


@pytest.mark.parametrize("lists", [0, 2, 2**40])
def test_table_with_another_number_of_key_lists_is_refused(lists: int, keys: EvaluationKeys) -> None:
    """Rotation keys are such tables: with them a server could move one patient's slot to where another's is summed."""
    stream = bytearray(keys.relinearisation)
    stream[48:56] = struct.pack("<Q", lists)

    with pytest.raises(KeyInvalid):
        EvaluationKeys.load(keys.public, bytes(stream))


def test_table_with_a_key_less_is_refused(keys: EvaluationKeys) -> None:
    stream = bytearray(keys.relinearisation)
    stream[56:64] = struct.pack("<Q", 8)

    with says("ckks.field", KeyInvalid, name="number of keys", found="8", wanted="10"):
        EvaluationKeys.load(keys.public, bytes(stream))


@pytest.mark.parametrize("prime", [0, 5, 10])
def test_secret_key_with_a_word_at_its_prime_is_refused(prime: int, ring: Profile, secret_key: SecretKey) -> None:
    words = secret_key.words.copy()
    words[prime, 3] = ring.primes[prime]

    found = ring.primes[prime]
    with says("ckks.word_range", KeyInvalid, index=prime, found=found, prime=found):
        SecretKey.load(ring, seal_stream.secret_key_stream(ring, words))


def test_no_error_about_a_secret_key_shows_its_words(ring: Profile, secret_key: SecretKey) -> None:
    words = {str(int(word)) for word in secret_key.words[:, :50].ravel()}
    damaged = secret_key.stream[:-8]

    with pytest.raises(KeyInvalid) as in_place_of_public:
        PublicKeys.load(ring, secret_key.stream)
    with pytest.raises(KeyInvalid) as cut:
        SecretKey.load(ring, damaged[:8] + struct.pack("<Q", len(damaged)) + damaged[16:])

    assert not words & set(str(in_place_of_public.value).split())
    assert not words & set(str(cut.value).split())
    assert all(word not in repr(secret_key) for word in words)


def test_largest_honest_key_stream_is_a_relinearisation_key(ring: Profile, keys: EvaluationKeys) -> None:
    limit = seal_stream.key_stream_limit_bytes(ring)

    assert len(keys.relinearisation) <= limit < len(keys.relinearisation) + 2**17
    assert len(keys.public.public) < limit
