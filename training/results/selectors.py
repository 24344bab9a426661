"""What pages read of results."""

from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from hefed.core.dictionary.variables import Column, DataDictionary
from hefed.core.protocol.base import ItemName, Message
from hefed.core.protocol.releases import ITEMS
from hefed.core.protocol.results import Coefficient, Curves, Metrics, ModelResult, Reason, TableOne
from hospitals.batches.models import Batch, Block
from hospitals.dictionaries.models import DictionaryVersion
from hospitals.institutions.marks import HospitalMark, marks_of
from hospitals.people.access import NotFound
from hospitals.studies.models import Study
from hospitals.words import page_words
from training.jobs.launching import _columns
from training.jobs.models import Job
from training.jobs.progress import STOP_BELOW, convergence_points
from training.jobs.selectors import job_progress
from training.releases.models import SealedResult
from training.results import charts, words
from training.results.models import Evaluation, TrainedModel

POOLED = "pooled"


class ReadableResult(Message):
    """The released items. A sealed item is None (coefficients) or empty, and ``sealed`` names it."""

    model: ModelResult | None
    metrics: dict[str, Metrics]
    curves: dict[str, Curves]
    table_one: dict[str, TableOne]
    warnings: list[Reason] = []
    sealed: list[ItemName] = []


@dataclass(frozen=True)
class TableRow:
    """One line of the table 'training pool x test hospital': a finished job and its metrics by test hospital."""

    job: Job
    pool: list[str]
    metrics: dict[str, Metrics]


def result_of(job: Job) -> ReadableResult | None:
    """What was released of a job; None while there is nothing."""
    model = TrainedModel.objects.filter(job=job).first()
    if model is None:
        return None
    rows = list(_evaluations(model))
    fitted = None if model.result is None else ModelResult.model_validate(model.result)
    return ReadableResult(
        model=None if fitted is None else _in_dictionary_order(fitted, job),
        metrics=_metrics(rows),
        curves={_scope(row): Curves.model_validate(row.curves) for row in rows if row.curves is not None},
        table_one={scope: TableOne.model_validate(table) for scope, table in (model.table_one or {}).items()},
        warnings=model.warnings,
        sealed=[name for name in sealed_names(job) if name not in model.released],
    )


def sealed_names(job: Job) -> list[ItemName]:
    """The items that the custodian sealed when the job ended, released since or not."""
    sealed = SealedResult.objects.filter(job=job).first()
    return [] if sealed is None else [name for name in ITEMS if name in sealed.names]


def _metrics(rows: list[Evaluation]) -> dict[str, Metrics]:
    return {_scope(row): Metrics.model_validate(row.metrics) for row in rows if row.metrics is not None}


def _in_dictionary_order(model: ModelResult, job: Job) -> ModelResult:
    """Canonical JSON sorts names on the way here; people read coefficients in the order of the dictionary."""
    batch = job.batches.first()
    columns = [] if batch is None else batch.manifest["columns"]
    rank = {name: place for place, name in enumerate(columns)}

    def ordered(coefficients: dict[str, Coefficient]) -> dict[str, Coefficient]:
        return dict(sorted(coefficients.items(), key=lambda item: rank.get(item[0], len(rank))))

    natural = model.natural.model_copy(update={"coefficients": ordered(model.natural.coefficients)})
    return model.model_copy(update={"coefficients": ordered(model.coefficients), "natural": natural})


def pool_by_test_hospital(study: Study) -> list[TableRow]:
    """Finished jobs of a study whose metrics are readable, the oldest first."""
    models = TrainedModel.objects.filter(job__study=study).select_related("job").order_by("job__number")
    rows = [
        TableRow(
            model.job,
            sorted(model.job.institutions.values_list("slug", flat=True)),
            _metrics(_evaluations(model)),
        )
        for model in models
    ]
    return [row for row in rows if row.metrics]


def _evaluations(model: TrainedModel) -> list[Evaluation]:
    return list(model.evaluations.select_related("institution").order_by("institution__slug"))


def _scope(row: Evaluation) -> str:
    return POOLED if row.institution is None else row.institution.slug


@dataclass(frozen=True)
class ResultCard:
    job: Job
    result: ReadableResult
    pool: list[HospitalMark]
    patients: int

    @property
    def pooled(self) -> Metrics:
        return words.metrics_of(self.result)


