"""What a job leads to: coefficients, metrics, curves, Table 1, and commitments to them while they are sealed."""

from typing import Annotated

from pydantic import Field

from hefed.core.protocol.base import Digest, ItemName, Message
from hefed.core.words import Said

Reason = Said | str  # a text: empty for none, or a sentence of a result that was made before there were codes


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
    suppressed: Reason = ""


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
    suppressed: Reason = ""


class VariableSummary(Message):
    column: str
    mean: float | None
    sd: float | None
    count: int | None  # of ones, for a 0/1 column
    suppressed: Reason = ""


class TableOne(Message):
    """Per batch or pooled: what the admission sums reveal after the disclosure rules; natural units."""

    n: int | None
    events: int | None
    variables: list[VariableSummary]
    suppressed: Reason = ""


class ReleasedResult(Message):
    """All that leaves the custodian of a job, rounded and checked against the disclosure rules."""

    model: ModelResult
    metrics: dict[str, Metrics]  # "pooled" and one entry per institution
    curves: dict[str, Curves]
    table_one: dict[str, TableOne] = {}  # of the training pool: "pooled" and one entry per institution in it
    warnings: list[Reason] = []


class ItemCommitment(Message):
    """SHA-256(salt || text). The salt keeps small contents from being guessed."""

    item: ItemName
    sha256: Digest


class SealedResult(Message):
    """All that the server learns of a result that waits for its release (docs/adr/0901)."""

    items: Annotated[list[ItemCommitment], Field(min_length=1)]
