"""Hidden cells cannot be computed from shown ones: small tables by hand, many tables by a solver."""

import numpy as np
import pytest

from hefed.core.learning.disclosure import DEFAULT
from hefed.core.learning.table_one import hidden_sizes, hidden_table


def hidden(*rows: list[int]) -> list[list[int]]:
    return hidden_table(np.array(rows), DEFAULT).astype(int).tolist()


def test_table_without_small_cells_is_shown_whole():
    assert hidden([100, 200], [30, 40], [8, 9]) == [[0, 0]] * 4


def test_small_cell_takes_its_neighbour_and_the_next_smallest_hospital_with_it():
    """Local 3 of 300 in the first hospital; the pooled 153 minus 90 minus 60 would tell."""
    assert hidden([3, 297], [90, 410], [60, 440]) == [[1, 1], [0, 0], [1, 1], [0, 0]]


def test_three_and_four_are_not_enough_together():
    """Both hidden, 507 - 500 = 7 patients would still be told, and so would 607 - 600."""
    assert hidden([3, 4, 500], [2, 5, 600])[:2] == [[1, 1, 1], [1, 1, 1]]


def test_everybodys_hidden_cell_takes_a_hospitals_with_it():
    """6 pooled are hidden, so are the 300 next to them, which would otherwise be 300 + 0 + 0."""
    found = hidden([300, 60, 0], [0, 300, 3], [0, 5, 3])
    assert found == [[1, 1, 0], [0, 1, 1], [0, 1, 1], [1, 0, 1]]


def test_hospitals_that_show_nothing_protect_the_others_cells():
    counts, absent = np.array([[2, 4], [50, 60], [3, 300]]), np.array([True, True, False])
    found = hidden_table(counts, DEFAULT, absent).astype(int).tolist()
    assert found == [[1, 1], [1, 1], [1, 1], [0, 0]]


def test_single_hospital_hides_what_everybody_would_tell():
    assert hidden([3, 500]) == [[1, 1], [1, 1]]


def test_everybodys_cell_is_hidden_when_no_other_hospital_has_such_patients():
    assert hidden([12, 5, 400], [0, 300, 500]) == [[1, 1, 0], [0, 0, 0], [1, 1, 0]]


def test_nobody_is_a_plain_zero():
    assert hidden([0, 500], [0, 300]) == [[0, 0]] * 3


def test_hospital_of_seven_patients_takes_the_next_smallest_with_it_and_everybody_stays():
    assert hidden_sizes(np.array([800, 7, 500]), DEFAULT).tolist() == [False, True, True, False]
    assert hidden_sizes(np.array([800, 20, 500]), DEFAULT).tolist() == [False] * 4
    assert hidden_sizes(np.array([6]), DEFAULT).tolist() == [True, True]


def _solvable(shown: np.ndarray, table: np.ndarray) -> list[tuple[int, int]]:
    """Hidden cells that the rows' and columns' sums determine, by the null space of the equations."""
    rows, columns = table.shape
    unknown = [cell for cell in np.ndindex(rows, columns) if not shown[cell]]
    sums = [[float(cell[0] == row) for cell in unknown] for row in range(rows)]
    signs = [[(-1.0 if cell[0] == rows - 1 else 1.0) * (cell[1] == c) for cell in unknown] for c in range(columns)]
    equations = np.array(sums + signs)
    _, values, right = np.linalg.svd(equations)
    free = right[int((values > 1e-9).sum()) :]
    return [cell for k, cell in enumerate(unknown) if not np.any(np.abs(free[:, k]) > 1e-9)]


@pytest.mark.parametrize("seed", range(60))
def test_no_sum_tells_a_small_cell(seed):
    rng = np.random.default_rng(seed)
    counts = rng.choice([0, 1, 3, 6, 9, 20, 60, 200, 900], (rng.integers(1, 6), rng.integers(2, 6)))
    counts[:, -1] += 8  # a hospital of seven patients or fewer shows nothing at all
    table = np.vstack([counts, counts.sum(axis=0)])
    found = hidden_table(counts, DEFAULT)
    assert found[(table > 0) & (table <= 7)].all()
    told = [int(table[cell]) for cell in _solvable(~found, table) if 0 < table[cell] <= 7] if found.any() else []
    assert told == []
