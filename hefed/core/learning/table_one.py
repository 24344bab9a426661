"""Table 1 of a batch or a pool: what admission sums say of it under the disclosure rules."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput
from hefed.core.learning.disclosure import (
    COMPLEMENT,
    DEFAULT,
    POOLED,
    Thresholds,
    hidden_cells,
    of_deaths,
    on_grid,
    several,
    significant,
)
from hefed.core.learning.kinds.admission import AdmissionRound
from hefed.core.protocol.results import TableOne, VariableSummary
from hefed.core.words import Said

Counts = NDArray[np.int64]
Hidden = NDArray[np.bool_]


def hidden_table(counts: Counts, thresholds: Thresholds, absent: Hidden | None = None) -> Hidden:
    """Cells to hide of hospitals x cells, with one more row for everybody.

    ``absent``: hospitals that show nothing at all, not even how many patients they have.
    """
    table = np.vstack([counts, counts.sum(axis=0)])
    hidden = small_cells(table, thresholds)
    silent = np.zeros(len(table), bool)
    if absent is not None:
        silent[:-1] = absent
        hidden[silent] = True
    while True:
        before = hidden.copy()
        for column in range(table.shape[1]):
            for row in np.flatnonzero(~silent):  # first: two cells of a row often serve two columns
                _protect_row(table[row], hidden[row], thresholds)
            _protect_column(table[:, column], hidden[:, column], thresholds)
        if np.array_equal(before, hidden):
            return hidden


def hidden_sizes(sizes: Counts, thresholds: Thresholds) -> Hidden:
    """Hospitals whose number of patients, and with it everything, stays hidden; everybody's number is the last."""
    table = np.append(sizes, sizes.sum())
    hidden = small_cells(table, thresholds)
    _protect_column(table, hidden, thresholds)
    return hidden


def small_cells(counts: Counts, thresholds: Thresholds) -> Hidden:
    return (counts > 0) & (counts <= thresholds.small_cell)


def _gives_back(counts: Counts, hidden: Hidden, thresholds: Thresholds) -> bool:
    """Whether a known sum minus the shown cells tells a hidden one, or that several together are few."""
    return int(hidden.sum()) == 1 or 0 < int(counts[hidden].sum()) <= thresholds.small_cell


def _protect_row(counts: Counts, hidden: Hidden, thresholds: Thresholds) -> None:
    """Hide the next smallest cells of one hospital; an empty cell only when no other is left."""
    order = sorted(np.flatnonzero(~hidden).tolist(), key=lambda cell: (counts[cell] == 0, counts[cell]))
    for cell in order:
        if not _gives_back(counts, hidden, thresholds):
            return
        hidden[cell] = True


def _protect_column(counts: Counts, hidden: Hidden, thresholds: Thresholds) -> None:
    """Hide the cells of the next smallest hospitals; everybody's, the last, only when no other is left."""
    order = sorted(np.flatnonzero(~hidden[:-1] & (counts[:-1] > 0)).tolist(), key=lambda cell: counts[cell])
    for cell in [*order, len(counts) - 1]:
        if not _open_column(counts, hidden, thresholds):
            return
        hidden[cell] = True


def _open_column(counts: Counts, hidden: Hidden, thresholds: Thresholds) -> bool:
    """With everybody's cell hidden too, one hidden hospital is enough: both are unknown."""
    if hidden[-1]:
        return not hidden[:-1].any()
    return _gives_back(counts[:-1], hidden[:-1], thresholds)


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

    everything: Said | None = None
    events: Said | None = None
    counts: Mapping[int, Said] = field(default_factory=dict)


