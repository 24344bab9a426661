"""A kind of round that is only in a test's table runs through workers, request, custodian's key, answer and pages."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.test import Client

from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import profile
from hefed.core.ckks.totals import open_total, unpack_total
from hefed.core.errors import EnvelopeInvalid
from hefed.core.learning.kinds.table import KINDS
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.requests import Answer, NextRound
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.lead import KeyVoice
from hospitals.audit.record import System
from hospitals.blobs.storage import open_blob
from hospitals.people.models import Role
from hospitals.studies.services import grant_role
from tests.learning.new_kind import ClassSums
from tests.server.cohort import PROFILE
from tests.server.conftest import PASSPHRASE
from tests.server.test_job import launch
from tests.server.training import deliver
from tests.words.raises import says
from training.jobs.answers import accept_answer
from training.jobs.models import Chunk, CustodianRequest, Job, Round
from training.jobs.requests import request_message
from training.jobs.selectors import job_progress, planned_steps
from training.jobs.services import RoundTask, open_round


@pytest.fixture
def new_kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassSums]:
    kind = ClassSums()
    monkeypatch.setitem(KINDS, kind.name, kind)
    yield kind


@pytest.fixture
def job(study, admin, admitted, broker) -> Job:
    """A job whose moments wait for the custodian."""
    job = launch(study, admin, "north", "south")
    deliver(broker)
    return job


@pytest.fixture
def request_of_new_kind(new_kind: ClassSums, job: Job, broker) -> CustodianRequest:
    open_round(job=job, task=RoundTask(new_kind.name))
    deliver(broker)
    return CustodianRequest.objects.get(round__kind=new_kind.name)


@pytest.fixture
def browser(study, admin) -> Client:
    grant_role(user=admin, role=Role.PROJECT_ADMINISTRATOR, study=study, by=admin)
    client = Client()
    client.force_login(admin)
    return client


def opened(request: CustodianRequest, home) -> tuple[list[str], list[float]]:
    """Names and totals of a payload, as the owner of the secret key reads them."""
    key = SecretKey.load(profile(PROFILE), open_vault(home.vault, PASSPHRASE).secret_key)
    with open_blob(request.payload) as stream:
        header = envelope.read_header(stream)
        packed = list(envelope.iterate(stream, header))
    sealed = [unpack_total(profile(PROFILE), *one) for one in zip(packed, header.meta["scales"], strict=True)]
    return header.meta["names"], [open_total(key, one) for one in sealed]


def test_worker_adds_up_the_new_totals_over_the_pool(request_of_new_kind, admitted, home):
    names, found = opened(request_of_new_kind, home)

    expected = sum(train.y @ train.x for train, _ in (admitted["north"], admitted["south"]))
    assert names == [f"y*x{column}" for column in range(len(expected))]
    assert np.abs(np.array(found) - expected).max() < 1e-2
    assert not Chunk.objects.filter(round=request_of_new_kind.round).exclude(state=Chunk.State.DONE).exists()


def test_request_tells_the_custodian_its_kind_and_its_cohort(request_of_new_kind):
    message = request_message(request_of_new_kind)

    assert (message.kind, message.round) == ("class_sums", 1)
    assert [part.institution for part in message.cohort] == ["north", "south"]
    assert message.train_cohort == []


def test_pages_show_the_new_kind_under_its_label(request_of_new_kind, job, browser):
    pages = {name: f"/studies/trial/{name}/" for name in ("requests", f"jobs/{job.name}")}

    texts = {name: browser.get(path).content.decode() for name, path in pages.items()}

    assert all("Sums of the deaths" in text for text in texts.values())
    assert "Nothing readable: only fresh encryptions" in texts["requests"]
    progress = job_progress(job)
    assert progress.rounds[-1].label == "Sums of the deaths"
    assert planned_steps(progress) == ["Standard errors", "Evaluation"]


def answer_file(request: CustodianRequest, path, **parts):
    fields = {"request": request.name, "payload_sha256": request.payload_sha256, "outcome": "next", **parts}
    label = Label("answer", request.study.slug, PROFILE, request.round.job.key_set.fingerprint)
    meta = {"answer": Answer.model_validate(fields).model_dump(mode="json")}
    path.write_bytes(envelope.to_bytes(label, [], meta))
    return path


def signed(voice: KeyVoice, request: CustodianRequest, path: Path) -> str:
    """What the custodian says of its answer."""
    return voice.statement("answer", request.name, path.read_bytes(), request.payload_sha256)


def test_answer_that_its_class_allows_ends_the_round(request_of_new_kind, job, voice, tmp_path):
    path = answer_file(request_of_new_kind, tmp_path / "answer", outcome="failed", reasons=["fit.no_deaths"])

    statement = signed(voice, request_of_new_kind, path)
    accept_answer(request=request_of_new_kind, path=path, statement=statement, by=System("test"))

    job.refresh_from_db()
    assert (job.state, job.reason) == (Job.State.FAILED, "fit.no_deaths")
    assert not Round.objects.filter(job=job, state__in=Round.LIVE).exists()


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"outcome": "admitted"}, "jobs.answer_outcome"),
        ({"next": NextRound(kind="evaluation", sigmoid=None)}, "jobs.answer_order"),
        ({"next": NextRound(kind="class_sums", sigmoid=None)}, "jobs.answer_order"),
        ({"next": NextRound(kind="raw_rows", sigmoid=None)}, "jobs.answer_order"),
    ],
)
def test_answer_that_its_class_does_not_allow_is_refused(request_of_new_kind, voice, tmp_path, parts, code):
    path = answer_file(request_of_new_kind, tmp_path / "answer", **parts)
    statement = signed(voice, request_of_new_kind, path)

    with says(code, EnvelopeInvalid, kind="class_sums"):
        accept_answer(request=request_of_new_kind, path=path, statement=statement, by=System("test"))


def test_custodian_whose_policy_does_not_name_the_new_kind_opens_nothing(request_of_new_kind, custodian):
    custodian.answer()

    request_of_new_kind.refresh_from_db()
    assert request_of_new_kind.outcome == "refused"
    assert request_of_new_kind.reasons == ["policy.kinds"]
