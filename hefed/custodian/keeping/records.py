"""What is kept of a request, and the lines of the ledger that tell of it.

Ids, digests and rules; never a value that was opened.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from hefed.core.protocol.base import Digest, ItemName, Message, RequestKind, Slug
from hefed.core.protocol.lead import HandOverNote
from hefed.core.protocol.releases import OpenedItem, Publication, ReleaseTask
from hefed.core.protocol.requests import CohortPart, Request
from hefed.core.protocol.results import Reason
from hefed.core.protocol.threshold import Resharing, SharedPiece, Sharing
from hefed.core.protocol.verdicts import AgentVerdict
from hefed.core.words import Said
from hefed.custodian.keeping.ledger import Entry, LedgerEvent, Line, Rule


class JobRecord(Message):
    """A job as of its last answered round. ``expects``: the kind of the next request, None once it has ended.

    ``led``: decided here; False where another hospital leads and this one only remembers what it was asked.
    ``whole``: all patients of the pool's batches, held-out ones included, as Table 1 counts them; empty where another
    hospital leads. Never deleted: what was opened once is compared with every later cohort.
    """

    job: str
    round: int
    expects: RequestKind | None
    cohort: list[CohortPart]
    columns: list[str]
    dictionary_digest: str
    optimiser: JsonValue
    holdout: list[CohortPart] = []
    whole: list[CohortPart] = []
    led: bool = True


class BatchRecord(Message):
    """The opened sums of an admitted batch, kept to recognise a copy of it; none where another hospital leads."""

    batch: str
    institution: str
    rows: int
    n_columns: int
    sums: list[float]


class SeenBatch(Message):
    """What stays known of a batch that was checked for admission, also after `forget` or a new key.

    ``admitted``, ``forgotten``: places in the order of such events. ``before``: the same of times when it stood before
    it was forgotten and came back, with a key that people put back.
    """

    part: CohortPart
    admitted: int = 0
    forgotten: int | None = None
    before: tuple[tuple[int, int], ...] = ()

    @property
    def first(self) -> int:
        """When it was first admitted."""
        return self.before[0][0] if self.before else self.admitted

    @property
    def events(self) -> set[int]:
        """When it came and went."""
        now = {self.admitted} if self.forgotten is None else {self.admitted, self.forgotten}
        return now.union(*self.before)

    def stood(self, event: int) -> bool:
        """Whether it was among the hospital's batches once that event had happened."""
        times = (*self.before, (self.admitted, event + 1 if self.forgotten is None else self.forgotten))
        return any(start <= event < end for start, end in times)


class PinRecord(Message):
    """The fingerprint of the study as a person here compared it (``hefed.core.learning.pinned``)."""

    fingerprint: Digest
    pinned_at: str


class FailureRecord(Message):
    """A batch that failed its admission check. ``forgiven``: a person saw to it, and it no longer counts."""

    request: str
    institution: Slug
    forgiven: bool = False


class SealedRecord(Message):
    """A result that waits for its release: the items in clear, with their salts, and what to know when reading them."""

    request: str
    job: str
    items: list[OpenedItem]
    notes: dict[ItemName, list[Reason]]


class TrustRecord(Message):
    """A key that a person at the custodian compared with its owner, and the institution that the owner speaks for."""

    fingerprint: Digest
    institution: Slug
    name: str
    trusted_at: str


class PublicationRecord(Message):
    """A release that was decided: posted as it stands, however often that takes. ``signers``: the requester first.

    ``agents``: hospitals of a shared key whose agents approved it too.
    """

    job: str
    publication: Publication
    signers: list[Digest]
    agents: list[Slug] = []


@dataclass(frozen=True)
class Outcome:
    """What was decided of a request, and the state that it leads to."""

    outcome: str
    rule: Rule = ""
    openings: int = 0
    state: JobRecord | None = None
    batch: BatchRecord | None = None
    sealed: SealedRecord | None = None
    seen: SeenBatch | None = None


