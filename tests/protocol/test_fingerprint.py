"""A fingerprint is shown in groups, typed back in any grouping, and never mistaken for another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.errors import BadInput
from hefed.core.protocol.fingerprint import grouped, parse
from tests.words.raises import says

PRINT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
fingerprints = st.text("0123456789abcdef", min_size=64, max_size=64)


def test_a_fingerprint_is_shown_in_sixteen_groups_of_four() -> None:
    assert grouped(PRINT).split(" ") == [PRINT[at : at + 4] for at in range(0, 64, 4)]


@settings(max_examples=50, deadline=None)
@given(fingerprints, st.sampled_from([" ", "-", ":", "\n", "\t", " - ", "\u00a0", "\u2003", ""]), st.integers(1, 64))
def test_a_fingerprint_is_read_in_every_grouping(fingerprint: str, between: str, width: int) -> None:
    typed = between.join(fingerprint[at : at + width] for at in range(0, 64, width))
    assert parse(f"  {typed} ") == fingerprint


@settings(max_examples=50, deadline=None)
@given(fingerprints)
def test_capitals_are_the_same_digits(fingerprint: str) -> None:
    assert parse(grouped(fingerprint).upper()) == fingerprint


@settings(max_examples=50, deadline=None)
@given(fingerprints, st.integers(0, 63), st.sampled_from("0123456789abcdef"))
def test_one_other_digit_is_another_fingerprint(fingerprint: str, at: int, digit: str) -> None:
    typed = fingerprint[:at] + digit + fingerprint[at + 1 :]
    assert (parse(typed) == fingerprint) == (digit == fingerprint[at])


@pytest.mark.parametrize(
    "lookalike",
    [
        "\u0430",  # Cyrillic a
        "\u0435",  # Cyrillic e
        "\uff10",  # full-width 0
        "\u0660",  # Arabic 0
        "o",
        "l",
        "g",
        "\u200b",  # zero-width space
        "_",
        ".",
    ],
)
def test_a_lookalike_of_a_digit_is_refused(lookalike: str) -> None:
    with says("protocol.fingerprint_length", BadInput):
        parse(lookalike + PRINT[1:])


@pytest.mark.parametrize("typed", ["", " ", PRINT[:-1], PRINT + "0", PRINT * 2, PRINT[:16], "0x" + PRINT])
def test_too_few_or_too_many_digits_are_refused_with_their_number(typed: str) -> None:
    with says("protocol.fingerprint_length", BadInput, found=len(typed.strip())):
        parse(typed)
