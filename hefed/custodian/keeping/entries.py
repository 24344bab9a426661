"""What each event on the ledger says: one function per event, so that no other module words a line or reads one back.

Ids, digests and rules; never a value that was opened.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from hefed.core.protocol.lead import HandOverNote
from hefed.core.protocol.releases import Publication, ReleaseTask
from hefed.core.protocol.requests import Request
from hefed.core.protocol.threshold import Resharing, SharedPiece, Sharing
from hefed.core.protocol.verdicts import AgentVerdict
from hefed.custodian.keeping.ledger import Entry, LedgerEvent, Line
from hefed.custodian.keeping.records import AnswerRecord

_FINGERPRINT_DIGITS = 64


class _Owned(Protocol):
    """A key and the institution that it speaks for."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def institution(self) -> str: ...


# ---- the directory and its key ---------------------------------------------------------------------------------------


def initialised(study: str, fingerprint: str) -> Entry:
    return Entry(event="initialised", rule=f"key {fingerprint} of {study}")


def published(fingerprint: str) -> Entry:
    return Entry(event="published", rule=f"key {fingerprint}")


def started() -> Entry:
    return Entry(event="started")


def rotated(old: str, new: str, forgotten_batches: int) -> Entry:
    return Entry(event="rotated", rule=f"key {old[:16]} replaced by {new}; {forgotten_batches} batches forgotten")


def restored(backup_made_at: str, lines: int, last_time: str) -> Entry:
    rule = f"from the backup of {backup_made_at}; the chain had {lines} lines, the last of {last_time}"
    return Entry(event="restored", rule=rule)


# ---- requests and answers --------------------------------------------------------------------------------------------


def asked(request: Request) -> Entry:
    rows = sum(part.rows for part in request.cohort)
    fields = {"request": request.request, "kind": request.kind, "job": request.job, "round": request.round}
    return Entry(event="request", rows=rows, payload_sha256=request.payload_sha256, **fields)


def answered(record: AnswerRecord, event: LedgerEvent) -> Entry:
    """``event``: "answer" for the study's own, "share-answered" for one hospital's part of it."""
    return Entry(event=event, **record.model_dump(include=set(Entry.model_fields)))


def not_taken(request: str, reason: str, job: str = "") -> Entry:
    """The server will never take what was posted for this request or release."""
    return Entry(event="conflict", request=request, job=job, rule=reason)


def wrong_answer(request: str, wrong: str, opened: str) -> Entry:
    """Names of hospitals: those whose answer contradicts the others', and those that opened together."""
    return Entry(event="conflict", request=request, rule=f"wrong answer of {wrong}; opened by {opened}")


def approved(request: str) -> Entry:
    return Entry(event="approved", request=request)


def forgotten(batch: str) -> Entry:
    return Entry(event="forgotten", rule=f"batch {batch}")


# ---- releases --------------------------------------------------------------------------------------------------------


def trusted(key: _Owned, handed_over_by: str = "") -> Entry:
    rule = f"key {key.fingerprint} of {key.institution}"
    return Entry(event="trusted", rule=f"{rule}, handed over by {handed_over_by}" if handed_over_by else rule)


def distrusted(fingerprint: str) -> Entry:
    return Entry(event="distrusted", rule=f"key {fingerprint}")


def distrusted_keys(lines: Iterable[Line]) -> set[str]:
    """Keys that people here took back and have not vouched for again."""
    last = {line.rule[len("key ") :][:_FINGERPRINT_DIGITS]: line.event for line in lines if _is_about_trust(line)}
    return {fingerprint for fingerprint, event in last.items() if event == "distrusted"}


def _is_about_trust(line: Line) -> bool:
    return line.event in ("trusted", "distrusted")


def released(job: str, told: Publication, sha256: str, signers: Sequence[str], agents: Sequence[str]) -> Entry:
    """``signers``: keys with their institutions, the requester's first. ``agents``: hospitals that approved too."""
    requester, *others = signers
    rule = (
        f"digest {told.digest}; version {told.version}; items {', '.join(item.item for item in told.items)}; "
        f"asked by {requester}; approved by {', '.join(others)}"
        f"{'; agents of ' if agents else ''}{', '.join(agents)}"
    )
    return Entry(event="release", request=told.release, job=job, answer_sha256=sha256, rule=rule)


def release_refused(task: ReleaseTask, reason: str) -> Entry:
    return Entry(event="release-refused", request=task.release, job=task.job[:100], rule=reason)


def release_verdict(verdict: AgentVerdict, items: Iterable[str]) -> Entry:
    rule = f"digest {verdict.digest}; version {verdict.version}; items {', '.join(items)}"
    return _of_verdict("release-verdict", verdict, f"{rule}; {verdict.reason}" if verdict.reason else rule)


def verdict_refused(verdict: AgentVerdict, reason: str) -> Entry:
    """The server did not take it."""
    return _of_verdict("verdict-refused", verdict, reason)


def _of_verdict(event: LedgerEvent, verdict: AgentVerdict, rule: str) -> Entry:
    fields = {"request": verdict.release, "job": verdict.job, "outcome": verdict.says, "rule": rule}
    return Entry(event=event, answer_sha256=verdict.sha256, **fields)


# ---- a key that several hospitals hold -------------------------------------------------------------------------------


def share_taken(sharing: Sharing, piece: SharedPiece) -> Entry:
    rule = (
        f"share {piece.point} of {len(sharing.seats)}, {sharing.threshold} open together; epoch {sharing.epoch}, "
        f"sharing {sharing.digest}, key {sharing.key_fingerprint}"
    )
    return Entry(event="share-taken", rule=rule)


def share_dealt(point: int, plan: Resharing) -> Entry:
    return Entry(event="share-dealt", rule=f"share {point} dealt anew: plan {plan.digest}, sharing {plan.new.digest}")


def lead_named(institution: str) -> Entry:
    return Entry(event="lead-named", rule=f"{institution} leads")


def lead_handed(note: HandOverNote, taker: str, counts: str) -> Entry:
    return Entry(event="lead-handed", rule=f"hand-over {note.number} to {taker}: {counts}; digest {note.digest}")


def lead_taken(note: HandOverNote, giver: str, counts: str) -> Entry:
    return Entry(event="lead-taken", rule=f"hand-over {note.number} of {giver}: {counts}; digest {note.digest}")


def lead_taken_without(giver: str) -> Entry:
    """The earlier lead's directory is lost."""
    return Entry(event="lead-taken", rule=f"without a hand-over of {giver}")
