"""Search by readable id or short name: straight to the one thing, and never to what somebody may not see."""

import pytest
from django.test import Client

from hospitals.people.models import Role
from hospitals.studies.services import create_study, grant_role
from tests.pages import cohort
from tests.pages.conftest import signed_in
from tests.pages.factory import World


def go(client: Client, wanted: str, **more: str):
    return client.get("/find/", {"q": wanted, **more})


@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        ("job-0003", "/studies/icu-death/jobs/job-0003/"),
        (" JOB 3", "/studies/icu-death/jobs/job-0003/"),
        ("batch2", "/studies/icu-death/data/batch-0002/"),
        ("request-0001", "/studies/icu-death/requests/?page=1#request-0001"),
        ("release-1", "/studies/icu-death/releases/release-0001/"),
        ("icu-death", "/studies/icu-death/"),
        ("Jeju", "/studies/icu-death/#hospital-jeju"),
    ],
)
def test_one_hit_leads_straight_to_it(world: World, wanted: str, address: str):
    assert go(signed_in(world, "project_administrator"), wanted).url == address


@pytest.mark.parametrize("wanted", ["job-0099", "batch-0001-x", "../", "", "%00", "job-" + "9" * 40])
def test_what_does_not_exist_is_said_in_words(world: World, wanted: str):
    answer = go(signed_in(world, "project_administrator"), wanted)

    assert answer.status_code == (404 if wanted else 200)
    assert ("Nothing is called" in answer.content.decode()) == bool(wanted)


@pytest.mark.parametrize(
    ("role", "wanted"),
    [
        ("coordinator", "batch-0001"),  # another hospital's
        ("coordinator", "request-0001"),
        ("clinician", "job-0001"),
        ("clinician", "release-0001"),
        ("stranger", "job-0001"),
        ("stranger", "icu-death"),
        ("stranger", "daegu"),
        ("auditor", "busan"),  # registered, in none of the auditor's studies
    ],
)
def test_what_somebody_may_not_see_is_not_found(world: World, role: str, wanted: str):
    answer = go(signed_in(world, role), wanted)

    assert answer.status_code == 404
    assert "Nothing is called" in answer.content.decode()


def test_coordinator_finds_the_own_hospital_where_its_batches_are(world: World):
    assert go(signed_in(world, "coordinator"), "daegu").url == "/studies/icu-death/data/"


def test_platform_administrator_finds_an_institution_that_asks_to_join(world: World):
    assert go(signed_in(world, "platform_administrator"), "busan").url == "/institutions/busan/"


def test_same_id_in_two_studies_is_a_choice_unless_one_is_on_the_screen(world: World):
    boss = world.people["platform_administrator"]
    other = create_study(
        slug="sepsis", name="Sepsis", question="Who?", dictionary_csv=cohort.DICTIONARY, profile="N14_L9", by=boss
    )
    grant_role(user=world.people["project_administrator"], role=Role.PROJECT_ADMINISTRATOR, study=other, by=boss)
    job = world.jobs["failed"]
    job.pk, job.study, job.number = None, other, 1
    job.save()
    client = signed_in(world, "project_administrator")

    choice = go(client, "job-0001")

    assert choice.status_code == 200
    assert "2 matches" in choice.content.decode()
    assert go(client, "job-0001", study="sepsis").url == "/studies/sepsis/jobs/job-0001/"


def test_search_box_stands_on_every_page_of_somebody_signed_in(world: World):
    assert b'role="search"' in signed_in(world, "clinician").get("/studies/icu-death/results/").content
    assert b'role="search"' not in Client().get("/").content
