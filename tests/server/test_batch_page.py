"""What a hospital can do about a batch on its page, and what becomes of models that used it."""

import pytest
from django.test import Client

from hefed.core.errors import Conflict
from hospitals.audit.models import AuditEvent
from hospitals.batches.models import Batch
from hospitals.batches.services import move_batch, withdraw_batch
from hospitals.institutions.models import Institution
from hospitals.people.models import Role, User
from hospitals.studies.services import grant_role
from tests.server.cohort import Upload
from tests.server.conftest import Api
from tests.words.raises import says
from training.jobs.models import Job
from training.jobs.sweeping import delete_withdrawn


@pytest.fixture
def coordinator(study, admin: User) -> Client:
    user = User.objects.create_user("coordinator", "c@hefed.invalid")
    north = Institution.objects.get(slug="north")
    grant_role(user=user, role=Role.COORDINATOR, study=study, institution=north, by=admin)
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, path: str) -> str:
    return client.get(f"/studies/trial/{path}").content.decode()


def test_quarantined_batch_offers_its_replacement(coordinator: Client, north: Api, upload: Upload, broker, admin: User):
    north.upload(upload)
    batch = Batch.objects.get()
    move_batch(batch=batch, state=Batch.State.QUARANTINED, reason="a 0/1 column holds other values", by=admin)
    text = page(coordinator, "data/batch-0001/")
    assert "A 0/1 column holds other values" in text
    assert "/studies/trial/data/add/?replaces=batch-0001" in text
    assert "This upload replaces batch-0001" in page(coordinator, "data/add/?replaces=batch-0001")


def test_batch_of_another_hospital_cannot_be_replaced(
    coordinator: Client, north: Api, upload: Upload, study, admin: User
):
    north.announce(upload)
    Batch.objects.update(institution=Institution.objects.get(slug="south"))
    assert coordinator.get("/studies/trial/data/add/?replaces=batch-0001").status_code == 404


def test_withdrawing_deletes_the_bytes_marks_the_models_and_is_audited(
    coordinator: Client, north: Api, upload: Upload, broker, admin: User, study
):
    north.upload(upload)
    batch = Batch.objects.get()
    Batch.objects.update(state=Batch.State.ADMITTED)
    job = Job.objects.create(study=study, number=1, key_set=batch.key_set, launched_by=admin)
    job.batches.add(batch)
    assert not job.withdrawn_batches
    blob = batch.blocks.first().blob
    with says("batches.in_use", Conflict, job=job.name):
        withdraw_batch(batch=batch, reason="", by=admin)
    job.state, job.finished_at = Job.State.FINISHED, batch.created_at
    job.save()
    coordinator.post("/studies/trial/data/batch-0001/withdraw/", {"confirm": "batch-0001"})
    delete_withdrawn()
    assert list(job.withdrawn_batches) == [batch]
    assert "Marked: uses withdrawn patients" in page(coordinator, "data/batch-0001/")
    assert not batch.blocks.exclude(blob=None).exists()
    assert not type(blob).objects.filter(pk=blob.pk).exists()
    again = north.post("batches/batch-0001/withdraw")  # the answer to the first call may have been lost
    assert (again.status_code, again.json()["state"]) == (200, "withdrawn")
    assert AuditEvent.objects.filter(action="batch.withdrawn", target="batch-0001").count() == 1
