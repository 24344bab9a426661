"""What pages and programs read of releases."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.core.protocol.base import ItemName
from hefed.core.protocol.releases import ITEMS, KeyOwner, ReleaseTask, Statement, manifest_digest
from hefed.core.protocol.results import ItemCommitment
from hefed.core.protocol.threshold import Sharing
from hefed.core.protocol.verdicts import VerdictTask
from hospitals.institutions.models import Institution
from hospitals.people.models import Membership, Role, User
from hospitals.people.permissions import NotFound
from hospitals.states import Badge
from hospitals.studies.models import Study
from training.jobs.models import Job
from training.releases.models import (
    ApproverKey,
    Release,
    ReleaseAgentPreview,
    ReleaseApproval,
    ReleaseVerdict,
    ReleaseVersion,
)
from training.results.selectors import sealed_names

APPROVALS = 2  # institutions other than the requester's; the custodian's policy may ask for more
_NOBODY = "0" * 64


def releases_of(study: Study) -> QuerySet[Release]:
    """The newest first."""
    return Release.objects.filter(study=study).select_related("study", "job", "ended_by")


def release_by_name(study: Study, name: str) -> Release:
    digits = name.removeprefix("release-")
    known = name.startswith("release-") and digits.isdecimal() and len(digits) < 10
    release = releases_of(study).filter(number=int(digits)).first() if known else None
    if release is None:
        raise NotFound("approvals.no_release", name=name)
    return release


def latest_release_of(job: Job) -> Release | None:
    return Release.objects.filter(job=job).first()


@dataclass(frozen=True)
class Asked:
    """What a release asks for now, and who has approved it; voided approvals are left out."""

    version: ReleaseVersion
    approvals: list[ReleaseApproval]

    @property
    def release(self) -> Release:
        return self.version.release


def asked_now(releases: Iterable[Release]) -> list[Asked]:
    """Of each of these releases, in their order: two queries for all of them."""
    order = {release.pk: place for place, release in enumerate(releases)}
    versions = _versions().filter(release__in=order).order_by("number")
    newest = {version.release_id: version for version in versions}
    rows = ReleaseApproval.objects.filter(version__in=newest.values(), voided_at=None)
    approvals = list(rows.select_related("user", "institution", "key")) if newest else []
    return [
        Asked(version, [row for row in approvals if row.version_id == version.pk])
        for version in sorted(newest.values(), key=lambda version: order[version.release_id])
    ]


def _versions() -> QuerySet[ReleaseVersion]:
    return ReleaseVersion.objects.select_related(
        "requested_by", "institution", "key", "release__job", "release__study", "release__ended_by"
    )


def current_version(release: Release) -> ReleaseVersion:
    """What is asked for now: every release has at least one version."""
    return versions_of(release)[0]


def versions_of(release: Release) -> list[ReleaseVersion]:
    """The newest first."""
    return list(_versions().filter(release=release).order_by("-number"))


def sealed_jobs(study: Study) -> list[Job]:
    """Finished jobs of which nothing is readable, the newest first."""
    jobs = Job.objects.filter(study=study, sealed__isnull=False, model__isnull=True)
    return list(jobs.prefetch_related("institutions", "releases"))


def jobs_to_ask_for(study: Study) -> list[Job]:
    """Finished jobs with something sealed and no open release, the newest first."""
    jobs = Job.objects.filter(study=study, sealed__isnull=False).exclude(releases__state__in=Release.OPEN)
    jobs = jobs.select_related("sealed", "model")
    return [job for job in jobs if sealed_items(job)]


def sealed_items(job: Job) -> list[ItemName]:
    """What of a job can still be asked for."""
    model = getattr(job, "model", None)
    released = [] if model is None else model.released
    return [name for name in sealed_names(job) if name not in released]


def commitments_of(job: Job, items: Iterable[str]) -> list[ItemCommitment]:
    """The custodian's commitments to these items, in the order of ``ITEMS``."""
    wanted = set(items)
    found = [item for item in job.sealed.items if item.item in wanted]
    return sorted(found, key=lambda item: ITEMS.index(item.item))


def digest_for(job: Job, items: Iterable[str]) -> str:
    return manifest_digest(job.study.slug, job.name, commitments_of(job, items))


def acts_for(user: User, study: Study, role: Role) -> Institution | None:
    """The institution for which the person holds the role."""
    return Signers.of(study).acts_for(user, role)


def key_in_use(user: User) -> ApproverKey | None:
    return ApproverKey.objects.filter(user=user, retired_at=None).first()


