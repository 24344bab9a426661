"""Hospitals approve a release at their own programs: real agents and commands, the real server, a real ceremony."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from typer.testing import CliRunner

from hefed.core.protocol.releases import OpenedItem, commit
from hefed.core.protocol.results import SealedResult
from hefed.core.words import Said
from hefed.custodian.__main__ import app
from hefed.custodian.commands import releases as release_commands
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.records import SealedRecord, TrustRecord
from hospitals.audit.models import AuditEvent
from hospitals.audit.selectors import differences, read_ledger
from hospitals.people.models import Role, User
from hospitals.people.tokens import issue_token
from hospitals.studies.models import Study
from hospitals.studies.services import grant_role
from tests.pages import release_scene
from tests.server.conftest import PASSPHRASE
from tests.server.test_shares import Agents, agents
from tests.server.training import client_of
from tests.words.raises import holds, text
from training.jobs.models import Job
from training.releases.models import Release
from training.releases.selectors import current_version
from training.results.selectors import result_of
from training.results.services import seal_result

__all__ = ["agents"]
Run = Callable[..., str]
PEOPLE = {
    "alice": (Role.PROJECT_ADMINISTRATOR, "north"),
    "finn": (Role.APPROVER, "south"),
    "gina": (Role.APPROVER, "west"),
}


@pytest.fixture
def people(agents: Agents, study: Study, admin: User) -> dict[str, User]:
    """Three people with keys that the lead vouches for."""
    found = {}
    for name, (role, slug) in PEOPLE.items():
        user = User.objects.create_user(username=name, email=f"{name}@hefed.invalid")
        grant_role(user=user, role=role, study=study, institution=study.institutions.get(slug=slug), by=admin)
        release_scene.register(user)
        fingerprint = release_scene.keys_of(name).message.fingerprint
        record = TrustRecord(fingerprint=fingerprint, institution=slug, name=name, trusted_at="2026-11-24")
        agents.holders[0].custodian.store.trust(record)
        found[name] = user
    return found


@pytest.fixture
def release(agents: Agents, study: Study, admin: User, people: dict[str, User]) -> Release:
    """A result that the lead holds sealed; its release has the people's signatures, and asks two hospitals' agents."""
    Study.objects.filter(pk=study.pk).update(agents_must_approve=2)
    job = Job.objects.create(study=study, number=1, key_set=study.key_sets.get(), launched_by=admin)
    items = _items()
    _seal(job, items)
    notes = {"metrics": ["Counts of 1 to 7 are suppressed."]}
    sealed = SealedRecord(request=job.sealed.request, job=job.name, items=items, notes=notes)
    agents.holders[0].custodian.store.keep_sealed(sealed)
    release = release_scene.ask(job, people["alice"])
    for name in ("finn", "gina"):
        release_scene.approve(release, people[name])
    return release


def _seal(job: Job, items: list[OpenedItem]) -> None:
    sealed = SealedResult(items=[item.commitment() for item in items])
    with transaction.atomic():
        seal_result(job=job, request="request-0042", sealed=sealed, by=release_scene.CUSTODIAN)
    Job.objects.filter(pk=job.pk).update(state=Job.State.FINISHED, finished_at=timezone.now())


def _items() -> list[OpenedItem]:
    """Of this study's hospitals."""
    names = {"seoul": "north", "daegu": "south", "jeju": "west"}
    texts = {item.item: item.text for item in release_scene.opened_items()}
    renamed = {item: re.sub("|".join(names), lambda found: names[found[0]], text) for item, text in texts.items()}
    return [commit(item, json.loads(text)) for item, text in renamed.items()]


