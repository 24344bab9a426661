"""What the result pages read: charts of a job, rows per hospital, the table of pools against test hospitals."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hefed.protocol.messages import Metrics
from hospitals.access import NotFound
from hospitals.marks import HospitalMark
from hospitals.models import DictionaryVersion
from hospitals.told import told
from training import charts
from training.models import Job
from training.selectors import pages
from training.selectors.jobs import job_progress
from training.selectors.results import POOLED, ReadableResult, readable

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
        facts = (
            _("it is sealed; ask for its release")
            if job.is_sealed
            else _("it is %(state)s; see the job page") % {"state": job.state}
        )
        raise NotFound(
            _("cannot show a result of %(job)s: nothing was released, %(facts)s") % {"job": job.name, "facts": facts}
        )
    return result


def charts_of(
    job: Job, result: ReadableResult, version: DictionaryVersion | None, marks: list[HospitalMark]
) -> list[charts.Chart]:
    labels, outcome = pages.column_labels(version), pages.outcome_label(version)
    points = pages.convergence_points(job_progress(job))
    fit = [charts.convergence(points, pages.STOP_BELOW)] if points else []
    return [*charts.result_charts(result, marks, labels, outcome), *fit]


def hospital_rows(result: ReadableResult, marks: list[HospitalMark]) -> list[HospitalRow]:
    """Hospitals in the study's order, then all of them together."""
    named: list[tuple[str, str, HospitalMark | None]] = [(mark.slug, mark.name, mark) for mark in marks]
    rows = [(name, mark, result.metrics.get(key)) for key, name, mark in [*named, (POOLED, _("All hospitals"), None)]]
    return [HospitalRow(name, mark, metrics, _reason(metrics)) for name, mark, metrics in rows]


def _reason(metrics: Metrics | None) -> str:
    return _("no held-out patients were evaluated") if metrics is None else told(metrics.suppressed)


def pool_table(cards: list[pages.ResultCard], marks: list[HospitalMark]) -> list[PoolRow]:
    """Results whose metrics are readable, the oldest first. ``cards``: the newest first."""
    return [_pool_row(card, marks) for card in reversed(cards) if card.result.metrics]


def _pool_row(card: pages.ResultCard, marks: list[HospitalMark]) -> PoolRow:
    pool = {mark.slug for mark in card.pool}
    keys = [*(mark.slug for mark in marks), POOLED]
    return PoolRow(card.job, card.pool, [(key, card.result.metrics.get(key), key in pool) for key in keys])


def scatter(result: ReadableResult) -> list[tuple[float, float]]:
    """The pooled calibration as points of a small square drawing, origin at the top left."""
    curves = result.curves.get(POOLED)
    bins = [] if curves is None else curves.calibration
    top = max((max(b.predicted, b.observed) for b in bins), default=1.0) or 1.0
    return [(_THUMB * b.predicted / top, _THUMB * (1 - b.observed / top)) for b in bins]
