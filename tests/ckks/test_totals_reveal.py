"""What a sealed total gives away: the total, and nothing of the columns, the rows or the computation behind it."""

import struct

import numpy as np
import pytest

from hefed.core.ckks import backend, totals, wire
from hefed.core.ckks.backend import Decryptor, Encryptor, Evaluator, Native
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import Profile
from hefed.core.ckks.totals import SealedTotal
from hefed.core.errors import CiphertextInvalid, NotAtLevelZero
from tests.words.raises import says


@pytest.fixture()
def column(random: np.random.Generator, ring: Profile) -> np.ndarray:
    return random.uniform(-4, 4, ring.slots)


@pytest.fixture()
def sealed(column: np.ndarray, encryptor: Encryptor, evaluator: Evaluator) -> SealedTotal:
    return evaluator.seal_total(evaluator.blind(encryptor.encrypt(column, 0)))


def constant(total: float, ring: Profile) -> np.ndarray:
    return np.full(ring.slots, total / ring.slots)


# ---- what leaves -----------------------------------------------------------------------------------------------------


def test_columns_with_one_total_open_to_one_number(
    column: np.ndarray, ring: Profile, encryptor: Encryptor, evaluator: Evaluator, secret_key: SecretKey
) -> None:
    """Rows in any order, one patient with everything, everybody alike: a key holder cannot tell them apart."""
    one_patient = np.zeros(ring.slots)
    one_patient[41] = column.sum()
    alike = [column, column[::-1], np.roll(column, 7), constant(column.sum(), ring), one_patient]

    opened = [
        totals.open_total(secret_key, evaluator.seal_total(evaluator.blind(encryptor.encrypt(each, 0))))
        for each in alike
    ]

    assert opened == pytest.approx([column.sum()] * len(alike), abs=1e-3)


def test_words_of_the_first_part_do_not_leave_the_server(
    column: np.ndarray, ring: Profile, encryptor: Encryptor, evaluator: Evaluator
) -> None:
    blinded = evaluator.blind(encryptor.encrypt(column, 0))
    first = {int(word) for word in backend.to_words(ring, blinded).words[0, 0]}

    sealed = evaluator.seal_total(blinded)

    assert sealed.b not in first
    assert len(first & {int(word) for word in sealed.c1}) < 3  # words of 54 bits meet by chance only


def test_sealed_total_has_the_size_of_one_word_and_one_part(sealed: SealedTotal, ring: Profile) -> None:
    data = totals.pack_total(ring, sealed)

    assert len(data) == 8 + wire.packed_bytes(ring, 0, parts=1)
    assert len(data) < 0.51 * wire.packed_bytes(ring, 0) + 100


def test_size_of_a_total_says_nothing_of_it(ring: Profile, encryptor: Encryptor, evaluator: Evaluator) -> None:
    sizes = {
        len(totals.pack_total(ring, evaluator.seal_total(evaluator.blind(encryptor.encrypt(constant(n, ring), 0)))))
        for n in (0.0, 1.0, -1e5, 1e5)
    }

    assert sizes == {totals.sealed_bytes(ring)}


def test_guess_of_the_column_cannot_be_checked_without_the_key(
    column: np.ndarray, ring: Profile, encryptor: Encryptor, evaluator: Evaluator
) -> None:
    """Encrypting a guess and comparing works against deterministic ciphers; here no two encryptions agree."""
    first, second = (evaluator.seal_total(evaluator.blind(encryptor.encrypt(column, 0))) for _ in range(2))

    assert first.b != second.b
    assert np.mean(first.c1 == second.c1) < 1e-3


def test_words_that_leave_are_uniform(ring: Profile, encryptor: Encryptor, evaluator: Evaluator) -> None:
    """Chi-square of the words in 64 bins, for a column of zeros, the most telling one: 63 degrees of freedom."""
    sealed = evaluator.seal_total(evaluator.blind(encryptor.encrypt(np.zeros(ring.slots), 0)))

    counts, _ = np.histogram(sealed.c1.astype(np.float64) / ring.primes[0], bins=64, range=(0, 1))
    expected = ring.ring_degree / 64

    assert float(((counts - expected) ** 2 / expected).sum()) < 130  # beyond this once in a million runs


