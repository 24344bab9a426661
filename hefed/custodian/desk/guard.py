"""Two cohorts that tell on a few patients are not both opened. docs/adr/1303.

Everything is counted hospital by hospital: who joined and who left are two numbers, and neither may be 1 to 7. The
numbers come from what batches' manifests say; where a manifest does not say what it shares with an earlier batch, the
cohorts are not compared but refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from hefed.core.errors import PolicyRefused
from hefed.core.learning.disclosure import Thresholds, shown
from hefed.core.protocol.requests import CohortPart, Replaced

Cohort = Sequence[CohortPart]
Version = frozenset[str]  # of one hospital: the batches that a cohort lists, each by the first batch that equals it
Matrix = NDArray[np.int64]

MAX_VERSIONS = 6  # of a hospital whose batches overlap: their 5^6 combinations are tried one by one
_WEIGHTS = range(-2, 3)


class CountMissing(PolicyRefused):
    """Nobody stated how many patients two batches share."""


@dataclass(frozen=True)
class Change:
    """How many patients joined and left one hospital's part of a cohort."""

    added: int
    removed: int

    @property
    def total(self) -> int:
        return self.added + self.removed

    def tells(self, thresholds: Thresholds) -> bool:
        return thresholds.is_small(self.added) or thresholds.is_small(self.removed)


class Batches:
    """What is known of every batch of some cohorts, in the order in which they were seen."""

    def __init__(self, cohorts: Iterable[Cohort]) -> None:
        self._parts: dict[str, CohortPart] = {}
        for part in (part for cohort in cohorts for part in cohort):
            self._parts.setdefault(part.batch, part)
        self._order = {batch: place for place, batch in enumerate(self._parts)}
        self._first: dict[str, str] = {}
        for part in self._parts.values():
            self._first[part.batch] = self._equal(part)

    def first(self, batch: str) -> str:
        """The earliest batch that holds the very same patients."""
        return self._first[batch]

    def rows(self, version: Iterable[str]) -> int:
        return sum(self._parts[batch].rows for batch in version)

    def versions(self, cohort: Cohort) -> dict[str, Version]:
        """By hospital."""
        found: dict[str, set[str]] = {}
        for part in cohort:
            found.setdefault(part.institution, set()).add(self.first(part.batch))
        return {institution: frozenset(batches) for institution, batches in found.items()}

    def change(self, earlier: Version, new: Version) -> Change:
        """Raises CountMissing where patients left and came and a manifest does not say how many are the same."""
        gone, come = earlier - new, new - earlier
        kept = sum(self.shared(one, other) for one in gone for other in come)
        return Change(max(self.rows(come) - kept, 0), max(self.rows(gone) - kept, 0))

    def shared(self, one: str, other: str) -> int:
        """Patients in both of two different batches; raises CountMissing."""
        stated = self._stated(one, other)
        if stated is not None:
            return stated
        later = self._parts[max(one, other, key=self._order.__getitem__)]
        if not later.counted or "/" in one + other:
            raise CountMissing("desk.count_missing", institution=later.institution, batch=later.batch)
        return 0

    def overlap(self, one: Version, other: Version) -> int:
        """Patients in both versions; batches that stood side by side without a word hold different patients."""
        pairs = ((left, right) for left in one for right in other)
        return sum(self.rows([a]) if a == b else self._stated(a, b) or 0 for a, b in pairs)

    def overlapping(self, versions: Iterable[Version]) -> bool:
        """Whether any two batches of these versions share patients."""
        batches = sorted(frozenset[str]().union(*versions))
        return any(self._stated(a, b) for k, a in enumerate(batches) for b in batches[:k])

    def _equal(self, part: CohortPart) -> str:
        for earlier in part.replaced:
            same = earlier.added == earlier.removed == 0 and earlier.batch in self._first
            if same and self._parts[earlier.batch].rows == part.rows:
                return self._first[earlier.batch]
        return part.batch

    @cached_property
    def _statements(self) -> dict[frozenset[str], int]:
        found: dict[frozenset[str], int] = {}
        for part in self._parts.values():
            for earlier in part.replaced:
                if earlier.batch in self._parts:
                    pair = frozenset((self.first(part.batch), self.first(earlier.batch)))
                    found.setdefault(pair, self._kept(part, earlier))
        return found

    def _kept(self, part: CohortPart, earlier: Replaced) -> int:
        """Raises PolicyRefused for numbers that contradict each other."""
        kept = part.rows - earlier.added
        if kept < 0 or kept != self._parts[earlier.batch].rows - earlier.removed:
            raise PolicyRefused("desk.count_wrong", batch=part.batch, before=earlier.batch)
        return kept

    def _stated(self, one: str, other: str) -> int | None:
        return self._statements.get(frozenset((one, other)))


# ---- two cohorts -----------------------------------------------------------------------------------------------------


def refuse_near(cohort: Cohort, opened: Sequence[Cohort], thresholds: Thresholds) -> None:
    """Raise PolicyRefused unless at every hospital the numbers of patients that joined and left are 0 or not small,
    whichever opened cohort this one is compared with; and unless no combination of all of them isolates a few."""
    batches = Batches([*opened, cohort])
    new = batches.versions(cohort)
    for earlier in opened:
        for change in _changes(batches, batches.versions(earlier), new).values():
            if change.tells(thresholds):
                raise _differs(thresholds)
    _refuse_combinations(batches, [batches.versions(one) for one in opened], new, thresholds)