def statement_for(version: ReleaseVersion, says: str, signer: str = _NOBODY) -> Statement:
    """What a person's signature must say under this version."""
    return Statement(
        says="request" if says == "request" else "approve",
        study=version.release.study.slug,
        job=version.release.job.name,
        release=version.release.name,
        version=version.number,
        digest=version.digest,
        expires_on=version.expires_on,
        signer=signer,
    )


def approvals_of(version: ReleaseVersion) -> list[ReleaseApproval]:
    """Those that were not voided, the oldest first."""
    rows = version.approvals.filter(voided_at=None)
    return list(rows.select_related("user", "institution", "key"))


def published_versions(job: Job) -> list[Asked]:
    """What made the job's result readable, the oldest first; with those who signed."""
    return asked_now(Release.objects.filter(job=job, state=Release.State.PUBLISHED).order_by("number"))


def is_overdue(version: ReleaseVersion) -> bool:
    return version.expires_on < timezone.localdate()


def readers_of(version: ReleaseVersion) -> list[tuple[ApproverKey, Institution]]:
    """Approvers who could approve this version and have a key."""
    return with_keys(independent(version))


def independent(version: ReleaseVersion) -> list[Membership]:
    """Approvers who could approve this version."""
    return Signers.of(version.release.study).independent(version)


@dataclass(frozen=True)
class Signers:
    """Roles of people who ask or approve for an institution that is not suspended or closed, the oldest first."""

    roles: tuple[Membership, ...]

    @classmethod
    def of(cls, study: Study) -> "Signers":
        signing = (Role.PROJECT_ADMINISTRATOR, Role.APPROVER)
        rows = Membership.objects.filter(study=study, role__in=signing, institution__state=Institution.State.APPROVED)
        return cls(tuple(rows.select_related("user", "institution").order_by("pk")))

    def acts_for(self, user: User, role: Role) -> Institution | None:
        """The institution for which the person holds the role."""
        return next((row.institution for row in self.roles if (row.user, row.role) == (user, role)), None)

    def independent(self, version: ReleaseVersion) -> list[Membership]:
        """Approvers who neither asked for it nor sign for the requester's institution in any role."""
        colleagues = {row.user_id for row in self.roles if row.institution_id == version.institution_id}
        partial = {*colleagues, version.requested_by_id}
        return [row for row in self.roles if row.role == Role.APPROVER and row.user_id not in partial]

    def is_independent(self, user: User, version: ReleaseVersion) -> bool:
        return any(row.user_id == user.pk for row in self.independent(version))


def key_owners(study: Study) -> list[tuple[ApproverKey, Institution]]:
    """Everybody of the study who may sign and has a key in use; two institutions of one person are two entries."""
    return with_keys(Signers.of(study).roles)


def with_keys(roles: Iterable[Membership]) -> list[tuple[ApproverKey, Institution]]:
    """Those who have a key in use, by person and institution."""
    keys = {key.user_id: key for key in ApproverKey.objects.filter(retired_at=None).select_related("user")}
    rows = sorted(roles, key=lambda row: (row.user_id, row.institution_id or 0))
    found = [(keys[row.user_id], row.institution) for row in rows if row.user_id in keys and row.institution]
    return list(dict.fromkeys(found))


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
    raise NotFound("approvals.no_agent_preview", name=version.release.name, place=place)


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


def release_tasks(study: Study) -> list[ReleaseTask]:
    """Open releases that were signed and are not overdue, the oldest first."""
    rows = releases_of(study).filter(state=Release.State.COLLECTING).order_by("number")
    versions = [current_version(release) for release in rows]
    return [_release_task(version) for version in versions if not is_overdue(version)]


def approver_messages(study: Study) -> list[KeyOwner]:
    return [_owner(key, institution) for key, institution in key_owners(study)]


def _release_task(version: ReleaseVersion) -> ReleaseTask:
    release, approvals = version.release, approvals_of(version)
    signers = [(approval.key, approval.institution) for approval in approvals]
    if version.key is not None:
        signers.append((version.key, version.institution))
    return ReleaseTask(
        release=release.name,
        version=version.number,
        study=release.study.slug,
        job=release.job.name,
        request=release.job.sealed.request,
        items=version.items,
        expires_on=version.expires_on,
        requested=version.statement,
        approvals=[approval.statement for approval in approvals],
        readers=[_owner(key, institution) for key, institution in readers_of(version)],
        signers=[_owner(key, institution) for key, institution in signers],
        previews=sorted(version.previews.values_list("key__fingerprint", flat=True)),
        verdicts=[verdict.statement for verdict in verdicts_of(version)],
        agent_previews=[preview.place for preview in previews_of(version)],
    )


def _owner(key: ApproverKey, institution: Institution) -> KeyOwner:
    return KeyOwner(key=key.message, name=str(key.user), email=key.user.email, institution=institution.slug)
