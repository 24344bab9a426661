"""What a hostile server may ask next, of a desk that opens totals and of one that only answers with a share."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hefed.core.errors import BadInput, PolicyRefused, WrongKey
from hefed.core.protocol.requests import CohortPart, Request
from hefed.custodian.client import CustodianClient
from hefed.custodian.desk.asking import Desk, Question, check, desk_for, remembered
from hefed.custodian.keeping.opened import Custodian
from tests.words.raises import says

NORTH, SOUTH = (CohortPart(batch=name, institution=name, rows=500) for name in ("north", "south"))


@pytest.fixture
def holder(custodian: Custodian, client: CustodianClient) -> Desk:
    return desk_for(custodian, client.study(), opens=False)


def asked(**changes: Any) -> Request:
    fields = {"request": "r1", "kind": "moments", "study": "demo", "job": "j1", "round": 0, "cohort": [NORTH, SOUTH]}
    fields |= {"created_at": "2025-01-01T00:00:00Z", "payload_bytes": 1, "payload_sha256": "0" * 64}
    return Request.model_validate(fields | changes)


def answer(desk: Desk, custodian: Custodian, request: Request) -> None:
    """Remember the request, as an answered one is."""
    standing = check(desk, request)
    job = remembered(Question(desk, request, standing, custodian.home.path))
    custodian.store.keep_batches(standing.unknown)
    if job is not None:
        custodian.store.keep_job(job)


def test_shares_answer_on_their_last_day_and_not_after_it(holder: Desk) -> None:
    check(replace(holder, last_day=holder.today), asked())
    with says("desk.shares_expired", PolicyRefused):
        check(replace(holder, last_day=holder.today - timedelta(days=1)), asked())


@pytest.mark.parametrize("opens", [True, False])
def test_an_admission_names_one_batch_whoever_is_asked(holder: Desk, opens: bool) -> None:
    with says("desk.one_batch", PolicyRefused, batches=2):
        check(replace(holder, opens=opens), asked(kind="admission", job=""))


def test_an_answered_round_is_not_answered_again_and_a_later_one_is(holder: Desk, custodian: Custodian) -> None:
    answer(holder, custodian, asked(kind="gradient", round=3))
    for stale in (3, 2):
        with says("desk.round_seen", PolicyRefused, seen=3):
            check(holder, asked(request="r2", kind="gradient", round=stale))
    answer(holder, custodian, asked(request="r3", kind="hessian", round=4))


def test_a_removed_hospital_makes_another_pool(holder: Desk, custodian: Custodian) -> None:
    answer(holder, custodian, asked())
    with says("desk.other_cohort", PolicyRefused):
        check(holder, asked(kind="gradient", round=1, cohort=[NORTH]))


def test_what_a_share_answered_is_no_reason_to_open_its_next_round(holder: Desk, custodian: Custodian) -> None:
    answer(holder, custodian, asked())
    with says("desk.not_admitted", PolicyRefused):
        check(replace(holder, opens=True), asked(kind="gradient", round=1))


def test_a_job_whose_name_leaves_the_directory_is_refused(holder: Desk) -> None:
    with says("keeping.id", BadInput):
        check(holder, asked(job="../../vault"))


def test_a_server_of_another_study_or_key_is_not_answered(custodian: Custodian, client: CustodianClient) -> None:
    study = client.study()
    assert study.key is not None
    with says("desk.other_study_token", WrongKey, study="other"):
        desk_for(custodian, study.model_copy(update={"study": "other"}))
    with says("desk.other_key", WrongKey):
        desk_for(custodian, study.model_copy(update={"key": study.key.model_copy(update={"fingerprint": "0" * 64})}))