def table_one(
    totals: Sequence[float] | Vector, columns: Sequence[Column], thresholds: Thresholds = DEFAULT
) -> TableOne:
    """Rows, deaths, and each column's mean and SD in natural units or count of ones, after suppression."""
    sums = read_sums(totals, len(columns))
    few = any(map(thresholds.is_small, (sums.events, sums.n - sums.events)))
    hiding = Hiding(
        everything=thresholds.small if sums.n <= thresholds.small_cell else None,
        events=thresholds.few_deaths if few else None,
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
    counts: list[dict[int, Said]] = [{} for _ in sizes]
    for group in _groups(columns):
        reasons = _hidden_cells([_cells(s, group) for s in sums], sizes, thresholds)
        for found, row in zip(counts, reasons, strict=True):
            found.update({j: reason for j, reason in zip(group, row, strict=False) if reason})
    totals = [s.n for s in sums]
    return [
        Hiding(_whole(bool(no_n), n, thresholds), of_deaths(row[0]) if row[0] else None, found)
        for no_n, n, row, found in zip(sizes, [*totals, sum(totals)], events, counts, strict=True)
    ]


def _whole(hidden: bool, n: int, thresholds: Thresholds) -> Said | None:
    if not hidden:
        return None
    return thresholds.small if thresholds.is_small(n) else COMPLEMENT


def _hidden_cells(cells: Sequence[Sequence[int]], sizes: Hidden, thresholds: Thresholds) -> list[list[Said | None]]:
    """Reasons by hospital (everybody last) and cell; None for what is shown."""
    counts = np.array(cells)
    hidden = hidden_table(counts, thresholds, absent=sizes[:-1])
    few = small_cells(np.vstack([counts, counts.sum(axis=0)]), thresholds)
    return [
        [(thresholds.small if small else COMPLEMENT) if hide else None for hide, small in zip(*row, strict=True)]
        for row in zip(hidden, few, strict=True)
    ]


def _table(sums: Sums, columns: Sequence[Column], hiding: Hiding, thresholds: Thresholds) -> TableOne:
    if reason := hiding.everything:
        empty = [_absent(column, reason) for column in columns[1:]]
        return TableOne(n=None, events=None, variables=empty, suppressed=_of_patients(reason, thresholds))
    return TableOne(
        n=thresholds.rounded(sums.n),
        events=None if hiding.events else thresholds.rounded(sums.events),
        variables=[_summary(sums, j, columns[j], hiding.counts.get(j), thresholds) for j in range(1, len(columns))],
        suppressed=hiding.events or "",
    )


def _of_patients(reason: Said, thresholds: Thresholds) -> Said:
    if reason == COMPLEMENT:
        return Said("disclosure.patients", why=reason)
    return Said("disclosure.small_patients", small_cell=thresholds.small_cell)


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


def _hidden_counts(sums: Sums, columns: Sequence[Column], thresholds: Thresholds) -> dict[int, Said]:
    """Reason by column, for one table alone."""
    reasons: dict[int, Said] = {}
    for group in _groups(columns):
        cells = _cells(sums, group)
        for j, count, hide in zip(group, cells, hidden_cells(cells, thresholds), strict=False):
            if hide:
                reasons[j] = thresholds.small if thresholds.is_small(count) else COMPLEMENT
    return reasons


def _absent(column: Column, reason: Said) -> VariableSummary:
    return VariableSummary(column=column.name, mean=None, sd=None, count=None, suppressed=reason)


def _summary(sums: Sums, j: int, column: Column, hidden: Said | None, thresholds: Thresholds) -> VariableSummary:
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
        return TableOne(n=None, events=None, variables=[], suppressed=Said("disclosure.no_batch"))
    by_column = list(zip(*(table.variables for table in tables), strict=True))
    sizes = [table.n for table in tables]
    return TableOne(
        n=_sum(sizes),
        events=_sum([table.events for table in tables]),
        variables=[_pooled(variables, sizes) for variables in by_column],
        suppressed=several(table.suppressed for table in tables),
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _pooled(variables: Sequence[VariableSummary], sizes: Sequence[int | None]) -> VariableSummary:
    reasons = several(v.suppressed for v in variables)
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