def test_b_of_one_total_is_spread_over_the_whole_modulus(
    ring: Profile, encryptor: Encryptor, evaluator: Evaluator
) -> None:
    zero = np.zeros(ring.slots)
    shares = [evaluator.seal_total(evaluator.blind(encryptor.encrypt(zero, 0))).b / ring.primes[0] for _ in range(60)]

    assert min(shares) < 0.2
    assert max(shares) > 0.8
    assert abs(np.mean(shares) - 0.5) < 5 * np.sqrt(1 / 12 / 60)


# ---- why a total is blinded ------------------------------------------------------------------------------------------


def test_blinding_changes_no_total(
    column: np.ndarray, encryptor: Encryptor, evaluator: Evaluator, secret_key: SecretKey
) -> None:
    plain = encryptor.encrypt(column, 0)

    bare, blinded = (
        totals.open_total(secret_key, evaluator.seal_total(each)) for each in (plain, evaluator.blind(plain))
    )

    assert blinded == pytest.approx(bare, abs=1e-4)


def test_blinding_hides_which_ciphertexts_a_total_came_from(
    column: np.ndarray, ring: Profile, encryptor: Encryptor, evaluator: Evaluator
) -> None:
    """Without it, c1 is the sum of the uploaded c1: a key holder who saw an upload would know its block was in."""
    a, b = (encryptor.encrypt(column, 0) for _ in range(2))
    uploaded = [backend.to_words(ring, each).words[1, 0] for each in (a, b)]
    known = (uploaded[0] + uploaded[1]) % np.uint64(ring.primes[0])

    bare = evaluator.seal_total(evaluator.add(a, b))
    blinded = evaluator.seal_total(evaluator.blind(evaluator.add(a, b)))

    assert np.array_equal(bare.c1, known)
    assert np.mean(blinded.c1 == known) < 1e-3


def test_three_part_sum_is_not_blinded_away(column: np.ndarray, encryptor: Encryptor, evaluator: Evaluator) -> None:
    product = evaluator.multiply(encryptor.encrypt(column, 1), encryptor.encrypt(column, 1))

    with says("ckks.total_level", NotAtLevelZero, level=1, parts=3):
        evaluator.seal_total(product)


# ---- what two totals give --------------------------------------------------------------------------------------------


def _pair(evaluator: Evaluator, encryptor: Encryptor, real: np.ndarray, imaginary: np.ndarray) -> Native:
    both = evaluator.add(encryptor.encrypt(real, 0), evaluator.times_monomial(encryptor.encrypt(imaginary, 0)))
    return evaluator.blind(both)


def test_two_totals_of_one_pair_do_not_mix(
    column: np.ndarray, ring: Profile, encryptor: Encryptor, evaluator: Evaluator, secret_key: SecretKey
) -> None:
    for real, imaginary in ((column, np.zeros(ring.slots)), (np.zeros(ring.slots), column)):
        blinded = _pair(evaluator, encryptor, real, imaginary)

        first = totals.open_total(secret_key, evaluator.seal_total(blinded))
        second = totals.open_total(secret_key, evaluator.seal_total(evaluator.times_monomial(blinded, -1)))

        assert (first, second) == pytest.approx((real.sum(), imaginary.sum()), abs=1e-3)


