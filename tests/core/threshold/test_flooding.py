"""The flooding noise: one number for one question, of the size that was promised, and the same on every machine."""

import hmac

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.threshold.combine import Combination, PartialAnswers
from hefed.core.threshold.partial import ADDENDS, PartialOpener, c1_digest, noise, standard_deviation
from hefed.core.threshold.shamir import Share, lagrange, multiply, random_words, transform
from tests.core.threshold.conftest import RING

KEY, DIGEST = bytes(range(32)), "ab" * 32
PRIME, DEGREE = RING.primes[0], RING.ring_degree
NOTHING = np.zeros(DEGREE, np.uint64)  # c1 = 0: what is opened is noise alone


def all_keys(shares: list[Share]) -> dict[tuple[int, ...], bytes]:
    return {absent: key for share in shares for absent, key in share.noise_keys.items()}


def answers(shares: list[Share], c1: np.ndarray) -> list[PartialAnswers]:
    digest = c1_digest(c1)
    openers = [PartialOpener(share) for share in shares]
    return [
        PartialAnswers(share.point, {digest: opener.total(c1)}, {digest: opener.slots(c1)})
        for share, opener in zip(shares, openers, strict=True)
    ]


# ---- the numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "bits", "expected"),
    [("total", 16, [139647, 3602, 20988]), ("slots", 21, [1810375, 3470502, -205427]), ("total", 1, [1, -2, 2])],
)
def test_noise_is_the_same_on_every_machine(use, bits: int, expected: list[int]) -> None:
    """Or the answers of two hospitals would not fit together."""
    assert noise(KEY, DIGEST, use, 3, bits).tolist() == expected


