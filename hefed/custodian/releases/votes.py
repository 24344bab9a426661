"""Who approves a release, and what they said.

A person's key counts after somebody compared its fingerprint with its owner and vouched for it here; a hospital's,
which holds a share, by its card in the sharing; neither by what the server says. Every reason is for the people on the
release page: whose signature does not count, and what to do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Slug
from hefed.core.protocol.fingerprint import grouped, parse
from hefed.core.protocol.releases import ApproverKey, KeyOwner, ReleaseTask, Statement, signer_of, verify
from hefed.core.protocol.signing import PublicJwk, SignatureInvalid, check_says
from hefed.core.protocol.threshold import Sharing
from hefed.core.protocol.verdicts import AgentVerdict, read_verdict
from hefed.core.words import Said
from hefed.custodian.keeping import records
from hefed.custodian.keeping.ledger import Entry, Ledger
from hefed.custodian.keeping.records import TrustRecord
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import Vault

_SLUG: TypeAdapter[str] = TypeAdapter(Slug)


@dataclass(frozen=True)
class ListedKey:
    """One key as the server says and as a person here said; either may be missing."""

    fingerprint: str
    owner: KeyOwner | None
    trusted: TrustRecord | None

    @property
    def state(self) -> Said:
        if self.trusted is None:
            return Said("releases.key_not_vouched")
        if self.owner is None:
            return Said("releases.key_unused")
        same = self.trusted.institution.casefold() == self.owner.institution.casefold()
        return Said("releases.key_counts" if same else "releases.key_of_another")


def trust(home: Home, vault: Vault, text: str, *, institution: str, name: str) -> TrustRecord:
    """Vouch for a key; raises BadInput for one that speaks for another institution already."""
    fingerprint, store = parse(text), Store(home.path, vault.sealer())
    known = store.trusted().get(fingerprint)
    if known is not None:
        raise BadInput("releases.key_speaks_already", key=grouped(fingerprint[:16]), institution=known.institution)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    record = TrustRecord(fingerprint=fingerprint, institution=_slug(institution), name=name, trusted_at=now)
    store.trust(record)
    _note(home, vault, records.trusted(record))
    return record


def distrust(home: Home, vault: Vault, text: str) -> str:
    """A key counts no more, from the agent's next look on; what was published stays."""
    fingerprint = parse(text)
    if not Store(home.path, vault.sealer()).distrust(fingerprint):
        raise BadInput("releases.nobody_vouched_here", key=grouped(fingerprint[:16]))
    _note(home, vault, records.distrusted(fingerprint))
    return fingerprint


def listed(owners: Iterable[KeyOwner], trusted: dict[str, TrustRecord]) -> list[ListedKey]:
    """The keys of the server beside those that count here, whether or not the server has them."""
    rows = [
        ListedKey(owner.key.fingerprint, owner, trusted.get(owner.key.fingerprint))
        for owner in sorted(owners, key=lambda owner: (owner.institution, owner.name))
    ]
    there = {row.fingerprint for row in rows}
    return [*rows, *(ListedKey(key, None, record) for key, record in sorted(trusted.items()) if key not in there)]


def _slug(institution: str) -> str:
    try:
        return _SLUG.validate_python(institution)
    except ValidationError:
        raise BadInput("releases.no_institution", institution=institution[:60]) from None


def _note(home: Home, vault: Vault, entry: Entry) -> None:
    Ledger(home.ledger, vault.ledger_key()).append(entry)


Says = Literal["request", "approve"]
_SHOWN_DIGITS = 16


class NotVouched(BadInput):
    """The key is registered at the server, and nobody at the custodian compared it with its owner."""


@dataclass(frozen=True)
class Vote:
    """One valid statement: whose it is, and the very key that signed it."""

    owner: TrustRecord
    signing: PublicJwk

    @property
    def institution(self) -> str:
        return self.owner.institution.casefold()


@dataclass(frozen=True)
class Case:
    """What every statement about one release must say, and whose keys may say it."""

    task: ReleaseTask
    study: str
    digest: str
    today: date
    trusted: Mapping[str, TrustRecord] = field(repr=False)

    @property
    def keys(self) -> dict[str, ApproverKey]:
        return {owner.key.fingerprint: owner.key for owner in (*self.task.signers, *self.task.readers)}

    def accept(self, text: str, says: Says) -> Vote:
        """The vote in a JWS; raises NotVouched or SignatureInvalid."""
        fingerprint = signer_of(text)
        key, owner = self.keys.get(fingerprint), self.trusted.get(fingerprint)
        if key is None:
            raise SignatureInvalid("releases.key_not_registered", key=short(fingerprint))
        if owner is None:
            raise NotVouched("releases.nobody_vouched", key=short(fingerprint))
        self._check(verify(text, key), says)
        return Vote(owner, key.signing)

    def _check(self, statement: Statement, says: Says) -> None:
        task, signer = self.task, short(statement.signer)
        wanted: dict[str, object] = {"says": says, "study": self.study, "job": task.job, "release": task.release}
        check_says(
            statement,
            wanted | {"version": task.version, "digest": self.digest},
            Said("protocol.statement_of", signer=signer),
        )
        if statement.expires_on < self.today:
            raise SignatureInvalid(
                "releases.statement_expired", key=short(statement.signer), expires_on=str(statement.expires_on)
            )