def test_two_words_of_one_zero_show_no_slot(
    column: np.ndarray, ring: Profile, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    """Both b of a pair, put where they belong in c0 and decoded, still say nothing of single rows."""
    blinded = _pair(evaluator, encryptor, column, column[::-1])
    first, second = (evaluator.seal_total(each) for each in (blinded, evaluator.times_monomial(blinded, -1)))

    for one in (first, second):
        words = np.stack([np.full_like(one.c1, one.b), one.c1]).reshape(2, 1, -1)
        seen = decryptor.slots(backend.CiphertextWords(0, one.scale, words))
        for rows in (column, column[::-1]):
            assert abs(np.corrcoef(seen, rows)[0, 1]) < 5 / np.sqrt(ring.slots)


def test_difference_of_two_totals_is_the_total_of_the_difference(
    column: np.ndarray, ring: Profile, encryptor: Encryptor, evaluator: Evaluator, secret_key: SecretKey
) -> None:
    """Why cohorts that differ by a few patients are not both opened: subtracting totals is always possible."""
    without = column.copy()
    without[:3] = 0.0

    opened = [
        totals.open_total(secret_key, evaluator.seal_total(evaluator.blind(encryptor.encrypt(each, 0))))
        for each in (column, without)
    ]

    assert opened[0] - opened[1] == pytest.approx(column[:3].sum(), abs=1e-3)


def test_part_of_a_key_opens_nothing(sealed: SealedTotal, ring: Profile, secret_key: SecretKey) -> None:
    q0 = ring.primes[0]
    whole = totals.open_total(secret_key, sealed)

    half = [word if index % 2 else 0 for index, word in enumerate(secret_key.words_q0)]
    off_by_one = [*secret_key.words_q0[:-1], (secret_key.words_q0[-1] + 1) % q0]

    for words in (half, off_by_one, [0] * ring.ring_degree):
        found = totals.total_value(ring, sealed, totals.masked_mean(ring, sealed.c1, words))
        assert abs(found - whole) > 1


# ---- bytes from the server -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 7, 8, 64, 1000])
def test_total_of_another_length_is_refused(length: int, sealed: SealedTotal, ring: Profile) -> None:
    with says("ckks.sealed_total_size", CiphertextInvalid, bytes=length, name=ring.name):
        totals.unpack_total(ring, totals.pack_total(ring, sealed)[:length], sealed.scale)


@pytest.mark.parametrize("b", [0, 1])
def test_b_just_below_the_modulus_is_taken_and_at_it_is_not(b: int, sealed: SealedTotal, ring: Profile) -> None:
    body = totals.pack_total(ring, sealed)[8:]

    assert totals.unpack_total(ring, struct.pack("<Q", ring.primes[0] - 1) + body, sealed.scale).b > 0
    for bad in (ring.primes[0] + b, 2**64 - 1 - b):
        with says("ckks.sealed_total_range", CiphertextInvalid, b=bad, prime=ring.primes[0]):
            totals.unpack_total(ring, struct.pack("<Q", bad) + body, sealed.scale)


@pytest.mark.parametrize("offset", range(8, 8 + wire.HEADER_BYTES))
def test_every_damaged_header_byte_is_refused(offset: int, sealed: SealedTotal, ring: Profile) -> None:
    data = bytearray(totals.pack_total(ring, sealed))
    data[offset] ^= 0x10

    with says("ckks.field", CiphertextInvalid):
        totals.unpack_total(ring, bytes(data), sealed.scale)


@pytest.mark.parametrize("scale", [0.0, -1.0, 0.5, float("inf"), float("nan"), 2.0**60])
def test_scale_that_level_zero_cannot_hold_is_refused(scale: float, sealed: SealedTotal, ring: Profile) -> None:
    """A scale near zero would turn noise into any number that a server likes."""
    data = bytearray(totals.pack_total(ring, sealed))
    struct.pack_into("<d", data, 8 + 12, scale)

    code = "ckks.field" if scale != scale else "ckks.scale_range"  # not a number differs from what was announced
    with says(code, CiphertextInvalid):
        totals.unpack_total(ring, bytes(data), scale)


def test_c1_with_a_word_at_its_prime_is_refused(sealed: SealedTotal, ring: Profile) -> None:
    words = sealed.c1.copy()
    words[100] = ring.primes[0]
    forged = SealedTotal(sealed.b, words, sealed.scale)

    with says("ckks.word_range", CiphertextInvalid, index=0, found=ring.primes[0], prime=ring.primes[0]):
        totals.unpack_total(ring, totals.pack_total(ring, forged), sealed.scale)


def test_whole_ciphertext_in_place_of_a_total_is_refused(
    column: np.ndarray, ring: Profile, encryptor: Encryptor, sealed: SealedTotal
) -> None:
    """A server that sent both parts would show the key holder every row."""
    whole = encryptor.packed(column, 0)

    for data in (whole, struct.pack("<Q", sealed.b) + whole):
        with says("ckks.sealed_total_size", CiphertextInvalid, bytes=len(data)):
            totals.unpack_total(ring, data, sealed.scale)


def test_changed_b_changes_the_opened_number_by_what_was_added(
    sealed: SealedTotal, ring: Profile, secret_key: SecretKey
) -> None:
    """A total is not authenticated: a server can shift it, and the holder sees the shifted number and nothing more."""
    step = round(10 * sealed.scale / ring.slots)
    shifted = SealedTotal((sealed.b + step) % ring.primes[0], sealed.c1, sealed.scale)

    moved = totals.open_total(secret_key, shifted) - totals.open_total(secret_key, sealed)

    assert moved == pytest.approx(10, abs=1e-6)


def test_repr_of_a_total_does_not_spill_its_words(sealed: SealedTotal) -> None:
    assert len(repr(sealed)) < 200
    assert str(int(sealed.c1[0])) not in repr(sealed)
