"""Releases as the custodian reads them. It believes signatures and its own list of keys, nothing else in here."""

from hefed.protocol.releases import KeyOwner, ReleaseTask
from hospitals.models import Institution, Study
from training.models import ApproverKey, Release, ReleaseVersion
from training.selectors.release_agents import previews_of, verdicts_of
from training.selectors.releases import (
    approvals_of,
    current_version,
    is_overdue,
    key_owners,
    readers_of,
    releases_of,
)


def release_tasks(study: Study) -> list[ReleaseTask]:
    """Open releases that were signed and are not overdue, the oldest first."""
    rows = releases_of(study).filter(state=Release.State.COLLECTING).order_by("number")
    versions = [current_version(release) for release in rows]
    return [_task(version) for version in versions if not is_overdue(version)]


def approver_messages(study: Study) -> list[KeyOwner]:
    return [_owner(key, institution) for key, institution in key_owners(study)]


def _task(version: ReleaseVersion) -> ReleaseTask:
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
