"""What pages and the custodian's addresses read about releases. Signatures are checked where they are used."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.protocol.messages import ItemCommitment, ItemName
from hefed.protocol.releases import ITEMS, Statement, manifest_digest
from hospitals.access import NotFound
from hospitals.models import Institution, Membership, Role, Study, User
from training.models import ApproverKey, Job, Release, ReleaseApproval, ReleaseVersion, SealedResult
from training.selectors.results import sealed_names

APPROVALS = 2  # institutions other than the requester's; the custodian's policy may ask for more
_NOBODY = "0" * 64


def releases_of(study: Study) -> QuerySet[Release]:
    """The newest first."""
    return Release.objects.filter(study=study).select_related("job", "ended_by")


def release_by_name(study: Study, name: str) -> Release:
    digits = name.removeprefix("release-")
    known = name.startswith("release-") and digits.isdecimal() and len(digits) < 10
    release = releases_of(study).filter(number=int(digits)).first() if known else None
    if release is None:
        raise NotFound(_("cannot find %(name)s: this study has no such release; check the id") % {"name": name})
    return release


def latest_release_of(job: Job) -> Release | None:
    return Release.objects.filter(job=job).first()


def current_version(release: Release) -> ReleaseVersion:
    """What is asked for now: every release has at least one version."""
    return versions_of(release)[0]


def versions_of(release: Release) -> list[ReleaseVersion]:
    """The newest first."""
    rows = release.versions.select_related("requested_by", "institution", "key", "release__job", "release__study")
    return list(rows.order_by("-number"))


def sealed_jobs(study: Study) -> list[Job]:
    """Finished jobs of which nothing is readable, the newest first."""
    jobs = Job.objects.filter(study=study, sealed__isnull=False, model__isnull=True)
    return list(jobs.prefetch_related("institutions", "releases"))


def jobs_to_ask_for(study: Study) -> list[Job]:
    """Finished jobs with something sealed and no open release, the newest first."""
    jobs = Job.objects.filter(study=study, sealed__isnull=False).exclude(releases__state__in=Release.OPEN)
    return [job for job in jobs if sealed_items(job)]


def sealed_items(job: Job) -> list[ItemName]:
    """What of a job can still be asked for."""
    model = getattr(job, "model", None)
    released = [] if model is None else model.released
    return [name for name in sealed_names(job) if name not in released]


def commitments_of(job: Job, items: Iterable[str]) -> list[ItemCommitment]:
    """The custodian's commitments to these items, in the order of ``ITEMS``."""
    wanted = set(items)
    found = [item for item in SealedResult.objects.get(job=job).items if item.item in wanted]
    return sorted(found, key=lambda item: ITEMS.index(item.item))


def digest_for(job: Job, items: Iterable[str]) -> str:
    return manifest_digest(job.study.slug, job.name, commitments_of(job, items))


def acts_for(user: User, study: Study, role: Role) -> Institution | None:
    """The institution for which the person holds the role."""
    rows = signing_roles(study).filter(user=user, role=role)
    row = rows.select_related("institution").order_by("pk").first()
    return None if row is None else row.institution


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


def published_versions(job: Job) -> list[ReleaseVersion]:
    """What made the job's result readable, the oldest first; with those who signed."""
    releases = Release.objects.filter(job=job, state=Release.State.PUBLISHED).order_by("number")
    return [current_version(release) for release in releases]


def is_overdue(version: ReleaseVersion) -> bool:
    return version.expires_on < timezone.localdate()


def readers_of(version: ReleaseVersion) -> list[tuple[ApproverKey, Institution]]:
    """Approvers who could approve this version and have a key."""
    return _with_keys(independent(version))


def independent(version: ReleaseVersion) -> QuerySet[Membership]:
    """Approvers who neither asked for it nor sign for the requester's institution in any role."""
    signers = signing_roles(version.release.study)
    colleagues = signers.filter(institution=version.institution).values("user")
    return signers.filter(role=Role.APPROVER).exclude(user__in=colleagues).exclude(user=version.requested_by)


def signing_roles(study: Study) -> QuerySet[Membership]:
    """Roles of people who ask or approve for an institution that is not suspended or closed."""
    roles = (Role.PROJECT_ADMINISTRATOR, Role.APPROVER)
    return Membership.objects.filter(study=study, role__in=roles, institution__state=Institution.State.APPROVED)


def key_owners(study: Study) -> list[tuple[ApproverKey, Institution]]:
    """Everybody of the study who may sign and has a key in use; two institutions of one person are two entries."""
    return _with_keys(signing_roles(study))


def _with_keys(roles: QuerySet[Membership]) -> list[tuple[ApproverKey, Institution]]:
    keys = {key.user_id: key for key in ApproverKey.objects.filter(retired_at=None).select_related("user")}
    rows = roles.select_related("institution").order_by("user", "institution")
    found = [(keys[row.user_id], row.institution) for row in rows if row.user_id in keys and row.institution]
    return list(dict.fromkeys(found))
