"""Which rows a job runs over, and over which an earlier one ran: two cohorts a few patients apart tell on them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from hefed.core.errors import PolicyRefused
from hefed.core.learning.disclosure import Thresholds, refuse_differencing
from hefed.core.learning.kinds.table import kind_named
from hefed.core.protocol.requests import CohortPart, Request
from hefed.custodian.keeping.records import BatchRecord, JobRecord

Cohort = Sequence[CohortPart]


def check_admitted(request: Request, batches: Iterable[BatchRecord]) -> None:
    """Raise PolicyRefused unless the cohort is made of admitted batches, with no more rows than were seen then."""
    known = {batch.batch: batch for batch in batches}
    for part in (*request.cohort, *request.train_cohort):
        batch = known.get(part.batch)
        opened = batch is not None and batch.sums  # else known by name only, from when another hospital led
        if batch is None or not opened or batch.institution != part.institution or batch.rows < part.rows:
            raise PolicyRefused("desk.not_admitted", batch=part.batch, rows=part.rows, institution=part.institution)


def check_whole(request: Request, batches: Iterable[BatchRecord]) -> None:
    """Raise PolicyRefused unless an evaluated batch's training and held-out rows are all that were admitted."""
    admitted = {batch.batch: batch.rows for batch in batches}
    trained = {part.batch: part.rows for part in request.train_cohort}
    for part in request.cohort:
        if part.batch in trained and trained[part.batch] + part.rows != admitted[part.batch]:
            raise PolicyRefused(
                "desk.not_whole",
                batch=part.batch,
                trained=trained[part.batch],
                held_out=part.rows,
                admitted=admitted[part.batch],
            )


def check_same(new: Cohort, old: Cohort) -> None:
    """Raise PolicyRefused when a job's cohort is not the one it began with."""
    if sorted(part.model_dump_json() for part in new) != sorted(part.model_dump_json() for part in old):
        raise PolicyRefused("desk.other_cohort")


def check_pool(pool: Cohort, jobs: Iterable[JobRecord], known: set[str], thresholds: Thresholds) -> None:
    """Raise PolicyRefused when the pool differs from an earlier job's by a few patients; the same pool is fine.

    Jobs over a batch that a person told this custodian to forget no longer count.
    """
    refuse_differencing(pool, _remembered((job.cohort for job in jobs), known), thresholds)


def check_tables(
    request: Request, jobs: Iterable[JobRecord], batches: Iterable[BatchRecord], thresholds: Thresholds
) -> None:
    """The same for Table 1, which counts all patients of a pool's batches and of each hospital's."""
    admitted = {batch.batch: batch.rows for batch in batches}
    known = _remembered((job.cohort for job in jobs), set(admitted))
    earlier = [unit for cohort in known for unit in units(_whole(cohort, admitted), thresholds)]
    for unit in units(_whole(request.cohort, admitted), thresholds):
        refuse_differencing(unit, earlier, thresholds)


def _whole(cohort: Cohort, admitted: Mapping[str, int]) -> list[CohortPart]:
    return [part.model_copy(update={"rows": admitted[part.batch]}) for part in cohort]


def check_holdout(request: Request, jobs: Iterable[JobRecord], known: set[str], thresholds: Thresholds) -> None:
    """The same for held-out patients: whoever has metrics, pooled or of one hospital, against whoever had them."""
    evaluated = _remembered((job.holdout for job in jobs if job.holdout), known)
    earlier = [unit for cohort in evaluated for unit in units(cohort, thresholds)]
    for unit in units(request.cohort, thresholds):
        refuse_differencing(unit, earlier, thresholds)


def check_rows(request: Request, jobs: Iterable[JobRecord]) -> None:
    """Raise PolicyRefused when a batch brings another number of rows than to an earlier job: batches never change."""
    earlier = (job.holdout if kind_named(request.kind).held_out else job.cohort for job in jobs)
    rows = {part.batch: part.rows for cohort in earlier for part in cohort}
    for part in request.cohort:
        if rows.get(part.batch, part.rows) != part.rows:
            raise PolicyRefused("desk.rows_changed", rows=part.rows, batch=part.batch, before=rows[part.batch])


def units(cohort: Cohort, thresholds: Thresholds) -> list[Cohort]:
    """Everybody, and each hospital that can have numbers of its own: it is neither tiny nor nearly everybody."""
    everybody = sum(part.rows for part in cohort)
    found: list[Cohort] = [cohort]
    for _, parts in _per_institution(cohort):
        own = sum(part.rows for part in parts)
        if own > thresholds.small_cell and not thresholds.is_small(everybody - own):
            found.append(parts)
    return found


def _remembered(cohorts: Iterable[Cohort], known: set[str]) -> list[Cohort]:
    return [cohort for cohort in cohorts if {part.batch for part in cohort} <= known]


def _per_institution(cohort: Cohort) -> Iterator[tuple[str, list[CohortPart]]]:
    ordered = sorted(cohort, key=lambda part: part.institution)
    for name, group in groupby(ordered, key=lambda part: part.institution):
        yield name, list(group)
