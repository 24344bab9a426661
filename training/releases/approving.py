"""Who approves a release: people by their browser's keys, hospitals by their agents."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.releases import ApproverKey as KeyMessage
from hefed.core.protocol.threshold import Seat, Sharing
from hefed.core.protocol.verdicts import AgentVerdict, read_verdict
from hefed.core.words import Said
from hospitals.audit.record import Actor, Details, record
from hospitals.institutions.models import Institution
from hospitals.people.access import Forbidden
from hospitals.people.models import Role, User
from training.releases.mail import tell_requester_of_no
from training.releases.models import ApproverKey, Release, ReleaseApproval, ReleaseVerdict, ReleaseVersion
from training.releases.selectors import (
    Asked,
    Signers,
    agents_needed,
    approvals_of,
    current_version,
    is_overdue,
    sharing_of_release,
)
from training.releases.services import check_statement


def why_not_approve(version: ReleaseVersion, user: User) -> Said | None:
    """Why this person cannot approve this version; None when nothing stands in the way."""
    return why_not(Asked(version, approvals_of(version)), user, Signers.of(version.release.study))


def why_not(asked: Asked, user: User, signers: Signers) -> Said | None:
    """The same with what was read before."""
    try:
        institution = _institution(asked.version, user, signers)
        check_waits(asked.version)
    except (Forbidden, Conflict) as error:
        return error.said
    for approval in asked.approvals:
        if approval.institution == institution or approval.user == user:
            return already_approved(asked.version, approval)
    return None


def approving_institution(version: ReleaseVersion, by: User) -> Institution:
    """For which the person approves; raises Forbidden unless it is another one than the requester's."""
    return _institution(version, by, Signers.of(version.release.study))


def _institution(version: ReleaseVersion, by: User, signers: Signers) -> Institution:
    institution = signers.acts_for(by, Role.APPROVER)
    if institution is None:
        raise Forbidden("approvals.for_none", name=version.release.name)
    if not signers.is_independent(by, version):
        raise Forbidden("approvals.own_request", name=version.release.name)
    return institution


def check_waits(version: ReleaseVersion) -> None:
    release = version.release
    if release.state != Release.State.COLLECTING:
        raise Conflict("approvals.not_waiting", name=release.name, state=Release.STANDS[Release.State(release.state)])
    if is_overdue(version):
        raise Conflict("approvals.overdue", name=release.name, date=str(version.expires_on))


def already_approved(version: ReleaseVersion, approval: ReleaseApproval) -> Said:
    return Said("approvals.again", name=version.release.name, institution=str(approval.institution))


def approve_release(*, release: Release, statement: str, by: User) -> ReleaseApproval:
    """By an approver of another institution than the requester's; one approval per person and institution."""
    with transaction.atomic():
        release = Release.objects.select_for_update(of=("self",)).select_related("study", "job").get(pk=release.pk)
        version = current_version(release)
        institution = approving_institution(version, by)
        check_waits(version)
        key = check_statement(version, "approve", statement, by)
        approval = _create(ReleaseApproval(version=version, user=by, institution=institution, key=key), statement)
        details: Details = {"version": version.number, "digest": version.digest, "fingerprint": key.fingerprint}
        record("release.approved", release.name, study=release.study, institution=institution, details=details, by=by)
    return approval


def _create(approval: ReleaseApproval, statement: str) -> ReleaseApproval:
    approval.statement = statement
    try:
        with transaction.atomic():
            approval.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(already_approved(approval.version, approval)) from error
    return approval


def register_key(*, key: KeyMessage, by: User) -> ApproverKey:
    """The person's key from now on; the same again is fine. A new key retires the old one."""
    key.signing.key(), key.agreement.key()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        known = ApproverKey.objects.filter(fingerprint=key.fingerprint).first()
        if known is not None:
            return _known(known, by)
        _retire(by)
        row = ApproverKey.objects.create(user=by, fingerprint=key.fingerprint, key=key.model_dump(mode="json"))
        record("approver_key.registered", by.username, details={"fingerprint": key.fingerprint}, by=by)
    return row


