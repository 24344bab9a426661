"""A release made readable: previews, reports, publication, and the mail about it."""

import hashlib

from django.db import transaction
from django.utils import timezone

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.releases import Publication, ReleaseReport
from hefed.core.protocol.requests import CustodianNote
from hospitals.audit.record import Actor, Details, record
from hospitals.studies.models import Study
from training import models
from training.releases.mail import tell_requester
from training.releases.models import Release, ReleaseAgentPreview, ReleasePreview, ReleaseVersion
from training.releases.selectors import (
    APPROVALS,
    agents_approving,
    agents_needed,
    approvals_of,
    commitments_of,
    current_version,
    previews_of,
    readers_of,
    sharing_of_release,
)
from training.results.services import read_items, store_items

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
