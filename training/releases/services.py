"""Releases: sealed, approved, withdrawn; the mail that tells of them."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.base import ItemName
from hefed.core.protocol.releases import ITEMS, Statement, verify
from hefed.core.protocol.signing import SignatureInvalid
from hefed.core.words import Said
from hospitals.audit.record import Actor, Details, System, record
from hospitals.institutions.models import Institution
from hospitals.locks import next_number
from hospitals.mail import send_later
from hospitals.people.models import Role, User
from hospitals.people.permissions import Forbidden
from hospitals.states import check_move
from training.jobs.models import Job
from training.releases.models import ApproverKey, Release, ReleaseComment, ReleaseVersion
from training.releases.selectors import (
    acts_for,
    current_version,
    digest_for,
    independent,
    is_overdue,
    key_in_use,
    sealed_items,
    statement_for,
)


def tell_approvers(version: ReleaseVersion) -> None:
    """Every approver of another institution, with a key or not: without one they learn what to do."""
    release = version.release
    rows = independent(version)
    subject = _("%(name)s waits for your approval") % {"name": release.name}
    for email in sorted({row.user.email for row in rows}):
        send_later("training/mail/release_asked.txt", email, subject, _context(version))


def tell_requester(release: Release) -> None:
    version = current_version(release)
    subject = f"{release.name}: {release.get_state_display()}"
    send_later("training/mail/release_ended.txt", version.requested_by.email, subject, _context(version))


def tell_requester_of_no(version: ReleaseVersion, hospital: str, reason: str) -> None:
    """A hospital's agent rejected this version; a change is a new one."""
    facts = {"name": version.release.name, "hospital": hospital}
    context = {**_context(version), "hospital": hospital, "reason": reason}
    subject = _("%(hospital)s rejected %(name)s") % facts
    send_later("training/mail/release_agent_no.txt", version.requested_by.email, subject, context)


def _context(version: ReleaseVersion) -> dict[str, object]:
    release = version.release
    path = f"/studies/{release.study.slug}/releases/{release.name}/"
    return {"release": release, "version": version, "path": path}


def check_statement(version: ReleaseVersion, says: str, text: str, by: User) -> ApproverKey:
    """The person's key, if it signed exactly what this version says; else SignatureInvalid names what differs."""
    key = key_in_use(by)
    if key is None:
        raise Conflict("approvals.no_key")
    signed, wanted = verify(text, key.message), statement_for(version, says, key.fingerprint)
    if signed != wanted:
        raise SignatureInvalid(
            "approvals.signature_differs", fields=tuple(_differing(signed, wanted)), version=str(version)
        )
    return key


def _differing(signed: Statement, wanted: Statement) -> list[str]:
    names = Statement.model_fields
    return [name for name in names if getattr(signed, name) != getattr(wanted, name)]


DAYS, LONGEST_DAYS = 30, 90
_LONGEST_TEXT = 4_000


@dataclass(frozen=True)
class Wish:
    """What is asked for: which items, why, for whom, until when."""

    items: tuple[ItemName, ...]
    justification: str
    audience: str
    expires_on: date


def draft_release(*, job: Job, wish: Wish, by: User) -> Release:
    """Version 1, not signed yet: nobody is asked before its requester has signed it."""
    institution = _requester_institution(job, by)
    with transaction.atomic():
        number = next_number(job.study, Release.objects.all())
        open_one = Release.objects.filter(job=job, state__in=Release.OPEN).first()
        if open_one is not None:
            raise Conflict("approvals.open_already", job=job.name, release=open_one.name)
        _check_wish(job, wish)
        release = Release.objects.create(study=job.study, job=job, number=number)
        _add_version(release, 1, wish, (institution, by))
    return release


def change_release(*, release: Release, wish: Wish, by: User) -> ReleaseVersion:
    """The next version. It starts without a signature and without approvals; those of before name another version."""
    institution = _requester_institution(release.job, by)
    with transaction.atomic():
        release = _move(release, Release.State.DRAFT)
        _check_wish(release.job, wish)
        return _add_version(release, current_version(release).number + 1, wish, (institution, by))


def sign_request(*, release: Release, statement: str, by: User) -> ReleaseVersion:
    """The requester's signature: from now on the custodian and the approvers are asked."""
    with transaction.atomic():
        release = _move(release, Release.State.COLLECTING)
        version = current_version(release)
        _check_still_good(release, version)
        if version.requested_by_id != by.pk:
            raise Forbidden("approvals.not_requester", name=release.name, who=str(version.requested_by))
        version.key, version.statement = check_statement(version, "request", statement, by), statement
        version.signed_at = timezone.now()
        version.save(update_fields=["key", "statement", "signed_at"])
        _record("release.requested", release, _facts(version), by)
        tell_approvers(version)
    return version


