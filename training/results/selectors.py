"""What is read of results: metrics, curves and Table 1, pooled and per hospital."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet, Sum, prefetch_related_objects
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from hefed.core.dictionary.variables import Column, DataDictionary
from hefed.core.protocol.base import ItemName, Message
from hefed.core.protocol.releases import ITEMS
from hefed.core.protocol.results import Coefficient, Curves, Metrics, ModelResult, Reason, TableOne, VariableSummary
from hefed.core.words import words as english
from hospitals.batches.models import Batch, Block
from hospitals.csv_files import csv_text
from hospitals.dictionaries.models import DictionaryVersion
from hospitals.institutions.selectors import HospitalMark
from hospitals.people.permissions import NotFound
from hospitals.states import Badge
from hospitals.studies.facts import StudyFacts
from hospitals.words import page_words
from training.jobs.models import Job
from training.jobs.selectors import STOP_BELOW, convergence_points, job_progress
from training.releases.models import SealedResult
from training.results import charts, words
from training.results.models import Evaluation, TrainedModel

POOLED = "pooled"
_EVALUATIONS = Evaluation.objects.select_related("institution").order_by("institution__slug")


class ReadableResult(Message):
    """The released items. A sealed item is None (coefficients) or empty, and ``sealed`` names it."""

    model: ModelResult | None
    metrics: dict[str, Metrics]
    curves: dict[str, Curves]
    table_one: dict[str, TableOne]
    warnings: list[Reason] = []
    sealed: list[ItemName] = []


def jobs_with_results(jobs: QuerySet[Job]) -> list[Job]:
    """Those of these jobs of which something is readable, with all that ``readable`` reads."""
    rows = jobs.filter(model__isnull=False).select_related("sealed", "model")
    return list(rows.prefetch_related("institutions", Prefetch("model__evaluations", _EVALUATIONS)))


def result_of(job: Job) -> ReadableResult | None:
    """What was released of a job until now; None while there is nothing."""
    return next((readable(one, dictionary_of(one)) for one in jobs_with_results(Job.objects.filter(pk=job.pk))), None)


def readable(job: Job, version: DictionaryVersion | None) -> ReadableResult | None:
    """The same of a job that was just read; ``version``: the dictionary that it follows."""
    model: TrainedModel | None = getattr(job, "model", None)
    if model is None:
        return None
    prefetch_related_objects([model], Prefetch("evaluations", _EVALUATIONS))
    rows = list(model.evaluations.all())
    fitted = None if model.result is None else ModelResult.model_validate(model.result)
    return ReadableResult(
        model=None if fitted is None else _in_dictionary_order(fitted, version),
        metrics=_metrics(rows),
        curves={_scope(row): Curves.model_validate(row.curves) for row in rows if row.curves is not None},
        table_one={scope: TableOne.model_validate(table) for scope, table in (model.table_one or {}).items()},
        warnings=model.warnings,
        sealed=[name for name in sealed_names(job) if name not in model.released],
    )


def dictionary_of(job: Job) -> DictionaryVersion | None:
    """The dictionary that the job's batches follow: one for all of them."""
    return dictionaries_of([job]).get(job.pk)


def dictionaries_of(jobs: Iterable[Job]) -> dict[int, DictionaryVersion]:
    """The same of several jobs, by primary key."""
    rows = Batch.objects.filter(jobs__in=[job.pk for job in jobs]).order_by().values_list("jobs", "dictionary")
    wanted = dict(rows.distinct())
    versions = DictionaryVersion.objects.in_bulk(set(wanted.values()))
    return {job: versions[version] for job, version in wanted.items()}


def sealed_names(job: Job) -> list[ItemName]:
    """The items that the custodian sealed when the job ended, released since or not."""
    sealed: SealedResult | None = getattr(job, "sealed", None)
    return [] if sealed is None else [name for name in ITEMS if name in sealed.names]


def _metrics(rows: list[Evaluation]) -> dict[str, Metrics]:
    return {_scope(row): Metrics.model_validate(row.metrics) for row in rows if row.metrics is not None}


