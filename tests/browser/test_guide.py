"""A stranger's way from "register our hospital" to a released result, each role played in turn, in real browsers."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hospitals.audit.models import AuditEvent
from hospitals.batches.models import Batch
from hospitals.institutions.models import Institution
from hospitals.keys.models import KeySet
from hospitals.people.models import User
from hospitals.studies.models import Study
from tests.browser import guide as steps
from tests.browser.conftest import signed_in
from tests.browser.guide import Guide
from tests.server.conftest import PASSPHRASE, admitted, custodian, sealed  # noqa: F401  fixtures
from tests.server.training import InProcessCustodian, deliver, run_to_end
from training.jobs.models import Job
from training.releases.models import Release

pytestmark = pytest.mark.browser
STUDY = "trial"
NAMES = {"north": "Seoul North Hospital", "south": "Busan Harbour Hospital", "west": "Daegu West Hospital"}


class CommandLine:
    """The custodian's own command line, the only one in the walk."""

    def __init__(self, custodian: InProcessCustodian, folder: Path) -> None:  # noqa: F811
        passphrase = folder / "passphrase"
        passphrase.write_text(PASSPHRASE)
        passphrase.chmod(0o600)
        self._options = ["--home", str(custodian.home.path), "--passphrase-file", str(passphrase)]

    def trust(self, fingerprint: str, institution: str) -> None:
        command = ["approvers", "trust", fingerprint, "--institution", institution, *self._options]
        run = [sys.executable, "-m", "tests.insecure", "hefed.custodian", *command]
        done = subprocess.run(run, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def named(admitted) -> None:  # noqa: F811
    """The server's three hospitals, with names for the pictures."""
    for slug, name in NAMES.items():
        Institution.objects.filter(slug=slug).update(name=name)
    Study.objects.update(name="Death within 30 days of surgery")


def test_stranger_gets_from_registration_to_a_released_result(
    browser: Browser,
    site: str,
    admin: User,
    named,
    custodian,  # noqa: F811
    broker,  # noqa: F811
    tmp_path: Path,
):
    guide, trust = Guide(browser, site), CommandLine(custodian, tmp_path).trust
    policy = custodian.home.policy
    policy.write_text(policy.read_text().replace('release = "automatic"', 'release = "approval"'))
    platform = guide.tab()
    signed_in(platform.context, site, admin)

    steps.registers(guide, guide.tab())
    steps.is_approved(guide, platform)
    manager = guide.invited(platform, STUDY, "alice@north.example.org", "Project administrator", NAMES["north"])
    steps.joins_the_study(guide, manager, STUDY)
    coordinator = guide.invited(manager, STUDY, "hana@jeju.example.org", "Coordinator", "Jeju Medical Center")
    steps.accepts_the_terms(guide, coordinator, STUDY)
    steps.compares_the_key(guide, coordinator, STUDY, KeySet.objects.get().fingerprint)
    steps.adds_patients(guide, coordinator, STUDY, tmp_path)
    deliver(broker)
    custodian.answer()
    assert Batch.objects.get(number=4).state == "admitted", Batch.objects.get(number=4).reason
    guide.go(coordinator, f"/studies/{STUDY}/data/batch-0004/")
    guide.picture(coordinator, "batch-admitted")

    steps.launches(guide, manager, STUDY)
    for _ in range(2):
        deliver(broker)
        custodian.answer()
    guide.picture(guide.go(manager, f"/studies/{STUDY}/jobs/job-0001/"), "job-under-way")
    job = run_to_end(Job.objects.get(), broker, custodian)
    assert job.state == "finished", job.reason
    ben = guide.invited(manager, STUDY, "ben@south.example.org", "Approver", NAMES["south"])
    mina = guide.invited(manager, STUDY, "mina@jeju.example.org", "Approver", "Jeju Medical Center")
    dana = guide.invited(manager, STUDY, "dana@west.example.org", "Clinician", NAMES["west"])
    guide.picture(guide.go(manager, f"/studies/{STUDY}/people/"), "people")
    trust(steps.makes_a_key(guide, manager), "north")
    trust(steps.makes_a_key(guide, ben, "approval-key"), "south")
    trust(steps.makes_a_key(guide, mina), "jeju")

    steps.asks_for_the_release(guide, manager, STUDY)
    custodian.answer()
    steps.approves(guide, ben, STUDY, "approve")
    custodian.answer()
    assert Release.objects.get().state == Release.State.COLLECTING
    assert "Sealed" in guide.go(dana, f"/studies/{STUDY}/results/job-0001/").inner_text("main")
    steps.approves(guide, mina, STUDY)
    custodian.answer()
    assert Release.objects.get().state == Release.State.PUBLISHED
    text = steps.reads_the_result(guide, dana, STUDY)

    assert "4 hospitals" in text
    assert "95 % interval" in text
    assert AuditEvent.objects.filter(action="release.published", target="release-0001").exists()
    assert guide.faults == []
