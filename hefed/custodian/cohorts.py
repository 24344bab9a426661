"""Two pools that differ by a handful of patients would let a reader subtract one result from the other."""

from collections.abc import Iterable

from hefed.errors import PolicyRefused
from hefed.protocol.messages import CohortPart

Cohort = dict[str, int]  # batch -> rows


def cohort(parts: Iterable[CohortPart]) -> Cohort:
    return {part.batch: part.rows for part in parts}


def difference(one: Cohort, other: Cohort) -> int:
    """Patients in exactly one of the two. Batches are taken whole, by their ids."""
    return sum(abs(one.get(batch, 0) - other.get(batch, 0)) for batch in one.keys() | other.keys())


def check_difference(new: Cohort, earlier: Iterable[Cohort], minimum: int) -> None:
    """Raise PolicyRefused when ``new`` differs from an earlier one by 1 to ``minimum`` patients; equal is fine."""
    if any(0 < difference(new, old) <= minimum for old in earlier):
        raise PolicyRefused(
            f"cannot answer for this pool: it differs from the pool of an earlier job by {minimum} patients or fewer, "
            "and the two results together would describe those patients; use the earlier pool, or add more patients"
        )


def check_same(new: Iterable[CohortPart], old: Iterable[CohortPart]) -> None:
    """Raise PolicyRefused when a job's cohort is not the one it began with."""
    if sorted(part.model_dump_json() for part in new) != sorted(part.model_dump_json() for part in old):
        raise PolicyRefused(
            "cannot go on with this job: its cohort is not the one that its moments were opened for; launch a new job"
        )
