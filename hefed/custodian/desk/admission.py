"""Is a batch what its manifest says? Judged by the opened sums of its columns alone: nobody sees a row.

The reasons name columns and rules, never the value of a sum: they travel to the server and to the hospital.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hefed.core.dictionary.variables import Column, DataDictionary, Variable
from hefed.core.learning.table_one import Sums, read_sums

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


def find_faults(sums: BatchSums, dictionary: DataDictionary) -> list[str]:
    """Everything that no set of correctly encoded rows could show; empty for a batch that can be admitted."""
    if reason := _not_rows_at_all(sums):
        return [reason]
    faults = [
        *_column_faults(sums, dictionary.columns),
        *_group_faults(sums, dictionary),
        *_outcome_faults(sums, dictionary),
    ]
    hidden = len(faults) - MAX_REASONS
    return [*faults[:MAX_REASONS], f"and {hidden} more of the same kind"] if hidden > 0 else faults


def is_copy(one: BatchSums, other: BatchSums, columns: Sequence[Column]) -> bool:
    """Whether two batches have the same sums to within noise, and those sums are telling enough."""
    telling = any(column.kind == "continuous" for column in columns) or len(columns) >= _COPY_MIN_COLUMNS
    if not telling or one.rows != other.rows or one.n_columns != other.n_columns:
        return False
    tolerance = _COPY_TOLERANCE + 1e-7 * one.rows
    return bool(np.all(np.abs(np.array(one.sums) - np.array(other.sums)) <= tolerance))


def _not_rows_at_all(sums: BatchSums) -> str:
    values = np.array(sums.sums)
    limit = CLIP * CLIP * sums.rows + sums.tolerance
    share = int(np.sum(~(np.abs(values) <= limit)))
    if share <= len(values) // 2 and np.all(np.isfinite(values)):
        return ""
    return (
        f"{share} of {len(values)} sums lie outside anything that {sums.rows} encoded rows can add up to: "
        "the ciphertexts hold no encoded rows, or were not made with this study's public key; encrypt the table again"
    )


def _column_faults(sums: BatchSums, columns: Sequence[Column]) -> Iterator[str]:
    if abs(sums.x[0] - sums.rows) > sums.tolerance:
        yield f"the sum of the intercept column is not the {sums.rows} rows that the manifest declares"
    for j, column in enumerate(columns):
        if column.kind == "indicator01":
            yield from _indicator_faults(sums, j, column)
        elif column.kind == "continuous":
            yield from _continuous_faults(sums, j, column)


def _indicator_faults(sums: BatchSums, j: int, column: Column) -> Iterator[str]:
    count, tolerance = sums.x[j], sums.tolerance
    if abs(sums.xx[j] - count) > tolerance:
        yield f"column {column.name}: the sum of squares is not the sum, so it holds values other than 0 and 1"
    if not -tolerance <= count <= sums.rows + tolerance:
        yield f"column {column.name}: the sum of a 0/1 column must lie between 0 and the number of rows"
    elif not -tolerance <= sums.yx[j] <= min(count, sums.events) + tolerance:
        yield f"column {column.name}: more events than patients with a 1, or than events in all"


def _continuous_faults(sums: BatchSums, j: int, column: Column) -> Iterator[str]:
    n, tolerance = sums.rows, sums.tolerance
    if sums.xx[j] > CLIP * CLIP * n + tolerance:
        yield f"column {column.name}: the sum of squares is larger than values within +-4 allow; it was not encoded"
    elif sums.xx[j] < sums.x[j] ** 2 / n - tolerance:
        yield f"column {column.name}: the sum of squares is smaller than the sum allows (Cauchy-Schwarz)"
    elif reason := _unit_fault(sums, j, column):
        yield reason
    if abs(sums.yx[j]) > CLIP * max(sums.events, 0.0) + tolerance:
        yield f"column {column.name}: the sum over the events is larger than values within +-4 allow"


def _unit_fault(sums: BatchSums, j: int, column: Column) -> str:
    """Another unit than the dictionary's: far from the centre, at the clip, or squeezed together."""
    mean, mean_square = sums.x[j] / sums.rows, sums.xx[j] / sums.rows
    sd = float(np.sqrt(max(mean_square - mean * mean, 0.0)))
    unit = f"the dictionary asks for {column.unit}" if column.unit else "the dictionary names no unit"
    remedy = f"check the unit ({unit}), a factor of 10 for instance"
    if abs(mean) > PLAUSIBLE_MEAN:
        side = "above" if mean > 0 else "below"
        return f"column {column.name}: its mean lies more than 3 scale units {side} the dictionary's centre; {remedy}"
    if mean_square > PLAUSIBLE_MEAN_SQUARE:
        return f"column {column.name}: about half of its values or more lie 4 scale units from the centre; {remedy}"
    shift = -(1 - 1 / _FACTOR) * column.centre / column.scale
    squeezed = (
        abs(shift) >= _TELLTALE_SHIFT and abs(mean - shift) <= _TELLTALE_MATCH * abs(shift) and sd <= _TELLTALE_SD
    )
    if squeezed:
        return f"column {column.name}: its values look ten times too small against the dictionary's centre; {remedy}"
    return ""


def _group_faults(sums: BatchSums, dictionary: DataDictionary) -> Iterator[str]:
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


def _level_faults(sums: BatchSums, variable: Variable, levels: Iterable[int]) -> Iterator[str]:
    if sums.x[list(levels)].sum() > sums.rows + sums.tolerance:
        yield f"variable {variable.name}: its levels add up to more than the number of rows; a patient has one level"


def _missing_faults(sums: BatchSums, variable: Variable, levels: dict[str, int], missing: int) -> Iterator[str]:
    """A missing value becomes the fill level, so that level cannot be rarer than missing values are."""
    filled = levels.get(variable.fill)
    count = sums.x[filled] if filled is not None else sums.rows - sums.x[list(levels.values())].sum()
    if sums.x[missing] > count + sums.tolerance:
        yield f"variable {variable.name}: more values are marked missing than have the fill value"


def _outcome_faults(sums: BatchSums, dictionary: DataDictionary) -> Iterator[str]:
    name = dictionary.outcome.name
    if abs(sums.yy - sums.events) > sums.tolerance:
        yield f"outcome {name}: the sum of squares is not the sum, so it holds values other than 0 and 1"
    if not -sums.tolerance <= sums.events <= sums.rows + sums.tolerance:
        yield f"outcome {name}: the number of events must lie between 0 and the number of rows"
