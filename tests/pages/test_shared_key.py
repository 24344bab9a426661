"""Who holds shares, who opened a round, who has not answered: on the Keys page and on a job's page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hospitals.keys.models import KeySet
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.pages.share_scene import share_key

STUDY = "icu-death"


@pytest.fixture
def shared(world: World) -> KeySet:
    return share_key(world)


def text(client: Client, name: str, *args: str) -> str:
    response = client.get(reverse(name, args=[STUDY, *args]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_keys_page_says_that_nobody_holds_the_key_and_how_many_shares_may_be_lost(world: World, shared: KeySet):
    page = text(signed_in(world, "coordinator"), "keys")

    assert "Any 2 of these 3 hospitals open together; fewer read nothing." in page
    assert "1 share may be lost." in page
    assert "nobody. 3 hospitals hold a share each, and any 2 of them open together." in page
    assert page.count("answers with its share; opens nothing alone") == 2
    assert "none yet" in page


def test_keys_page_of_a_single_custodian_says_nothing_of_shares(world: World):
    page = text(signed_in(world, "coordinator"), "keys")

    assert "hold a share" not in page
    assert "the custodian alone, sealed with a pass phrase" in page


def test_keys_page_says_what_to_do_when_shares_have_expired(world: World, shared: KeySet):
    yesterday = timezone.now().date() - timedelta(days=1)
    shared.sharing["expires_on"] = yesterday.isoformat()
    shared.save()

    page = text(signed_in(world, "custodian"), "keys")

    assert "The shares have expired" in page
    assert "They renew their shares with <code>python -m hefed.custodian reshare</code>" in page


def test_job_page_names_who_opened_each_round_and_whose_answer_was_wrong(world: World, shared: KeySet):
    names = [world.hospitals[slug].name for slug in ("seoul", "daegu", "jeju")]
    pages = [text(signed_in(world, "project_administrator"), "job", job.name) for job in world.jobs.values()]

    assert any(f"opened by {names[0]}, {names[1]}" in page for page in pages)
    assert any(f"wrong answer: {names[2]}" in page for page in pages)


def test_job_page_that_waits_says_who_has_answered_and_who_has_not(world: World, shared: KeySet):
    names = [world.hospitals[slug].name for slug in ("seoul", "daegu", "jeju")]
    pages = [text(signed_in(world, "project_administrator"), "job", job.name) for job in world.jobs.values()]
    (waiting,) = [page for page in pages if "Answered with a share" in page]

    assert f"Answered with a share: {names[1]}" in waiting
    assert f"No answer yet: {names[2]}" in waiting
