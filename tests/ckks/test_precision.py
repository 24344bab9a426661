"""Precision in bits, levels and scales: what a statistician may rely on, operation by operation and level by level."""

from typing import Any

import numpy as np
import pytest

from bench.plain_operations import PlainOperations
from hefed.core.ckks import totals
from hefed.core.ckks.backend import Decryptor, Encryptor, Evaluator
from hefed.core.ckks.cost import DryRun, Shape
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import Profile
from hefed.core.errors import BadInput, CircuitError, LevelExhausted
from tests.words.raises import says

LEVELS = range(10)


def bits(found: np.ndarray, wanted: np.ndarray) -> float:
    """Bits that two vectors share, for values of size 1."""
    return float(-np.log2(max(np.abs(found - wanted).max(), 2.0**-52)))


@pytest.fixture()
def values(random: np.random.Generator, ring: Profile) -> np.ndarray:
    return random.uniform(-4, 4, ring.slots)


# ---- what a fresh ciphertext holds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_fresh_column_is_exact_to_nineteen_bits_at_every_level(
    level: int, values: np.ndarray, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    encrypted = encryptor.encrypt(values, level)

    assert evaluator.level(encrypted) == level
    assert evaluator.scale(encrypted) == decryptor.profile.scale
    assert bits(decryptor.decrypt(encrypted), values) > 19


@pytest.mark.parametrize("constant", [0.0, 1.0, -1.0, 1e-6, 123.456, -4096.0])
def test_constant_stands_in_every_slot(constant: float, encryptor: Encryptor, decryptor: Decryptor) -> None:
    found = decryptor.decrypt(encryptor.encrypt_constant(constant, 2))

    assert found.shape == (decryptor.profile.slots,)
    assert np.abs(found - constant).max() < 2**-17


def test_error_of_encryption_is_centred_and_does_not_depend_on_the_value(
    ring: Profile, encryptor: Encryptor, decryptor: Decryptor
) -> None:
    small, large = (decryptor.decrypt(encryptor.encrypt(np.full(ring.slots, v), 3)) - v for v in (0.25, 1000.0))

    for error in (small, large):
        assert abs(error.mean()) < 5 * error.std() / np.sqrt(ring.slots)
    assert 0.8 < small.std() / large.std() < 1.25


def test_errors_of_two_encryptions_are_uncorrelated(
    values: np.ndarray, ring: Profile, encryptor: Encryptor, decryptor: Decryptor
) -> None:
    first, second = (decryptor.decrypt(encryptor.encrypt(values, 3)) - values for _ in range(2))

    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(ring.slots)
    assert abs(np.corrcoef(first, values)[0, 1]) < 5 / np.sqrt(ring.slots)


def test_slots_that_were_not_given_are_zero(ring: Profile, encryptor: Encryptor, decryptor: Decryptor) -> None:
    found = decryptor.decrypt(encryptor.encrypt([3.0, -2.0], 1))

    assert np.abs(found[2:]).max() < 2**-18
    assert found[:2] == pytest.approx([3.0, -2.0], abs=2**-18)


def test_column_without_rows_is_all_zero(encryptor: Encryptor, decryptor: Decryptor) -> None:
    assert np.abs(decryptor.decrypt(encryptor.encrypt([], 1))).max() < 2**-18


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_number_that_is_none_is_not_encrypted(bad: float, ring: Profile, encryptor: Encryptor) -> None:
    column = np.zeros(ring.slots)
    column[17] = bad

    with says("ckks.column_shape", BadInput, slots=ring.slots):
        encryptor.encrypt(column, 1)


@pytest.mark.parametrize("level", [-1, 10, 99])
def test_level_outside_the_chain_is_not_encrypted_at(level: int, ring: Profile, encryptor: Encryptor) -> None:
    with says("ckks.encrypt_level", BadInput, name=ring.name, level=level, highest=9):
        encryptor.encrypt_constant(1.0, level)