def reject_release(*, release: Release, reason: str, by: User) -> Release:
    """An approver's no ends it; the requester may ask anew."""
    return _stop(release, Release.State.REJECTED, reason, by)


def withdraw_release(*, release: Release, reason: str, by: User) -> Release:
    return _stop(release, Release.State.WITHDRAWN, reason, by)


def comment_on_release(*, release: Release, text: str, by: User) -> ReleaseComment:
    """To everybody who may see the release. The audit log keeps that it was said, not what."""
    with transaction.atomic():
        row = ReleaseComment.objects.create(release=release, user=by, text=_given(text, Said("approvals.the_comment")))
        _record("release.commented", release, {"characters": len(row.text)}, by)
    return row


def expire_releases() -> None:
    """Open releases past their date. Safe to call again."""
    for release in Release.objects.filter(state__in=Release.OPEN).select_related("study", "job"):
        if not is_overdue(current_version(release)):
            continue
        with transaction.atomic():
            ended = {"state": Release.State.EXPIRED, "ended_at": timezone.now()}
            if Release.objects.filter(pk=release.pk, state__in=Release.OPEN).update(**ended):
                _record("release.expired", release, {}, System("sweep"))


def _requester_institution(job: Job, by: User) -> Institution:
    institution = acts_for(by, job.study, Role.PROJECT_ADMINISTRATOR)
    if institution is None:
        raise Forbidden("approvals.asks_for_none")
    if key_in_use(by) is None:
        raise Conflict("approvals.asks_without_key")
    return institution


def _check_wish(job: Job, wish: Wish) -> None:
    if not wish.items or not set(wish.items) <= set(sealed_items(job)):
        raise BadInput("approvals.items_not_sealed", job=job.name)
    _given(wish.justification, Said("approvals.the_reason"))
    _given(wish.audience, Said("approvals.the_reader"))
    today = timezone.localdate()
    if not today < wish.expires_on <= today + timedelta(days=LONGEST_DAYS):
        raise BadInput("approvals.date_too_far", date=str(wish.expires_on), days=LONGEST_DAYS)


def _given(text: str, what: Said) -> str:
    clean = text.strip()
    if not 1 <= len(clean) <= _LONGEST_TEXT:
        raise BadInput("approvals.text_length", what=what, count=len(clean), most=_LONGEST_TEXT)
    return clean


def _add_version(release: Release, number: int, wish: Wish, who: tuple[Institution, User]) -> ReleaseVersion:
    institution, by = who
    items = [name for name in ITEMS if name in wish.items]
    version = ReleaseVersion.objects.create(
        release=release,
        number=number,
        items=items,
        justification=wish.justification.strip(),
        audience=wish.audience.strip(),
        expires_on=wish.expires_on,
        digest=digest_for(release.job, items),
        requested_by=by,
        institution=institution,
    )
    _record("release.drafted", release, _facts(version), by)
    return version


def _facts(version: ReleaseVersion) -> Details:
    return {"version": version.number, "digest": version.digest, "content": ",".join(version.items)}


def _move(release: Release, state: Release.State) -> Release:
    """The row, locked, in its new state; the caller's transaction writes what goes with it."""
    row = Release.objects.select_for_update(of=("self",)).select_related("study", "job").get(pk=release.pk)
    check_move(row.name, Release.MOVES, Release.State(row.state), state)
    row.state = state
    row.save(update_fields=["state"])
    return row


def _check_still_good(release: Release, version: ReleaseVersion) -> None:
    """Time passes between a draft and its signature."""
    if is_overdue(version) or not set(version.items) <= set(sealed_items(release.job)):
        raise Conflict("approvals.not_good_any_more", name=release.name)


def _stop(release: Release, state: Release.State, reason: str, by: User) -> Release:
    clean = _given(reason, Said("approvals.the_reason"))
    with transaction.atomic():
        row = Release.objects.select_for_update(of=("self",)).select_related("study", "job").get(pk=release.pk)
        check_move(row.name, Release.MOVES, Release.State(row.state), state)
        row.state, row.reason, row.ended_by, row.ended_at = state, clean, by, timezone.now()
        row.save(update_fields=["state", "reason", "ended_by", "ended_at"])
        _record(f"release.{state}", row, {"reason": clean}, by)
        tell_requester(row)
    return row


def _record(action: str, release: Release, details: Details, by: Actor) -> None:
    record(action, release.name, study=release.study, details={"job": release.job.name, **details}, by=by)
