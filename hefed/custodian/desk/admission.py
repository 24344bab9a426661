"""Is a batch what its manifest says? Judged by the opened sums of its columns alone: nobody sees a row.

Faults name columns and rules, never the value of a sum. The server hears their codes; the ledger keeps their facts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hefed.core.dictionary.variables import Column, DataDictionary, Variable
from hefed.core.learning.table_one import Sums, read_sums
from hefed.core.words import Said

Vector = NDArray[np.float64]

CLIP = 4.0  # encoded continuous values lie within +-4
PLAUSIBLE_MEAN = 3.0
PLAUSIBLE_MEAN_SQUARE = 8.0  # more means that about half of the values lie at the clip
MAX_REASONS = 12
_FACTOR = 10.0
_TELLTALE_SHIFT, _TELLTALE_SD, _TELLTALE_MATCH = 0.75, 0.3, 0.35
_COPY_TOLERANCE = 0.25  # a sum that several hospitals open carries noise: SD 0.03, twice in a difference
_COPY_MIN_COLUMNS = 8  # fewer, all 0/1, agree by chance


@dataclass(frozen=True)
class BatchSums:
    """The opened totals of an admission request, in the order of ``total_names("admission", p)``."""

    rows: int
    sums: tuple[float, ...]
    n_columns: int

    @cached_property
    def _read(self) -> Sums:
        return read_sums(self.sums, self.n_columns)

    @property
    def x(self) -> Vector:
        return self._read.x

    @property
    def xx(self) -> Vector:
        return self._read.xx

    @property
    def yx(self) -> Vector:
        return self._read.yx

    @property
    def events(self) -> float:
        return float(self.yx[0])

    @property
    def yy(self) -> float:
        return self._read.yy

    @property
    def tolerance(self) -> float:
        """Above the noise of a total (2e-6 per 8,192 rows) and below half a patient."""
        return 0.25 + 1e-6 * self.rows


def find_faults(sums: BatchSums, dictionary: DataDictionary) -> list[Said]:
    """Everything that no set of correctly encoded rows could show; empty for a batch that can be admitted."""
    if reason := _not_rows_at_all(sums):
        return [reason]
    faults = [
        *_column_faults(sums, dictionary.columns),
        *_group_faults(sums, dictionary),
        *_outcome_faults(sums, dictionary),
    ]
    hidden = len(faults) - MAX_REASONS
    return [*faults[:MAX_REASONS], Said("admission.more_faults", count=hidden)] if hidden > 0 else faults


def is_copy(one: BatchSums, other: BatchSums, columns: Sequence[Column]) -> bool:
    """Whether two batches have the same sums to within noise, and those sums are telling enough."""
    telling = any(column.kind == "continuous" for column in columns) or len(columns) >= _COPY_MIN_COLUMNS
    if not telling or one.rows != other.rows or one.n_columns != other.n_columns:
        return False
    tolerance = _COPY_TOLERANCE + 1e-7 * one.rows
    return bool(np.all(np.abs(np.array(one.sums) - np.array(other.sums)) <= tolerance))


def _not_rows_at_all(sums: BatchSums) -> Said | None:
    values = np.array(sums.sums)
    limit = CLIP * CLIP * sums.rows + sums.tolerance
    share = int(np.sum(~(np.abs(values) <= limit)))
    if share <= len(values) // 2 and np.all(np.isfinite(values)):
        return None
    return Said("admission.no_rows", outside=share, sums=len(values), rows=sums.rows)


def _column_faults(sums: BatchSums, columns: Sequence[Column]) -> Iterator[Said]:
    if abs(sums.x[0] - sums.rows) > sums.tolerance:
        yield Said("admission.intercept", rows=sums.rows)
    for j, column in enumerate(columns):
        if column.kind == "indicator01":
            yield from _indicator_faults(sums, j, column)
        elif column.kind == "continuous":
            yield from _continuous_faults(sums, j, column)


def _indicator_faults(sums: BatchSums, j: int, column: Column) -> Iterator[Said]:
    count, tolerance = sums.x[j], sums.tolerance
    if abs(sums.xx[j] - count) > tolerance:
        yield Said("admission.column_values", column=column.name)
    if not -tolerance <= count <= sums.rows + tolerance:
        yield Said("admission.column_count", column=column.name)
    elif not -tolerance <= sums.yx[j] <= min(count, sums.events) + tolerance:
        yield Said("admission.column_events", column=column.name)


def _continuous_faults(sums: BatchSums, j: int, column: Column) -> Iterator[Said]:
    n, tolerance = sums.rows, sums.tolerance
    if sums.xx[j] > CLIP * CLIP * n + tolerance:
        yield Said("admission.column_not_encoded", column=column.name)
    elif sums.xx[j] < sums.x[j] ** 2 / n - tolerance:
        yield Said("admission.column_squares", column=column.name)
    elif reason := _unit_fault(sums, j, column):
        yield reason
    if abs(sums.yx[j]) > CLIP * max(sums.events, 0.0) + tolerance:
        yield Said("admission.column_event_sum", column=column.name)


def _unit_fault(sums: BatchSums, j: int, column: Column) -> Said | None:
    """Another unit than the dictionary's: far from the centre, at the clip, or squeezed together."""
    mean, mean_square = sums.x[j] / sums.rows, sums.xx[j] / sums.rows
    sd = float(np.sqrt(max(mean_square - mean * mean, 0.0)))
    remedy = Said("admission.unit_asked", unit=column.unit) if column.unit else Said("admission.unit_none")
    if abs(mean) > PLAUSIBLE_MEAN:
        return Said(
            "admission.column_above" if mean > 0 else "admission.column_below", column=column.name, remedy=remedy
        )
    if mean_square > PLAUSIBLE_MEAN_SQUARE:
        return Said("admission.column_clipped", column=column.name, remedy=remedy)
    shift = -(1 - 1 / _FACTOR) * column.centre / column.scale
    squeezed = (
        abs(shift) >= _TELLTALE_SHIFT and abs(mean - shift) <= _TELLTALE_MATCH * abs(shift) and sd <= _TELLTALE_SD
    )
    if squeezed:
        return Said("admission.column_tenth", column=column.name, remedy=remedy)
    return None


