"""Key holder and server: enrolment, requests and answers, what a new key would outdate."""

from typing import Annotated, Literal

from pydantic import Field

from hefed.core.protocol.base import Code, Degree, Digest, Message, RequestKind, Slug
from hefed.core.protocol.results import ReleasedResult, SealedResult, TableOne


class SigmoidSpec(Message):
    """Which polynomial stands for the sigmoid in one round; both sides derive the same coefficients from it.

    Interval [centre - half_width, centre + half_width] of the linear predictor; ``mean`` and ``sd`` (rounded to the
    published grid) give the density that weighs the fit.
    """

    degree: Degree
    centre: float
    half_width: Annotated[float, Field(gt=0)]
    mean: float
    sd: Annotated[float, Field(gt=0)]


class PoolShare(Message):
    """What one hospital contributes to a request's cohort, by its own manifests."""

    institution: Slug
    rows: Annotated[int, Field(ge=0)]


class Replaced(Message):
    """An earlier batch of the same hospital, and how many patients came and left since, among the rows that the part
    counts. ``batch`` of another study is written ``study/batch``."""

    batch: Annotated[str, Field(min_length=1, max_length=170)]
    added: Annotated[int, Field(ge=0)]
    removed: Annotated[int, Field(ge=0)]


class CohortPart(Message):
    """One admitted (or, for ``admission``, one candidate) batch in a request's cohort, by its manifest.

    ``replaced``: earlier batches with which it shares patients; ``counted``: no other batch of this study is one.
    ``held_out``: how many of the rows are held out, for ``admission``.
    """

    batch: str
    institution: Slug
    rows: Annotated[int, Field(ge=1)]
    replaced: tuple[Replaced, ...] = ()
    counted: bool = False
    held_out: Annotated[int, Field(ge=0)] | None = None


class Request(Message):
    """Waits for the custodian. ``payload_sha256`` digests the payload envelope as stored; an answer repeats it.

    ``job`` is empty for an admission. ``round`` counts rounds of the job from 0 (moments). ``cohort`` lists the rows
    the totals run over (train rows; holdout rows for ``evaluation``; both for ``admission``).
    ``train_cohort`` is, for an evaluation, the cohort the model was trained on.
    """

    request: str
    kind: RequestKind
    study: Slug
    job: str
    round: int
    cohort: list[CohortPart]
    train_cohort: list[CohortPart] = []
    created_at: str
    payload_bytes: int
    payload_sha256: Digest


class Progress(Message):
    """What the custodian lets the job page know: the stopping criterion g' B^-1 g to one significant digit."""

    criterion: float | None
    repeated: bool = False  # the interval was too narrow and the round is repeated


class NextRound(Message):
    """The server's next task in a job. The answer envelope's payload carries one fresh ciphertext per column.

    gradient: coefficients scaled to the sigmoid's interval, at the level the degree starts from; hessian: likewise;
    evaluation: plain coefficients at level 1, ``sigmoid`` absent.
    """

    kind: RequestKind
    sigmoid: SigmoidSpec | None


NoteCode = Literal["", "agent.daily_limit", "agent.answers_missing", "agent.answers_disagree", "agent.awaits_hand_over"]


class CustodianNote(Message):
    """What the custodian's program lets people know now, such as that its daily limit is reached. Empty: nothing."""

    code: NoteCode


class Answer(Message):
    """The custodian's answer to one request. Exactly one of the optional parts goes with each outcome:

    admitted/quarantined -> ``table_one`` / ``reasons``; next -> ``next``; result -> ``result``; sealed -> ``sealed``;
    refused (policy) and failed (the fit cannot be done) -> ``reasons``.
    ``reasons`` are codes without facts, because facts may be numbers that were opened.
    ``opened_by``, ``wrong``: with a shared key, the hospitals that opened together, and those whose answer was wrong.
    """

    request: str
    payload_sha256: Digest
    outcome: Literal["admitted", "quarantined", "next", "result", "sealed", "refused", "failed"]
    reasons: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    progress: Progress | None = None
    next: NextRound | None = None
    table_one: TableOne | None = None
    result: ReleasedResult | None = None
    sealed: SealedResult | None = None
    opened_by: list[Slug] = []
    wrong: list[Slug] = []


class Enrolment(Message):
    """What a custodian's one-time code is exchanged for, once. ``token`` is shown nowhere else."""

    token: str
    study: Slug
    profile: str
    name: str


class EnrolmentCodeText(Message):
    """The code as it stands on the Keys page; blanks and case do not matter."""

    code: Annotated[str, Field(min_length=8, max_length=120)]


class OutdatedShare(Message):
    """Batches of one hospital that could no longer be trained with."""

    institution: Slug
    name: str
    batches: Annotated[int, Field(ge=1)]
    patients: Annotated[int, Field(ge=1)]


class KeyProposal(Message):
    """A public key that was published beside the one in use. ``complete``: its relinearisation key is there too.

    ``agreed``: hospitals whose cards signed for it.
    """

    fingerprint: Digest
    published_at: str
    complete: bool
    agreed: list[Slug] = []


class RotationEffect(Message):
    """What replacing the key in use would do now. ``jobs`` are under way and must end first.

    ``cards``: how many hospitals must sign for another key; 0: a person confirms it on the Keys page.
    ``previous``: the retired key that can be taken back there ``undo_until``; empty when there is none.
    """

    fingerprint: Digest | Literal[""]
    expires_at: str
    outdated: list[OutdatedShare]
    jobs: list[str]
    proposals: list[KeyProposal] = []
    cards: Annotated[int, Field(ge=0)] = 0
    previous: Digest | Literal[""] = ""
    undo_until: str = ""

    @property
    def batches(self) -> int:
        return sum(share.batches for share in self.outdated)

    def proposal(self, fingerprint: str) -> KeyProposal | None:
        return next((one for one in self.proposals if one.fingerprint == fingerprint), None)
