"""Shares on their way: what was packed is unpacked, and words of a careless or hostile sender are refused."""

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.ckks.params import profile
from hefed.core.errors import BadInput
from hefed.core.protocol.threshold import NoiseKey, SharedPiece, Sharing
from hefed.core.threshold.combine import decode_words, encode_words, noise_keys, scheme_of, to_piece, to_share
from hefed.core.threshold.shamir import Share, random_words
from tests.core.threshold.conftest import RING
from tests.protocol.people import seats, sharing

BYTES = RING.prime_bits[0] * RING.ring_degree // 8


def agreed(**changes: object) -> Sharing:
    return sharing(**{"profile": RING.name} | changes)


def changed(piece: SharedPiece, **changes: object) -> SharedPiece:
    return SharedPiece.model_validate(piece.model_dump() | changes)


@pytest.mark.parametrize("ring", [RING, profile("N14_L9")], ids=lambda ring: ring.name)
def test_words_come_back_from_text(ring) -> None:
    words = random_words(ring.ring_degree, ring.primes[0])
    words[:3] = (0, 1, ring.primes[0] - 1)
    assert np.array_equal(decode_words(ring, encode_words(ring, words)), words)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, RING.ring_degree - 1), st.integers(0, RING.primes[0] - 1))
def test_each_word_stands_in_its_own_place(at: int, word: int) -> None:
    words = np.zeros(RING.ring_degree, np.uint64)
    words[at] = word
    assert np.array_equal(decode_words(RING, encode_words(RING, words)), words)


@pytest.mark.parametrize("word", [RING.primes[0], RING.primes[0] + 1, 2**54 - 1])
@pytest.mark.parametrize("at", [0, RING.ring_degree - 1])
def test_a_word_that_is_not_below_the_prime_is_refused(word: int, at: int) -> None:
    words = np.zeros(RING.ring_degree, np.uint64)
    words[at] = word
    with pytest.raises(BadInput):
        decode_words(RING, encode_words(RING, words))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AAAA",
        base64.b64encode(bytes(BYTES - 3)).decode(),
        base64.b64encode(bytes(BYTES + 3)).decode(),
        base64.b64encode(bytes(BYTES)).decode()[:-1],
        base64.b64encode(bytes(BYTES)).decode() + "\n",
        " " + base64.b64encode(bytes(BYTES)).decode(),
        base64.b64encode(bytes(BYTES)).decode().replace("A", "-", 1),
        base64.b64encode(bytes(BYTES)).decode().replace("A", "é", 1),
        base64.b64encode(bytes(BYTES)).decode().replace("A", "\uff21", 1),
        "병원",
        "\ud800",
    ],
    ids=["empty", "few", "short", "long", "cut", "line", "blank", "url", "accent", "wide", "Hangul", "surrogate"],
)
def test_text_that_is_no_whole_share_is_refused(text: str) -> None:
    """A hostile hospital may seal any text; none may stop the program of the one that opens it."""
    with pytest.raises(BadInput):
        decode_words(RING, text)


def test_a_share_comes_back_from_its_piece(two_of_three: list[Share]) -> None:
    for share in two_of_three:
        back = to_share(agreed(), to_piece(agreed(), share))
        assert (back.scheme, back.point, dict(back.noise_keys)) == (share.scheme, share.point, dict(share.noise_keys))
        assert np.array_equal(back.words, share.words)


def test_a_piece_survives_json(three_of_five: list[Share]) -> None:
    among = agreed(seats=seats(5), threshold=3)
    piece = to_piece(among, three_of_five[4])
    assert to_share(among, SharedPiece.model_validate_json(piece.model_dump_json())).point == 5


@pytest.mark.parametrize(
    "other",
    [{"epoch": 2}, {"seats": seats(4)}, {"threshold": 3}, {"key_fingerprint": "0" * 64}],
    ids=lambda c: str([*c]),
)
def test_a_piece_of_another_sharing_is_refused(two_of_three: list[Share], other: dict[str, object]) -> None:
    piece = to_piece(agreed(), two_of_three[0])
    with pytest.raises(BadInput):
        to_share(agreed(**other), piece)


@pytest.mark.parametrize("point", [2, 3, 4, 9])
def test_a_piece_at_another_place_does_not_fit_its_noise_keys(two_of_three: list[Share], point: int) -> None:
    piece = to_piece(agreed(), two_of_three[0])
    with pytest.raises(BadInput):
        to_share(agreed(), changed(piece, point=point))


@pytest.mark.parametrize(
    "absent",
    [[], [[2]], [[2], [2]], [[1], [2], [3]], [[2], [3, 1]], [[2], [3], [3, 2]], [[], [2]]],
    ids=str,
)
def test_noise_keys_for_other_sets_of_hospitals_are_refused(two_of_three: list[Share], absent: list[list[int]]) -> None:
    """Hospital 1 of 2 of 3 holds the keys that 2 and 3 lack, and no other."""
    keys = [NoiseKey(absent=one, key="0f" * 32) for one in absent]
    piece = to_piece(agreed(), two_of_three[0]).model_copy(update={"noise_keys": keys})
    with pytest.raises(BadInput):
        to_share(agreed(), piece)


def test_absent_hospitals_are_a_set_in_whatever_order_they_are_written(three_of_five: list[Share]) -> None:
    among = agreed(seats=seats(5), threshold=3)
    piece = to_piece(among, three_of_five[0])
    turned = [NoiseKey(absent=key.absent[::-1], key=key.key) for key in reversed(piece.noise_keys)]
    assert noise_keys(piece.model_copy(update={"noise_keys": turned})) == dict(three_of_five[0].noise_keys)


def test_a_sharing_means_its_seats_and_threshold_for_the_arithmetic() -> None:
    scheme = scheme_of(agreed(seats=seats(4), threshold=3))
    assert (scheme.parties, scheme.threshold, scheme.profile) == (4, 3, RING)


def test_a_sharing_over_an_unknown_ring_is_refused() -> None:
    with pytest.raises(BadInput):
        scheme_of(agreed(profile="N99_L1"))
