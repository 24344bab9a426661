"""Releases that agents of a shared key must approve as well: who has, who has not, what each of them may fetch."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from hefed.protocol.threshold import Sharing
from hefed.protocol.verdicts import VerdictTask
from hospitals.access import NotFound
from hospitals.badges import Badge
from hospitals.models import Study
from training.models import Release, ReleaseAgentPreview, ReleaseVerdict, ReleaseVersion
from training.selectors.releases import commitments_of, current_version, is_overdue, releases_of


def sharing_of_release(release: Release) -> Sharing | None:
    """Who holds the key that the result was opened with; None for one custodian."""
    found = release.job.key_set.sharing
    return None if found is None else Sharing.model_validate(found)


def agents_needed(version: ReleaseVersion) -> int:
    """Hospitals whose agents must approve: by the study's rule, or by the lead's policy if that asks for more."""
    return max(version.release.study.agents_must_approve, version.agents_needed)


def verdicts_of(version: ReleaseVersion) -> list[ReleaseVerdict]:
    """Of hospitals of the sharing in use: what was signed under an earlier one counts no more."""
    sharing = sharing_of_release(version.release)
    return [] if sharing is None else list(version.verdicts.filter(sharing=sharing.digest))


def agents_approving(version: ReleaseVersion) -> int:
    return sum(verdict.says == ReleaseVerdict.Says.APPROVE for verdict in verdicts_of(version))


def previews_of(version: ReleaseVersion) -> list[ReleaseAgentPreview]:
    """Sealed to cards of the sharing in use."""
    sharing = sharing_of_release(version.release)
    rows = version.agent_previews.filter(sharing=sharing.digest if sharing else "").order_by("place")
    return list(rows)


@dataclass(frozen=True)
class AgentLine:
    """One hospital of the sharing. ``verdict``: what it said; ``may_answer``: nothing waits for the lead."""

    name: str
    verdict: ReleaseVerdict | None
    may_answer: bool

    @property
    def signed_at(self) -> datetime | None:
        return self.verdict.signed_at if self.verdict else None

    @property
    def badge(self) -> Badge:
        if self.verdict is not None:
            approves = self.verdict.says == ReleaseVerdict.Says.APPROVE
            return Badge("good" if approves else "failed", self.verdict.get_says_display())
        return Badge("plain", _("No answer yet")) if self.may_answer else Badge("sealed", _("Cannot read it yet"))


@dataclass(frozen=True)
class Agents:
    """What the release page says of them. ``missing``: approvals still waited for; ``impossible``: too many said no."""

    needed: int
    missing: int
    impossible: bool
    lines: list[AgentLine]


def agents_of(version: ReleaseVersion) -> Agents | None:
    """None where no agent is asked."""
    needed, sharing = agents_needed(version), sharing_of_release(version.release)
    if not needed:
        return None
    said = {verdict.place: verdict for verdict in verdicts_of(version)}
    readers = {preview.place for preview in previews_of(version)}
    seats = sharing.seats if sharing else []
    ended = version.release.state != Release.State.COLLECTING
    lines = [AgentLine(seat.card.name, said.get(seat.point), ended or seat.point in readers) for seat in seats]
    yes, no = (
        sum(verdict.says == says for verdict in said.values())
        for says in (ReleaseVerdict.Says.APPROVE, ReleaseVerdict.Says.REJECT)
    )
    return Agents(needed, max(needed - yes, 0), needed > len(seats) - no, lines)


def verdict_tasks(study: Study) -> list[VerdictTask]:
    """Open releases that wait for hospitals' agents, the oldest first."""
    rows = releases_of(study).filter(state=Release.State.COLLECTING).select_related("job__key_set").order_by("number")
    versions = [current_version(release) for release in rows]
    return [
        _task(one) for one in versions if agents_needed(one) and not is_overdue(one) and one.release.job.key_set.sharing
    ]


def agent_preview(version: ReleaseVersion, place: int) -> ReleaseAgentPreview:
    """What was sealed to that place's card; raises NotFound when the lead has not looked yet."""
    for preview in previews_of(version):
        if preview.place == place:
            return preview
    raise NotFound(
        _(
            "cannot show %(name)s to the hospital at place %(place)s: the lead has sealed no preview to it; "
            "ask again later"
        )
        % {"name": version.release.name, "place": place}
    )


def _task(version: ReleaseVersion) -> VerdictTask:
    release, sharing = version.release, sharing_of_release(version.release)
    return VerdictTask(
        release=release.name,
        version=version.number,
        study=release.study.slug,
        job=release.job.name,
        sharing=sharing.digest if sharing else "",
        digest=version.digest,
        commitments=commitments_of(release.job, version.items),
        asked_by=f"{version.requested_by} ({version.institution})",
        why=version.justification,
        audience=version.audience,
        expires_on=version.expires_on,
        needed=agents_needed(version),
        previews=[preview.place for preview in previews_of(version)],
        answered={verdict.place: verdict.says for verdict in verdicts_of(version)},
    )
