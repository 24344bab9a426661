"""Asking for a release: who may, what is signed, what a change does."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.signing import SignatureInvalid
from hefed.core.words import Said
from hospitals.audit.models import AuditEvent
from hospitals.people.models import Membership, User
from hospitals.people.permissions import Forbidden
from tests.pages.release_scene import approve, ask, keys_of, register, signed, until, wish
from tests.words.raises import says
from training.jobs.models import Job
from training.releases.models import ApproverKey, Release
from training.releases.publication import register_key
from training.releases.selectors import approvals_of, current_version
from training.releases.services import (
    change_release,
    comment_on_release,
    draft_release,
    expire_releases,
    reject_release,
    sign_request,
    withdraw_release,
)


def actions(release: Release) -> list[str]:
    rows = AuditEvent.objects.filter(target=release.name, action__startswith="release.").order_by("number")
    return list(rows.values_list("action", flat=True))


def test_request_counts_only_when_signed(job: Job, alice: User):
    release = draft_release(job=job, wish=wish("metrics"), by=alice)
    assert release.state == Release.State.DRAFT

    version = sign_request(release=release, statement=signed(current_version(release), "request", alice), by=alice)

    assert (version.release.state, version.key.user) == (Release.State.COLLECTING, alice)
    assert actions(release) == ["release.drafted", "release.requested"]


def test_mail_goes_to_approvers_of_other_institutions(
    job: Job, alice: User, hana: User, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        release = ask(job, alice, "metrics")

    assert {address for letter in mail.outbox for address in letter.to} == {"finn@example.org", "gina@example.org"}
    assert f"/studies/icu-death/releases/{release.name}/" in mail.outbox[0].body
    assert "Metrics, overall and per hospital" in mail.outbox[0].body


def test_signature_of_something_else_is_refused_by_what_differs(job: Job, alice: User):
    release = draft_release(job=job, wish=wish("metrics"), by=alice)
    version = current_version(release)
    for field, value in {"version": 2, "digest": "ab" * 32, "job": "job-0001"}.items():
        with says("approvals.signature_differs", SignatureInvalid, fields=(field,)):
            sign_request(release=release, statement=signed(version, "request", alice, **{field: value}), by=alice)
    with says("approvals.signature_differs", SignatureInvalid, fields=("says",)):
        sign_request(release=release, statement=signed(version, "approve", alice), by=alice)
    release.refresh_from_db()
    assert release.state == Release.State.DRAFT


def test_signature_by_somebody_elses_key_is_refused(job: Job, alice: User, finn: User):
    release = draft_release(job=job, wish=wish("metrics"), by=alice)

    with says("protocol.statement_signature", SignatureInvalid):
        sign_request(release=release, statement=signed(current_version(release), "request", finn), by=alice)


def test_requester_needs_an_institution_and_a_key(job: Job, alice: User):
    ApproverKey.objects.filter(user=alice).update(retired_at="2026-01-01T00:00Z")
    with says("approvals.asks_without_key", Conflict):
        draft_release(job=job, wish=wish(), by=alice)

    Membership.objects.filter(user=alice).update(institution=None)
    with says("approvals.asks_for_none", Forbidden):
        draft_release(job=job, wish=wish(), by=alice)


def test_a_job_has_one_open_release(job: Job, alice: User, release: Release):
    with says("approvals.open_already", Conflict, release=release.name):
        draft_release(job=job, wish=wish("metrics"), by=alice)


def test_only_sealed_items_within_reach_are_asked_for(job: Job, alice: User):
    with says("approvals.items_not_sealed", BadInput):
        draft_release(job=job, wish=wish("names"), by=alice)
    with says("approvals.date_too_far", BadInput, days=90):
        draft_release(job=job, wish=wish("metrics", days=91), by=alice)
    with says("approvals.date_too_far", BadInput, days=90):
        draft_release(job=job, wish=wish("metrics", days=0), by=alice)
    with says("approvals.text_length", BadInput, what=Said("approvals.the_reason")):
        draft_release(job=job, wish=wish("metrics", why="  "), by=alice)


def test_change_is_a_new_version_without_signatures(release: Release, alice: User, gina: User, finn: User):
    approve(release, gina)
    before = current_version(release)

    version = change_release(release=release, wish=wish("metrics", "curves"), by=alice)

    release.refresh_from_db()
    assert (release.state, version.number, version.statement) == (Release.State.DRAFT, 2, "")
    assert version.digest != before.digest
    assert approvals_of(version) == []
    assert [row.user for row in approvals_of(before)] == [gina]  # kept, to tell what was signed


def test_signature_of_the_version_before_does_not_do_for_the_next(release: Release, alice: User):
    old = signed(current_version(release), "request", alice)
    change_release(release=release, wish=wish(), by=alice)

    with says("approvals.signature_differs", SignatureInvalid, fields=("version",)):
        sign_request(release=release, statement=old, by=alice)


def test_another_administrator_signs_only_what_she_wrote(release: Release, alice: User, world):
    dana = world.people["clinician"]
    Membership.objects.filter(user=dana).update(role="project_administrator", institution=world.hospitals["jeju"])
    register(dana)
    change_release(release=release, wish=wish("metrics"), by=alice)
    release.refresh_from_db()

    with says("approvals.not_requester", Forbidden, who="Alice Kim"):
        sign_request(release=release, statement=signed(current_version(release), "request", dana), by=dana)

    version = change_release(release=release, wish=wish("metrics"), by=dana)
    assert version.institution == world.hospitals["jeju"]


def test_rejection_and_withdrawal_end_it_with_a_reason(job: Job, release: Release, alice: User, gina: User):
    with says("approvals.text_length", BadInput, what=Said("approvals.the_reason")):
        reject_release(release=release, reason=" ", by=gina)

    ended = reject_release(release=release, reason="A small group can be recognised.", by=gina)

    assert (ended.state, ended.ended_by, ended.reason) == ("rejected", gina, "A small group can be recognised.")
    with says("server.no_move_left", Conflict, thing=release.name, old=Said("server.state_rejected")):
        change_release(release=release, wish=wish(), by=alice)
    again = ask(job, alice)
    assert withdraw_release(release=again, reason="The job is run again.", by=alice).state == "withdrawn"


def test_requester_is_told_by_mail_why_it_ended(release: Release, gina: User, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        reject_release(release=release, reason="A small group can be recognised.", by=gina)

    (letter,) = mail.outbox
    assert letter.to == ["alice@example.org"]
    assert letter.subject == f"HEFed: {release.name}: Rejected"
    assert "A small group can be recognised." in letter.body


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "published", "ended_at": "2026-01-01T00:00Z"},  # without the numbers
        {"state": "rejected", "ended_at": "2026-01-01T00:00Z"},  # without reason and person
        {"state": "expired"},  # without its time
        {"publication": {"items": []}},  # numbers of an open release
    ],
)
def test_database_refuses_states_that_tell_half_a_story(release: Release, changes: dict[str, object]):
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(**changes)


def test_open_release_expires_with_its_date(release: Release):
    expire_releases()
    assert Release.objects.get(pk=release.pk).state == Release.State.COLLECTING

    release.versions.update(expires_on=until(-1))
    expire_releases()

    assert Release.objects.get(pk=release.pk).state == Release.State.EXPIRED
    assert actions(release)[-1] == "release.expired"


def test_comment_is_kept_and_the_log_holds_only_that_it_was_said(release: Release, gina: User):
    comment_on_release(release=release, text="Which journal?", by=gina)

    event = AuditEvent.objects.get(action="release.commented", target=release.name)
    assert event.details == {"job": release.job.name, "characters": 14}


def test_key_is_registered_once_and_belongs_to_one_person(world, alice: User):
    dana = world.people["clinician"]
    register(dana)
    register(dana)
    assert ApproverKey.objects.filter(user=dana).count() == 1

    with says("approvals.key_of_another", Conflict):
        register_key(key=keys_of(alice.username).message, by=dana)


def test_new_key_retires_the_old_one_and_voids_its_open_approvals(release: Release, gina: User):
    approve(release, gina)
    new = keys_of("gina's new laptop").message

    register_key(key=new, by=gina)

    assert [key.fingerprint for key in ApproverKey.objects.filter(user=gina, retired_at=None)] == [new.fingerprint]
    assert approvals_of(current_version(release)) == []
    assert "release.approval_voided" in actions(release)
    with says("approvals.key_replaced", Conflict):
        register(gina)
