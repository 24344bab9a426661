"""How the scripts of a release page name what stands in a preview (static/releases/parts.js): names, no number."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.protocol.envelope import canonical_json
from hefed.core.protocol.results import ItemCommitment
from hefed.core.words import Said
from hospitals.institutions.selectors import HospitalMark
from hospitals.people.models import Role, User
from training.jobs.models import Job
from training.releases.models import ApproverKey, Release, ReleaseApproval, ReleasePreview, ReleaseVersion
from training.releases.publication import why_not
from training.releases.selectors import (
    APPROVALS,
    Agents,
    Asked,
    Signers,
    agents_of,
    approvals_of,
    commitments_of,
    key_in_use,
    statement_for,
    versions_of,
    with_keys,
)
from training.results.selectors import dictionary_of, outcome_label


def preview_words(job: Job, marks: Iterable[HospitalMark]) -> dict[str, Any]:
    version = dictionary_of(job)
    columns = () if version is None else DataDictionary.from_csv(version.csv).columns
    return {
        "hospitals": [
            {"slug": mark.slug, "name": mark.name, "number": mark.number, "symbol": mark.symbol, "dash": mark.dash}
            for mark in marks
        ],
        "columns": {column.name: {"label": column.label, "unit": column.unit} for column in columns},
        "outcome": outcome_label(version),
    }


@dataclass(frozen=True)
class UnknownKey:
    """A key that nobody at the custodian vouched for; ``owner`` as the server knows it, empty for a key it lost."""

    fingerprint: str
    owner: str
    mine: bool


@dataclass(frozen=True)
class Section:
    """The attributes that the scripts read (docs/adr/0903). ``says``: what the caller may sign now, or nothing."""

    statement: str
    commitments: str
    items: list[ItemCommitment]
    fingerprint: str
    says: str
    may_read: bool


@dataclass(frozen=True)
class ReleasePage:
    release: Release
    version: ReleaseVersion
    versions: list[ReleaseVersion]
    approvals: list[ReleaseApproval]
    missing: int
    unknown: list[UnknownKey]
    section: Section
    why_not: Said | None  # why the caller, an approver, cannot approve
    key: ApproverKey | None
    agents: Agents | None  # of a shared key, where the study asks them


def release_page(release: Release, user: User, roles: frozenset[str]) -> ReleasePage:
    versions = versions_of(release)
    for one in versions:
        one.release = release  # the same object, so that its job and study are read once
    version, approvals, key = versions[0], approvals_of(versions[0]), key_in_use(user)
    reviewer, signers = Role.APPROVER in roles, Signers.of(release.study)
    reason = why_not(Asked(version, approvals), user, signers) if reviewer else None
    institutions = {approval.institution_id for approval in approvals}
    return ReleasePage(
        release=release,
        version=version,
        versions=versions,
        approvals=approvals,
        missing=max(APPROVALS - len(institutions), 0),
        unknown=_unknown(version, user, signers),
        section=_section(
            version,
            user,
            key,
            can_approve=reviewer and not reason,
            independent=signers.is_independent(user, version),
        ),
        why_not=reason,
        key=key,
        agents=agents_of(version),
    )


def _section(
    version: ReleaseVersion, user: User, key: ApproverKey | None, *, can_approve: bool, independent: bool
) -> Section:
    says = ""
    if version.release.state == Release.State.DRAFT and version.requested_by_id == user.pk:
        says = "request"
    elif can_approve:
        says = "approve"
    statement = statement_for(version, says or "approve").model_dump(mode="json", exclude={"signer"})
    items = commitments_of(version.release.job, version.items)
    return Section(
        statement=canonical_json(statement).decode(),
        commitments=canonical_json([item.model_dump() for item in items]).decode(),
        items=items,
        fingerprint="" if key is None else key.fingerprint,
        says=says,
        may_read=version.release.state == Release.State.COLLECTING and independent,
    )


def preview_for(version: ReleaseVersion, user: User) -> ReleasePreview | None:
    """The caller's, encrypted to the key that the caller uses now."""
    return version.previews.filter(key__user=user, key__retired_at=None).first()


def _unknown(version: ReleaseVersion, user: User, signers: Signers) -> list[UnknownKey]:
    owners = {key.fingerprint: key for key, _ in with_keys(signers.roles)} if version.unknown else {}
    return [_unknown_key(fingerprint, owners.get(fingerprint), user) for fingerprint in version.unknown]


def _unknown_key(fingerprint: str, key: ApproverKey | None, user: User) -> UnknownKey:
    owner = "" if key is None else str(key.user)
    return UnknownKey(fingerprint, owner, key is not None and key.user_id == user.pk)


@dataclass(frozen=True)
class ReleaseLine:
    """One line of the list; ``mine``: the reader could approve it now."""

    release: Release
    version: ReleaseVersion
    approvals: int
    mine: bool


def release_lines(asked: Iterable[Asked], user: User, signers: Signers | None) -> list[ReleaseLine]:
    """``signers``: of the study, for a reader who is an approver in it."""
    return [_line(one, mine=signers is not None and _could_approve(one, user, signers)) for one in asked]


def _could_approve(asked: Asked, user: User, signers: Signers) -> bool:
    return asked.release.state == Release.State.COLLECTING and not why_not(asked, user, signers)


def _line(asked: Asked, *, mine: bool) -> ReleaseLine:
    institutions = {approval.institution_id for approval in asked.approvals}
    return ReleaseLine(asked.release, asked.version, len(institutions), mine)
