"""Shared fixtures. The insecure ring is registered once, before any test module is imported."""

import pytest

from tests import insecure

insecure.register()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Tests that commit empty the database after them, which the audit log's triggers would refuse."""
    from django.db import connection

    from hospitals import append_only

    with django_db_blocker.unblock():
        append_only.remove(connection)
