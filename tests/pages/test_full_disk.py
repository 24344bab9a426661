"""A server whose disk is full says so on every page; none answers 500."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from hospitals.people.models import ApiToken
from tests.pages.conftest import signed_in
from tests.pages.factory import PASSWORD, World
from tests.pages.test_access import WRITES, address, patterns
from tests.words.raises import answers
from tests.writing import full_database

TOKEN = {"name": "research server", "days": 30}


@contextmanager
def full() -> Iterator[None]:
    """The database is full; the test's own transaction survives what that breaks."""
    with transaction.atomic(), full_database():
        yield
        transaction.set_rollback(True)


def patient(client: Client) -> Client:
    """It shows the answer of a failure, as a browser would, instead of raising it."""
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("role", ["platform_administrator", "coordinator", "approver"])
def test_no_page_answers_500_while_the_database_is_full(world: World, role: str):
    client = patient(signed_in(world, role))
    answers = {}
    for pattern in patterns():
        send = client.post if pattern.name in WRITES else client.get
        with full():
            answers[pattern.name] = send(address(str(pattern.name))).status_code
    assert {name: status for name, status in answers.items() if status == 500} == {}
    assert answers["study"] == 200


def test_what_cannot_be_written_says_why_and_what_to_do(world: World):
    client, before = patient(signed_in(world, "coordinator")), ApiToken.objects.count()
    with full():
        answer = client.post(address("create-token"), TOKEN)
    assert answer.status_code == 507
    assert "disk is full" in answer.content.decode()
    assert "Tell the platform administrator" in answer.content.decode()
    assert ApiToken.objects.count() == before


def test_script_of_a_page_gets_it_as_json(world: World):
    client = patient(signed_in(world, "coordinator"))
    with full():
        answer = client.post(address("create-token"), TOKEN, headers={"Accept": "application/json"})
    answers(answer, 507, "server.disk_full")


def test_sign_in_whose_session_cannot_be_kept_says_so(world: World):
    client = patient(Client())
    with full():
        answer = client.post(reverse("sign-in"), {"login": world.sign_in_name("coordinator"), "password": PASSWORD})
    assert answer.status_code == 507
    assert "sessionid" not in answer.cookies


def test_session_that_is_saved_after_the_view_says_so(world: World, settings):
    settings.SESSION_SAVE_EVERY_REQUEST = True
    client = patient(signed_in(world, "clinician"))
    with full():
        answer = client.get(address("study"))
    assert answer.status_code == 507


@contextmanager
def no_file_above(limit_bytes: int) -> Iterator[None]:
    """The operating system refuses to let a file grow, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_uploaded_file_that_finds_no_room_says_so_and_leaves_nothing(world: World, settings, tmp_path: Path):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE, settings.FILE_UPLOAD_TEMP_DIR = 0, str(tmp_path)
    client = patient(signed_in(world, "project_administrator"))
    file = SimpleUploadedFile("dictionary.csv", bytes(4_000_000))
    with no_file_above(2_000_000):
        answer = client.post(address("upload-dictionary"), {"file": file})
    assert answer.status_code == 507
    assert list(tmp_path.iterdir()) == []


def test_failure_of_another_kind_is_still_500(world: World, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise RuntimeError("marker of a failure")

    monkeypatch.setattr("hefed.front.views.render", broken)
    answer = patient(Client()).get(reverse("glossary"))
    assert (answer.status_code, "disk" in answer.content.decode()) == (500, False)
