"""Table 1 of a batch or of a pool, from opened admission sums, under the disclosure rules (``disclosure``)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hefed.dictionary import Column
from hefed.errors import BadInput
from hefed.learning.disclosure import COMPLEMENT, DEFAULT, POOLED, Thresholds, hidden_cells, on_grid, significant
from hefed.learning.kinds.admission import AdmissionRound
from hefed.learning.suppression import Hidden, hidden_sizes, hidden_table, small_cells
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
    """Sort an ``admission`` request's totals, which come in the order in which that kind names them."""
    expected = len(AdmissionRound().total_names(dim))
    if len(totals) != expected:
        raise BadInput("rounds.admission_totals", found=len(totals), columns=dim, expected=expected)
    values = np.asarray(totals, dtype=np.float64)
    x, xx, yx = values[:dim], values[dim : 2 * dim - 1], values[2 * dim - 1 : 3 * dim - 1]
    return Sums(x, np.r_[x[0], xx], yx, float(values[-1]))


@dataclass(frozen=True)
class Hiding:
    """What one table does not show, and why. ``counts``: reasons by column."""

    everything: str = ""
    events: str = ""
    counts: Mapping[int, str] = field(default_factory=dict)


def table_one(
    totals: Sequence[float] | Vector, columns: Sequence[Column], thresholds: Thresholds = DEFAULT
) -> TableOne:
    """Rows, deaths, and each column's mean and SD in natural units or count of ones, after suppression."""
    sums = read_sums(totals, len(columns))
    few = any(map(thresholds.is_small, (sums.events, sums.n - sums.events)))
    hiding = Hiding(
        everything=thresholds.small if sums.n <= thresholds.small_cell else "",
        events=f"{thresholds.small} deaths or survivors" if few else "",
        counts=_hidden_counts(sums, columns, thresholds),
    )
    return _table(sums, columns, hiding, thresholds)


def pool_tables(
    totals: Mapping[str, Sequence[float] | Vector], columns: Sequence[Column], thresholds: Thresholds = DEFAULT
) -> dict[str, TableOne]:
    """One table for everybody ("pooled") and one per hospital, such that no table minus others tells a small number.

    Raises: BadInput for totals that do not fit the columns
    Source: docs/adr/0902; ``suppression``
    """
    names = list(totals)
    sums = [read_sums(totals[name], len(columns)) for name in names]
    everybody = read_sums(np.sum([np.asarray(totals[name], np.float64) for name in names], axis=0), len(columns))
    hidings = _hidings(sums, columns, thresholds)
    tables = [_table(s, columns, h, thresholds) for s, h in zip([*sums, everybody], hidings, strict=True)]
    return {POOLED: tables[-1], **dict(zip(names, tables, strict=False))}


def _hidings(sums: Sequence[Sums], columns: Sequence[Column], thresholds: Thresholds) -> list[Hiding]:
    """Per hospital, and for everybody at the end."""
    sizes = hidden_sizes(np.array([s.n for s in sums]), thresholds)
    events = _hidden_cells([[s.events, s.n - s.events] for s in sums], sizes, thresholds)
    counts: list[dict[int, str]] = [{} for _ in sizes]
    for group in _groups(columns):
        reasons = _hidden_cells([_cells(s, group) for s in sums], sizes, thresholds)
        for found, row in zip(counts, reasons, strict=True):
            found.update({j: reason for j, reason in zip(group, row, strict=False) if reason})
    totals = [s.n for s in sums]
    return [
        Hiding(_whole(bool(no_n), n, thresholds), row[0] and f"number of deaths {row[0]}", found)
        for no_n, n, row, found in zip(sizes, [*totals, sum(totals)], events, counts, strict=True)
    ]


def _whole(hidden: bool, n: int, thresholds: Thresholds) -> str:
    if not hidden:
        return ""
    return thresholds.small if thresholds.is_small(n) else COMPLEMENT


def _hidden_cells(cells: Sequence[Sequence[int]], sizes: Hidden, thresholds: Thresholds) -> list[list[str]]:
    """Reasons by hospital (everybody last) and cell; empty for what is shown."""
    counts = np.array(cells)
    hidden = hidden_table(counts, thresholds, absent=sizes[:-1])
    reasons = np.where(small_cells(np.vstack([counts, counts.sum(axis=0)]), thresholds), thresholds.small, COMPLEMENT)
    return [list(map(str, row)) for row in np.where(hidden, reasons, "")]


def _table(sums: Sums, columns: Sequence[Column], hiding: Hiding, thresholds: Thresholds) -> TableOne:
    if reason := hiding.everything:
        empty = [_absent(column, reason) for column in columns[1:]]
        whole = f"number of patients {reason}" if reason == COMPLEMENT else f"{reason} patients"
        return TableOne(n=None, events=None, variables=empty, suppressed=whole)
    return TableOne(
        n=thresholds.rounded(sums.n),
        events=None if hiding.events else thresholds.rounded(sums.events),
        variables=[_summary(sums, j, columns[j], hiding.counts.get(j, ""), thresholds) for j in range(1, len(columns))],
        suppressed=hiding.events,
    )


def _groups(columns: Sequence[Column]) -> list[list[int]]:
    """Columns of 0/1 values that exclude each other: with their reference level they add up to n."""
    groups: dict[str, list[int]] = {}
    for j, column in enumerate(columns):
        if column.kind == "indicator01":
            own = column.name if column.name.endswith("=missing") else column.variable
            groups.setdefault(own, []).append(j)
    return list(groups.values())


def _cells(sums: Sums, group: Sequence[int]) -> list[int]:
    """Patients in each level of a group and, last, in its reference level."""
    counts = [round(float(sums.x[j])) for j in group]
    return [*counts, max(sums.n - sum(counts), 0)]


def _hidden_counts(sums: Sums, columns: Sequence[Column], thresholds: Thresholds) -> dict[int, str]:
    """Reason by column, for one table alone."""
    reasons: dict[int, str] = {}
    for group in _groups(columns):
        cells = _cells(sums, group)
        for j, count, hide in zip(group, cells, hidden_cells(cells, thresholds), strict=False):
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
