from pathlib import Path

import pytest

from hefed.core.errors import BadInput, PolicyRefused
from hefed.core.learning.disclosure import Thresholds
from hefed.core.protocol.base import RequestKind
from hefed.core.protocol.requests import CohortPart, Request
from hefed.core.words import Fact
from hefed.custodian.desk.policy import (
    DEFAULT_TEXT,
    Policy,
    check_admitted,
    check_events,
    check_holdout,
    check_pool,
    check_request,
    check_rows,
    check_same,
    check_tables,
    check_whole,
    read_policy,
)
from hefed.custodian.keeping.records import BatchRecord, JobRecord
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


def _job(cohort: list[CohortPart], holdout: list[CohortPart] | None = None) -> JobRecord:
    fields = {"job": "j0", "round": 9, "expects": None, "columns": [], "dictionary_digest": "", "optimiser": {}}
    return JobRecord.model_validate({**fields, "cohort": cohort, "holdout": holdout or []})


A, B = _part("a", "north", 500), _part("b", "south", 300)


@pytest.mark.parametrize(
    "pool",
    [
        [A, B, _part("c", "north", 1)],
        [A, B, _part("c", "east", 7)],
        [A, _part("d", "south", 303)],
        [A],
    ],
)
def test_pool_that_differs_by_a_handful_of_patients_is_refused(pool: list[CohortPart]) -> None:
    jobs = [_job([A, B]), _job([A, _part("e", "east", 7)])]
    with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
        check_pool(pool, jobs, {"a", "b", "e"}, Thresholds())


@pytest.mark.parametrize("pool", [[A, B], [B, A], [A, B, _part("c", "north", 8)], [A], [B]])
def test_pool_that_is_equal_or_differs_by_more_is_answered(pool: list[CohortPart]) -> None:
    check_pool(pool, [_job([A, B])], {"a", "b"}, Thresholds())


def test_pool_is_not_compared_with_jobs_over_a_forgotten_batch() -> None:
    check_pool([A, _part("d", "south", 303)], [_job([A, B])], {"a", "d"}, Thresholds())


def test_holdout_of_one_hospital_that_gained_a_few_patients_is_refused_though_the_pool_gained_many() -> None:
    cohort = [A, B, _part("c", "north", 3), _part("d", "south", 400)]
    with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
        check_holdout(_request("evaluation", cohort), [_job([A], [A, B])], {"a", "b"}, Thresholds())


def _admitted(*sizes: tuple[str, str, int]) -> list[BatchRecord]:
    return [BatchRecord(batch=b, institution=name, rows=rows, n_columns=2, sums=[]) for b, name, rows in sizes]


@pytest.mark.parametrize(
    ("rows_of_c", "rows_of_d", "refused"),
    [
        (9, 400, False),  # Table 1 of north: 609 against 600
        (7, 400, True),  # 607 against 600, though the pools differ by hundreds
        (9, 6, True),  # 615 pooled against 609, which were all of another pool
    ],
)
def test_pool_whose_table_tells_of_a_few_patients_is_refused(rows_of_c: int, rows_of_d: int, refused: bool) -> None:
    batches = _admitted(("a", "north", 600), ("b", "south", 350), ("c", "north", rows_of_c), ("d", "east", rows_of_d))
    cohort = [A, _part("c", "north", rows_of_c - 1), _part("d", "east", rows_of_d - 1)]
    jobs = [_job([A, B]), _job([_part("a", "north", 500), _part("c", "north", 8)])]
    if not refused:
        check_tables(_request(cohort=cohort), jobs, batches, Thresholds())
        return
    with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
        check_tables(_request(cohort=cohort), jobs, batches, Thresholds())


@pytest.mark.parametrize(
    ("earlier", "cohort", "what"),
    [
        ([A, B], [A], "north's own 500 were told before; alone they are everybody now"),
        ([A, B], [A, _part("e", "east", 300)], "north's own metrics are the same 500 patients again"),
        ([A, _part("e", "east", 5)], [A, _part("e", "east", 5)], "the same cohort again"),
        ([A, B], [A, B, _part("e", "east", 8)], "8 more patients"),
    ],
)
def test_evaluation_that_tells_of_nobody_is_answered(
    earlier: list[CohortPart], cohort: list[CohortPart], what: str
) -> None:
    check_holdout(_request("evaluation", cohort), [_job([A], earlier)], {"a", "b", "e"}, Thresholds())


@pytest.mark.parametrize(
    ("earlier", "cohort", "what"),
    [
        ([A, B], [A, B, _part("e", "east", 7)], "807 pooled - 800 pooled = 7"),
        ([A, B], [A, _part("e", "east", 4)], "504 pooled - 500 of north = 4"),
        ([A, _part("e", "east", 4)], [A, _part("e", "east", 4), B], "500 of north against 504 pooled = 4"),
        ([A, B], [A, B, _part("c", "north", 6), _part("d", "south", 400)], "506 of north - 500 of north = 6"),
    ],
)
def test_evaluation_that_tells_of_seven_patients_or_fewer_is_refused(
    earlier: list[CohortPart], cohort: list[CohortPart], what: str
) -> None:
    with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
        check_holdout(_request("evaluation", cohort), [_job([A], earlier)], {"a", "b", "e"}, Thresholds())


@pytest.mark.parametrize(("kind", "rows"), [("moments", 499), ("evaluation", 98)])
def test_batch_that_brings_fewer_rows_than_to_an_earlier_job_is_refused(kind: RequestKind, rows: int) -> None:
    jobs = [_job([A], [_part("a", "north", 100)])]
    check_rows(_request(kind, [_part("a", "north", 500 if kind == "moments" else 100)]), jobs)
    with says("desk.rows_changed", PolicyRefused, batch="a"):
        check_rows(_request(kind, [_part("a", "north", rows)]), jobs)


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
