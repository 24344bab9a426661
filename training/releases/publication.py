"""What key holders publish of a release, and what approves it."""

import hashlib

from django.db import IntegrityError, transaction
from django.utils import timezone

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.releases import ApproverKey as KeyMessage
from hefed.core.protocol.releases import Publication, ReleaseReport
from hefed.core.protocol.requests import CustodianNote
from hefed.core.protocol.threshold import Seat, Sharing
from hefed.core.protocol.verdicts import AgentVerdict, read_verdict
from hefed.core.words import Said
from hospitals.audit.record import Actor, Details, record
from hospitals.institutions.models import Institution
from hospitals.people.models import Role, User
from hospitals.people.permissions import Forbidden
from hospitals.studies.models import Study
from training import models
from training.releases.models import (
    ApproverKey,
    Release,
    ReleaseAgentPreview,
    ReleaseApproval,
    ReleasePreview,
    ReleaseVerdict,
    ReleaseVersion,
)
from training.releases.selectors import (
    APPROVALS,
    Asked,
    Signers,
    agents_approving,
    agents_needed,
    approvals_of,
    commitments_of,
    current_version,
    is_overdue,
    previews_of,
    readers_of,
    sharing_of_release,
)
from training.releases.services import check_statement, tell_requester, tell_requester_of_no
from training.results.services import read_items, store_items


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


_TOLD = ("reasons", "unknown", "agents_needed")


def take_report(*, release: Release, report: ReleaseReport, by: Actor) -> ReleaseVersion:
    """Keep what the custodian says of the present version; what it said before is replaced, previews are added."""
    with transaction.atomic():
        release = _locked(release)
        version = _collecting(release, report.version)
        added = _add_previews(version, report) + _add_agent_previews(version, report)
        told = report.model_dump(mode="json", include=set(_TOLD))
        news = any(getattr(version, name) != value for name, value in told.items())
        for name, value in told.items():
            setattr(version, name, value)
        version.reported_at = timezone.now()
        version.save(update_fields=[*_TOLD, "reported_at"])
        if added or news:
            details: Details = {"version": version.number, "previews": added, "unknown_keys": len(report.unknown)}
            record("release.reported", release.name, study=release.study, details=details, by=by)
    return version


def publish_release(*, release: Release, publication: Publication, lead: Details | None = None, by: Actor) -> Release:
    """Store the items, if they are those that were committed to, asked for and approved. The same again is fine.

    ``lead``: which of several hospitals that hold the key signed this, for the audit log.
    """
    with transaction.atomic():
        release = _locked(release)
        if release.publication is not None and release.publication == publication.model_dump(mode="json"):
            return release
        version = _collecting(release, publication.version)
        _check_publication(version, publication)
        store_items(job=release.job, contents=read_items(publication.items))
        release.state, release.ended_at = Release.State.PUBLISHED, timezone.now()
        release.publication = publication.model_dump(mode="json")
        release.save(update_fields=["state", "ended_at", "publication"])
        details: Details = {**_facts(version), "publication_sha256": _digest(publication), **(lead or {})}
        record("release.published", release.name, study=release.study, details=details, by=by)
        tell_requester(release)
    return release


def take_note(*, study: Study, note: CustodianNote, by: Actor) -> None:
    """What the custodian lets people know now; the audit log keeps each change."""
    with transaction.atomic():
        row, _ = models.CustodianNote.objects.select_for_update().get_or_create(study=study)
        if row.text != note.code:
            record("custodian.note", study.slug, study=study, details={"text": note.code}, by=by)
        row.text = note.code
        row.save()


def _locked(release: Release) -> Release:
    return Release.objects.select_for_update(of=("self",)).select_related("study", "job").get(pk=release.pk)


def _collecting(release: Release, number: int) -> ReleaseVersion:
    """The version that people sign now; raises Conflict for another one, or when nobody is asked any more."""
    version = current_version(release)
    if release.state != Release.State.COLLECTING:
        raise Conflict("approvals.report_late", name=release.name, state=Release.STANDS[Release.State(release.state)])
    if version.number != number:
        raise Conflict("approvals.report_version", name=release.name, given=number, number=version.number)
    return version


def _add_previews(version: ReleaseVersion, report: ReleaseReport) -> int:
    readers = {key.fingerprint: key for key, _ in readers_of(version)}
    strangers = [preview.fingerprint[:16] for preview in report.previews if preview.fingerprint not in readers]
    if strangers:
        raise BadInput("approvals.preview_stranger", key=strangers[0])
    known = set(version.previews.values_list("key__fingerprint", flat=True))
    new = {preview.fingerprint: preview for preview in report.previews if preview.fingerprint not in known}
    rows = [ReleasePreview(version=version, key=readers[name], jwe=preview.jwe) for name, preview in new.items()]
    return len(ReleasePreview.objects.bulk_create(rows))


def _add_agent_previews(version: ReleaseVersion, report: ReleaseReport) -> int:
    """Those for cards of the sharing in use; a lead that has not yet taken its new share says so too late."""
    sharing = sharing_of_release(version.release)
    known = {preview.place for preview in previews_of(version)}
    new = {one.point: one for one in report.agent_previews if sharing and one.sharing == sharing.digest}
    rows = [
        ReleaseAgentPreview(version=version, sharing=one.sharing, place=place, jwe=one.jwe)
        for place, one in new.items()
        if place not in known
    ]
    return len(ReleaseAgentPreview.objects.bulk_create(rows))


def _check_agents(version: ReleaseVersion) -> None:
    needed, approved = agents_needed(version), agents_approving(version)
    if approved < needed:
        raise Conflict(
            "approvals.agents_lacking",
            name=version.release.name,
            approved=approved,
            number=version.number,
            needed=needed,
        )


def _check_publication(version: ReleaseVersion, publication: Publication) -> None:
    name = version.release.name
    if publication.release != name or publication.digest != version.digest:
        raise Conflict("approvals.publish_digest", name=name, wanted=version.digest[:16], found=publication.digest[:16])
    institutions = {approval.institution_id for approval in approvals_of(version)} - {version.institution_id}
    if len(institutions) < APPROVALS:
        raise Conflict(
            "approvals.institutions_lacking",
            name=name,
            approved=len(institutions),
            number=version.number,
            needed=APPROVALS,
        )
    _check_agents(version)
    wanted = {item.item: item.sha256 for item in commitments_of(version.release.job, version.items)}
    given = {opened.item: opened.commitment().sha256 for opened in publication.items}
    if len(given) != len(publication.items) or given != wanted:
        differing = sorted(item for item in {*given, *wanted} if given.get(item) != wanted.get(item))
        raise BadInput(
            "approvals.publish_other", name=name, items=tuple(differing or sorted(given))
        )  # none differs: one came twice


def _digest(publication: Publication) -> str:
    """Of the message as the custodian posts it; its ledger has the same."""
    return hashlib.sha256(publication.model_dump_json().encode()).hexdigest()


def _facts(version: ReleaseVersion) -> Details:
    return {
        "job": version.release.job.name,
        "version": version.number,
        "digest": version.digest,
        "content": ",".join(version.items),
    }
