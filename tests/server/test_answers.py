"""An answer counts once, for the request it was made for, in the only order that makes sense."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from hefed.core.ckks.backend import Encryptor
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.lead import HEADER
from hefed.core.words import Fact, Said
from hefed.core.words import words as words_of
from hefed.custodian.sharing.lead import KeyVoice
from hospitals.institutions.models import Institution
from tests.server.cohort import PROFILE
from tests.server.conftest import STUDY, Api
from tests.server.training import deliver
from tests.words.raises import answers
from training.jobs.models import CustodianRequest, Job, Round
from training.jobs.services import launch_job

SPEC = {"degree": 15, "centre": 0.0, "half_width": 8.0, "mean": -2.0, "sd": 1.0}
GRADIENT = {"kind": "gradient", "sigmoid": SPEC}


@pytest.fixture
def waiting(study, admin, north_admitted, broker) -> CustodianRequest:
    """The moments request of a job on hospital north."""
    launch_job(study=study, institutions=Institution.objects.filter(slug="north"), by=admin)
    deliver(broker)
    return CustodianRequest.objects.get(state=CustodianRequest.State.WAITING)


def answer(to: CustodianRequest, items: list[bytes], **fields: Any) -> bytes:
    body = {"request": to.name, "payload_sha256": to.payload_sha256, **fields}
    label = Label("answer", STUDY, PROFILE, to.round.job.key_set.fingerprint)
    return envelope.to_bytes(label, items, {"answer": body})


Post = Callable[[CustodianRequest, bytes], tuple[int, str]]
Posted = Callable[[CustodianRequest, bytes], httpx.Response]


@pytest.fixture
def posted(published: Api, voice: KeyVoice) -> Posted:
    """As the custodian's program posts it, signed."""

    def signed(request: CustodianRequest, body: bytes) -> httpx.Response:
        header = {HEADER: voice.statement("answer", request.name, body, request.payload_sha256)}
        return published.post(f"custodian/requests/{request.name}/answer", content=body, headers=header)

    return signed


@pytest.fixture
def post(posted: Posted) -> Post:
    """Status and error."""

    def told(request: CustodianRequest, body: bytes) -> tuple[int, str]:
        response = posted(request, body)
        return response.status_code, response.json()["error"] if response.content else ""

    return told


def coefficients(encryptor: Encryptor, level: int, count: int = 8) -> list[bytes]:
    return [encryptor.packed_constant(0.1, level)] * count


def test_same_answer_twice_is_204_and_counts_once(post: Post, waiting, encryptor):
    body = answer(waiting, coefficients(encryptor, 7), outcome="next", next=GRADIENT, progress={"criterion": 0.5})
    assert [post(waiting, body)[0] for _ in range(2)] == [204, 204]
    assert Round.objects.filter(job=waiting.round.job).count() == 2
    assert Round.objects.get(pk=waiting.round_id).criterion == 0.5


def test_another_answer_after_the_first_is_409(post: Post, waiting, encryptor):
    post(waiting, answer(waiting, coefficients(encryptor, 7), outcome="next", next=GRADIENT))
    other = answer(waiting, [], outcome="refused", reasons=["policy.minimum_events"])
    assert post(waiting, other)[0] == 409


def test_refusal_ends_the_job_with_the_custodians_code(post: Post, waiting):
    assert post(waiting, answer(waiting, [], outcome="refused", reasons=["policy.minimum_events"]))[0] == 204
    job = Job.objects.get()
    assert (job.state, job.reason) == (Job.State.REFUSED, "policy.minimum_events")


def test_failed_fit_ends_the_job_with_the_custodians_code(post: Post, waiting):
    post(waiting, answer(waiting, [], outcome="failed", reasons=["fit.collinear"]))
    job = Job.objects.get()
    assert (job.state, job.reason) == (Job.State.FAILED, "fit.collinear")


WRONG: list[tuple[int, int, dict[str, Any], str, dict[str, Fact]]] = [
    (
        7,
        8,
        {"outcome": "next", "next": GRADIENT, "payload_sha256": "0" * 64},
        "jobs.answer_other",
        {"payload": "0" * 16},
    ),
    (
        7,
        8,
        {"outcome": "next", "next": GRADIENT, "request": "request-0001"},
        "jobs.answer_other",
        {"given": "request-0001"},
    ),
    (7, 7, {"outcome": "next", "next": GRADIENT}, "jobs.answer_items", {"found": 7, "expected": 8}),
    (8, 8, {"outcome": "next", "next": GRADIENT}, "jobs.answer_items", {"found": 8, "expected": 8}),
    (
        7,
        8,
        {"outcome": "next", "next": {"kind": "hessian", "sigmoid": {**SPEC, "degree": 31}}},
        "jobs.answer_order",
        {"next": "hessian"},
    ),
    (
        7,
        8,
        {"outcome": "next", "next": {"kind": "gradient", "sigmoid": None}},
        "jobs.answer_sigmoid",
        {"kind": "gradient"},
    ),
    (1, 0, {"outcome": "next"}, "jobs.answer_parts", {"outcome": "next"}),
    (1, 0, {"outcome": "admitted"}, "jobs.answer_outcome", {"outcome": "admitted"}),
    (1, 0, {"outcome": "result"}, "jobs.answer_outcome", {"outcome": "result"}),
    (1, 0, {"outcome": "refused"}, "jobs.answer_no_reason", {"outcome": "refused"}),
    (1, 0, {"outcome": "cheated"}, "jobs.answer_field", {"place": "outcome"}),
]


def test_answer_that_does_not_fit_is_422(posted: Posted, waiting, encryptor):
    for level, count, fields, code, facts in WRONG:
        body = answer(waiting, coefficients(encryptor, level, count), **fields)
        answers(posted(waiting, body), 422, code, **facts)
    assert CustodianRequest.objects.get(pk=waiting.pk).state == CustodianRequest.State.WAITING


def test_bytes_that_are_no_answer_are_422(post: Post, waiting):
    assert post(waiting, json.dumps({"outcome": "next"}).encode())[0] == 422


def test_malformed_coefficients_fail_the_job_in_words(post: Post, waiting, encryptor, broker):
    items = coefficients(encryptor, 7)
    items[2] = b"\x00" * len(items[2])
    post(waiting, answer(waiting, items, outcome="next", next=GRADIENT))
    deliver(broker)
    job = Job.objects.get()
    assert (job.state, "magic" in words_of(Said.from_json(job.reason))) == (Job.State.FAILED, True)
