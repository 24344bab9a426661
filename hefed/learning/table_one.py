"""Table 1 of a batch, from its opened admission sums, under the disclosure rules (``disclosure``)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hefed.dictionary import Column
from hefed.errors import BadInput
from hefed.learning.disclosure import COMPLEMENT, DEFAULT, Thresholds, hidden_cells, on_grid, shown, significant
from hefed.learning.totals import total_names
from hefed.protocol.messages import TableOne, VariableSummary

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """Opened admission totals by meaning: ``x`` and ``xx`` over everybody, ``yx`` over deaths; intercept first."""

    x: Vector
    xx: Vector
    yx: Vector
    yy: float

    @property
    def n(self) -> int:
        return round(float(self.x[0]))

    @property
    def events(self) -> int:
        return round(float(self.yx[0]))


def read_sums(totals: Sequence[float] | Vector, dim: int) -> Sums:
    """Sort an ``admission`` request's totals, which come in the order of ``total_names``."""
    expected = len(total_names("admission", dim))
    if len(totals) != expected:
        raise BadInput(
            f"cannot read admission sums: {len(totals)} totals for {dim} columns, need {expected}; ask again"
        )
    values = np.asarray(totals, dtype=np.float64)
    x, xx, yx = values[:dim], values[dim : 2 * dim - 1], values[2 * dim - 1 : 3 * dim - 1]
    return Sums(x, np.r_[x[0], xx], yx, float(values[-1]))


def table_one(
    totals: Sequence[float] | Vector, columns: Sequence[Column], thresholds: Thresholds = DEFAULT
) -> TableOne:
    """Rows, deaths, and each column's mean and SD in natural units or count of ones, after suppression."""
    sums = read_sums(totals, len(columns))
    if sums.n <= thresholds.small_cell:
        empty = [_absent(column, thresholds.small) for column in columns[1:]]
        return TableOne(n=None, events=None, variables=empty, suppressed=f"{thresholds.small} patients")
    few = any(map(thresholds.is_small, (sums.events, sums.n - sums.events)))
    hidden = _hidden_counts(sums, columns, thresholds)
    return TableOne(
        n=thresholds.rounded(sums.n),
        events=shown(sums.events, few, thresholds),
        variables=[_summary(sums, j, columns[j], hidden.get(j, ""), thresholds) for j in range(1, len(columns))],
        suppressed=f"{thresholds.small} deaths or survivors" if few else "",
    )


def _hidden_counts(sums: Sums, columns: Sequence[Column], thresholds: Thresholds) -> dict[int, str]:
    """Reason by column. A variable's levels and its reference level add up to n, so they are one group of cells."""
    groups: dict[str, list[int]] = {}
    for j, column in enumerate(columns):
        if column.kind == "indicator01":
            own = column.name if column.name.endswith("=missing") else column.variable
            groups.setdefault(own, []).append(j)
    reasons: dict[int, str] = {}
    for group in groups.values():
        counts = [round(float(sums.x[j])) for j in group]
        cells = [*counts, max(sums.n - sum(counts), 0)]
        for j, count, hide in zip(group, counts, hidden_cells(cells, thresholds), strict=False):
            if hide:
                reasons[j] = thresholds.small if thresholds.is_small(count) else COMPLEMENT
    return reasons


def _absent(column: Column, reason: str) -> VariableSummary:
    return VariableSummary(column=column.name, mean=None, sd=None, count=None, suppressed=reason)


def _summary(sums: Sums, j: int, column: Column, hidden: str, thresholds: Thresholds) -> VariableSummary:
    if hidden:
        return _absent(column, hidden)
    if column.kind == "indicator01":
        count, n = thresholds.rounded(round(float(sums.x[j]))), thresholds.rounded(sums.n)
        return VariableSummary(column=column.name, mean=significant(count / n, 3), sd=None, count=count)
    mean = float(sums.x[j]) / sums.n
    sd = column.scale * math.sqrt(max(float(sums.xx[j]) / sums.n - mean**2, 0.0) * sums.n / (sums.n - 1))
    centre = column.centre + column.scale * mean
    rounded = on_grid(centre, max(sd, 1e-3 * column.scale) / 100)
    return VariableSummary(column=column.name, mean=rounded, sd=significant(sd, 3), count=None)


def pooled(tables: Sequence[TableOne]) -> TableOne:
    """Several tables as one, from what they already show; a number missing in one is missing in the sum."""
    if not tables:
        return TableOne(n=None, events=None, variables=[], suppressed="no batch admitted yet")
    by_column = list(zip(*(table.variables for table in tables), strict=True))
    sizes = [table.n for table in tables]
    return TableOne(
        n=_sum(sizes),
        events=_sum([table.events for table in tables]),
        variables=[_pooled(variables, sizes) for variables in by_column],
        suppressed="; ".join(sorted({table.suppressed for table in tables if table.suppressed})),
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _pooled(variables: Sequence[VariableSummary], sizes: Sequence[int | None]) -> VariableSummary:
    reasons = "; ".join(sorted({v.suppressed for v in variables if v.suppressed}))
    if reasons or any(size is None for size in sizes):
        return VariableSummary(column=variables[0].column, mean=None, sd=None, count=None, suppressed=reasons)
    weights = np.array([size or 0 for size in sizes], dtype=np.float64)
    means = np.array([v.mean or 0.0 for v in variables])
    mean = float(weights @ means / weights.sum())
    if variables[0].sd is None:
        count = _sum([v.count for v in variables])
        return VariableSummary(column=variables[0].column, mean=significant(mean, 3), sd=None, count=count)
    variances = np.array([(v.sd or 0.0) ** 2 for v in variables]) + np.square(means - mean)
    sd = math.sqrt(float(weights @ variances / weights.sum()))
    rounded = on_grid(mean, max(sd, 1e-9) / 100)
    return VariableSummary(column=variables[0].column, mean=rounded, sd=significant(sd, 3), count=None)
