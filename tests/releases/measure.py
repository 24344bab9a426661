"""Seconds of the ways that govern a study: ``python -m tests.releases.measure [--events 10000]``; prints JSON.

A custodian's directory with keys of the product's size is made, backed up and restored by its own command line. A
sealed result of the demonstration's size (31 columns, three hospitals) is asked for, previewed, approved twice and
published through the server's API, in this process: what people read and decide takes no time here. Then the audit log
is checked.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

PASSPHRASE = "four quiet words here"
STUDY = "icu-death"
FEATURES = 30
seconds: dict[str, float] = {}
sizes: dict[str, int] = {}


@contextmanager
def timed(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[what] = round(time.perf_counter() - start, 3)


class Custody:
    """One custodian's directory and its command line."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "custodian"
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE)
        self.passphrase.chmod(0o600)

    def run(self, *words: str) -> None:
        command = [sys.executable, "-m", "hefed.custodian", *words, "--passphrase-file", str(self.passphrase)]
        subprocess.run(command, check=True, capture_output=True)

    def measure(self) -> None:
        """Whole commands, start of Python included."""
        backup = self.folder / "backup.hefed"
        with timed("init: keys of N14_L9, vault"):
            self.run("init", "--home", str(self.home), "--study", STUDY, "--profile", "N14_L9")
        with timed("vault backup"):
            self.run("backup", "--home", str(self.home), "--out", str(backup))
        with timed("vault restore on an empty machine"):
            self.run("restore", "--home", str(self.folder / "restored"), "--from", str(backup))
        sizes["backup, bytes"] = backup.stat().st_size


def demonstration() -> None:
    """The scene's patients get as many columns as the demonstration's."""
    from tests.pages import cohort

    head = cohort.DICTIONARY.splitlines()[:3]
    cohort.DICTIONARY = "\n".join([*head, *(f"v{n},V{n},feature,continuous,u,,0,1,," for n in range(FEATURES))]) + "\n"
    cohort.BETA = (-1.0, *((-1) ** n * 0.02 * (n % 7) for n in range(FEATURES)))


def release(custody: Custody) -> None:
    from hefed.custodian.keeping.opened import open_custodian
    from hefed.custodian.keeping.records import SealedRecord
    from hefed.custodian.keeping.store import Home
    from hefed.custodian.keeping.vault import open_vault
    from hefed.custodian.releases.publishing import Releases
    from hefed.custodian.releases.votes import trust
    from hospitals.people.tokens import issue_token
    from tests.pages import release_scene as scene
    from tests.pages.factory import full_world
    from tests.server.training import client_of
    from training.releases.models import Release
    from training.releases.services import reject_release

    demonstration()
    world = full_world()
    alice, finn, gina = (world.people[who] for who in ("project_administrator", "approver", "second_approver"))
    reject_release(release=Release.objects.get(number=2), reason="Measured anew.", by=gina)
    home = Home(custody.home)
    vault = open_vault(home.vault, PASSPHRASE)
    for user, institution in ((alice, "seoul"), (finn, "daegu"), (gina, "jeju")):
        trust(home, vault, scene.keys_of(user.username).message.fingerprint, institution=institution, name=str(user))
    _, token = issue_token(name="measured", study=world.study, by=world.people["custodian"])
    custodian, job = open_custodian(home, vault), world.jobs["sealed"]
    kept = SealedRecord(
        request="request-0042", job=job.name, items=list(scene.opened_items()), notes=scene.opened_notes()
    )
    custodian.store.keep_sealed(kept)
    releases = Releases(home, STUDY, custodian.store, custodian.ledger, client_of(token))

    with timed("release, from the request to the published result"):
        with timed("of which: request, signed"):
            asked = scene.ask(job, alice)
        with timed("of which: the custodian checks, encrypts two previews"):
            releases.look()
        with timed("of which: two approvals, signed"):
            for user in (finn, gina):
                scene.approve(asked, user)
        with timed("of which: the custodian checks, publishes; the server checks the commitments"):
            releases.look()
    asked.refresh_from_db()
    assert asked.state == Release.State.PUBLISHED, asked.state
    sizes["published, bytes"] = len(json.dumps(asked.publication))


def audit(events: int) -> None:
    from django.core.management import call_command
    from django.db import transaction

    from hospitals.audit.models import AuditEvent
    from hospitals.audit.record import System, record

    before = AuditEvent.objects.count()
    with transaction.atomic():
        for number in range(events - before):
            record("request.answered", f"request-{number:06d}", details={"rows": number}, by=System("measurement"))
    with timed(f"audit verify, {events} events"):
        call_command("audit", "verify", stdout=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000)
    events = parser.parse_args().events
    django.setup()
    setup_test_environment()
    databases: Any = setup_databases(verbosity=0, interactive=False)
    with tempfile.TemporaryDirectory() as folder:
        custody = Custody(Path(folder))
        custody.measure()
        release(custody)
    audit(events)
    teardown_databases(databases, verbosity=0)
    sys.stdout.write(json.dumps({"seconds": seconds, "sizes": sizes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
