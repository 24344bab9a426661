"""Which request may follow which: random walks of a server against a desk, beside a model of the rules in ten lines."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hefed.core.errors import BadInput, PolicyRefused
from hefed.core.protocol.requests import CohortPart, Request
from hefed.custodian.desk.asking import Desk, Question, check, desk_for, remembered
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.records import BatchRecord, JobRecord
from tests.custodian.fake_server import FakeServer

KINDS = ("moments", "gradient", "hessian", "evaluation")
NORTH, SOUTH, EAST = (CohortPart(batch=f"b-{name}", institution=name, rows=500) for name in ("north", "south", "east"))
HELD_OUT = [part.model_copy(update={"rows": 100}) for part in (NORTH, SOUTH)]
STEPS = st.tuples(st.sampled_from(KINDS), st.integers(0, 5))


@pytest.fixture
def desk(custodian: Custodian) -> Desk:
    """Has admitted three batches of 600 rows: 500 to train with and 100 held out."""
    custodian.store.keep_batches(
        BatchRecord(batch=part.batch, institution=part.institution, rows=600, n_columns=8, sums=[1.0])
        for part in (NORTH, SOUTH, EAST)
    )
    return desk_for(custodian, FakeServer(public=custodian.public).package())


@pytest.fixture
def holder(custodian: Custodian) -> Desk:
    return desk_for(custodian, FakeServer(public=custodian.public).package(), opens=False)


def asked(kind: str = "moments", round_: int = 0, **changes: Any) -> Request:
    fields = {"request": f"r-{kind}-{round_}", "kind": kind, "study": "demo", "job": "j1", "round": round_}
    fields |= {"created_at": "2025-01-01T00:00:00Z", "payload_bytes": 1, "payload_sha256": "0" * 64}
    cohorts = {"cohort": HELD_OUT, "train_cohort": [NORTH, SOUTH]} if kind == "evaluation" else {}
    return Request.model_validate({"cohort": [NORTH, SOUTH], **fields, **cohorts, **changes})


def decided(desk: Desk, request: Request, expects: str | None, **changes: Any) -> JobRecord:
    """The job as a decision leaves it behind."""
    record = JobRecord(
        job=request.job,
        round=request.round,
        expects=expects,
        cohort=request.train_cohort or request.cohort,
        columns=desk.column_names,
        dictionary_digest=desk.dictionary.digest,
        optimiser=None,
        holdout=request.cohort if request.train_cohort else [],
    ).model_copy(update=changes)
    desk.store.keep_job(record)
    return record


def taken(desk: Desk, request: Request) -> bool:
    try:
        check(desk, request)
    except (PolicyRefused, BadInput):
        return False
    return True


def forget(desk: Desk, custodian: Custodian) -> None:
    for path in (custodian.home.path / "jobs").glob("*.sealed"):
        path.unlink()


# ---- a desk that opens -----------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(st.tuples(STEPS, st.sampled_from(KINDS)), max_size=8))
def test_a_desk_that_opens_takes_exactly_the_request_that_it_expects(
    desk: Desk, custodian: Custodian, walk: list[tuple[tuple[str, int], str]]
) -> None:
    forget(desk, custodian)
    expected: tuple[str | None, int] = ("moments", 0)
    for (kind, round_), following in walk:
        request = asked(kind, round_)
        assert taken(desk, request) == ((kind, round_) == expected), (kind, round_, expected)
        if (kind, round_) == expected:
            after = None if kind == "evaluation" else following
            decided(desk, request, after)
            expected = (after if after != "moments" else None, round_ + 1)
            if after == "moments":  # no decision leads there: the job has ended
                decided(desk, request, None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("round_", [0, 1, 2, 7])
def test_a_job_that_ended_goes_no_further(desk: Desk, kind: str, round_: int) -> None:
    decided(desk, asked("gradient", 1), None)
    assert not taken(desk, asked(kind, round_))


@pytest.mark.parametrize("changes", [{"columns": ["age"]}, {"dictionary_digest": "0" * 64}, {"columns": []}])
def test_a_job_of_another_dictionary_goes_no_further(desk: Desk, changes: dict[str, Any]) -> None:
    decided(desk, asked(), "gradient", **changes)
    assert not taken(desk, asked("gradient", 1))


def test_a_job_whose_moments_another_hospital_opened_is_not_gone_on_with_but_may_begin_here(desk: Desk) -> None:
    decided(desk, asked(), None, led=False)
    assert not taken(desk, asked("gradient", 1))
    assert taken(desk, asked())
    decided(desk, asked("gradient", 1), None, led=False)
    assert not taken(desk, asked())


POOLS = {
    "one hospital less": [NORTH],
    "one hospital more": [NORTH, SOUTH, EAST],
    "another hospital": [NORTH, EAST],
    "a row less": [NORTH, SOUTH.model_copy(update={"rows": 499})],
    "a batch twice": [NORTH, SOUTH, SOUTH],
    "nobody": [],
}


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("opens", [True, False])
def test_a_job_keeps_its_pool(desk: Desk, pool: str, opens: bool) -> None:
    decided(desk, asked(), "gradient")
    judging = replace(desk, opens=opens)
    assert not taken(judging, asked("gradient", 1, cohort=POOLS[pool]))
    assert taken(judging, asked("gradient", 1, cohort=[SOUTH, NORTH]))  # the order says nothing


@pytest.mark.parametrize("pool", POOLS)
def test_an_evaluation_is_of_the_model_that_was_trained(desk: Desk, pool: str) -> None:
    decided(desk, asked("hessian", 3), "evaluation")
    assert not taken(desk, asked("evaluation", 4, train_cohort=POOLS[pool]))
    assert taken(desk, asked("evaluation", 4))


@pytest.mark.parametrize("rows", [1, 93, 99, 101, 600])
def test_an_evaluation_covers_all_held_out_rows_of_a_trained_batch(desk: Desk, rows: int) -> None:
    decided(desk, asked("hessian", 3), "evaluation")
    cohort = [HELD_OUT[0], HELD_OUT[1].model_copy(update={"rows": rows})]
    assert not taken(desk, asked("evaluation", 4, cohort=cohort))


@pytest.mark.parametrize("handful", range(1, 8))
def test_a_new_job_over_a_handful_of_patients_more_is_refused(desk: Desk, handful: int) -> None:
    """Two fits a few patients apart tell on those patients."""
    tiny = CohortPart(batch="b-tiny", institution="east", rows=handful)
    record = BatchRecord(batch="b-tiny", institution="east", rows=handful, n_columns=8, sums=[1.0])
    desk.store.keep_batches([record])
    decided(desk, asked("evaluation", 5), None)
    assert not taken(desk, asked(job="j2", cohort=[NORTH, SOUTH, tiny]))
    assert taken(desk, asked(job="j2", cohort=[NORTH, SOUTH, EAST]))
    assert taken(desk, asked(job="j2"))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_opened_of_a_batch_that_is_known_by_name_only(custodian: Custodian, desk: Desk, kind: str) -> None:
    """Batches that were admitted while another hospital led: their sums were opened there."""
    named = CohortPart(batch="b-named", institution="west", rows=500)
    custodian.store.keep_batches([BatchRecord(batch="b-named", institution="west", rows=500, n_columns=0, sums=[])])
    assert not taken(desk, asked(kind, 0, cohort=[NORTH, named], train_cohort=[]))


# ---- a desk that answers with a share --------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(STEPS, max_size=8))
def test_a_desk_with_a_share_takes_rounds_that_go_up_and_no_other(
    holder: Desk, custodian: Custodian, walk: list[tuple[str, int]]
) -> None:
    forget(holder, custodian)
    seen = -1
    for kind, round_ in walk:
        request = asked(kind, round_)
        assert taken(holder, request) == (round_ > seen), (kind, round_, seen)
        if round_ > seen:
            seen = round_
            standing = check(holder, request)
            job = remembered(Question(holder, request, standing, custodian.home.path))
            assert job is not None and (job.round, job.led) == (round_, False)
            custodian.store.keep_batches(standing.unknown)
            custodian.store.keep_job(job)


@pytest.mark.parametrize("opens", [True, False])
@pytest.mark.parametrize("count", [0, 2, 3])
def test_an_admission_is_of_one_batch(desk: Desk, opens: bool, count: int) -> None:
    cohort = [NORTH, SOUTH, EAST][:count]
    assert not taken(replace(desk, opens=opens), asked("admission", 0, job="", cohort=cohort))


def test_a_hospital_remembers_a_batch_and_whose_it_was(holder: Desk, custodian: Custodian) -> None:
    standing = check(holder, asked())
    assert {batch.batch for batch in standing.unknown} == {"b-north", "b-south"}
    custodian.store.keep_batches(standing.unknown)
    assert check(holder, asked(job="j2")).unknown == ()
    moved = NORTH.model_copy(update={"institution": "east"})
    assert not taken(holder, asked(job="j3", cohort=[moved, SOUTH]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("opens", [True, False])
def test_a_request_of_another_study_is_refused_whatever_it_is(desk: Desk, kind: str, opens: bool) -> None:
    assert not taken(replace(desk, opens=opens), asked(kind, 0, study="other"))
