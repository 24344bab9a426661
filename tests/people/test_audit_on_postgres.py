"""The audit log on a real PostgreSQL server: triggers of the migration, writers at once, a forger with all rights."""

import json
import os
import subprocess
import sys

import pytest

from tests.people.audit_on_postgres import ATTACKS, EACH, WRITERS
from tests.postgres import postgres_server


@pytest.fixture(scope="module")
def found() -> dict[str, object]:
    with postgres_server() as url:
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        words = [sys.executable, "-m", "tests.people.audit_on_postgres"]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("attack", ATTACKS)
def test_postgresql_refuses_to_change_the_log(found: dict, attack: str):
    assert found["vendor"] == "postgresql"
    assert "append-only" in found["attacks"][attack]


def test_writers_at_once_leave_one_whole_chain(found: dict):
    assert found["events"] == 3 + WRITERS * EACH
    assert found["broken"] is None


def test_forger_who_drops_the_trigger_is_found_by_the_chain(found: dict):
    assert found["forged"] == 2