def result_cards(study: Study) -> list[ResultCard]:
    """Finished jobs with what was released of them, the newest first."""
    marks = marks_of(study)
    jobs = Job.objects.filter(study=study, model__isnull=False).prefetch_related("institutions")
    return [card for job in jobs if (card := _card(job, marks)) is not None]


def _card(job: Job, marks: list[HospitalMark]) -> ResultCard | None:
    result = result_of(job)
    return None if result is None else ResultCard(job, result, pool_of(job, marks), training_patients(job))


def pool_of(job: Job, marks: list[HospitalMark]) -> list[HospitalMark]:
    slugs = set(job.institutions.values_list("slug", flat=True))
    return [mark for mark in marks if mark.slug in slugs]


def training_patients(job: Job) -> int:
    blocks = Block.objects.filter(batch__in=job.batches.all(), role=Block.Role.TRAIN)
    return int(blocks.aggregate(n=Sum("patients", default=0))["n"])


def dictionary_of(job: Job) -> DictionaryVersion | None:
    """The dictionary that the job's batches follow: one for all of them."""
    batch: Batch | None = job.batches.select_related("dictionary").first()
    return None if batch is None else batch.dictionary


def column_labels(version: DictionaryVersion | None) -> dict[str, str]:
    """Names of the model's columns for people, with what one unit of a coefficient means."""
    return {column.name: _column_label(column) for column in _columns(version)}


def _column_label(column: Column) -> str:
    if column.kind != "continuous":
        return column.label
    step = f"{column.scale:.3g} {column.unit}".strip()
    return _("%(label)s, per %(step)s") % {"label": column.label, "step": step}


def outcome_label(version: DictionaryVersion | None) -> str:
    return _("the outcome") if version is None else DataDictionary.from_csv(version.csv).outcome.label


_THUMB = 100.0  # side of the calibration thumbnail's drawing


@dataclass(frozen=True)
class HospitalRow:
    """One line of the per-hospital table. ``reason`` fills the cells of a hospital without numbers."""

    name: str
    mark: HospitalMark | None
    metrics: Metrics | None
    reason: str


@dataclass(frozen=True)
class PoolRow:
    """One job in the table of pools against test hospitals; cells stand in the study's order, the pooled test last."""

    job: Job
    pool: list[HospitalMark]
    cells: list[tuple[str, Metrics | None, bool]]


def released(job: Job) -> ReadableResult:
    result = result_of(job)
    if result is None:
        facts = (
            _("it is sealed; ask for its release")
            if job.is_sealed
            else _("it is %(state)s; see the job page") % {"state": job.state}
        )
        raise NotFound(
            _("cannot show a result of %(job)s: nothing was released, %(facts)s") % {"job": job.name, "facts": facts}
        )
    return result


def charts_of(job: Job, result: ReadableResult, marks: list[HospitalMark]) -> list[charts.Chart]:
    version = dictionary_of(job)
    labels, outcome = column_labels(version), outcome_label(version)
    points = convergence_points(job_progress(job))
    fit = [charts.convergence(points, STOP_BELOW)] if points else []
    return [*charts.result_charts(result, marks, labels, outcome), *fit]


def hospital_rows(result: ReadableResult, marks: list[HospitalMark]) -> list[HospitalRow]:
    """Hospitals in the study's order, then all of them together."""
    named: list[tuple[str, str, HospitalMark | None]] = [(mark.slug, mark.name, mark) for mark in marks]
    rows = [(name, mark, result.metrics.get(key)) for key, name, mark in [*named, (POOLED, _("All hospitals"), None)]]
    return [HospitalRow(name, mark, metrics, _reason(metrics)) for name, mark, metrics in rows]


def _reason(metrics: Metrics | None) -> str:
    return _("no held-out patients were evaluated") if metrics is None else page_words(metrics.suppressed)


def pool_table(study: Study) -> list[PoolRow]:
    marks = marks_of(study)
    return [
        PoolRow(
            row.job,
            [mark for mark in marks if mark.slug in row.pool],
            [(key, row.metrics.get(key), key in row.pool) for key in [*(mark.slug for mark in marks), POOLED]],
        )
        for row in pool_by_test_hospital(study)
    ]


def scatter(result: ReadableResult) -> list[tuple[float, float]]:
    """The pooled calibration as points of a small square drawing, origin at the top left."""
    curves = result.curves.get(POOLED)
    bins = [] if curves is None else curves.calibration
    top = max((max(b.predicted, b.observed) for b in bins), default=1.0) or 1.0
    return [(_THUMB * b.predicted / top, _THUMB * (1 - b.observed / top)) for b in bins]
