"""What the three parties say to each other, as checked and frozen messages: JSON; bytes travel in envelopes.

Knows neither Django nor TenSEAL: the encryptor, the server and the custodian all import it.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Role = Literal["train", "holdout"]
RequestKind = Annotated[str, Field(pattern=r"^[a-z_]{1,16}$")]  # a name in the table of hefed.learning.kinds
ItemName = Literal["coefficients", "metrics", "curves", "table_one"]  # what a release may publish
Degree = Literal[15, 31, 63]


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# ---- hospital <-> server ---------------------------------------------------------------------------------------------


class HoldoutRule(Message):
    """A patient is held out when HMAC-SHA256(salt, id), first 8 bytes, big endian, over 2^64, is below the fraction."""

    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32,128}$")]
    fraction: Annotated[float, Field(gt=0, lt=1)] = 0.2


class KeyInfo(Message):
    """``fingerprint``: SHA-256 of the public key envelope's payload, shown to people in groups of four."""

    fingerprint: Digest
    published_at: str


class StudyRules(Message):
    """What the study asks of every opening. The custodian applies the stricter of these and its own policy.

    ``agents_must_approve``: hospitals of a shared key whose agents must sign for each release; 0: none.
    """

    minimum_rows: Annotated[int, Field(ge=5)]
    small_cell: Annotated[int, Field(ge=5)]
    round_to: Annotated[int, Field(ge=5)]
    min_events: Annotated[int, Field(ge=5)]
    curve_events: Annotated[int, Field(ge=5)]
    agents_must_approve: Annotated[int, Field(ge=0, le=9)] = 0


class StudyPackage(Message):
    """All that an encryptor or a custodian needs to know of a study; ``GET /api/v1/study``."""

    study: Slug
    name: str
    institution: Slug
    profile: str
    dictionary_version: int
    dictionary_digest: Digest
    dictionary_csv: str
    holdout: HoldoutRule
    key: KeyInfo | None
    max_block_bytes: int
    rules: StudyRules | None = None


class BlockManifest(Message):
    """``sha256`` is empty when the block is encrypted while it is uploaded: its digest comes with its first piece."""

    index: Annotated[int, Field(ge=0)]
    role: Role
    patients: Annotated[int, Field(ge=1)]
    bytes: Annotated[int, Field(ge=1)]
    sha256: Digest | Literal[""] = ""


class BatchManifest(Message):
    """Announces a batch. ``cohort_digest``: SHA-256 over the sorted HMAC-SHA256(salt, id) of its patients, so that the
    same patients sent twice are recognised without naming anybody. ``order_digest``: SHA-256 of the batch's order key,
    when blocks have no digests yet: only who holds that key can go on with the batch, in the same order of patients."""

    format: Literal["hefed-batch/1"] = "hefed-batch/1"
    study: Slug
    institution: Slug
    profile: str
    key_fingerprint: Digest
    dictionary_version: int
    dictionary_digest: Digest
    cohort_digest: Digest
    patients: Annotated[int, Field(ge=1)]
    columns: Annotated[list[str], Field(min_length=2)]  # "intercept" first; the outcome is not among them
    blocks: Annotated[list[BlockManifest], Field(min_length=1)]
    encryptor: str
    order_digest: Digest | Literal[""] = ""


BlockState = Literal["waiting", "partial", "stored"]
BatchState = Literal["uploading", "checking", "custodian", "admitted", "quarantined", "outdated", "withdrawn"]


class BlockStatus(Message):
    index: int
    state: BlockState
    received_bytes: int
    bytes: int


class BatchStatus(Message):
    batch: str
    state: BatchState
    reason: str
    blocks: list[BlockStatus]


# ---- server <-> custodian --------------------------------------------------------------------------------------------


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


class RotationEffect(Message):
    """What replacing the key in use would do now. ``jobs`` are under way and must end first."""

    fingerprint: Digest | Literal[""]
    expires_at: str
    outdated: list[OutdatedShare]
    jobs: list[str]

    @property
    def batches(self) -> int:
        return sum(share.batches for share in self.outdated)


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


