"""A patient is the same patient however an id is typed, another study cannot link it, and the split needs no list."""

import hashlib
import hmac
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.protocol.uploads import HoldoutRule, cohort_digest, holdout_ids, is_held_out, patient_hash

SALT, OTHER_SALT = "0f" * 16, "0e" * 16
letters = st.characters(exclude_categories=["Cs", "Z", "Cc"])


@settings(max_examples=50, deadline=None)
@given(st.text(letters, min_size=1, max_size=20))
def test_an_id_is_the_same_composed_or_decomposed(patient: str) -> None:
    hashes = {patient_hash(SALT, unicodedata.normalize(form, patient)) for form in ("NFC", "NFD")}
    assert hashes == {patient_hash(SALT, patient)}


@settings(max_examples=50, deadline=None)
@given(st.text(letters, min_size=1, max_size=20), st.text(" \t\r\n\u00a0\u3000", max_size=3))
def test_blanks_around_an_id_do_not_count(patient: str, blanks: str) -> None:
    assert patient_hash(SALT, blanks + patient + blanks) == patient_hash(SALT, patient)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "01"),
        ("1", "1.0"),
        ("a1", "A1"),
        ("1 2", "12"),
        ("1 2", "1  2"),
        ("1", "\uff11"),  # full width: composed is not compatible
        ("\ufb01", "fi"),  # a ligature
        ("a\u200b", "a"),
        ("O", "\u041e"),  # Cyrillic
    ],
)
def test_ids_that_differ_in_a_character_are_other_patients(one: str, other: str) -> None:
    assert patient_hash(SALT, one) != patient_hash(SALT, other)


@settings(max_examples=50, deadline=None)
@given(st.text(letters, min_size=1, max_size=20))
def test_the_same_patient_in_two_studies_cannot_be_linked(patient: str) -> None:
    assert patient_hash(SALT, patient) != patient_hash(OTHER_SALT, patient)
    assert patient_hash(SALT, patient) != hashlib.sha256(patient.encode()).digest()


@settings(max_examples=50, deadline=None)
@given(st.text(letters, min_size=1, max_size=20))
def test_a_hash_is_the_documented_hmac_with_the_text_of_the_salt_as_key(patient: str) -> None:
    message = unicodedata.normalize("NFC", patient).encode()
    assert patient_hash(SALT, patient) == hmac.new(SALT.encode("ascii"), message, hashlib.sha256).digest()
    assert patient_hash(SALT, patient) != hmac.new(bytes.fromhex(SALT), message, hashlib.sha256).digest()


@pytest.mark.parametrize(
    ("head", "fraction", "held_out"),
    [
        (0, 5e-324, True),
        (2**63 - 1, 0.5, True),
        (2**63, 0.5, False),
        (2**62 - 1, 0.25, True),
        (2**62, 0.25, False),
        (2**64 - 1, 1 - 2**-53, False),
        (2**64 - 2**11 - 1, 1 - 2**-53, True),
        (2**64 - 2**11, 1 - 2**-53, False),
    ],
)
def test_the_split_is_exact_at_its_edge(head: int, fraction: float, held_out: bool) -> None:
    for rest in (bytes(24), b"\xff" * 24):
        assert is_held_out(head.to_bytes(8, "big") + rest, fraction) is held_out


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.floats(1e-6, 0.999), st.floats(1e-6, 0.999))
def test_who_is_held_out_stays_so_under_a_larger_fraction(digest: bytes, one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert is_held_out(digest, large) or not is_held_out(digest, small)


def test_another_salt_holds_out_other_patients() -> None:
    ids = [f"patient-{number}" for number in range(400)]
    first, second = (set(holdout_ids(ids, HoldoutRule(salt=salt, fraction=0.5))) for salt in (SALT, OTHER_SALT))
    assert 60 < len(first & second) < 140  # 100 expected of independent halves, four SD of 9


def test_a_rule_that_names_no_fraction_holds_out_a_fifth() -> None:
    assert HoldoutRule(salt=SALT).fraction == 0.2


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(letters, min_size=1, max_size=8), max_size=30))
def test_the_ids_held_out_keep_their_order_and_their_spelling(ids: list[str]) -> None:
    rule = HoldoutRule(salt=SALT, fraction=0.5)
    found = holdout_ids([f" {one}" for one in ids], rule)
    assert found == [f" {one}" for one in ids if is_held_out(patient_hash(SALT, one), 0.5)]


def test_a_cohort_counts_a_patient_once_for_each_time_it_is_listed() -> None:
    one, other = patient_hash(SALT, "1"), patient_hash(SALT, "2")
    digests = [cohort_digest(listed) for listed in ([], [one], [one, one], [one, other], [one, one, other])]
    assert len(set(digests)) == 5


def test_a_cohort_of_nobody_has_the_digest_of_nothing() -> None:
    assert cohort_digest([]) == hashlib.sha256(b"").hexdigest()


def test_a_cohort_is_the_same_when_its_ids_were_typed_otherwise() -> None:
    typed = [["é", "홍길동", "42"], [" 42", "e\u0301", unicodedata.normalize("NFD", "홍길동")]]
    assert len({cohort_digest([patient_hash(SALT, one) for one in ids]) for ids in typed}) == 1
