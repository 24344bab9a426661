"""Sharing as mathematics: any k values give the secret exactly, k - 1 any secret equally, re-sharing keeps it."""

from collections import Counter
from functools import lru_cache
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.ckks.params import profile
from hefed.core.threshold.partial import standard_deviation
from hefed.core.threshold.shamir import (
    MAX_PARTIES,
    Scheme,
    evaluate,
    lagrange,
    noise_weight,
    random_words,
    share_words,
    split,
    weighted_sum,
)
from tests.core.threshold.conftest import RING

SCHEMES = [(n, k) for n in range(2, MAX_PARTIES + 1) for k in range(2, n + 1)]
PRIMES = [7, 257, RING.primes[0], profile("N14_L9").primes[0], (1 << 54) - 33]  # the last: the largest of 54 bits
every_scheme = pytest.mark.parametrize(("parties", "threshold"), SCHEMES)


def at(coefficients: list[int], point: int, prime: int) -> int:
    """A polynomial, constant first, with Python's integers."""
    return sum(c * point**power for power, c in enumerate(coefficients)) % prime


@lru_cache(maxsize=4)
def shared(parties: int, threshold: int) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    secret = random_words(RING.ring_degree, RING.primes[0])
    return secret, share_words(Scheme(RING, parties, threshold), secret)


def joined(values: dict[int, np.ndarray], group: tuple[int, ...], where: int = 0) -> np.ndarray:
    return weighted_sum([values[point] for point in group], lagrange(group, where, RING.primes[0]), RING.primes[0])


# ---- k open ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("parties", "threshold"), [(2, 2), (3, 2), (3, 3), (5, 3), (5, 5), (9, 2)])
def test_any_k_of_n_give_the_secret_bit_by_bit(parties: int, threshold: int) -> None:
    secret, values = shared(parties, threshold)
    for group in combinations(range(1, parties + 1), threshold):
        assert np.array_equal(joined(values, group), secret)


def test_the_order_in_which_hospitals_answer_does_not_matter() -> None:
    secret, values = shared(5, 3)
    for group in permutations((1, 4, 5)):
        assert np.array_equal(joined(values, group), secret)


def test_more_than_k_give_the_same_and_k_foretell_the_others() -> None:
    secret, values = shared(5, 3)
    assert np.array_equal(joined(values, (1, 2, 3, 4, 5)), secret)
    for point in (4, 5):
        assert np.array_equal(joined(values, (1, 2, 3), point), values[point])


@pytest.mark.parametrize("group", [(1, 2), (1,), (2, 5)])
def test_fewer_than_k_give_no_word_of_the_secret(group: tuple[int, ...]) -> None:
    secret, values = shared(5, 3)
    assert not (joined(values, group) == secret).any()


def test_the_values_of_another_sharing_of_the_same_secret_do_not_fit() -> None:
    secret, values = shared(5, 3)
    again = share_words(Scheme(RING, 5, 3), secret)
    assert np.array_equal(joined(again, (1, 2, 3)), secret)
    assert not (joined({1: values[1], 2: values[2], 3: again[3]}, (1, 2, 3)) == secret).any()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PRIMES), st.data())
def test_interpolation_is_exact_modulo_every_prime(prime: int, data: st.DataObject) -> None:
    coefficients = data.draw(st.lists(st.integers(0, prime - 1), min_size=1, max_size=5))
    points = st.integers(1, min(prime - 1, 9))
    size = len(coefficients)
    group = tuple(data.draw(st.lists(points, min_size=size, max_size=size, unique=True)))
    where = data.draw(st.integers(0, 9))
    values = [at(coefficients, point, prime) for point in group]
    weights = lagrange(group, where, prime)
    assert sum(w * v for w, v in zip(weights, values, strict=True)) % prime == at(coefficients, where, prime)


@pytest.mark.parametrize("prime", PRIMES)
def test_a_hospital_of_the_group_is_foretold_by_itself_alone(prime: int) -> None:
    for position, point in enumerate((1, 3, 5)):
        assert lagrange((1, 3, 5), point, prime) == tuple(int(other == position) for other in range(3))


@pytest.mark.parametrize("prime", PRIMES)
def test_weights_of_a_group_add_up_to_one(prime: int) -> None:
    for group in combinations(range(1, 7), 3):
        assert sum(lagrange(group, 0, prime)) % prime == 1


# ---- k - 1 do not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("threshold", "group"), [(2, (1,)), (2, (3,)), (3, (1, 2)), (3, (2, 5)), (3, (4, 6))])
def test_k_less_one_values_are_the_same_lottery_for_every_secret(threshold: int, group: tuple[int, ...]) -> None:
    """Over the field of 7, all polynomials: each pair of values comes exactly once, whatever the secret."""
    prime = 7
    randoms = np.array(list(product(range(prime), repeat=threshold - 1)), np.uint64)
    for secret in range(prime):
        constant = np.full(len(randoms), secret, np.uint64)
        columns = [evaluate([constant, *randoms.T], point, prime) for point in group]
        seen = Counter(zip(*(column.tolist() for column in columns), strict=True))
        assert set(seen) == set(product(range(prime), repeat=threshold - 1))
        assert set(seen.values()) == {1}


