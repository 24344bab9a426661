from pathlib import Path

import pytest

from hefed.custodian.cohorts import check_difference, check_same
from hefed.custodian.policy import DEFAULT_TEXT, Policy, check_events, check_request, read_policy
from hefed.errors import BadInput, PolicyRefused
from hefed.protocol.messages import CohortPart, Request, RequestKind


def _part(batch: str, institution: str, rows: int) -> CohortPart:
    return CohortPart(batch=batch, institution=institution, rows=rows)


def _request(kind: RequestKind = "moments", cohort: list[CohortPart] | None = None) -> Request:
    return Request(
        request="r1",
        kind=kind,
        study="demo",
        job="j1",
        round=0,
        cohort=cohort or [_part("b1", "north", 400), _part("b2", "south", 100)],
        created_at="2025-01-01T00:00:00Z",
        payload_bytes=1,
        payload_sha256="0" * 64,
    )


def test_policy_default_text_says_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(DEFAULT_TEXT)
    assert read_policy(path) == Policy()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[disclosure]\nsuppress_up_to = 4", "disclosure.suppress_up_to: Input should be greater than or equal to 5"),
        ("[disclosure]\nminimum_difference = 0", "disclosure.minimum_difference"),
        ("minimum_events = 1", "minimum_events"),
        ("release = 'never'", "release"),
        ("kinds = ['raw rows']", "kinds.0"),
        ("minimum_row = 3", "minimum_row: Extra inputs"),
        ("minimum_rows = = 3", "line 1"),
    ],
)
def test_policy_that_cannot_be_used_names_the_setting(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=words):
        read_policy(path)


def test_policy_allows_what_no_rule_forbids() -> None:
    check_request(Policy(), _request())


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (Policy(kinds=("admission",)), "the policy allows admission"),
        (Policy(minimum_rows=501), "it has 500 rows and the policy asks for 501"),
        (Policy(institutions=("north",)), "cannot open rows of south"),
        (Policy(pools=(frozenset({"north"}),)), "cannot train on the pool north, south"),
    ],
)
def test_policy_refuses_with_the_rule_in_words(policy: Policy, words: str) -> None:
    with pytest.raises(PolicyRefused, match=words):
        check_request(policy, _request())


def test_policy_does_not_apply_the_pool_rules_to_one_batch_at_admission() -> None:
    check_request(Policy(pools=(frozenset({"north", "south"}),)), _request("admission", [_part("b1", "north", 10)]))


def test_policy_does_not_say_how_many_events_there_are() -> None:
    with pytest.raises(PolicyRefused, match="fewer events than the policy's minimum of 10") as caught:
        check_events(Policy(), 7.0003)
    assert "7" not in str(caught.value)


@pytest.mark.parametrize("rows", [1, 7])
def test_pool_that_differs_by_a_handful_of_patients_is_refused(rows: int) -> None:
    with pytest.raises(PolicyRefused, match="by 7 patients or fewer"):
        check_difference({"a": 500, "b": rows}, [{"c": 10}, {"a": 500}], 7)


@pytest.mark.parametrize("new", [{"a": 500}, {"a": 500, "b": 8}, {"c": 500}])
def test_pool_that_is_equal_or_differs_by_more_is_answered(new: dict[str, int]) -> None:
    check_difference(new, [{"a": 500}], 7)


def test_pool_that_swaps_a_few_patients_is_refused() -> None:
    with pytest.raises(PolicyRefused):
        check_difference({"a": 500, "b": 3}, [{"a": 500, "c": 4}], 7)


def test_job_whose_cohort_changed_is_refused() -> None:
    parts = [_part("b1", "north", 400), _part("b2", "south", 100)]
    check_same(reversed(parts), parts)
    with pytest.raises(PolicyRefused, match="launch a new job"):
        check_same([*parts[:1], _part("b2", "south", 101)], parts)
