"""Pairs of columns: the order in which sums of products travel. Columns are counted from 0, the intercept."""

from itertools import combinations_with_replacement


def column_pairs(n_columns: int) -> list[tuple[int, int]]:
    """All (j, k) with j <= k, row by row: the upper triangle of a symmetric matrix."""
    return list(combinations_with_replacement(range(n_columns), 2))


def halves(n_columns: int) -> int:
    """How many ciphertexts hold the columns two by two: X_0 + i X_1, X_2 + i X_3, ..."""
    return (n_columns + 1) // 2