def _group_faults(sums: BatchSums, dictionary: DataDictionary) -> Iterator[Said]:
    groups = defaultdict(list)
    for j, column in enumerate(dictionary.columns):
        if column.kind == "indicator01":
            groups[column.variable].append((j, column))
    for variable in dictionary.features:
        members = groups.get(variable.name, [])
        missing = [j for j, column in members if variable.indicator and column.level == "missing"]
        levels = {column.level: j for j, column in members if j not in missing}
        yield from _level_faults(sums, variable, levels.values())
        if missing and variable.kind != "continuous":
            yield from _missing_faults(sums, variable, levels, missing[0])


def _level_faults(sums: BatchSums, variable: Variable, levels: Iterable[int]) -> Iterator[Said]:
    if sums.x[list(levels)].sum() > sums.rows + sums.tolerance:
        yield Said("admission.variable_levels", variable=variable.name)


def _missing_faults(sums: BatchSums, variable: Variable, levels: dict[str, int], missing: int) -> Iterator[Said]:
    """A missing value becomes the fill level, so that level cannot be rarer than missing values are."""
    filled = levels.get(variable.fill)
    count = sums.x[filled] if filled is not None else sums.rows - sums.x[list(levels.values())].sum()
    if sums.x[missing] > count + sums.tolerance:
        yield Said("admission.variable_missing", variable=variable.name)


def _outcome_faults(sums: BatchSums, dictionary: DataDictionary) -> Iterator[Said]:
    name = dictionary.outcome.name
    if abs(sums.yy - sums.events) > sums.tolerance:
        yield Said("admission.outcome_values", outcome=name)
    if not -sums.tolerance <= sums.events <= sums.rows + sums.tolerance:
        yield Said("admission.outcome_events", outcome=name)
