"""The holdout rule and the cohort digest depend on the patient alone."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from hefed.core.protocol.uploads import HoldoutRule, cohort_digest, holdout_ids, patient_hash

SALT = "0f" * 16


def test_hash_is_the_documented_hmac() -> None:
    assert patient_hash(SALT, " p1 ") == hmac.new(SALT.encode(), b"p1", hashlib.sha256).digest()


def test_rule_holds_out_the_stated_fraction() -> None:
    held = holdout_ids([f"patient-{n}" for n in range(20_000)], HoldoutRule(salt=SALT, fraction=0.2))
    assert abs(len(held) - 4000) < 4 * (20_000 * 0.2 * 0.8) ** 0.5


@given(st.lists(st.binary(min_size=32, max_size=32)), st.randoms())
def test_cohort_digest_does_not_depend_on_the_order(hashes: list[bytes], random: object) -> None:
    shuffled = hashes.copy()
    random.shuffle(shuffled)
    assert cohort_digest(shuffled) == cohort_digest(hashes)


def test_cohort_digest_differs_when_one_patient_does() -> None:
    hashes = [patient_hash(SALT, f"p{n}") for n in range(5)]
    assert cohort_digest(hashes) != cohort_digest(hashes[:-1]) != cohort_digest(hashes[1:])


def test_a_wider_rule_holds_out_the_same_patients_and_more() -> None:
    ids = [f"p{n}" for n in range(500)]
    narrow, wide = (holdout_ids(ids, HoldoutRule(salt=SALT, fraction=part)) for part in (0.1, 0.3))
    assert set(narrow) < set(wide)