@pytest.mark.parametrize("bits", [8, 16, 21])
def test_noise_is_the_documented_sum_of_sixteen_numbers_of_a_stream(bits: int) -> None:
    """HMAC-SHA256 over use, bits and digest is the key; AES-256 of 0, 1, 2, ... gives words of 32 bits, cut to size."""
    key = hmac.digest(KEY, f"hefed flooding slots {bits} {DIGEST}".encode(), "sha256")
    block = Cipher(AES(key), ECB()).encryptor()  # noqa: S305  block by block, as counter mode is defined
    stream = b"".join(block.update(counter.to_bytes(16, "big")) for counter in range(5 * ADDENDS // 4))
    words = [int.from_bytes(stream[at : at + 4], "little") % 2**bits for at in range(0, len(stream), 4)]
    sums = [sum(words[at : at + ADDENDS]) - ADDENDS * (2**bits - 1) // 2 for at in range(0, len(words), ADDENDS)]
    assert noise(KEY, DIGEST, "slots", 5, bits).tolist() == sums


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.sampled_from(["total", "slots"]), st.integers(1, 30))
def test_the_same_question_has_the_same_noise(key: bytes, use, bits: int) -> None:
    assert np.array_equal(noise(key, DIGEST, use, 20, bits), noise(key, DIGEST, use, 20, bits))
    assert np.array_equal(noise(key, DIGEST, use, 20, bits)[:7], noise(key, DIGEST, use, 7, bits))


@pytest.mark.parametrize(
    ("key", "digest", "use", "bits"),
    [
        (bytes(32), DIGEST, "total", 16),
        (KEY[::-1], DIGEST, "total", 16),
        (KEY, "ab" * 31 + "ac", "total", 16),
        (KEY, DIGEST.upper(), "total", 16),
        (KEY, DIGEST, "slots", 16),
        (KEY, DIGEST, "total", 15),
    ],
    ids=["no key", "other key", "other digest", "capitals", "other use", "other bits"],
)
def test_another_key_question_use_or_size_has_other_noise(key: bytes, digest: str, use, bits: int) -> None:
    one, other = noise(KEY, DIGEST, "total", 50, 16), noise(key, digest, use, 50, bits)
    assert (one != other).sum() >= 45
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.7


@pytest.mark.parametrize("bits", [1, 8, 15, 16, 20, 21])
def test_noise_has_the_announced_standard_deviation_and_mean(bits: int) -> None:
    """50,000 draws: the SD is right to a third of a per cent, the mean to SD / 224; four times that is allowed."""
    drawn = noise(KEY, DIGEST, "slots", 50_000, bits).astype(np.float64)
    expected = standard_deviation(bits)
    assert drawn.std() == pytest.approx(expected, rel=0.0135)
    assert abs(drawn.mean()) < 4 * expected / np.sqrt(50_000)
    assert expected == pytest.approx(1.1547 * 2**bits, rel=0.15 if bits == 1 else 1e-4)


@pytest.mark.parametrize("bits", [1, 16, 21, 30])
def test_noise_never_leaves_the_range_of_its_sum(bits: int) -> None:
    drawn = noise(KEY, DIGEST, "total", 20_000, bits)
    assert np.abs(drawn).max() <= ADDENDS * (2**bits - 1) // 2


def test_noise_is_nearly_normal() -> None:
    """Skewness 0, excess kurtosis -1.2 / 16; 100,000 draws know these to 0.008 and 0.016."""
    drawn = noise(KEY, DIGEST, "slots", 100_000, 21) / standard_deviation(21)
    assert abs((drawn**3).mean()) < 0.04
    assert (drawn**4).mean() - 3 == pytest.approx(-1.2 / 16, abs=0.08)


def test_noise_of_neighbouring_coefficients_is_independent() -> None:
    drawn = noise(KEY, DIGEST, "slots", 50_000, 21).astype(np.float64)
    for lag in (1, 2, 16):
        assert abs(np.corrcoef(drawn[:-lag], drawn[lag:])[0, 1]) < 0.0225  # five SD of no correlation


# ---- which question --------------------------------------------------------------------------------------------------


def test_a_question_is_the_words_of_c1_whatever_holds_them() -> None:
    words = random_words(64, PRIME)
    spread = np.zeros(128, np.uint64)
    spread[::2] = words
    same = [words.copy(), spread[::2], words.astype(">u8"), np.asfortranarray(words)]
    assert {c1_digest(one) for one in same} == {c1_digest(words)}


@pytest.mark.parametrize("at", [0, 1, 63])
def test_one_bit_in_one_word_is_another_question(at: int) -> None:
    words = random_words(64, PRIME)
    other = words.copy()
    other[at] ^= np.uint64(1)
    assert c1_digest(other) != c1_digest(words)
    assert c1_digest(words[::-1]) != c1_digest(words)


# ---- the noise in an opening -----------------------------------------------------------------------------------------


def test_a_total_of_nothing_opens_to_the_noise_of_every_key_once(three_of_five: list[Share]) -> None:
    keys, scheme = all_keys(three_of_five), three_of_five[0].scheme
    expected = sum(int(noise(key, c1_digest(NOTHING), "total", 1, scheme.total_bits)[0]) for key in keys.values())
    for group in ((1, 2, 3), (1, 3, 5), (2, 4, 5)):
        combination = Combination(scheme, answers(three_of_five, NOTHING), group)
        assert combination.mean(NOTHING) == expected % PRIME


def test_scores_of_nothing_open_to_the_noise_of_every_key_once(two_of_three: list[Share]) -> None:
    scheme, digest = two_of_three[0].scheme, c1_digest(NOTHING)
    drawn = [noise(key, digest, "slots", DEGREE, scheme.slot_bits) for key in all_keys(two_of_three).values()]
    found = answers(two_of_three, NOTHING)
    for group in ((1, 2), (1, 3), (2, 3)):
        weights = lagrange(group, 0, PRIME)
        parts = [multiply(found[point - 1].slots[digest], w, PRIME) for point, w in zip(group, weights, strict=True)]
        opened = transform(RING).coefficients(sum(parts, NOTHING) % np.uint64(PRIME))
        assert np.array_equal(opened, (np.sum(drawn, axis=0) % PRIME).astype(np.uint64))


def test_the_answers_to_a_question_are_the_values_of_one_polynomial(three_of_five: list[Share]) -> None:
    """So that one answer too many shows whether all agree, to the bit."""
    c1 = random_words(DEGREE, PRIME)
    found, digest = answers(three_of_five, c1), c1_digest(c1)
    weights = {point: lagrange((1, 2, 3), point, PRIME) for point in (4, 5)}
    for point, row in weights.items():
        told = sum(w * answer.totals[digest] for w, answer in zip(row, found[:3], strict=True)) % PRIME
        assert told == found[point - 1].totals[digest]


def test_an_answer_asked_for_again_is_the_same_and_to_another_question_is_not(two_of_three: list[Share]) -> None:
    opener, c1 = PartialOpener(two_of_three[0]), random_words(DEGREE, PRIME)
    asked = [opener.total(c1) for _ in range(3)]
    other = c1.copy()
    other[0] ^= np.uint64(1)
    assert len(set(asked)) == 1
    assert opener.total(other) != asked[0]
    assert np.array_equal(opener.slots(c1), opener.slots(c1.copy()))


def test_an_answer_to_nothing_hides_behind_noise_too(two_of_three: list[Share]) -> None:
    """A server that asks for c1 = 0 learns no exact zero, and for a monomial no exact word of the share."""
    opener = PartialOpener(two_of_three[0])
    assert opener.total(NOTHING) != 0
    assert (opener.slots(NOTHING) != 0).mean() > 0.99
    ones = np.ones(DEGREE, np.uint64)
    assert not np.array_equal(opener.slots(ones), two_of_three[0].words)
