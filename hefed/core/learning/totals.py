"""The order in which totals travel from the server to the custodian: each kind of round names its own."""

from hefed.core.learning.kinds.table import kind_named
from hefed.core.protocol.base import RequestKind


def total_names(kind: RequestKind, n_columns: int) -> list[str]:
    """Names of the totals in one request, in order; raises BadInput for a kind that is not in the table."""
    return kind_named(kind).total_names(n_columns)