# ---- products --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS[1:])
def test_product_keeps_sixteen_bits_at_every_level(
    level: int, values: np.ndarray, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    a, b = encryptor.encrypt(values, level), encryptor.encrypt(values[::-1], level)

    product = evaluator.rescale(evaluator.relinearise(evaluator.multiply(a, b)))

    assert evaluator.level(product) == level - 1
    assert bits(decryptor.decrypt(product), values * values[::-1]) > 15


def test_nine_products_in_a_row_use_up_the_chain_and_keep_fourteen_bits(
    ring: Profile, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    x = np.linspace(-1, 1, ring.slots)
    value, expected = encryptor.encrypt(x, ring.max_level), x.copy()

    while evaluator.level(value):
        factor = encryptor.encrypt(x, evaluator.level(value))
        value = evaluator.rescale(evaluator.relinearise(evaluator.multiply(value, factor)))
        expected *= x

    assert bits(decryptor.decrypt(value), expected) > 14
    with says("ckks.level_exhausted", LevelExhausted, needed=1, level=0):
        evaluator.rescale(value)


def test_rescaling_divides_the_scale_by_the_prime_that_goes(
    ring: Profile, encryptor: Encryptor, evaluator: Evaluator
) -> None:
    for level in LEVELS[1:]:
        product = evaluator.multiply(encryptor.encrypt([1.0], level), encryptor.encrypt([2.0], level))

        lower = evaluator.rescale(evaluator.relinearise(product))

        assert evaluator.scale(lower) == pytest.approx(ring.scale**2 / ring.primes[level], rel=1e-15)


def test_relinearising_changes_no_value(
    values: np.ndarray, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    three = evaluator.multiply(encryptor.encrypt(values, 4), encryptor.encrypt(values, 4))
    before = decryptor.decrypt(three)

    after = decryptor.decrypt(evaluator.relinearise(three))

    assert bits(after, before) > 18


@pytest.mark.parametrize("target", LEVELS)
def test_dropping_changes_no_value_and_no_scale(
    target: int, values: np.ndarray, ring: Profile, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    dropped = evaluator.drop_to(encryptor.encrypt(values, ring.max_level), target)

    assert (evaluator.level(dropped), evaluator.scale(dropped)) == (target, ring.scale)
    assert bits(decryptor.decrypt(dropped), values) > 19


def test_constant_product_lands_at_exactly_the_scale_asked_for(
    values: np.ndarray, ring: Profile, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    wanted = ring.scale * ring.primes[2]

    product = evaluator.rescale(evaluator.multiply_constant(encryptor.encrypt(values, 2), -0.7, wanted))

    assert evaluator.scale(product) == ring.scale
    assert bits(decryptor.decrypt(product), -0.7 * values) > 17


# ---- sums ------------------------------------------------------------------------------------------------------------


def test_error_of_a_sum_grows_like_the_root_of_its_terms(
    ring: Profile, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    ones = np.ones(ring.slots)

    def error_of(terms: int) -> float:
        total = None
        for _ in range(terms):
            total = evaluator.accumulate(total, encryptor.encrypt(ones, 1))
        return float((decryptor.decrypt(total) - terms).std())

    assert error_of(64) / error_of(1) < 2 * np.sqrt(64)


@pytest.mark.parametrize("wanted", [0.0, 1.0, -1.0, 100_000.0, -100_000.0])
def test_total_of_any_sign_and_size_is_right_to_a_thousandth(
    wanted: float, ring: Profile, encryptor: Encryptor, evaluator: Evaluator, secret_key: SecretKey
) -> None:
    column = np.full(ring.slots, wanted / ring.slots)

    sealed = evaluator.seal_total(evaluator.blind(encryptor.encrypt(column, 0)))

    assert totals.open_total(secret_key, sealed) == pytest.approx(wanted, abs=1e-3)


def test_total_past_the_room_of_level_zero_wraps_around_and_is_no_longer_the_total(
    ring: Profile, encryptor: Encryptor, evaluator: Evaluator, secret_key: SecretKey
) -> None:
    """The mean of the slots must stay below q0 / 2 over the scale, 2^17: docs/circuits/gradient.md counts on it."""
    room = ring.primes[0] / 2 / ring.scale

    def opened(mean: float) -> float:
        fourth, total = encryptor.encrypt_constant(mean / 4, 0), None
        for part in (evaluator.add(fourth, fourth), evaluator.add(fourth, fourth)):
            total = evaluator.accumulate(total, part)
        sealed = evaluator.seal_total(evaluator.blind(total))
        return totals.open_total(secret_key, sealed) / ring.slots

    assert opened(0.99 * room) == pytest.approx(0.99 * room, rel=1e-6)
    assert opened(1.01 * room) < 0


def test_errors_of_totals_are_centred(
    ring: Profile, encryptor: Encryptor, evaluator: Evaluator, secret_key: SecretKey
) -> None:
    column = np.linspace(-1, 1, ring.slots)
    errors = np.array(
        [
            totals.open_total(secret_key, evaluator.seal_total(evaluator.blind(encryptor.encrypt(column, 0))))
            for _ in range(40)
        ]
    ) - float(column.sum())

    assert np.abs(errors).max() < 1e-4
    assert abs(errors.mean()) < 4 * errors.std() / np.sqrt(len(errors))


# ---- three interpreters, one shape -----------------------------------------------------------------------------------


def _polynomial(ops: Any, x: Any) -> Any:
    """x^4 - x^2, by two squares and a drop."""
    square = ops.rescale(ops.relinearise(ops.multiply(x, x)))
    fourth = ops.multiply(square, square)
    lifted = ops.multiply_constant(square, 1.0, ops.scale(fourth))
    return ops.rescale(ops.relinearise(ops.subtract(fourth, lifted)))


@pytest.mark.parametrize("level", [2, 5, 9])
def test_polynomial_has_one_level_scale_and_value_in_all_interpreters(
    level: int, ring: Profile, encryptor: Encryptor, evaluator: Evaluator, decryptor: Decryptor
) -> None:
    x = np.linspace(-1, 1, ring.slots)
    plain = PlainOperations(ring)

    encrypted = _polynomial(evaluator, encryptor.encrypt(x, level))
    clear = _polynomial(plain, plain.encrypt(x, level))
    dry = _polynomial(DryRun(ring), Shape(level, ring.scale))

    assert clear.shape == dry
    assert (evaluator.level(encrypted), evaluator.scale(encrypted)) == (dry.level, pytest.approx(dry.scale, rel=1e-12))
    assert bits(decryptor.decrypt(encrypted), x**4 - x**2) > 16
    assert np.allclose(clear.slots, x**4 - x**2)


def test_polynomial_that_starts_too_low_is_refused_by_all_interpreters(
    ring: Profile, encryptor: Encryptor, evaluator: Evaluator
) -> None:
    plain = PlainOperations(ring)
    starts = [
        (evaluator, encryptor.encrypt([1.0], 1)),
        (plain, plain.encrypt([1.0], 1)),
        (DryRun(ring), Shape(1, ring.scale)),
    ]

    for ops, x in starts:
        with pytest.raises((LevelExhausted, CircuitError)):
            _polynomial(ops, x)
