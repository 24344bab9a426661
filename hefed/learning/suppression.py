"""Which cells of a table of counts to hide when its rows and columns add up: primary and complementary suppression.

Rows are hospitals, the last row is everybody; the cells of a row add up to a number that is shown, and so do the
hospitals of a column. A hidden cell that one such sum gives back takes others with it, along its row and along its
column, until no sum gives anything back.
Source: Hundepool et al., Statistical Disclosure Control, 2012, chapter 4 (secondary cell suppression).
"""

import numpy as np
from numpy.typing import NDArray

from hefed.learning.disclosure import Thresholds

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
