""""""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hefed.core.learning.kinds.table import KINDS, kind_named
from hefed.core.learning.optimiser import STOP
from training.jobs.models import Job, Round
from training.jobs.selectors import JobProgress, RoundProgress
from training.results.charts import RoundPoint

STOP_BELOW = STOP


_AFTER_THE_FIT = 2  # rounds that always follow the fit: standard errors and evaluation


@dataclass(frozen=True)
class TimeLeft:
    """From the rounds that were measured; ``measured`` says how many."""

    seconds: float
    rounds: int
    measured: int


def time_left(progress: JobProgress) -> TimeLeft | None:
    """Mean of the measured rounds times the rounds that the plan still expects; None before a round is measured."""
    answered = [row for row in progress.rounds if row.state == Round.State.ANSWERED]
    measured = [row for row in answered if kind_named(row.kind).iterates]
    current = progress.current
    if not measured or current is None or progress.job.state not in Job.LIVE:
        return None
    mean = sum(row.compute_seconds + row.custodian_seconds for row in measured) / len(measured)
    rounds = _rounds_left(progress, current)
    spent = current.compute_seconds + current.custodian_seconds
    return TimeLeft(max(mean * rounds - spent, 0.0), rounds, len(measured))


def _rounds_left(progress: JobProgress, current: RoundProgress) -> int:
    """With the one under way."""
    planned = int((progress.job.plan or {}).get("rounds", 0))
    return kind_named(current.kind).closing_rounds or max(planned - current.number, 1 + _AFTER_THE_FIT)


def planned_steps(progress: JobProgress) -> list[str]:
    """What a job that still runs has before it, for the end of the strip."""
    done = {row.kind for row in progress.rounds}
    if progress.job.state not in Job.LIVE:
        return []
    return [_(kind.words.label) for kind in KINDS.values() if kind.closing_rounds and kind.name not in done]


def convergence_points(progress: JobProgress) -> list[RoundPoint]:
    rows = [row for row in progress.rounds if row.criterion is not None or row.repeated]
    return [RoundPoint(row.number, row.label, row.criterion, row.repeated) for row in rows]
