"""What the result pages read: charts of a job, rows per hospital, the table of pools against test hospitals."""

from dataclasses import dataclass

from hefed.protocol.messages import Metrics, ReleasedResult
from hospitals.access import NotFound
from hospitals.marks import HospitalMark, marks_of
from hospitals.models import Study
from training import charts
from training.models import Job
from training.selectors import pages
from training.selectors.jobs import job_progress
from training.selectors.results import POOLED, pool_by_test_hospital, result_of

_NOT_EVALUATED = "no held-out patients were evaluated"
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


def released(job: Job) -> ReleasedResult:
    result = result_of(job)
    if result is None:
        raise NotFound(f"cannot show a result of {job.name}: it is {job.state}, nothing was released; see the job page")
    return result


def charts_of(job: Job, result: ReleasedResult, marks: list[HospitalMark]) -> list[charts.Chart]:
    version = pages.dictionary_of(job)
    labels, outcome = pages.column_labels(version), pages.outcome_label(version)
    points = pages.convergence_points(job_progress(job))
    fit = [charts.convergence(points, pages.STOP_BELOW)] if points else []
    return [*charts.result_charts(result, marks, labels, outcome), *fit]


def hospital_rows(result: ReleasedResult, marks: list[HospitalMark]) -> list[HospitalRow]:
    """Hospitals in the study's order, then all of them together."""
    named: list[tuple[str, str, HospitalMark | None]] = [(mark.slug, mark.name, mark) for mark in marks]
    rows = [(name, mark, result.metrics.get(key)) for key, name, mark in [*named, (POOLED, "All hospitals", None)]]
    return [HospitalRow(name, mark, metrics, _reason(metrics)) for name, mark, metrics in rows]


def _reason(metrics: Metrics | None) -> str:
    return _NOT_EVALUATED if metrics is None else metrics.suppressed


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


def scatter(result: ReleasedResult) -> list[tuple[float, float]]:
    """The pooled calibration as points of a small square drawing, origin at the top left."""
    curves = result.curves.get(POOLED)
    bins = [] if curves is None else curves.calibration
    top = max((max(b.predicted, b.observed) for b in bins), default=1.0) or 1.0
    return [(_THUMB * b.predicted / top, _THUMB * (1 - b.observed / top)) for b in bins]
