"""The full world, made once for each module and handed to its tests in a transaction that is rolled back."""

import copy
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from tests.pages import factory


@pytest.fixture(scope="module")
def made_once(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[factory.World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield factory.full_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(made_once: factory.World, db: None) -> factory.World:
    """A copy: a test may change the rows and the objects that stand for them."""
    return copy.deepcopy(made_once)


@pytest.fixture
def empty(db: None) -> factory.World:
    return factory.empty_world()


def signed_in(world: factory.World, role: str) -> Client:
    client = Client()
    client.force_login(world.people[role])
    return client