class CohortPart(Message):
    """One admitted (or, for ``admission``, one candidate) batch in a request's cohort."""

    batch: str
    institution: Slug
    rows: Annotated[int, Field(ge=1)]


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


class Coefficient(Message):
    estimate: float
    standard_error: float
    odds_ratio: float
    ci95: tuple[float, float]  # of the odds ratio


class Intercept(Message):
    estimate: float
    standard_error: float


class NaturalScale(Message):
    """The same model per unit of the dictionary instead of per centred and scaled unit."""

    intercept: Intercept
    coefficients: dict[str, Coefficient]


class ModelResult(Message):
    rounds: int
    intercept: Intercept
    coefficients: dict[str, Coefficient]
    natural: NaturalScale


class Metrics(Message):
    """Discrimination and calibration on held-out patients. A suppressed number is None and ``suppressed`` says why."""

    n: int | None
    events: int | None
    auroc: float | None
    auroc_ci95: tuple[float, float] | None
    auprc: float | None
    prevalence: float | None
    brier: float | None
    calibration_slope: float | None
    calibration_intercept: float | None
    suppressed: str = ""


class CalibrationBin(Message):
    predicted: float
    observed: float
    ci95: tuple[float, float]
    n: int
    events: int


class Curves(Message):
    """Steps of at least 8 events each. roc: (false, true positive rate); precision_recall: (recall, precision)."""

    roc: list[tuple[float, float]]
    precision_recall: list[tuple[float, float]]
    calibration: list[CalibrationBin]
    suppressed: str = ""


class VariableSummary(Message):
    column: str
    mean: float | None
    sd: float | None
    count: int | None  # of ones, for a 0/1 column
    suppressed: str = ""


class TableOne(Message):
    """Per batch or pooled: what the admission sums reveal after the disclosure rules; natural units."""

    n: int | None
    events: int | None
    variables: list[VariableSummary]
    suppressed: str = ""


class ReleasedResult(Message):
    """All that leaves the custodian of a job, rounded and checked against the disclosure rules."""

    model: ModelResult
    metrics: dict[str, Metrics]  # "pooled" and one entry per institution
    curves: dict[str, Curves]
    table_one: dict[str, TableOne] = {}  # of the training pool: "pooled" and one entry per institution in it
    warnings: list[str] = []


class ItemCommitment(Message):
    """SHA-256(salt || text). The salt keeps small contents from being guessed."""

    item: ItemName
    sha256: Digest


class SealedResult(Message):
    """All that the server learns of a result that waits for its release (docs/adr/0901)."""

    items: Annotated[list[ItemCommitment], Field(min_length=1)]


class CustodianNote(Message):
    """What the custodian's program lets people know now, such as that its daily limit is reached. Empty: nothing."""

    text: Annotated[str, Field(max_length=300)]


class Answer(Message):
    """The custodian's answer to one request. Exactly one of the optional parts goes with each outcome:

    admitted/quarantined -> ``table_one`` / ``reasons``; next -> ``next``; result -> ``result``; sealed -> ``sealed``;
    refused (policy) and failed (the fit cannot be done) -> ``reasons``.
    ``code``: the rule that refused, where the custodian names it (``hefed.errors.PolicyRefused``).
    ``opened_by``, ``wrong``: with a shared key, the hospitals that opened together, and those whose answer was wrong.
    """

    request: str
    payload_sha256: Digest
    outcome: Literal["admitted", "quarantined", "next", "result", "sealed", "refused", "failed"]
    reasons: list[str] = []
    code: Annotated[str, Field(pattern=r"^[a-z_.]{0,40}$")] = ""
    progress: Progress | None = None
    next: NextRound | None = None
    table_one: TableOne | None = None
    result: ReleasedResult | None = None
    sealed: SealedResult | None = None
    opened_by: list[Slug] = []
    wrong: list[Slug] = []