@pytest.mark.parametrize("word", [0, 1, RING.primes[0] - 1])
def test_a_share_of_a_constant_secret_is_spread_evenly(word: int) -> None:
    """Chi squared over 16 boxes of 512 draws each, 15 degrees of freedom: above 60 once in three million."""
    count = 8192
    values = share_words(Scheme(RING, 3, 2), np.full(count, word, np.uint64))
    for point in (1, 2, 3):
        boxes = np.histogram(values[point].astype(np.float64), bins=16, range=(0, RING.primes[0]))[0]
        assert ((boxes - count / 16) ** 2 / (count / 16)).sum() < 60


def test_one_secret_shared_twice_gives_two_sharings() -> None:
    secret, values = shared(3, 2)
    again = share_words(Scheme(RING, 3, 2), secret)
    assert all((again[point] != values[point]).all() for point in values)


def test_shares_are_words_below_the_prime() -> None:
    for share in split(Scheme(RING, 3, 2), np.full(RING.ring_degree, RING.primes[0] - 1, np.uint64)):
        assert share.words.dtype == np.uint64
        assert int(share.words.max()) < RING.primes[0]


# ---- noise keys ------------------------------------------------------------------------------------------------------


@every_scheme
def test_k_less_one_hospitals_lack_exactly_one_noise_key(parties: int, threshold: int) -> None:
    scheme = Scheme(RING, parties, threshold)
    for group in combinations(scheme.points, threshold - 1):
        together = {absent for point in group for absent in scheme.held_by(point)}
        assert set(scheme.absences) - together == {group}


@every_scheme
def test_k_hospitals_hold_every_noise_key_between_them(parties: int, threshold: int) -> None:
    scheme = Scheme(RING, parties, threshold)
    for group in combinations(scheme.points, threshold):
        assert {absent for point in group for absent in scheme.held_by(point)} == set(scheme.absences)


@every_scheme
def test_the_weights_of_a_noise_key_open_to_one(parties: int, threshold: int) -> None:
    """So that every noise counts once in an opening, whoever opens."""
    scheme, prime = Scheme(RING, parties, threshold), RING.primes[0]
    for absent in scheme.absences[:12]:
        for group in list(combinations(scheme.points, threshold))[-6:]:
            weights = lagrange(group, 0, prime)
            values = [noise_weight(absent, point, prime) for point in group]
            assert sum(w * v for w, v in zip(weights, values, strict=True)) % prime == 1
        assert all(noise_weight(absent, point, prime) == 0 for point in absent)


@every_scheme
def test_the_noise_of_many_keys_together_is_that_of_three_to_ten(parties: int, threshold: int) -> None:
    """More keys have fewer bits each, so that the sum spoils no more; fewer than three are as they are."""
    scheme = Scheme(RING, parties, threshold)
    for bits, most in ((scheme.total_bits, 16), (scheme.slot_bits, 21)):
        together = np.sqrt(len(scheme.absences)) * standard_deviation(bits)
        assert together <= 1.001 * np.sqrt(10) * standard_deviation(most)
        assert together >= 0.999 * np.sqrt(min(len(scheme.absences), 3)) * standard_deviation(most)


def test_noise_keys_are_32_fresh_bytes_each() -> None:
    one, other = (split(Scheme(RING, 5, 3), shared(5, 3)[0]) for _ in range(2))
    keys = {key for share in (*one, *other) for key in share.noise_keys.values()}
    assert len(keys) == 2 * 10
    assert {len(key) for key in keys} == {32}


def test_hospitals_that_hold_a_noise_key_hold_the_same(three_of_five: list) -> None:
    for absent in three_of_five[0].scheme.absences:
        held = {share.noise_keys[absent] for share in three_of_five if absent in share.noise_keys}
        assert len(held) == 1


# ---- sharing anew ----------------------------------------------------------------------------------------------------


def dealt(old: dict[int, np.ndarray], dealers: tuple[int, ...], new: Scheme) -> dict[int, np.ndarray]:
    """Every dealer shares its own share anew; a new hospital adds up what it was dealt, by the dealers' weights."""
    dealings = [share_words(new, old[point]) for point in dealers]
    weights = lagrange(dealers, 0, new.prime)
    return {point: weighted_sum([one[point] for one in dealings], weights, new.prime) for point in new.points}


@pytest.mark.parametrize("dealers", list(combinations(range(1, 4), 2)))
@pytest.mark.parametrize(("parties", "threshold"), [(3, 2), (5, 3), (2, 2)])
def test_sharing_anew_keeps_the_secret(dealers: tuple[int, ...], parties: int, threshold: int) -> None:
    secret, old = shared(3, 2)
    new = dealt(old, dealers, Scheme(RING, parties, threshold))
    for group in combinations(range(1, parties + 1), threshold):
        assert np.array_equal(joined(new, group), secret)


def test_sharing_anew_outdates_every_old_share() -> None:
    secret, old = shared(3, 2)
    new = dealt(old, (1, 2), Scheme(RING, 3, 2))
    assert np.array_equal(joined(new, (1, 2)), secret)
    for mixed in ({1: old[1], 2: new[2]}, {1: new[1], 2: old[2]}, {2: old[2], 3: new[3]}):
        assert not (joined(mixed, tuple(mixed)) == secret).any()


def test_one_dealer_less_than_k_deals_another_secret() -> None:
    secret, old = shared(3, 2)
    new = dealt(old, (2,), Scheme(RING, 3, 2))
    assert not (joined(new, (1, 3)) == secret).any()