@pytest.fixture
def run(agents: Agents, study: Study, admin: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command at the hospital of that place, against this server."""
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE + "\n")
    _, token = issue_token(name="command", study=study, by=admin)
    monkeypatch.setattr(release_commands, "connect", lambda *_: client_of(token))

    def command(point: int, *words: str, answers: str = "", fails: str = "") -> str:
        home = agents.holders[point - 1].custodian.home.path
        given = ["releases", *words, "--home", str(home), "--passphrase-file", str(secret)]
        result = CliRunner().invoke(app, given, input=answers, env={"COLUMNS": "300"})
        shown = " ".join(result.output.replace("│", " ").split())
        assert result.exit_code == (1 if fails else 0), shown
        assert fails in shown, shown
        return shown

    return command


def test_two_hospitals_read_and_approve_at_their_own_programs_and_then_it_is_published(
    agents: Agents, run: Run, release: Release
) -> None:
    run(2, "show", release.name, fails=text("releases.no_preview_yet", release=release.name))
    agents.poll(1)
    assert f"{release.name} 1 job-0001" in (listed := run(2, "list"))
    assert "0 of 2 waits for you" in listed
    shown = run(2, "show", release.name)
    assert "0.7187 0.6641 to 0.7733" in shown
    assert "Counts of 1 to 7 are suppressed." in shown
    (digest,) = re.findall(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", shown)
    assert digest.replace(" ", "") == current_version(release).digest

    run(
        2,
        "approve",
        release.name,
        "--expect",
        "0" * 64,
        fails=text("commands.digest_not_expected", release=release.name, digest=digest[:19]),
    )
    assert "South hospital approved release-0001 version 1." in run(2, "approve", release.name, "--expect", digest)
    run(3, "reject", release.name, "--reason", "A ward of ours is visible.")
    agents.poll(1)
    approved = Said("releases.agents_approved", count=1, needed=2, names=("South hospital",))
    rejected = Said("releases.rejected_by", hospital="West hospital", reason="A ward of ours is visible.")
    assert current_version(release).reasons == [Said("releases.agents_waiting", parts=(approved, rejected)).to_json()]
    assert result_of(release.job) is None

    run(1, "approve", release.name, answers="n\n", fails=text("commands.release_not_confirmed", release=release.name))
    run(1, "approve", release.name, answers="y\n")
    agents.poll(1)
    release.refresh_from_db()
    assert release.state == Release.State.PUBLISHED
    assert set(result_of(release.job).metrics) == {"pooled", "north", "south", "west"}
    (line,) = [line for line in read_lines(agents.holders[0].custodian.home.ledger) if line.event == "release"]
    assert holds(line.rule, "keeping.rule_release", agents=("north", "south"))
    assert "No release waits" in run(2, "list")


def test_every_hospitals_ledger_tells_the_same_as_the_audit_log(
    agents: Agents, run: Run, release: Release, study: Study
):
    agents.poll(1)
    for point in (1, 2, 2):  # said again: one line, one event
        run(point, "approve", release.name, answers="y\n")
    agents.poll(1)
    for point in (1, 2):
        home = agents.holders[point - 1].custodian.home
        assert [line.outcome for line in read_lines(home.ledger) if line.event == "release-verdict"] == ["approve"]
        assert differences(study, read_ledger(home.ledger.read_text().splitlines())) == []
    assert AuditEvent.objects.filter(action="release.agent-approved").count() == 2
    south = read_ledger(agents.holders[1].custodian.home.ledger.read_text().splitlines())
    (verdict,) = south.verdicts.values()
    south.verdicts["0" * 64] = verdict
    assert differences(study, south) == [Said("audit.verdict_unknown", release="release-0001", verdict="approve")]


def test_a_no_after_which_the_server_takes_no_yes_is_on_the_hospitals_ledger(
    agents: Agents, run: Run, release: Release
) -> None:
    agents.poll(1)
    run(3, "reject", release.name, "--reason", " ", fails="who rejects says why")
    run(3, "reject", release.name, "--reason", "Wait for the ethics committee.")
    run(
        3,
        "approve",
        release.name,
        answers="y\n",
        fails=text("approvals.verdict_final", name=release.name, hospital="West hospital", number=1),
    )
    lines = list(read_lines(agents.holders[2].custodian.home.ledger))[-3:]
    assert [(line.event, line.outcome) for line in lines] == [
        ("release-verdict", "reject"),
        ("release-verdict", "approve"),
        ("verdict-refused", "approve"),
    ]


def test_releases_that_nobody_asked_about_or_a_single_custodians_directory_are_refused(
    agents: Agents, run: Run, release: Release, tmp_path: Path
) -> None:
    run(2, "show", "release-0009", fails=text("releases.waits_for_no_hospital", release="release-0009"))
    home = agents.holders[1].custodian.home.path
    home.joinpath("sharing.json").unlink()
    run(2, "list", fails=text("releases.no_share", path=str(home)))
