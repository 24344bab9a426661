"""A coordinator of a suspended hospital reads as before, sends nothing, and is told why on every page."""

import pytest
from django.test import Client
from django.urls import reverse

from hospitals.batches.models import Batch
from hospitals.institutions.services import approve_institution, suspend_institution
from hospitals.people.models import Role
from hospitals.people.permissions import Right
from hospitals.studies.services import grant_role
from hospitals.studies.terms import publish_terms
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.pages.test_access import STUDY, WRITES, ask

REASON = "An incident is looked into."


@pytest.fixture
def suspended(world: World) -> World:
    publish_terms(study=world.study, text="Patients stay ours.", by=world.people["project_administrator"])
    suspend_institution(institution=world.hospitals["daegu"], reason=REASON, by=world.people["platform_administrator"])
    return world


def mine(*, writing: bool) -> list[str]:
    """Addresses that a coordinator may use, those that write or those that read."""
    rights = (Right.CHANGE_DATA, Right.USE_TOKENS, Right.ACCEPT_TERMS, Right.CONFIRM_KEY)
    if writing:
        return [name for name, right in STUDY.items() if right in rights and name in WRITES]
    return ["today", "study", "batches", "batch", "tokens", "terms", "keys", "dictionary", "jobs", "results"]


def test_every_address_that_writes_is_refused(suspended: World):
    client = signed_in(suspended, "coordinator")

    assert len(mine(writing=True)) >= 5
    assert {name: ask(client, name) for name in mine(writing=True)} == dict.fromkeys(mine(writing=True), 403)
    assert ask(client, "add-patients") == 403
    assert not Batch.objects.filter(pk=suspended.batches["daegu"].pk, state=Batch.State.WITHDRAWN).exists()


def test_every_page_is_read_as_before_and_says_why_nothing_can_be_sent(suspended: World):
    client = signed_in(suspended, "coordinator")
    for name in mine(writing=False):
        page = client.get(reverse(name, args=["icu-death", *(["batch-0002"] if name == "batch" else [])]))
        assert page.status_code == 200, name
        assert "Daegu Medical Center is suspended since" in page.content.decode(), name
        assert REASON in page.content.decode(), name


def test_no_button_is_offered_that_would_be_refused(suspended: World):
    client = signed_in(suspended, "coordinator")
    pages = {name: client.get(reverse(name, args=["icu-death"])).content.decode() for name in ("batches", "tokens")}
    batch = client.get("/studies/icu-death/data/batch-0002/").content.decode()
    terms = client.get("/studies/icu-death/terms/").content.decode()

    assert "/data/add/" not in pages["batches"]
    assert "/tokens/create/" not in pages["tokens"]
    assert "/withdraw/" not in batch
    assert "/terms/accept/" not in terms


def test_right_that_comes_from_another_role_stays(suspended: World):
    bob = suspended.people["coordinator"]
    boss = suspended.people["platform_administrator"]
    grant_role(user=bob, role=Role.PROJECT_ADMINISTRATOR, study=suspended.study, by=boss)
    client = signed_in(suspended, "coordinator")

    assert ask(client, "launch") == 409  # no hospital is chosen, says the service
    assert ask(client, "withdraw-batch") == 403


def test_others_see_no_notice_and_after_approval_nobody_does(suspended: World):
    assert "is suspended since" not in signed_in(suspended, "auditor").get("/studies/icu-death/").content.decode()

    daegu = suspended.hospitals["daegu"]
    daegu.refresh_from_db()
    approve_institution(institution=daegu, by=suspended.people["platform_administrator"])
    client: Client = signed_in(suspended, "coordinator")

    assert "is suspended since" not in client.get("/studies/icu-death/today/").content.decode()
    assert client.get("/studies/icu-death/data/add/").status_code == 200
