"""What the custodian keeps of jobs, answers and batches, as checked messages; always sealed on disk."""

import hashlib
from dataclasses import dataclass

from pydantic import JsonValue

from hefed.core.protocol.base import Digest, ItemName, Message, RequestKind, Slug
from hefed.core.protocol.releases import OpenedItem, Publication
from hefed.core.protocol.requests import CohortPart, Request
from hefed.core.protocol.results import Reason
from hefed.custodian.keeping.ledger import Rule


class JobRecord(Message):
    """A job as of its last answered round. ``expects``: the kind of the next request, None once it has ended.

    ``led``: decided here; False where another hospital leads and this one only remembers what it was asked.
    """

    job: str
    round: int
    expects: RequestKind | None
    cohort: list[CohortPart]
    columns: list[str]
    dictionary_digest: str
    optimiser: JsonValue
    holdout: list[CohortPart] = []
    led: bool = True


class BatchRecord(Message):
    """The opened sums of an admitted batch, kept to recognise a copy of it; none where another hospital leads."""

    batch: str
    institution: str
    rows: int
    n_columns: int
    sums: list[float]


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


class AnswerRecord(Message):
    """An answer that was decided, with the state that it leads to: one file, so that both happen or neither.

    ``held``: a result that waits for `approve`. ``sealed``: a result that waits for signatures.
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
        )
