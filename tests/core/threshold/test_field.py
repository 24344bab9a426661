"""Arithmetic modulo the first prime is exact, on the largest words too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import Profile, profile
from hefed.core.errors import BadInput
from hefed.core.threshold import shamir
from tests.core.threshold.conftest import RING
from tests.words.raises import says

Q0 = profile("N14_L9").primes[0]
words = st.integers(0, Q0 - 1)


@given(st.lists(st.tuples(words, words), min_size=1, max_size=50))
def test_products_are_exact(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array(column, np.uint64) for column in zip(*pairs, strict=True))
    assert shamir.multiply(a, b, Q0).tolist() == [x * y % Q0 for x, y in pairs]


def test_products_of_the_largest_words_are_exact() -> None:
    largest = np.array([Q0 - 1, Q0 - 2, 1, 0], np.uint64)
    assert shamir.multiply(largest, largest, Q0).tolist() == [int(x) ** 2 % Q0 for x in largest]
    assert shamir.multiply(largest, Q0 - 1, Q0).tolist() == [int(x) * (Q0 - 1) % Q0 for x in largest]


@given(st.lists(words, min_size=1, max_size=4), st.integers(1, 9))
def test_a_polynomial_is_evaluated_as_written(coefficients: list[int], point: int) -> None:
    found = shamir.evaluate([np.array([c], np.uint64) for c in coefficients], point, Q0)
    assert found.tolist() == [sum(c * point**power for power, c in enumerate(coefficients)) % Q0]


def test_transform_finds_the_ternary_coefficients_of_a_seal_key(secret: SecretKey) -> None:
    transform, prime = shamir.transform(RING), RING.primes[0]
    coefficients = transform.coefficients(secret.words[0])
    assert set(coefficients.tolist()) == {0, 1, prime - 1}
    assert np.array_equal(transform.words(coefficients), secret.words[0])


@given(st.lists(st.tuples(words, words), min_size=1, max_size=4096))
def test_the_mean_of_a_product_is_exact(pairs: list[tuple[int, int]]) -> None:
    ring = profile("N14_L9")
    padded = [*pairs, *[(0, 0)] * (ring.ring_degree - len(pairs))]
    a, b = (np.array(column, np.uint64) for column in zip(*padded, strict=True))
    expected = sum(x * y for x, y in pairs) * pow(ring.ring_degree, -1, Q0) % Q0
    assert shamir.MeanOfProduct(ring, a)(b) == expected


def test_random_words_fill_the_field() -> None:
    drawn = shamir.random_words(4000, Q0)
    assert int(drawn.max()) < Q0
    counts = np.histogram(drawn.astype(np.float64), bins=20, range=(0, Q0))[0]
    assert ((counts - 200) ** 2 / 200).sum() < 60  # chi squared, 19 degrees of freedom: one in four million


def test_random_words_of_a_small_field_are_all_below_its_prime() -> None:
    assert set(shamir.random_words(500, 5).tolist()) == {0, 1, 2, 3, 4}


def test_a_first_prime_too_wide_for_the_arithmetic_is_refused() -> None:
    with says("threshold.wide_prime", BadInput, bits=60, limit=54):
        shamir.field_prime(Profile("INSECURE_TEST_WIDE", 4096, (60, 36, 60), 36))


# ---- other primes, and the transform as a ring ----------------------------------------------------------------------

PRIMES = [3, 257, 65537, Q0, 2**54 - 33]


@pytest.mark.parametrize("prime", PRIMES)
def test_arithmetic_at_the_edges_of_the_field_is_that_of_python(prime: int) -> None:
    edges = sorted({0, 1, 2, prime // 2, prime // 2 + 1, prime - 2, prime - 1})
    pairs = [(x, y) for x in edges for y in edges]
    a, b = (np.array(column, np.uint64) for column in zip(*pairs, strict=True))
    assert shamir.add(a, b, prime).tolist() == [(x + y) % prime for x, y in pairs]
    assert shamir.multiply(a, b, prime).tolist() == [x * y % prime for x, y in pairs]


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(PRIMES), st.data())
def test_a_weighted_sum_is_that_of_python(prime: int, data: st.DataObject) -> None:
    numbers = st.lists(st.integers(0, prime - 1), min_size=9, max_size=9)
    values = data.draw(st.lists(numbers, min_size=1, max_size=9))
    weights = data.draw(st.lists(st.integers(0, prime - 1), min_size=len(values), max_size=len(values)))
    found = shamir.weighted_sum([np.array(row, np.uint64) for row in values], weights, prime)
    expected = [sum(w * row[at] for w, row in zip(weights, values, strict=True)) % prime for at in range(9)]
    assert found.tolist() == expected


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=20))
def test_products_distribute_over_sums(triples: list[tuple[int, int, int]]) -> None:
    a, b, c = (np.array(column, np.uint64) for column in zip(*triples, strict=True))
    whole = shamir.multiply(a, shamir.add(b, c, Q0), Q0)
    assert np.array_equal(whole, shamir.add(shamir.multiply(a, b, Q0), shamir.multiply(a, c, Q0), Q0))


def monomial(power: int, factor: int = 1) -> np.ndarray:
    found = np.zeros(RING.ring_degree, np.uint64)
    found[power] = factor
    return found


@pytest.mark.parametrize(("one", "other"), [(0, 0), (0, 5), (1, 1), (7, 4000), (4095, 1), (4095, 4095), (2048, 2048)])
def test_words_multiply_as_polynomials_modulo_x_to_the_n_plus_one(one: int, other: int) -> None:
    """x^i times x^j is x^(i+j), and x^N is -1."""
    transform, prime, degree = shamir.transform(RING), RING.primes[0], RING.ring_degree
    product = shamir.multiply(transform.words(monomial(one, 3)), transform.words(monomial(other, 5)), prime)
    sign = 15 if one + other < degree else prime - 15
    assert np.array_equal(transform.coefficients(product), monomial((one + other) % degree, sign))


def test_the_transform_takes_sums_to_sums_and_comes_back() -> None:
    transform, prime = shamir.transform(RING), RING.primes[0]
    one, other = (shamir.random_words(RING.ring_degree, prime) for _ in range(2))
    both = shamir.add(transform.words(one), transform.words(other), prime)
    assert np.array_equal(transform.coefficients(both), shamir.add(one, other, prime))


def test_a_constant_has_itself_in_every_word() -> None:
    assert set(shamir.transform(RING).words(monomial(0, 42)).tolist()) == {42}


def test_the_mean_of_words_is_the_constant_coefficient() -> None:
    coefficients = shamir.random_words(RING.ring_degree, RING.primes[0])
    found = shamir.MeanOfProduct(RING, np.ones(RING.ring_degree, np.uint64))(shamir.transform(RING).words(coefficients))
    assert found == int(coefficients[0])


def test_the_mean_of_the_largest_words_is_exact() -> None:
    largest = np.full(RING.ring_degree, RING.primes[0] - 1, np.uint64)
    assert shamir.MeanOfProduct(RING, largest)(largest) == 1


@pytest.mark.parametrize("count", [0, 1, 5000])
def test_random_words_are_as_many_as_were_asked_and_never_the_same(count: int) -> None:
    one, other = shamir.random_words(count, Q0), shamir.random_words(count, Q0)
    assert len(one) == len(other) == count
    assert not (one == other).any()
