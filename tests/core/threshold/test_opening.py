"""What k hospitals open, what k - 1 cannot, and that asking again changes nothing."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.totals import total_value
from hefed.core.errors import BadInput
from hefed.core.threshold.partial import PartialOpener, c1_digest, noise, standard_deviation
from hefed.core.threshold.shamir import Scheme, Share, lagrange, noise_weight, split
from hefed.custodian.desk.results import Opening, SingleKeyOpening, ThresholdOpening
from tests.core.threshold.conftest import RING, answer, opened, rows, sealed
from tests.words.raises import says

VALUES = np.random.default_rng(5).normal(size=2048)
NOISE = 0.02  # five SD of the flooding of a total, 2 of 3 on this ring


@pytest.mark.parametrize("pair", list(combinations(range(3), 2)))
def test_each_pair_of_three_opens_the_total(two_of_three: list[Share], pair: tuple[int, int]) -> None:
    assert opened([two_of_three[i] for i in pair], sealed(VALUES)) == pytest.approx(VALUES.sum(), abs=NOISE)


def test_all_groups_open_one_ciphertext_to_the_same_number_bit_by_bit(three_of_five: list[Share]) -> None:
    total = sealed(VALUES)
    assert len({opened(list(group), total) for group in combinations(three_of_five, 3)}) == 1


def test_the_threshold_total_is_the_single_key_total_but_for_the_flooding(
    two_of_three: list[Share], secret: SecretKey
) -> None:
    totals = [sealed(VALUES * factor) for factor in range(1, 40)]
    single = SingleKeyOpening(secret).open_totals(totals)
    differences = np.array([opened(two_of_three[:2], t) - one for t, one in zip(totals, single, strict=True)])
    expected = np.sqrt(3) * standard_deviation(16) * RING.slots / 2**36
    assert np.abs(differences).max() < 5 * expected
    assert 0.6 * expected < differences.std() < 1.5 * expected


def test_row_scores_open_as_polynomials(two_of_three: list[Share]) -> None:
    ciphertext = rows(VALUES)
    answers = [answer(share, [], [ciphertext]) for share in two_of_three]
    opening: Opening = ThresholdOpening(two_of_three[0].scheme, answers, (1, 3))
    assert opening.open_slots(ciphertext) == pytest.approx(VALUES, abs=0.06)


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_one_of_two_needed_shares_guesses_like_a_coin(two_of_three: list[Share], kept: int) -> None:
    """Tell totals of -1000 from +1000 by the sign of the best attempt: weight x own answer + b."""
    share, random, right = two_of_three[kept], np.random.default_rng(9), 0
    opener = PartialOpener(share)
    other = 1 + share.point % 3
    weight = lagrange((share.point, other), 0, share.scheme.prime)[0]
    truths = random.choice([-1.0, 1.0], 300)
    for truth in truths:
        total = sealed(np.full(RING.slots, truth * 1000 / RING.slots))
        attempt = total_value(RING, total, weight * opener.total(total.c1) % share.scheme.prime)
        right += np.sign(attempt) == truth
    assert abs(right - 150) < 45  # 5.2 SD of a coin
    assert all(
        np.sign(opened([share, two_of_three[other - 1]], sealed(np.full(RING.slots, truth * 1000 / RING.slots))))
        == truth
        for truth in truths[:10]
    )


def test_two_of_three_needed_shares_are_spread_evenly_over_the_field(three_of_five: list[Share]) -> None:
    """Whatever the key, two shares and every combination of them look uniform: nothing in them points to it."""
    prime = three_of_five[0].scheme.prime
    for group in ((1, 2), (2, 4)):
        for at in (0, 3):
            weights = lagrange(group, at, prime)
            words = [three_of_five[point - 1].words.tolist() for point in group]
            found = [
                sum(w * v for w, v in zip(weights, pair, strict=True)) % prime for pair in zip(*words, strict=True)
            ]
            counts = np.histogram(np.array(found, np.float64), bins=16, range=(0, prime))[0]
            assert ((counts - 256) ** 2 / 256).sum() < 60  # chi squared, 15 degrees of freedom: one in three million


def test_shares_of_one_key_made_twice_do_not_open_together(secret: SecretKey, two_of_three: list[Share]) -> None:
    again = split(Scheme(RING, 3, 2), secret.words[0])
    assert abs(opened([two_of_three[0], again[1]], sealed(VALUES)) - VALUES.sum()) > 1000


def test_asking_again_gives_the_same_number_also_after_a_restart(two_of_three: list[Share]) -> None:
    total, ciphertext, share = sealed(VALUES), rows(VALUES), two_of_three[1]
    restarted = PartialOpener(Share(share.scheme, share.point, share.words.copy(), dict(share.noise_keys)))
    assert restarted.total(total.c1) == PartialOpener(share).total(total.c1)
    c1 = ciphertext.words[1, 0]
    assert np.array_equal(restarted.slots(c1), PartialOpener(share).slots(c1))


def test_another_b_gets_no_second_sample_of_the_noise(two_of_three: list[Share]) -> None:
    total = sealed(VALUES)
    moved = replace(total, b=(total.b + 1) % RING.primes[0])
    assert answer(two_of_three[0], [moved]).totals == answer(two_of_three[0], [total]).totals


def test_two_ciphertexts_of_one_total_get_independent_noise(two_of_three: list[Share]) -> None:
    values = [opened(two_of_three[:2], sealed(VALUES)) for _ in range(4)]
    assert len(set(values)) == 4


def test_noise_has_the_announced_size_and_follows_key_use_and_ciphertext() -> None:
    key, digest = b"k" * 32, c1_digest(np.arange(8, dtype=np.uint64))
    drawn = noise(key, digest, "slots", 20000, 16)
    assert drawn.std() == pytest.approx(standard_deviation(16), rel=0.03)
    assert abs(drawn.mean()) < 5 * standard_deviation(16) / np.sqrt(20000)
    others = [noise(b"l" * 32, digest, "slots", 9, 16), noise(key, "0" * 64, "slots", 9, 16)]
    for other in [*others, noise(key, digest, "total", 9, 16)]:
        assert not np.array_equal(other, drawn[:9])


def test_the_noise_of_a_set_of_absent_hospitals_is_unknown_to_exactly_those(three_of_five: list[Share]) -> None:
    scheme = three_of_five[0].scheme
    for absent in scheme.absences:
        holders = {share.point for share in three_of_five if absent in share.noise_keys}
        assert holders == set(scheme.points) - set(absent)
        assert all(noise_weight(absent, point, scheme.prime) == 0 for point in absent)


def test_a_share_does_not_print_itself(two_of_three: list[Share]) -> None:
    shown = repr(two_of_three[0])
    assert str(int(two_of_three[0].words[0])) not in shown
    assert "noise_keys" not in shown


@pytest.mark.parametrize(("parties", "threshold"), [(3, 1), (2, 3), (10, 5), (1, 1)])
def test_a_sharing_that_cannot_be_is_refused(parties: int, threshold: int) -> None:
    with says("threshold.scheme", BadInput):
        Scheme(RING, parties, threshold)


def test_a_share_with_a_noise_key_missing_is_refused(two_of_three: list[Share]) -> None:
    share = two_of_three[0]
    with says("threshold.noise_keys", BadInput, found=1, place=1, expected=2):
        Share(share.scheme, 1, share.words, dict(list(share.noise_keys.items())[:1]))
