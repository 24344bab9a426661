"""Totals: the sum of all slots, from one word and c1, and nothing more."""

import dataclasses
import secrets

import numpy as np
import pytest

from hefed.core.ckks import backend, totals
from hefed.core.ckks.backend import Decryptor, Encryptor, Evaluator, Native
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import Profile
from hefed.core.errors import CiphertextInvalid, NotAtLevelZero
from tests.words.raises import says


@pytest.fixture()
def pair(random: np.random.Generator, ring: Profile) -> np.ndarray:
    return np.clip(random.normal(size=(2, ring.slots)), -4, 4)


@pytest.fixture()
def product(pair: np.ndarray, encryptor: Encryptor, evaluator: Evaluator) -> Native:
    x, z = (encryptor.encrypt(values, 1) for values in pair)
    return evaluator.blind(evaluator.rescale(evaluator.relinearise(evaluator.multiply(x, z))))


def test_total_of_products_is_exact_to_thirty_bits(
    pair: np.ndarray, product: Native, evaluator: Evaluator, secret_key: SecretKey
) -> None:
    opened = totals.open_total(secret_key, evaluator.seal_total(product))

    assert abs(opened - (pair[0] * pair[1]).sum()) < 4 * len(pair[0]) * 2**-30


def test_second_total_of_a_pair_comes_out_by_a_monomial(
    pair: np.ndarray, encryptor: Encryptor, evaluator: Evaluator, secret_key: SecretKey
) -> None:
    x, z = (encryptor.encrypt(values, 0) for values in pair)
    both = evaluator.add(x, evaluator.times_monomial(z))

    first = totals.open_total(secret_key, evaluator.seal_total(evaluator.blind(both)))
    second = totals.open_total(secret_key, evaluator.seal_total(evaluator.blind(evaluator.times_monomial(both, -1))))

    assert (first, second) == pytest.approx((pair[0].sum(), pair[1].sum()), abs=1e-4)


def test_slots_that_the_custodian_could_see_say_nothing_of_the_data(
    pair: np.ndarray, product: Native, ring: Profile, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    """Put b in every word of c0, as a curious custodian might, and decode."""
    sealed = evaluator.seal_total(product)
    words = np.stack([np.full_like(sealed.c1, sealed.b), sealed.c1]).reshape(2, 1, -1)

    seen = decryptor.slots(backend.CiphertextWords(0, sealed.scale, words))

    assert abs(np.corrcoef(seen, pair[0] * pair[1])[0, 1]) < 4 / np.sqrt(ring.slots)


def test_blinding_makes_c1_fresh(product: Native, evaluator: Evaluator) -> None:
    first, second = (evaluator.seal_total(evaluator.blind(product)) for _ in range(2))

    assert first.b != second.b
    assert not np.array_equal(first.c1, second.c1)


def test_opening_is_linear_in_the_key(
    product: Native, ring: Profile, evaluator: Evaluator, secret_key: SecretKey
) -> None:
    """Two shares that add up to the key open the total together, and neither does alone."""
    sealed, q0 = evaluator.seal_total(product), ring.primes[0]
    share = [secrets.randbelow(q0) for _ in secret_key.words_q0]
    rest = [(word - part) % q0 for word, part in zip(secret_key.words_q0, share, strict=True)]

    means = [totals.masked_mean(ring, sealed.c1, words) for words in (share, rest)]

    assert totals.total_value(ring, sealed, sum(means) % q0) == totals.open_total(secret_key, sealed)


def test_total_survives_its_bytes(product: Native, ring: Profile, evaluator: Evaluator) -> None:
    sealed = evaluator.seal_total(product)

    data = totals.pack_total(ring, sealed)
    back = totals.unpack_total(ring, data, sealed.scale)

    assert len(data) == totals.sealed_bytes(ring)
    assert (back.b, back.scale, np.array_equal(back.c1, sealed.c1)) == (sealed.b, sealed.scale, True)


def test_total_with_a_tampered_scale_or_word_is_refused(product: Native, ring: Profile, evaluator: Evaluator) -> None:
    sealed = evaluator.seal_total(product)
    data = totals.pack_total(ring, sealed)

    with says("ckks.field", CiphertextInvalid, name="scale"):
        totals.unpack_total(ring, data, sealed.scale * 2)
    with says("ckks.sealed_total_range", CiphertextInvalid):
        totals.unpack_total(ring, totals.pack_total(ring, dataclasses.replace(sealed, b=ring.primes[0])), sealed.scale)
    with says("ckks.sealed_total_size", CiphertextInvalid):
        totals.unpack_total(ring, data[:-1], sealed.scale)


def test_total_above_level_zero_is_not_extracted(encryptor: Encryptor, evaluator: Evaluator) -> None:
    with says("ckks.total_level", NotAtLevelZero, level=1, parts=2):
        evaluator.seal_total(encryptor.encrypt([1.0], 1))


def test_words_are_summed_exactly_beyond_64_bits() -> None:
    words = np.full(16384, 2**54 - 1, np.uint64)

    assert totals.sum_words(words) == 16384 * (2**54 - 1)
