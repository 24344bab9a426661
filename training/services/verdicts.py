"""A hospital's agent approves or rejects a version of a release; its signature is kept as it came."""

from django.db import transaction
from django.utils.translation import gettext as _

from hefed.errors import BadInput, Conflict
from hefed.protocol.threshold import Seat, Sharing
from hefed.protocol.verdicts import AgentVerdict, read_verdict
from hospitals.audit import Actor, Details, record
from training.models import Release, ReleaseVerdict, ReleaseVersion
from training.selectors.approving import check_waits
from training.selectors.release_agents import agents_needed, sharing_of_release
from training.selectors.releases import current_version
from training.services.release_mail import tell_requester_of_no


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
        raise Conflict(
            _("cannot take the verdict on %(name)s: no hospital's agent is asked to approve it; people sign it alone")
            % {"name": version.release.name}
        )
    return sharing


def _check(version: ReleaseVersion, verdict: AgentVerdict) -> None:
    """It is about what people are asked for now."""
    check_waits(version)
    name = version.release.name
    if verdict.release == name and verdict.version != version.number:
        raise Conflict(
            _("cannot take the verdict on %(name)s version %(given)s: it is version %(number)s now; read that one")
            % {"name": name, "given": verdict.version, "number": version.number}
        )
    given = (verdict.study, verdict.job, verdict.release, verdict.digest)
    if given != (version.release.study.slug, version.release.job.name, name, version.digest):
        raise BadInput(
            _(
                "cannot take the verdict on %(name)s: it was signed for another study, release or other numbers; "
                "read it anew"
            )
            % {"name": name}
        )


def _check_first(version: ReleaseVersion, seat: Seat, earlier: ReleaseVerdict | None) -> None:
    """A no may follow a yes; nothing follows a no."""
    if earlier is not None and earlier.says == ReleaseVerdict.Says.REJECT:
        raise Conflict(
            _(
                "cannot take the verdict on %(name)s: %(hospital)s rejected version %(number)s already; "
                "a change begins anew"
            )
            % {"name": version.release.name, "number": version.number, "hospital": seat.card.name}
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