@dataclass(frozen=True)
class Verdict:
    """``reasons``: what does not count and why; ``unknown``: fingerprints that nobody vouched for."""

    request: Vote | None
    approvals: tuple[Vote, ...]
    reasons: tuple[Said, ...]
    unknown: tuple[str, ...]

    def missing(self, needed: int) -> Said | None:
        """What is still waited for; None when the release may be published."""
        if self.request is None:
            return Said("releases.waits_for_request")
        if len(self.approvals) >= needed:
            return None
        if not self.approvals:
            return Said("releases.approved_by_none", needed=needed)
        names = tuple(vote.owner.institution for vote in self.approvals)
        return Said("releases.approved_by", count=len(names), needed=needed, names=names)


def judge(case: Case) -> Verdict:
    """Who asked and who approved, one vote per institution and per key; the requester's institution has none."""
    reasons: list[Said] = []
    request = _accepted(case, case.task.requested, "request", reasons)
    counted: list[Vote] = []
    for text in case.task.approvals if request is not None else ():
        vote = _accepted(case, text, "approve", reasons)
        if vote is None or request is None:
            continue
        if reason := _why_not(vote, request, counted):
            reasons.append(reason)
        else:
            counted.append(vote)
    registered = {owner.key.fingerprint for owner in (*case.task.signers, *case.task.readers)}
    unknown = sorted(registered - set(case.trusted))
    return Verdict(request, tuple(counted), tuple(reasons), tuple(unknown))


def readers(case: Case, request: Vote) -> list[ApproverKey]:
    """Who gets a preview: keys that somebody vouched for, of other institutions than the requester's."""
    known = {fp: key for fp, key in case.keys.items() if fp in case.trusted}
    listed = {owner.key.fingerprint for owner in case.task.readers}
    return [
        key
        for fingerprint, key in sorted(known.items())
        if fingerprint in listed and case.trusted[fingerprint].institution.casefold() != request.institution
    ]


def short(fingerprint: str) -> str:
    """The first groups, as people see them on pages."""
    return grouped(fingerprint[:_SHOWN_DIGITS])


def _accepted(case: Case, text: str, says: Says, reasons: list[Said]) -> Vote | None:
    try:
        return case.accept(text, says)
    except BadInput as error:
        reasons.append(error.said)
        return None


def _why_not(vote: Vote, request: Vote, counted: Iterable[Vote]) -> Said | None:
    key, institution = short(vote.owner.fingerprint), vote.owner.institution
    if vote.institution == request.institution or vote.signing == request.signing:
        return Said("releases.own_approval", key=key, institution=institution)
    if any(vote.institution == other.institution or vote.signing == other.signing for other in counted):
        return Said("releases.second_approval", key=key, institution=institution)
    return None


# ---- hospitals that hold shares --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AgentVotes:
    """By place in the sharing: who approved, and who rejected and why. ``reasons``: what does not count and why."""

    sharing: Sharing
    approved: tuple[int, ...]
    rejected: dict[int, str]
    reasons: tuple[Said, ...]

    def missing(self, needed: int) -> Said | None:
        """What is still waited for; None when enough hospitals approved."""
        if len(self.approved) >= needed:
            return None
        refusals = [
            Said("releases.rejected_by", hospital=self.names([point])[0], reason=reason)
            for point, reason in self.rejected.items()
        ]
        too_many = needed > len(self.sharing.seats) - len(self.rejected)
        parts = (self._standing(needed), *refusals, *([Said("releases.agents_cannot")] if too_many else ()))
        return Said("releases.agents_waiting", parts=parts) if len(parts) > 1 else parts[0]

    def names(self, points: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.sharing.seats[point - 1].card.name for point in points)

    def _standing(self, needed: int) -> Said:
        if not self.approved:
            return Said("releases.agents_none", needed=needed)
        names = self.names(self.approved)
        return Said("releases.agents_approved", count=len(names), needed=needed, names=names)


def judge_agents(task: ReleaseTask, digest: str, sharing: Sharing) -> AgentVotes:
    """One word for each hospital, on exactly this version and these numbers. A no stands, whatever else is there."""
    reasons: list[Said] = []
    approved: dict[int, None] = {}
    rejected: dict[int, str] = {}
    for text in task.verdicts:
        try:
            verdict = _checked(text, task, digest, sharing)
        except BadInput as error:
            reasons.append(error.said)
            continue
        name = sharing.seats[verdict.point - 1].card.name
        if verdict.says == "reject":
            rejected.setdefault(verdict.point, verdict.reason)
        elif verdict.point in approved:
            reasons.append(Said("releases.second_verdict", hospital=name))
        else:
            approved[verdict.point] = None
    counted = tuple(sorted(point for point in approved if point not in rejected))
    return AgentVotes(sharing, counted, dict(sorted(rejected.items())), tuple(reasons))


def without_agents(needed: int) -> Said | None:
    """What one custodian that holds the whole key says when agents must approve; None when none must."""
    return Said("releases.agents_of_one_key", needed=needed) if needed else None


def _checked(text: str, task: ReleaseTask, digest: str, sharing: Sharing) -> AgentVerdict:
    verdict, seat = read_verdict(text, sharing)
    wanted = {"study": task.study, "job": task.job, "release": task.release, "version": task.version, "digest": digest}
    check_says(verdict, wanted, Said("protocol.verdict_of", name=seat.card.name))
    return verdict
