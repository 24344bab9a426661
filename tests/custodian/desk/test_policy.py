from pathlib import Path

import pytest

from hefed.core.errors import BadInput, PolicyRefused
from hefed.core.protocol.base import RequestKind
from hefed.core.protocol.requests import CohortPart, Request
from hefed.core.words import Fact
from hefed.custodian.desk.policy import (
    DEFAULT_TEXT,
    Policy,
    check_admitted,
    check_events,
    check_request,
    check_same,
    check_whole,
    read_policy,
)
from hefed.custodian.keeping.records import BatchRecord
from tests.words.raises import says


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
        ("[disclosure]\nsmall_cell = 4", "disclosure.small_cell: Input should be greater than or equal to 5"),
        ("[disclosure]\nmin_events = 0", "disclosure.min_events"),
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
    ("policy", "code", "facts"),
    [
        (Policy(kinds=("admission",)), "policy.kinds", {"allowed": ("admission",)}),
        (Policy(minimum_rows=501), "policy.minimum_rows", {"rows": 500, "minimum": 501}),
        (Policy(institutions=("north",)), "policy.institutions", {"hospitals": ("south",), "allowed": ("north",)}),
        (Policy(pools=(frozenset({"north"}),)), "policy.pools", {"pool": ("north", "south")}),
    ],
)
def test_policy_refuses_with_the_rule_in_words(policy: Policy, code: str, facts: dict[str, Fact]) -> None:
    with says(code, PolicyRefused, **facts):
        check_request(policy, _request())


def test_policy_does_not_apply_the_pool_rules_to_one_batch_at_admission() -> None:
    check_request(Policy(pools=(frozenset({"north", "south"}),)), _request("admission", [_part("b1", "north", 10)]))


def test_policy_does_not_say_how_many_events_there_are() -> None:
    with says("policy.minimum_events", PolicyRefused, minimum=10) as caught:
        check_events(Policy(), 7.0003)
    assert "7" not in str(caught.value)


A, B = _part("a", "north", 500), _part("b", "south", 300)


def test_evaluation_that_leaves_rows_of_a_batch_out_is_refused() -> None:
    batch = BatchRecord(batch="a", institution="north", rows=620, n_columns=2, sums=[])
    request = _request("evaluation", [_part("a", "north", 120)]).model_copy(update={"train_cohort": [A]})
    check_whole(request, [batch])
    fewer = request.model_copy(update={"cohort": [_part("a", "north", 117)]})
    with says("desk.not_whole", PolicyRefused, batch="a", trained=500, held_out=117, admitted=620):
        check_whole(fewer, [batch])


def test_evaluation_of_a_pool_that_the_policy_allows_no_more_is_refused() -> None:
    request = _request("evaluation", [A, B]).model_copy(update={"train_cohort": [_part("b1", "north", 400)]})
    check_request(Policy(minimum_rows=400), request)
    with says("policy.minimum_rows", PolicyRefused, rows=400, minimum=401):
        check_request(Policy(minimum_rows=401), request)
    with says("policy.pools", PolicyRefused, pool=("north",)):
        check_request(Policy(pools=(frozenset({"north", "south"}),)), request)


def test_cohort_of_batches_that_were_not_admitted_is_refused() -> None:
    batch = BatchRecord(batch="a", institution="north", rows=500, n_columns=2, sums=[500.0])
    check_admitted(_request(cohort=[A]), [batch])
    for part in (B, _part("a", "south", 500), _part("a", "north", 501)):
        with says("desk.not_admitted", PolicyRefused):
            check_admitted(_request(cohort=[part]), [batch])


def test_job_whose_cohort_changed_is_refused() -> None:
    parts = [_part("b1", "north", 400), _part("b2", "south", 100)]
    check_same(parts[::-1], parts)
    with says("desk.other_cohort", PolicyRefused):
        check_same([*parts[:1], _part("b2", "south", 101)], parts)
