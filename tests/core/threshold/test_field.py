"""Arithmetic modulo the first prime is exact, on the largest words too."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import Profile, profile
from hefed.core.errors import BadInput
from hefed.core.threshold import field
from tests.core.threshold.conftest import RING
from tests.words.raises import says

Q0 = profile("N14_L9").primes[0]
words = st.integers(0, Q0 - 1)


@given(st.lists(st.tuples(words, words), min_size=1, max_size=50))
def test_products_are_exact(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array(column, np.uint64) for column in zip(*pairs, strict=True))
    assert field.multiply(a, b, Q0).tolist() == [x * y % Q0 for x, y in pairs]


def test_products_of_the_largest_words_are_exact() -> None:
    largest = np.array([Q0 - 1, Q0 - 2, 1, 0], np.uint64)
    assert field.multiply(largest, largest, Q0).tolist() == [int(x) ** 2 % Q0 for x in largest]
    assert field.multiply(largest, Q0 - 1, Q0).tolist() == [int(x) * (Q0 - 1) % Q0 for x in largest]


@given(st.lists(words, min_size=1, max_size=4), st.integers(1, 9))
def test_a_polynomial_is_evaluated_as_written(coefficients: list[int], point: int) -> None:
    found = field.evaluate([np.array([c], np.uint64) for c in coefficients], point, Q0)
    assert found.tolist() == [sum(c * point**power for power, c in enumerate(coefficients)) % Q0]


def test_transform_finds_the_ternary_coefficients_of_a_seal_key(secret: SecretKey) -> None:
    transform, prime = field.transform(RING), RING.primes[0]
    coefficients = transform.coefficients(secret.words[0])
    assert set(coefficients.tolist()) == {0, 1, prime - 1}
    assert np.array_equal(transform.words(coefficients), secret.words[0])


@given(st.lists(st.tuples(words, words), min_size=1, max_size=4096))
def test_the_mean_of_a_product_is_exact(pairs: list[tuple[int, int]]) -> None:
    ring = profile("N14_L9")
    padded = [*pairs, *[(0, 0)] * (ring.ring_degree - len(pairs))]
    a, b = (np.array(column, np.uint64) for column in zip(*padded, strict=True))
    expected = sum(x * y for x, y in pairs) * pow(ring.ring_degree, -1, Q0) % Q0
    assert field.MeanOfProduct(ring, a)(b) == expected


def test_random_words_fill_the_field() -> None:
    drawn = field.random_words(4000, Q0)
    assert int(drawn.max()) < Q0
    counts = np.histogram(drawn.astype(np.float64), bins=20, range=(0, Q0))[0]
    assert ((counts - 200) ** 2 / 200).sum() < 60  # chi squared, 19 degrees of freedom: one in four million


def test_random_words_of_a_small_field_are_all_below_its_prime() -> None:
    assert set(field.random_words(500, 5).tolist()) == {0, 1, 2, 3, 4}


def test_a_first_prime_too_wide_for_the_arithmetic_is_refused() -> None:
    with says("threshold.wide_prime", BadInput, bits=60, limit=54):
        field.field_prime(Profile("INSECURE_TEST_WIDE", 4096, (60, 36, 60), 36))
