"""A request beside all that was opened before: batches, pools, tables and held-out cohorts, whatever became of them.

Jobs and seen batches are never deleted: not by `forget`, not by a new key, not by new shares.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from hefed.core.errors import PolicyRefused
from hefed.core.learning.disclosure import Thresholds
from hefed.core.learning.kinds.table import kind_named
from hefed.core.protocol.base import Role
from hefed.core.protocol.requests import CohortPart, Request
from hefed.custodian.desk.guard import Change, Cohort, refuse_near, refuse_near_units
from hefed.custodian.keeping.records import JobRecord, SeenBatch

# ---- batches ---------------------------------------------------------------------------------------------------------


def check_new(request: Request, seen: Iterable[SeenBatch]) -> None:
    """Raise PolicyRefused for other rows under the id of a batch that was checked, and for one that was forgotten."""
    (part,) = request.cohort
    for batch in seen:
        if batch.part.batch == part.batch and (batch.part != part or batch.forgotten is not None):
            raise PolicyRefused("desk.batch_seen", batch=part.batch)


def check_replacement(part: CohortPart, seen: Iterable[SeenBatch], thresholds: Thresholds) -> None:
    """Raise PolicyRefused for a batch whose sums, beside those of a batch that it replaces, tell on a few patients."""
    known = {batch.part.batch for batch in seen}
    for earlier in part.replaced:
        if earlier.batch in known and Change(earlier.added, earlier.removed).tells(thresholds):
            raise PolicyRefused("desk.replaced_few", batch=earlier.batch, small_cell=thresholds.small_cell)


def check_rows(request: Request, jobs: Iterable[JobRecord]) -> None:
    """Raise PolicyRefused when a batch brings other rows, or another statement of what it replaced, than to an earlier
    job: batches never change."""
    earlier = (job.holdout if kind_named(request.kind).held_out else job.cohort for job in jobs)
    known = {part.batch: part for cohort in earlier for part in cohort}
    for part in request.cohort:
        before = known.get(part.batch, part)
        if before.rows != part.rows:
            raise PolicyRefused("desk.rows_changed", rows=part.rows, batch=part.batch, before=before.rows)
        if (before.replaced, before.counted) != (part.replaced, part.counted):
            raise PolicyRefused("desk.replaced_changed", batch=part.batch)


# ---- whole hospitals -------------------------------------------------------------------------------------------------


def check_snapshots(cohort: Cohort, seen: Sequence[SeenBatch], role: Role, opened: Iterable[Cohort]) -> None:
    """Raise PolicyRefused unless every hospital takes part with all its batches as they were at some moment."""
    earlier = list(opened)
    for name, parts in by_hospital(cohort):
        listed = frozenset(part.batch for part in parts)
        own = [batch for batch in seen if batch.part.institution == name]
        snapshots = {frozenset(_in_role(one, role)) for one in _snapshots(own)}
        opened_before = {frozenset(p.batch for p in one if p.institution == name) for one in earlier}
        known = {batch.part.batch for batch in own}
        if listed & known not in snapshots and listed not in opened_before:
            raise PolicyRefused("desk.part_of_hospital", institution=name, batches=tuple(sorted(listed)))


def _snapshots(own: Sequence[SeenBatch]) -> Iterator[list[SeenBatch]]:
    """The batches that stood after each event: an admission, which ends what it replaces, or a `forget`."""
    replaced = {earlier.batch: batch.first for batch in own for earlier in batch.part.replaced}
    for now in sorted({0}.union(*(batch.events for batch in own))):
        yield [batch for batch in own if batch.stood(now) and now < replaced.get(batch.part.batch, now + 1)]


def _in_role(batches: Iterable[SeenBatch], role: Role) -> Iterator[str]:
    """Those that have patients in that role, as far as it is known."""
    for batch in batches:
        held_out = batch.part.held_out
        rows = None if held_out is None else held_out if role == "holdout" else batch.part.rows - held_out
        if rows != 0:
            yield batch.part.batch


# ---- cohorts ---------------------------------------------------------------------------------------------------------


def check_pool(pool: Cohort, jobs: Iterable[JobRecord], thresholds: Thresholds) -> None:
    """Raise PolicyRefused when the pool and earlier jobs' tell on a few patients; the same pool again is fine."""
    refuse_near(pool, _distinct(job.cohort for job in jobs), thresholds)


def check_tables(whole: Cohort, jobs: Iterable[JobRecord], thresholds: Thresholds) -> None:
    """The same for Table 1, which counts all patients of a pool's batches and of each hospital's."""
    refuse_near_units(units(whole, thresholds), _units([job.whole for job in jobs], thresholds), thresholds)


def check_holdout(cohort: Cohort, jobs: Iterable[JobRecord], thresholds: Thresholds) -> None:
    """The same for held-out patients: whoever has metrics, pooled or of one hospital, against whoever had them."""
    evaluated = _distinct(job.holdout for job in jobs)
    refuse_near(cohort, evaluated, thresholds)
    refuse_near_units(units(cohort, thresholds), _units(evaluated, thresholds), thresholds)


def units(cohort: Cohort, thresholds: Thresholds) -> list[Cohort]:
    """Everybody, and each hospital that can have numbers of its own: it is neither tiny nor nearly everybody."""
    everybody = sum(part.rows for part in cohort)
    found: list[Cohort] = [cohort]
    for _, parts in by_hospital(cohort):
        own = sum(part.rows for part in parts)
        if own > thresholds.small_cell and not thresholds.is_small(everybody - own):
            found.append(parts)
    return found


def by_hospital(cohort: Cohort) -> Iterator[tuple[str, list[CohortPart]]]:
    ordered = sorted(cohort, key=lambda part: part.institution)
    for name, group in groupby(ordered, key=lambda part: part.institution):
        yield name, list(group)


def _units(cohorts: Iterable[Cohort], thresholds: Thresholds) -> list[Cohort]:
    return [unit for cohort in _distinct(cohorts) for unit in units(cohort, thresholds)]


def _distinct(cohorts: Iterable[Cohort]) -> list[Cohort]:
    """Each cohort once, in the order in which they were opened; jobs that opened none are left out."""
    found: Mapping[frozenset[str], Cohort] = {frozenset(part.batch for part in one): one for one in cohorts if one}
    return list(found.values())