def _in_dictionary_order(model: ModelResult, version: DictionaryVersion | None) -> ModelResult:
    """Canonical JSON sorts names on the way here; people read coefficients in the order of the dictionary."""
    columns = [] if version is None else [column.name for column in DataDictionary.from_csv(version.csv).columns]
    rank = {name: place for place, name in enumerate(columns)}

    def ordered(coefficients: dict[str, Coefficient]) -> dict[str, Coefficient]:
        return dict(sorted(coefficients.items(), key=lambda item: rank.get(item[0], len(rank))))

    natural = model.natural.model_copy(update={"coefficients": ordered(model.natural.coefficients)})
    return model.model_copy(update={"coefficients": ordered(model.coefficients), "natural": natural})


def _scope(row: Evaluation) -> str:
    return POOLED if row.institution is None else row.institution.slug


@dataclass(frozen=True)
class ResultCard:
    job: Job
    result: ReadableResult
    dictionary: DictionaryVersion | None
    pool: list[HospitalMark]
    patients: int

    @property
    def pooled(self) -> Metrics:
        return words.metrics_of(self.result)

    @property
    def badge(self) -> Badge:
        if self.job.withdrawn_batches:
            return Badge("failed", _("Uses withdrawn patients"))
        return Badge("open", _("Partly released") if self.result.sealed else _("Released"))


def columns_of(version: DictionaryVersion | None) -> tuple[Column, ...]:
    return () if version is None else DataDictionary.from_csv(version.csv).columns


def result_cards(facts: StudyFacts) -> list[ResultCard]:
    """Finished jobs with what was released of them, the newest first."""
    jobs = jobs_with_results(Job.objects.filter(study=facts.study))
    patients, versions = training_patients_of(jobs), dictionaries_of(jobs)
    found = [(job, readable(job, versions.get(job.pk))) for job in jobs]
    return [
        ResultCard(job, result, versions.get(job.pk), pool_of(job, facts.marks), patients[job.pk])
        for job, result in found
        if result is not None
    ]


def pool_of(job: Job, marks: list[HospitalMark]) -> list[HospitalMark]:
    slugs = {institution.slug for institution in job.institutions.all()}
    return [mark for mark in marks if mark.slug in slugs]


def training_patients_of(jobs: Iterable[Job]) -> dict[int, int]:
    """Patients that trained each of these jobs, by primary key."""
    wanted = [job.pk for job in jobs]
    rows = Block.objects.filter(batch__jobs__in=wanted, role=Block.Role.TRAIN).order_by().values("batch__jobs")
    found = {row["batch__jobs"]: int(row["n"]) for row in rows.annotate(n=Sum("patients", default=0))}
    return {pk: found.get(pk, 0) for pk in wanted}


def training_patients(job: Job) -> int:
    return training_patients_of([job])[job.pk]


def column_labels(version: DictionaryVersion | None) -> dict[str, str]:
    """Names of the model's columns for people, with what one unit of a coefficient means."""
    return {column.name: _column_label(column) for column in columns_of(version)}


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


def released(job: Job, version: DictionaryVersion | None) -> ReadableResult:
    """``version``: the dictionary that the job follows."""
    result = readable(job, version)
    if result is None:
        if job.is_sealed:
            raise NotFound("jobs.result_sealed", job=job.name)
        raise NotFound("jobs.no_result", job=job.name, state=job.state)
    return result


def charts_of(
    job: Job, result: ReadableResult, version: DictionaryVersion | None, marks: list[HospitalMark]
) -> list[charts.Chart]:
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


def pool_table(cards: list[ResultCard], marks: list[HospitalMark]) -> list[PoolRow]:
    """Results whose metrics are readable, the oldest first. ``cards``: the newest first."""
    return [_pool_row(card, marks) for card in reversed(cards) if card.result.metrics]


def _pool_row(card: ResultCard, marks: list[HospitalMark]) -> PoolRow:
    pool = {mark.slug for mark in card.pool}
    keys = [*(mark.slug for mark in marks), POOLED]
    return PoolRow(card.job, card.pool, [(key, card.result.metrics.get(key), key in pool) for key in keys])


def scatter(result: ReadableResult) -> list[tuple[float, float]]:
    """The pooled calibration as points of a small square drawing, origin at the top left."""
    curves = result.curves.get(POOLED)
    bins = [] if curves is None else curves.calibration
    top = max((max(b.predicted, b.observed) for b in bins), default=1.0) or 1.0
    return [(_THUMB * b.predicted / top, _THUMB * (1 - b.observed / top)) for b in bins]


_CSV_HEADER = ("group", "variable", "unit", "patients", "events", "mean", "sd", "count", "share", "suppressed")


