"""How often a page asks the database: within its budget for every role and scene, and the same thing never twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hospitals.batches.models import Batch
from hospitals.keys.models import KeySet
from hospitals.people.models import Role
from hospitals.people.permissions import allows
from hospitals.studies.models import Study
from hospitals.studies.terms import publish_terms
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.pages.share_scene import ask_agents, share_key
from tests.pages.test_access import PLATFORM, SIGNED_IN, STUDY, WRITES, address
from training.jobs.models import CustodianRequest, Job

# Session, person, memberships and second factor are four; a platform administrator's studies make it six.
BUDGETS = {
    "today": 20,
    "today-count": 19,
    "study": 18,
    "set-up": 17,
    "launch-form": 17,
    "launch-estimate": 15,
    "keys": 16,
    "job": 17,
    "job-live": 16,
    "result": 19,
    "results": 18,
    "release": 21,
    "releases": 15,
    "chart-csv": 14,
    "chart-json": 14,
    "edit-dictionary": 13,
    "requests": 13,
    "table-one-csv": 12,
}
ANY_OTHER = 11
DEPENDS_ON_THE_SCENE = (
    *("today", "today-count", "study", "set-up", "launch-form", "launch-estimate", "keys", "terms", "batches"),
    *("jobs", "requests", "results", "releases", "ask-form", "edit-dictionary"),
)
OBJECTS = {
    "job": ("job-0001", "job-0003", "job-0005", "job-0006", "job-0007"),
    "job-live": ("job-0005", "job-0006"),
    "result": ("job-0001", "job-0007"),
    "batch": ("batch-0002", "batch-0004"),
    "release": ("release-0001", "release-0002"),
    "release-preview": ("release-0002",),
}


def draft(world: World) -> None:
    """Nothing is published yet, and nobody decided who holds the key."""
    world.study.dictionary_versions.all().delete()
    Study.objects.update(state=Study.State.DRAFT)


def set_up(world: World) -> None:
    """Terms to accept, hospitals that shall hold the key together, no key."""
    publish_terms(study=world.study, text="Patients stay ours.", by=world.people["project_administrator"])
    Study.objects.update(key_parties=3, key_threshold=2)


def batches_in(world: World) -> None:
    CustodianRequest.objects.all().delete()
    for job in Job.objects.all():
        job.releases.all().delete()
        job.delete()


def running(world: World) -> None:
    """The full world: jobs in every state, requests and a release that wait."""


def blocked(world: World) -> None:
    """An expired key that nobody confirmed, no patients in the pool, a custodian that never called."""
    Study.objects.update(set_up_by_script=False)
    KeySet.objects.update(expires_at=timezone.now() - timedelta(days=1))
    Batch.objects.filter(state=Batch.State.ADMITTED).update(state=Batch.State.OUTDATED)
    world.study.apitoken_set.update(last_used_at=None)


def shared(world: World) -> None:
    share_key(world)
    ask_agents(world)


Scene = Callable[[World], None]
EMPTY: tuple[Scene, ...] = (draft, set_up)
FULL: tuple[Scene, ...] = (batches_in, running, blocked, shared)


def addresses(role: Role, scene: Scene) -> Iterator[tuple[str, str]]:
    """What the role may read, with the objects that the scene holds."""
    for name in sorted((set(STUDY) | PLATFORM | SIGNED_IN) - WRITES):
        allowed = allows(STUDY[name], [role]) if name in STUDY else name in SIGNED_IN or role in PLATFORM_ROLES
        if allowed and (name in DEPENDS_ON_THE_SCENE or scene in (running, shared)):
            objects = OBJECTS.get(name, ())
            yield from ((name, reverse(name, args=["icu-death", one])) for one in objects)
            yield from () if objects else ((name, address(name)),)


PLATFORM_ROLES = (Role.PLATFORM_ADMINISTRATOR,)


def asked(client: Client, url: str) -> list[str]:
    """Every statement with its parameters, without the savepoints of the test around it."""
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]


def faults(world: World, role: Role, scene: Scene) -> dict[str, str]:
    found, client = {}, signed_in(world, str(role))
    for name, url in addresses(role, scene):
        queries = asked(client, url)
        again = [sql for sql, n in Counter(queries).items() if n > 1]
        if again or len(queries) > BUDGETS.get(name, ANY_OTHER):
            found[url] = f"{len(queries)} queries; asked again: {again}"
    return found


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scene", EMPTY, ids=lambda scene: scene.__name__)
def test_page_of_a_new_study_keeps_to_its_budget_and_asks_nothing_twice(empty: World, role: Role, scene: Scene):
    scene(empty)

    assert faults(empty, role, scene) == {}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scene", FULL, ids=lambda scene: scene.__name__)
def test_page_of_a_study_in_use_keeps_to_its_budget_and_asks_nothing_twice(world: World, role: Role, scene: Scene):
    scene(world)

    assert faults(world, role, scene) == {}


def test_other_studies_cost_today_nothing(world: World):
    client, before = signed_in(world, "approver"), reverse("today", args=["icu-death"])
    alone = len(asked(client, before))
    for number in range(3):
        other = Study.objects.create(slug=f"other-{number}", name=f"Other {number}", profile="N14_L9")
        world.people["approver"].memberships.create(study=other, role=Role.CLINICIAN)

    assert len(asked(client, before)) == alone


def test_more_batches_and_jobs_cost_a_page_nothing(world: World):
    client = signed_in(world, "project_administrator")
    pages = ("today", "study", "batches", "jobs", "launch-form", "results")
    before = {name: len(asked(client, address(name))) for name in pages}
    for batch in list(Batch.objects.filter(state=Batch.State.QUARANTINED)) * 3:
        batch.pk, batch.number = None, Batch.objects.count() + 1
        batch.save()
    for number in range(3):
        Job.objects.create(
            study=world.study,
            number=100 + number,
            key_set=KeySet.objects.get(),
            launched_by=world.people["project_administrator"],
        )

    assert {name: len(asked(client, address(name))) for name in pages} == before
