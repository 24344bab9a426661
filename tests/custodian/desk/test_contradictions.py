"""A policy whose numbers contradict each other is refused when it is read: no hospital's batch pays for it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hefed.core.errors import BadInput
from hefed.core.protocol.uploads import StudyRules
from hefed.custodian.desk.policy import DisclosurePolicy, Policy, read_policy, tightened

NUMBERS = ("small_cell", "round_to", "min_events", "curve_events")
COUNTS = st.integers(5, 500)


@pytest.mark.parametrize("text", ["round_to = 9", "round_to = 20\ncurve_events = 19", "curve_events = 5\nround_to = 6"])
def test_rounding_that_swallows_a_step_of_a_curve_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "policy.toml").write_text(f"[disclosure]\n{text}\n")
    with pytest.raises(BadInput):
        read_policy(tmp_path / "policy.toml")


@pytest.mark.parametrize("text", ["round_to = 8", "round_to = 20\ncurve_events = 20", "curve_events = 5"])
def test_rounding_that_leaves_the_steps_is_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "policy.toml").write_text(f"[disclosure]\n{text}\n")
    assert read_policy(tmp_path / "policy.toml").disclosure.thresholds()


@given(own=st.tuples(COUNTS, COUNTS, COUNTS, COUNTS), wanted=st.tuples(COUNTS, COUNTS, COUNTS, COUNTS), rows=COUNTS)
def test_no_rules_of_a_study_loosen_a_number_or_cannot_be_applied(
    own: tuple[int, ...], wanted: tuple[int, ...], rows: int
) -> None:
    numbers = dict(zip(NUMBERS, own, strict=True))
    numbers["curve_events"] = max(numbers["curve_events"], numbers["round_to"])
    policy = Policy(disclosure=DisclosurePolicy(**numbers))
    rules = StudyRules(minimum_rows=rows, **dict(zip(NUMBERS, wanted, strict=True)))
    found = tightened(policy, rules)
    thresholds = found.disclosure.thresholds()
    for name in NUMBERS:
        assert getattr(thresholds, name) >= max(numbers[name], getattr(rules, name))
    assert found.minimum_rows == max(policy.minimum_rows, rows)
    assert tightened(found, rules) == found


@given(own=st.integers(0, 9), wanted=st.integers(0, 9), release=st.sampled_from(["approval", "hold", "automatic"]))
def test_the_larger_number_of_agents_counts_and_with_one_every_result_waits(
    own: int, wanted: int, release: str
) -> None:
    fields = dict.fromkeys((*NUMBERS, "minimum_rows"), 8)
    policy = Policy.model_validate({"agents_must_approve": own, "release": release})
    found = tightened(policy, StudyRules(agents_must_approve=wanted, **fields))
    assert found.agents_must_approve == max(own, wanted)
    assert found.release == ("approval" if max(own, wanted) else release)


def test_a_study_without_rules_leaves_the_policy_as_it_is() -> None:
    assert tightened(Policy(release="hold"), None) == Policy(release="hold")
