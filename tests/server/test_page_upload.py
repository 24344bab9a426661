"""Uploads from the page: a signed-in coordinator's session, and blocks whose digests come when they are encrypted."""

import hashlib
from typing import Any

import pytest
from django.test import Client

from hefed.core.ckks.backend import Encryptor
from hospitals.audit.models import AuditEvent
from hospitals.batches.models import Batch, Block
from hospitals.institutions.models import Institution
from hospitals.institutions.services import suspend_institution
from hospitals.people.models import Role, User
from hospitals.studies.services import grant_role
from tests.server.cohort import Upload, encrypt_batch, simulate_hospital
from tests.server.conftest import Api

ORDER = "ab" * 32
HEADERS = {"X-HEFed-Study": "trial"}


@pytest.fixture
def coordinator(study, admin: User) -> User:
    user = User.objects.create_user("coordinator", "c@hefed.invalid", "a long pass phrase")
    north = Institution.objects.get(slug="north")
    grant_role(user=user, role=Role.COORDINATOR, study=study, institution=north, by=admin)
    return user


@pytest.fixture
def tab(coordinator: User, published: Api) -> Client:
    client = Client(headers=HEADERS)
    client.force_login(coordinator)
    return client


@pytest.fixture
def open_upload(upload: Upload) -> Upload:
    """A batch that is announced before it is encrypted."""
    blocks = [block.model_copy(update={"sha256": ""}) for block in upload.manifest.blocks]
    return Upload(upload.manifest.model_copy(update={"blocks": blocks, "order_digest": ORDER}), upload.blocks)


def announce(tab: Client, upload: Upload) -> Any:
    return tab.post("/api/v1/batches", upload.manifest.model_dump(mode="json"), content_type="application/json")


def send(tab: Client, batch: str, index: int, offset: int, data: bytes, digest: str = "") -> Any:
    headers = {"Upload-Offset": str(offset)} | ({"Upload-Digest": digest} if digest else {})
    return tab.patch(f"/api/v1/batches/{batch}/blocks/{index}", data, content_type="x/y", headers=headers)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_coordinator_uploads_in_a_session_and_the_audit_log_names_the_person(
    tab: Client, open_upload: Upload, broker, coordinator: User
):
    assert tab.get("/api/v1/study").json()["institution"] == "north"
    batch = announce(tab, open_upload).json()["batch"]
    for index, data in enumerate(open_upload.blocks):
        assert send(tab, batch, index, 0, data, sha256(data)).json()["state"] == "stored"
    assert tab.post(f"/api/v1/batches/{batch}/complete").json()["state"] == "checking"
    actors = set(AuditEvent.objects.filter(target=batch).values_list("actor", flat=True))
    assert actors == {f"user:{coordinator.pk}:coordinator"}


def test_block_that_was_encrypted_anew_begins_at_byte_0(
    tab: Client, open_upload: Upload, north: Api, encryptor: Encryptor
):
    batch = announce(tab, open_upload).json()["batch"]
    first = open_upload.blocks[0]
    again = encrypt_batch(north.package(), encryptor, *simulate_hospital(90, 30, seed=1), rows_per_block=45).blocks[0]
    assert send(tab, batch, 0, 0, first[:1000], sha256(first)).json()["received_bytes"] == 1000
    refused = send(tab, batch, 0, 1000, again[1000:], sha256(again))
    assert (refused.status_code, refused.headers["Upload-Offset"]) == (409, "0")
    assert send(tab, batch, 0, 0, again, sha256(again)).json()["state"] == "stored"
    assert Block.objects.get(index=0).blob.digest == sha256(again)


def test_same_encryption_goes_on_where_it_stopped(tab: Client, open_upload: Upload):
    batch = announce(tab, open_upload).json()["batch"]
    data = open_upload.blocks[0]
    send(tab, batch, 0, 0, data[:1000], sha256(data))
    assert send(tab, batch, 0, 1000, data[1000:2000]).json()["received_bytes"] == 2000
    assert send(tab, batch, 0, 2000, data[2000:], sha256(data)).json()["state"] == "stored"


def test_stored_block_is_not_begun_anew(tab: Client, open_upload: Upload):
    batch = announce(tab, open_upload).json()["batch"]
    data = open_upload.blocks[0]
    send(tab, batch, 0, 0, data, sha256(data))
    again = send(tab, batch, 0, 0, data, "cd" * 32)
    assert (again.status_code, again.headers["Upload-Offset"]) == (409, str(len(data)))


def test_declared_digest_must_match(tab: Client, open_upload: Upload):
    batch = announce(tab, open_upload).json()["batch"]
    response = send(tab, batch, 0, 0, open_upload.blocks[0], "cd" * 32)
    assert response.status_code == 422
    assert Block.objects.get(index=0).received_bytes == 0


@pytest.mark.parametrize("digest", ["", "xyz"])
def test_first_piece_without_a_digest_is_422(tab: Client, open_upload: Upload, digest: str):
    batch = announce(tab, open_upload).json()["batch"]
    assert send(tab, batch, 0, 0, b"x", digest).status_code == 422


def test_announced_digest_cannot_be_replaced(tab: Client, upload: Upload):
    batch = announce(tab, upload).json()["batch"]
    data = upload.blocks[0]
    assert send(tab, batch, 0, 0, data, "cd" * 32).json()["state"] == "stored"
    assert Block.objects.get(index=0).sha256 == sha256(data)


def test_open_digests_need_an_order(tab: Client, open_upload: Upload):
    unordered = Upload(open_upload.manifest.model_copy(update={"order_digest": ""}), open_upload.blocks)
    assert announce(tab, unordered).status_code == 422


def test_another_order_of_the_same_patients_is_another_batch(tab: Client, open_upload: Upload):
    first = announce(tab, open_upload).json()["batch"]
    other = Upload(open_upload.manifest.model_copy(update={"order_digest": "cd" * 32}), open_upload.blocks)
    assert announce(tab, open_upload).json()["batch"] == first
    refused = announce(tab, other)
    assert refused.status_code == 409
    assert first in refused.json()["error"]


def test_session_without_the_studys_header_or_csrf_token_is_refused(coordinator: User, published: Api, upload: Upload):
    plain = Client()
    plain.force_login(coordinator)
    assert plain.get("/api/v1/study").status_code == 401
    strict = Client(enforce_csrf_checks=True, headers=HEADERS)
    strict.force_login(coordinator)
    assert announce(strict, upload).status_code == 403
    assert Batch.objects.count() == 0


def test_strangers_members_without_the_role_and_suspended_hospitals_are_refused(
    coordinator: User, published: Api, study, admin: User
):
    stranger = User.objects.create_user("stranger", "s@hefed.invalid")
    clinician = User.objects.create_user("clinician", "k@hefed.invalid")
    grant_role(user=clinician, role=Role.CLINICIAN, study=study, by=admin)
    suspend_institution(
        institution=Institution.objects.get(slug="north"), reason="An incident is looked into.", by=admin
    )
    for user, status in ((stranger, 404), (clinician, 403), (admin, 403), (coordinator, 403)):
        client = Client(headers=HEADERS)
        client.force_login(user)
        assert client.get("/api/v1/study").status_code == status, user


def test_session_opens_nothing_of_the_custodian(tab: Client):
    assert tab.get("/api/v1/custodian/requests").status_code == 401
    assert tab.put("/api/v1/custodian/keys/public", b"x").status_code == 401