class AnswerRecord(Message):
    """An answer that was decided, with the state that it leads to: one file, so that both happen or neither.

    ``held``: a result that waits for `approve`. ``sealed``: a result that waits for signatures. ``failed``: the
    hospital whose batch failed its check.
    """

    request: str
    kind: RequestKind
    job: str
    round: int
    rows: int
    payload_sha256: str
    answer_sha256: str
    outcome: str
    rule: Rule
    openings: int
    held: bool = False
    state: JobRecord | None = None
    batch: BatchRecord | None = None
    sealed: SealedRecord | None = None
    seen: SeenBatch | None = None
    failed: str = ""

    @classmethod
    def of(cls, request: Request, posted: bytes, decided: Outcome, held: bool = False) -> "AnswerRecord":
        """Of the bytes that will be posted to a request."""
        return cls(
            request=request.request,
            kind=request.kind,
            job=request.job,
            round=request.round,
            rows=sum(part.rows for part in request.cohort),
            payload_sha256=request.payload_sha256,
            answer_sha256=hashlib.sha256(posted).hexdigest(),
            outcome=decided.outcome,
            rule=decided.rule,
            openings=decided.openings,
            held=held,
            state=decided.state,
            batch=decided.batch,
            sealed=decided.sealed,
            seen=decided.seen,
            failed=request.cohort[0].institution if decided.outcome == "quarantined" and request.cohort else "",
        )


_FINGERPRINT_DIGITS = 64


class _Owned(Protocol):
    """A key and the institution that it speaks for."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def institution(self) -> str: ...


# ---- the directory and its key ---------------------------------------------------------------------------------------


def initialised(study: str, fingerprint: str) -> Entry:
    return Entry(event="initialised", rule=Said("keeping.rule_key_made", fingerprint=fingerprint, study=study))


def pinned(fingerprint: str, before: str) -> Entry:
    """``before``: the one that it takes the place of; empty for the first."""
    if before:
        return Entry(event="pinned", rule=Said("keeping.rule_pinned_anew", fingerprint=fingerprint, before=before))
    return Entry(event="pinned", rule=Said("keeping.rule_pinned", fingerprint=fingerprint))


def published(fingerprint: str) -> Entry:
    return Entry(event="published", rule=Said("keeping.rule_key", fingerprint=fingerprint))


def started() -> Entry:
    return Entry(event="started")


def rotated(old: str, new: str, forgotten_batches: int) -> Entry:
    rule = Said("keeping.rule_rotated", old=old[:16], fingerprint=new, batches=forgotten_batches)
    return Entry(event="rotated", rule=rule)


def destroyed(fingerprint: str) -> Entry:
    return Entry(event="key-destroyed", rule=Said("keeping.rule_key", fingerprint=fingerprint))


def succession_signed(old: str, new: str) -> Entry:
    return Entry(event="succession-signed", rule=Said("keeping.rule_succession", old=old[:16], fingerprint=new))


def restored(backup_made_at: str, lines: int, last_time: str) -> Entry:
    rule = Said("keeping.rule_restored", made=backup_made_at, lines=lines, last=last_time)
    return Entry(event="restored", rule=rule)


# ---- requests and answers --------------------------------------------------------------------------------------------


def asked(request: Request) -> Entry:
    rows = sum(part.rows for part in request.cohort)
    fields = {"request": request.request, "kind": request.kind, "job": request.job, "round": request.round}
    return Entry(event="request", rows=rows, payload_sha256=request.payload_sha256, **fields)


def answered(record: AnswerRecord, event: LedgerEvent) -> Entry:
    """``event``: "answer" for the study's own, "share-answered" for one hospital's part of it."""
    return Entry(event=event, **record.model_dump(include=set(Entry.model_fields)))


def not_taken(request: str, reason: Rule, job: str = "") -> Entry:
    """The server will never take what was posted for this request or release."""
    return Entry(event="conflict", request=request, job=job, rule=reason)


def wrong_answer(request: str, wrong: tuple[str, ...], opened: tuple[str, ...]) -> Entry:
    """Names of hospitals: those whose answer contradicts the others', and those that opened together."""
    rule = Said("keeping.rule_wrong_answer", wrong=wrong, opened=opened)
    return Entry(event="conflict", request=request, rule=rule)


def approved(request: str) -> Entry:
    return Entry(event="approved", request=request)


def forgiven(institution: str, failures: int) -> Entry:
    rule = Said("keeping.rule_forgiven", institution=institution, failures=failures)
    return Entry(event="forgiven", rule=rule)


def forgotten(batch: str) -> Entry:
    return Entry(event="forgotten", rule=Said("keeping.rule_batch", batch=batch))


# ---- releases --------------------------------------------------------------------------------------------------------


