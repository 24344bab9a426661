"""The full world, made once for each module and handed to its tests in a transaction that is rolled back."""

import copy
import time
from collections.abc import Iterator

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
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
    """Somebody who has just confirmed the password again, as making tokens and invitations asks."""
    client = Client()
    client.force_login(world.people[role])
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(world.people[role].pk)
    session.save()
    return client