@dataclass(frozen=True)
class Group:
    """One column of the table: all hospitals together (no mark), or one."""

    scope: str
    mark: HospitalMark | None
    table: TableOne


@dataclass(frozen=True)
class Cell:
    """What stands in one place: a number as text, or why there is none."""

    text: str
    suppressed: str = ""


@dataclass(frozen=True)
class Row:
    label: str
    unit: str
    cells: list[Cell]
    groups: list[Group]

    @property
    def named(self) -> list[tuple[Cell, str]]:
        """Each cell with its hospital's name, empty for the pool's: on a narrow screen a row stands alone."""
        return [
            (cell, "" if of.mark is None else of.mark.name) for cell, of in zip(self.cells, self.groups, strict=True)
        ]


@dataclass(frozen=True)
class Table:
    groups: list[Group]
    rows: list[Row]


def table_of(result: ReadableResult, version: DictionaryVersion | None, marks: list[HospitalMark]) -> Table | None:
    """None while Table 1 is sealed."""
    groups = _groups(result, marks)
    if not groups:
        return None
    columns = _columns(version)
    names = [variable.column for variable in groups[0].table.variables]
    rows = [_row(name, columns.get(name), groups) for name in names]
    return Table(groups, [_counts(groups, "n"), _counts(groups, "events"), *rows])


def _groups(result: ReadableResult, marks: list[HospitalMark]) -> list[Group]:
    named = [(POOLED, None), *((mark.slug, mark) for mark in marks)]
    return [Group(scope, mark, result.table_one[scope]) for scope, mark in named if scope in result.table_one]


def _columns(version: DictionaryVersion | None) -> dict[str, Column]:
    columns = () if version is None else DataDictionary.from_csv(version.csv).columns
    return {column.name: column for column in columns}


def _counts(groups: list[Group], name: str) -> Row:
    label = gettext("Patients") if name == "n" else gettext("With the outcome")
    counts = [(getattr(group.table, name), group.table.suppressed) for group in groups]
    return Row(label, "", [_count_cell(count, reason) for count, reason in counts], groups)


def _count_cell(count: int | None, reason: Reason) -> Cell:
    return Cell("", page_words(reason) or gettext("suppressed")) if count is None else Cell(f"{count:,}")


def _row(name: str, column: Column | None, groups: list[Group]) -> Row:
    label, unit = (name, "") if column is None else (column.label, column.unit)
    return Row(label, unit, [_cell(_summary(group.table, name), group.table.n) for group in groups], groups)


def _summary(table: TableOne, name: str) -> VariableSummary | None:
    return next((variable for variable in table.variables if variable.column == name), None)


def _cell(summary: VariableSummary | None, n: int | None) -> Cell:
    """Mean (SD) of a continuous variable; count (share) of a 0/1 column."""
    if summary is None or summary.suppressed:
        return Cell("", gettext("suppressed") if summary is None else page_words(summary.suppressed))
    if summary.count is not None:
        return Cell(f"{summary.count:,}" + (f" ({words.percent(summary.count / n)})" if n else ""))
    if summary.mean is None:
        return Cell("", gettext("suppressed"))
    spread = "" if summary.sd is None else f" ({words.number(summary.sd, 2)})"
    return Cell(words.number(summary.mean, 2) + spread)


def table_csv(result: ReadableResult, version: DictionaryVersion | None) -> str:
    """One line per group and variable; an absent number is empty and its reason stands in the last column."""
    columns, rows = _columns(version), list[tuple[object, ...]]([_CSV_HEADER])
    for scope, table in result.table_one.items():
        for variable in table.variables:
            column = columns.get(variable.column)
            rows.append(_csv_row(scope, table, variable, "" if column is None else column.unit))
    return csv_text(rows)


def _csv_row(scope: str, table: TableOne, variable: VariableSummary, unit: str) -> tuple[object, ...]:
    share = variable.mean if variable.count is not None else None
    mean = variable.mean if variable.count is None else None
    numbers = (table.n, table.events, mean, variable.sd, variable.count, share)
    return (scope, variable.column, unit, *numbers, _in_english(variable.suppressed or table.suppressed))


def _in_english(reason: Reason) -> str:
    """A download reads the same whoever asks for it (docs/translation.md)."""
    return reason if isinstance(reason, str) else english(reason)