def trusted(key: _Owned, handed_over_by: str = "") -> Entry:
    owner = {"fingerprint": key.fingerprint, "institution": key.institution}
    if handed_over_by:
        return Entry(event="trusted", rule=Said("keeping.rule_trusted_handed", giver=handed_over_by, **owner))
    return Entry(event="trusted", rule=Said("keeping.rule_trusted", **owner))


def distrusted(fingerprint: str) -> Entry:
    return Entry(event="distrusted", rule=Said("keeping.rule_key", fingerprint=fingerprint))


def distrusted_keys(lines: Iterable[Line]) -> set[str]:
    """Keys that people here took back and have not vouched for again."""
    last = {_key_of(line): line.event for line in lines if _is_about_trust(line)}
    return {fingerprint for fingerprint, event in last.items() if event == "distrusted"}


def _key_of(line: Line) -> str:
    """Lines of an earlier version are ``key``, a space and the fingerprint, with or without more."""
    if isinstance(line.rule, Said):
        return str(line.rule.facts.get("fingerprint", ""))
    return line.rule[len("key ") :][:_FINGERPRINT_DIGITS]


def _is_about_trust(line: Line) -> bool:
    return line.event in ("trusted", "distrusted")


def released(job: str, told: Publication, sha256: str, signers: Sequence[str], agents: Sequence[str]) -> Entry:
    """``signers``: keys with their institutions, the requester's first. ``agents``: hospitals that approved too."""
    requester, *others = signers
    items, approvers = tuple(item.item for item in told.items), tuple(others)
    rule = Said(
        "keeping.rule_release",
        digest=told.digest,
        version=told.version,
        items=items,
        requester=requester,
        approvers=approvers,
        agents=tuple(agents),
    )
    return Entry(event="release", request=told.release, job=job, answer_sha256=sha256, rule=rule)


def release_refused(task: ReleaseTask, reason: Rule) -> Entry:
    return Entry(event="release-refused", request=task.release, job=task.job[:100], rule=reason)


def release_verdict(verdict: AgentVerdict, items: Iterable[str]) -> Entry:
    read = Said("keeping.rule_verdict", digest=verdict.digest, version=verdict.version, items=tuple(items))
    rule = Said("keeping.rule_verdict_because", read=read, reason=verdict.reason) if verdict.reason else read
    return _of_verdict("release-verdict", verdict, rule)


def verdict_refused(verdict: AgentVerdict, reason: Rule) -> Entry:
    """The server did not take it."""
    return _of_verdict("verdict-refused", verdict, reason)


def _of_verdict(event: LedgerEvent, verdict: AgentVerdict, rule: Rule) -> Entry:
    fields = {"request": verdict.release, "job": verdict.job, "outcome": verdict.says}
    return Entry(event=event, answer_sha256=verdict.sha256, rule=rule, **fields)


# ---- a key that several hospitals hold -------------------------------------------------------------------------------


def share_taken(sharing: Sharing, piece: SharedPiece) -> Entry:
    rule = Said(
        "keeping.rule_share",
        place=piece.point,
        seats=len(sharing.seats),
        threshold=sharing.threshold,
        epoch=sharing.epoch,
        sharing=sharing.digest,
        fingerprint=sharing.key_fingerprint,
    )
    return Entry(event="share-taken", rule=rule)


def share_dealt(point: int, plan: Resharing) -> Entry:
    rule = Said("keeping.rule_dealt", place=point, plan=plan.digest, sharing=plan.new.digest)
    return Entry(event="share-dealt", rule=rule)


def lead_named(institution: str) -> Entry:
    return Entry(event="lead-named", rule=Said("keeping.rule_lead", institution=institution))


def lead_handed(note: HandOverNote, taker: str, counts: Said) -> Entry:
    rule = Said("keeping.rule_handed", number=note.number, taker=taker, counts=counts, digest=note.digest)
    return Entry(event="lead-handed", rule=rule)


def lead_taken(note: HandOverNote, giver: str, counts: Said) -> Entry:
    rule = Said("keeping.rule_taken", number=note.number, giver=giver, counts=counts, digest=note.digest)
    return Entry(event="lead-taken", rule=rule)


def lead_taken_without(giver: str) -> Entry:
    """The earlier lead's directory is lost."""
    return Entry(event="lead-taken", rule=Said("keeping.rule_taken_without", giver=giver))
