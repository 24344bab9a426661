"""The world of tests/pages with a sealed result, and people with keys."""

import pytest

from hospitals.people.models import User
from tests.pages import release_scene
from tests.pages.conftest import empty, made_once, world
from tests.pages.factory import World
from training.jobs.models import Job
from training.releases.models import Release
from training.releases.services import withdraw_release

__all__ = ["empty", "made_once", "world"]


@pytest.fixture
def alice(world: World) -> User:
    """Asks, for Seoul."""
    return world.people["project_administrator"]


@pytest.fixture
def finn(world: World) -> User:
    """Approves, for Daegu."""
    return world.people["approver"]


@pytest.fixture
def gina(world: World) -> User:
    """Approves, for Jeju."""
    return world.people["second_approver"]


@pytest.fixture
def hana(world: World) -> User:
    """Approves for Seoul, as the requester's colleague."""
    user = release_scene.add_approver(world, world.people["stranger"], "seoul")
    release_scene.register(user)
    return user


@pytest.fixture
def job(world: World, alice: User) -> Job:
    """Finished and sealed, with no open release."""
    withdraw_release(release=Release.objects.get(state__in=Release.OPEN), reason="For the test.", by=alice)
    return Job.objects.get(pk=world.jobs["sealed"].pk)


@pytest.fixture
def release(job: Job, alice: User) -> Release:
    """Everything of the job, asked for and signed."""
    return release_scene.ask(job, alice)