def refuse_near_units(cohorts: Sequence[Cohort], opened: Iterable[Cohort], thresholds: Thresholds) -> None:
    """Raise PolicyRefused if a whole cohort or one hospital's part of it differs by few patients from any other that
    was opened, a whole one or a part."""
    earlier = list(opened)
    batches = Batches([*earlier, *cohorts])
    for new in cohorts:
        for old in earlier:
            changes = _changes(batches, batches.versions(old), batches.versions(new))
            if thresholds.is_small(sum(change.total for change in changes.values())):
                raise _differs(thresholds)


def _changes(batches: Batches, old: Mapping[str, Version], new: Mapping[str, Version]) -> dict[str, Change]:
    nobody: Version = frozenset()
    hospitals = sorted({*old, *new})
    return {name: batches.change(old.get(name, nobody), new.get(name, nobody)) for name in hospitals}


def _differs(thresholds: Thresholds) -> PolicyRefused:
    return PolicyRefused("disclosure.cohort_differs", small_cell=thresholds.small_cell, least=thresholds.small_cell + 1)


# ---- combinations of several ----------------------------------------------------------------------------------------


def _refuse_combinations(
    batches: Batches, opened: Sequence[Mapping[str, Version]], new: Mapping[str, Version], thresholds: Thresholds
) -> None:
    overlapping = set()
    for name, version in new.items():
        versions = list(dict.fromkeys([*(one[name] for one in opened if name in one), version]))
        if batches.overlapping(versions):
            overlapping.add(name)
            _refuse_overlaps(batches, name, versions, thresholds)
    before = _isolated(batches, opened, overlapping, thresholds)
    if _isolated(batches, [*opened, new], overlapping, thresholds) > before:
        raise _isolates(thresholds)


def _refuse_overlaps(batches: Batches, name: str, versions: Sequence[Version], thresholds: Thresholds) -> None:
    """Of one hospital: no sum of its versions, each counted -2 to 2 times, may consist of a few patients.

    The squared length of such a sum is the number of patients in it, each counted by the square of its weight; it
    follows from how many patients every two versions share.
    """
    if len(versions) > MAX_VERSIONS:
        raise PolicyRefused("desk.versions", institution=name, versions=len(versions), most=MAX_VERSIONS)
    shared = np.array([[batches.overlap(a, b) for b in versions] for a in versions])
    weights = np.array(list(product(_WEIGHTS, repeat=len(versions))))
    weights = weights[np.count_nonzero(weights, axis=1) > 1]
    lengths = np.einsum("ij,jk,ik->i", weights, shared, weights)
    simple = np.abs(weights).sum(axis=1) == 2  # one less another: every patient counts once
    limits = thresholds.small_cell * np.where(simple, 1, 4)
    if np.any((lengths >= 1) & (lengths <= limits)):
        raise _isolates(thresholds)


def _isolated(
    batches: Batches, cohorts: Sequence[Mapping[str, Version]], overlapping: set[str], thresholds: Thresholds
) -> int:
    """How many combinations of these cohorts, with whatever weights, consist of small groups of patients alone.

    Patients that are in the same cohorts are one column; it is small or not. The rows' combinations that vanish on all
    other columns are what the rank loses without the small ones.
    """
    columns: dict[tuple[int, ...], int] = {}
    for members, rows in _groups(batches, cohorts, overlapping):
        columns[members] = columns.get(members, 0) + rows
    if not columns:
        return 0
    kept = [members for members, rows in columns.items() if not thresholds.is_small(rows)]
    return _rank(list(columns)) - _rank(kept)


def _groups(
    batches: Batches, cohorts: Sequence[Mapping[str, Version]], overlapping: set[str]
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Batches, or whole versions of a hospital whose batches overlap: in which cohorts they are, and their size."""
    for name in sorted({name for cohort in cohorts for name in cohort}):
        versions = [cohort.get(name, frozenset()) for cohort in cohorts]
        if name in overlapping:
            for version in dict.fromkeys(one for one in versions if one):
                yield tuple(int(one == version) for one in versions), batches.rows(version)
        else:
            for batch in sorted(frozenset[str]().union(*versions)):
                yield tuple(int(batch in one) for one in versions), batches.rows([batch])


def _rank(columns: Sequence[Sequence[int]]) -> int:
    return int(np.linalg.matrix_rank(np.array(columns, float))) if columns else 0


def _isolates(thresholds: Thresholds) -> PolicyRefused:
    return PolicyRefused("desk.combination", small_cell=thresholds.small_cell)


# ---- what approvers see ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Neighbour:
    """An earlier job over another pool, and by how many patients that differs; rounded, None where they are few."""

    job: str
    added: int | None
    removed: int | None


def nearest(cohort: Cohort, opened: Mapping[str, Cohort], thresholds: Thresholds, most: int = 3) -> list[Neighbour]:
    """The earlier pools that differ least, the same one left out."""
    batches = Batches([*opened.values(), cohort])
    new, found = batches.versions(cohort), []
    for job, earlier in opened.items():
        old = batches.versions(earlier)
        if old == new:
            continue
        try:
            changes = _changes(batches, old, new).values()
        except PolicyRefused:
            continue
        found.append((sum(c.added for c in changes), sum(c.removed for c in changes), job))
    found.sort(key=lambda one: (one[0] + one[1], one[2]))
    return [Neighbour(job, _shown(came, thresholds), _shown(left, thresholds)) for came, left, job in found[:most]]


def _shown(count: int, thresholds: Thresholds) -> int | None:
    return shown(count, thresholds.is_small(count), thresholds)
