"""``manage.py audit verify --ledger`` holds publications in the log against those in the custodian's ledger."""

import hashlib
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from hefed.core.words import Said
from hefed.custodian.keeping.ledger import Entry, Ledger
from hospitals.people.models import User
from tests.pages.factory import World
from tests.pages.release_scene import CUSTODIAN, approve, publication
from tests.words.raises import pattern, text
from training.jobs.models import CustodianRequest
from training.releases.models import Release
from training.releases.publication import publish_release
from training.releases.selectors import current_version


@pytest.fixture
def published(world: World, release: Release, finn: User, gina: User) -> Release:
    CustodianRequest.objects.all().delete()  # answers of the made world are in no ledger
    for user in (finn, gina):
        approve(release, user)
    return publish_release(release=release, publication=publication(current_version(release)), by=CUSTODIAN)


def released(digest: str) -> Said:
    people = {"requester": "a", "approvers": ("b", "c"), "agents": ()}
    return Said("keeping.rule_release", digest=digest, version=1, items=("coefficients",), **people)


def entry(release: Release, **changes: object) -> Entry:
    """As hefed.custodian.releases.publishing writes it."""
    version = current_version(release)
    digest = hashlib.sha256(publication(version).model_dump_json().encode()).hexdigest()
    rule = released(version.digest)
    fields = {"event": "release", "request": release.name, "job": release.job.name, "answer_sha256": digest}
    return Entry.model_validate({**fields, "rule": rule, **changes})


def verify(folder: Path, *entries: Entry) -> None:
    path = folder / "ledger.jsonl"
    book = Ledger(path, b"k" * 32)
    for one in entries:
        book.append(one)
    call_command("audit", "verify", ledger=path, study="icu-death")


def test_publication_that_both_know_passes(published: Release, tmp_path: Path, capsys):
    verify(tmp_path, entry(published))

    assert text("audit.same_as_ledger", answers=0, publications=1) in capsys.readouterr().out


def test_publication_in_the_sentence_of_an_earlier_version_passes(published: Release, tmp_path: Path, capsys):
    sentence = f"digest {current_version(published).digest}; version 1; items coefficients; asked by a; approved by b"
    verify(tmp_path, entry(published, rule=sentence))

    assert text("audit.same_as_ledger", answers=0, publications=1) in capsys.readouterr().out


def test_publication_that_the_custodian_never_sent_is_found(published: Release, tmp_path: Path):
    with pytest.raises(CommandError, match=pattern("audit.publication_not_sent", release=published.name)):
        verify(tmp_path, Entry(event="started"))


def test_publication_that_the_servers_log_hides_is_found(release: Release, tmp_path: Path):
    with pytest.raises(CommandError, match=pattern("audit.publication_unknown", release=release.name)):
        verify(tmp_path, entry(release))


def test_publication_that_the_server_refused_need_not_be_in_its_log(release: Release, tmp_path: Path, capsys):
    verify(tmp_path, entry(release), entry(release, event="conflict", rule="it was withdrawn"))

    assert text("audit.same_as_ledger", answers=0, publications=1) in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [{"job": "job-0001"}, {"request": "release-0009"}, {"rule": released("ab")}, {"rule": "digest ab; version 1"}],
)
def test_publication_told_differently_is_found(published: Release, tmp_path: Path, change: dict[str, str]):
    with pytest.raises(CommandError, match=pattern("audit.other_release")):
        verify(tmp_path, entry(published, **change))
