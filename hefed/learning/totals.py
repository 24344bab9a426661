"""The order in which totals travel from the server to the custodian: one definition for both sides.

Columns are counted from 0, the intercept; ``y`` is the outcome.
"""

from itertools import combinations_with_replacement

from hefed.protocol.messages import RequestKind


def column_pairs(n_columns: int) -> list[tuple[int, int]]:
    """All (j, k) with j <= k, row by row: the upper triangle of a symmetric matrix."""
    return list(combinations_with_replacement(range(n_columns), 2))


def total_names(kind: RequestKind, n_columns: int) -> list[str]:
    """Names of the totals in one request, in order: ``x3``, ``x3*x4``, ``y*x3*x4``, ``g3`` (gradient), ``h3,4``."""
    columns = range(n_columns)
    if kind == "admission":
        sums = [f"x{j}" for j in columns] + [f"x{j}*x{j}" for j in columns[1:]]
        return [*sums, *(f"y*x{j}" for j in columns), "y*y"]  # x0*x0 = x0 and y*x0 = y on every real row
    if kind == "moments":
        pairs = column_pairs(n_columns)
        return [f"x{j}*x{k}" for j, k in pairs] + [f"y*x{j}*x{k}" for j, k in pairs]
    if kind == "gradient":
        return [f"g{j}" for j in columns]
    if kind == "hessian":
        return [f"h{j},{k}" for j, k in column_pairs(n_columns)]
    return []  # an evaluation carries row scores, not totals