def _known(key: ApproverKey, by: User) -> ApproverKey:
    if key.user_id != by.pk or key.retired_at is not None:
        raise Conflict("approvals.key_replaced" if key.user_id == by.pk else "approvals.key_of_another")
    return key


def _retire(user: User) -> None:
    """What the old key approved of open releases no longer counts: its owner signs again with the new one."""
    old = ApproverKey.objects.filter(user=user, retired_at=None).first()
    if old is None:
        return
    ApproverKey.objects.filter(pk=old.pk).update(retired_at=timezone.now())
    record("approver_key.retired", user.username, details={"fingerprint": old.fingerprint}, by=user)
    open_ones = ReleaseApproval.objects.filter(key=old, voided_at=None, version__release__state__in=Release.OPEN)
    for approval in open_ones.select_related("version__release__study", "institution"):
        ReleaseApproval.objects.filter(pk=approval.pk).update(voided_at=timezone.now())
        release, details = approval.version.release, _void_details(approval)
        study, institution = release.study, approval.institution
        record("release.approval_voided", release.name, study=study, institution=institution, details=details, by=user)


def _void_details(approval: ReleaseApproval) -> Details:
    return {"version": approval.version.number, "reason": "key replaced"}


def take_verdict(*, release: Release, text: str, by: Actor) -> ReleaseVerdict:
    """One word for each hospital; the same again is fine, and a no may still follow a yes."""
    with transaction.atomic():
        rows = Release.objects.select_for_update(of=("self",)).select_related("study", "job__key_set")
        version = current_version(rows.get(pk=release.pk))
        verdict, seat = read_verdict(text, _asked(version))
        _check(version, verdict)
        earlier = version.verdicts.filter(sharing=verdict.sharing, place=verdict.point).first()
        if earlier is not None and (earlier.says, earlier.reason) == (verdict.says, verdict.reason):
            return earlier
        _check_first(version, seat, earlier)
        row = earlier or ReleaseVerdict(version=version, sharing=verdict.sharing, place=verdict.point)
        row.says, row.reason, row.statement = verdict.says, verdict.reason, text
        row.save()
        _record(version, seat, verdict, by)
        if verdict.says == "reject":
            tell_requester_of_no(version, seat.card.name, verdict.reason)
    return row


def _asked(version: ReleaseVersion) -> Sharing:
    """Who may answer; raises Conflict where nobody is asked."""
    sharing = sharing_of_release(version.release)
    if sharing is None or not agents_needed(version):
        raise Conflict("approvals.no_agents", name=version.release.name)
    return sharing


def _check(version: ReleaseVersion, verdict: AgentVerdict) -> None:
    """It is about what people are asked for now."""
    check_waits(version)
    name = version.release.name
    if verdict.release == name and verdict.version != version.number:
        raise Conflict("approvals.verdict_version", name=name, given=verdict.version, number=version.number)
    given = (verdict.study, verdict.job, verdict.release, verdict.digest)
    if given != (version.release.study.slug, version.release.job.name, name, version.digest):
        raise BadInput("approvals.verdict_other", name=name)


def _check_first(version: ReleaseVersion, seat: Seat, earlier: ReleaseVerdict | None) -> None:
    """A no may follow a yes; nothing follows a no."""
    if earlier is not None and earlier.says == ReleaseVerdict.Says.REJECT:
        raise Conflict(
            "approvals.verdict_final", name=version.release.name, number=version.number, hospital=seat.card.name
        )


def _record(version: ReleaseVersion, seat: Seat, verdict: AgentVerdict, by: Actor) -> None:
    details: Details = {
        "job": version.release.job.name,
        "version": version.number,
        "digest": version.digest,
        "hospital": seat.card.institution,
        "sharing": verdict.sharing,
        "verdict_sha256": verdict.sha256,
        "reason": verdict.reason,
    }
    action = "release.agent-approved" if verdict.says == "approve" else "release.agent-rejected"
    record(action, version.release.name, study=version.release.study, details=details, by=by)
