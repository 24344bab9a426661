"""Approving: two institutions other than the requester's, each with a signature that verifies."""

import pytest
from django.db import IntegrityError, transaction

from hefed.core.errors import Conflict
from hefed.core.protocol.releases import sign, signer_of, verify
from hefed.core.protocol.signing import SignatureInvalid
from hefed.core.words import Said
from hospitals.audit.models import AuditEvent
from hospitals.institutions.services import suspend_institution
from hospitals.people.models import User
from hospitals.people.permissions import Forbidden
from tests.pages import release_scene
from tests.pages.release_scene import approve, keys_of, register, signed, until
from tests.words.raises import says
from training.releases.models import Release, ReleaseApproval
from training.releases.publication import approve_release, why_not_approve
from training.releases.selectors import (
    approvals_of,
    approver_messages,
    current_version,
    readers_of,
    release_tasks,
    statement_for,
)


def test_approval_keeps_the_signature_as_it_came(release: Release, gina: User):
    version = current_version(release)
    text = signed(version, "approve", gina)

    approval = approve_release(release=release, statement=text, by=gina)

    assert approval.statement == text
    event = AuditEvent.objects.get(action="release.approved", target=release.name)
    assert (event.institution, event.details["digest"]) == ("jeju", version.digest)


def test_requesters_own_institution_cannot_approve(release: Release, hana: User):
    with says("approvals.own_request", Forbidden):
        approve(release, hana)
    assert why_not_approve(current_version(release), hana) == Said("approvals.own_request", name=release.name)


def test_approver_of_two_institutions_is_not_independent_of_either(release: Release, gina: User, world):
    release_scene.add_approver(world, gina, "seoul")

    with says("approvals.own_request", Forbidden):
        approve(release, gina)
    assert [key.user for key, _ in readers_of(current_version(release))] == [world.people["approver"]]


def test_approver_of_a_suspended_institution_does_not_count(release: Release, gina: User, world):
    suspend_institution(institution=world.hospitals["jeju"], reason="Audit.", by=gina)

    with says("approvals.for_none", Forbidden):
        approve(release, gina)
    assert gina not in [key.user for key, _ in readers_of(current_version(release))]


def test_administrator_who_is_no_approver_cannot_approve(release: Release, world):
    with says("approvals.for_none", Forbidden):
        approve(release, world.people["platform_administrator"])


def test_one_institution_approves_once(release: Release, gina: User, world):
    colleague = world.people["clinician"]
    colleague.memberships.update(role="approver", institution=world.hospitals["jeju"])
    register(colleague)
    approve(release, gina)

    for user in (gina, colleague):
        with says("approvals.again", Conflict):
            approve(release, user)
    assert len(approvals_of(current_version(release))) == 1


def test_approval_signed_for_other_numbers_is_refused(release: Release, gina: User):
    text = signed(current_version(release), "approve", gina, digest="cd" * 32)

    with says("approvals.signature_differs", SignatureInvalid, fields=("digest",)):
        approve_release(release=release, statement=text, by=gina)


def test_overdue_release_is_no_longer_approved_nor_shown_to_the_custodian(release: Release, gina: User, world):
    release.versions.update(expires_on=until(-1))

    with says("approvals.overdue", Conflict):
        approve_release(release=release, statement="x", by=gina)
    assert release_tasks(world.study) == []


def test_custodian_reads_signatures_and_keys(release: Release, alice: User, finn: User, gina: User, hana: User, world):
    approve(release, gina)

    (task,) = release_tasks(world.study)

    assert (task.release, task.job, task.request) == (release.name, release.job.name, "request-0042")
    assert verify(task.requested, keys_of("alice").message).says == "request"
    assert verify(task.approvals[0], keys_of("gina").message).digest == current_version(release).digest
    assert {owner.name for owner in task.readers} == {"Finn Yoon", "Gina Seo"}  # not Hana, who is of Seoul like Alice
    assert {(owner.name, owner.institution) for owner in task.signers} == {("Alice Kim", "seoul"), ("Gina Seo", "jeju")}
    named = {(owner.name, owner.institution) for owner in approver_messages(world.study)}
    assert named >= {("Alice Kim", "seoul"), ("Finn Yoon", "daegu"), ("Gina Seo", "jeju"), ("Mallory Moon", "seoul")}


def test_draft_is_not_shown_to_the_custodian(release: Release, world):
    Release.objects.filter(pk=release.pk).update(state="draft")

    assert release_tasks(world.study) == []


def test_approval_that_a_database_administrator_forges_does_not_verify(release: Release, finn: User, gina: User, world):
    """He can write rows; the custodian gets only the signatures, and these are not Finn's."""
    approve(release, gina)
    version = current_version(release)
    real = statement_for(version, "approve", keys_of("finn").message.fingerprint)
    forged = sign(real, keys_of("an administrator").signing)
    key = readers_of(version)[0][0]
    ReleaseApproval.objects.create(
        version=version, user=finn, institution=world.hospitals["daegu"], key=key, statement=forged
    )

    (task,) = release_tasks(world.study)

    assert len(task.approvals) == 2
    assert signer_of(task.approvals[1]) == keys_of("finn").message.fingerprint
    with says("protocol.statement_signature", SignatureInvalid):
        verify(task.approvals[1], keys_of("finn").message)


def test_database_refuses_a_second_approval_of_an_institution_and_one_without_signature(
    release: Release, finn: User, gina: User
):
    approve(release, gina)
    row = ReleaseApproval.objects.get(version=current_version(release))
    for changes in ({"user": finn}, {"statement": ""}):
        fields = {"version": row.version, "user": row.user, "institution": row.institution, "key": row.key}
        with pytest.raises(IntegrityError), transaction.atomic():
            ReleaseApproval.objects.create(**{**fields, "statement": "x", **changes})
