"""What an evaluation's result consists of: its Table 1, and the items of a release with notes on what they hide."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from pydantic import JsonValue

from hefed.custodian.records import BatchRecord, SealedRecord
from hefed.dictionary import Column
from hefed.learning.disclosure import Thresholds
from hefed.learning.table_one import pool_tables
from hefed.protocol.messages import (
    CohortPart,
    Curves,
    ItemName,
    Message,
    Metrics,
    ReleasedResult,
    Request,
    SealedResult,
    TableOne,
)
from hefed.protocol.releases import commit


def tables_of_pool(
    cohort: Iterable[CohortPart], batches: Iterable[BatchRecord], columns: Sequence[Column], thresholds: Thresholds
) -> dict[str, TableOne]:
    """Table 1 of the hospitals in a job's pool, from the sums that were opened when their batches were admitted.

    Those sums run over all patients of a batch, held-out ones included.
    """
    pool = {part.batch for part in cohort}
    sums: dict[str, list[list[float]]] = {}
    for batch in batches:
        if batch.batch in pool:
            sums.setdefault(batch.institution, []).append(batch.sums)
    totals = {name: np.sum(found, axis=0) for name, found in sorted(sums.items())}
    return pool_tables(totals, columns, thresholds)


def seal(request: Request, result: ReleasedResult, thresholds: Thresholds) -> SealedRecord:
    """Each item under a fresh salt, with its notes."""
    contents: dict[ItemName, JsonValue] = {
        "coefficients": {"model": result.model.model_dump(mode="json"), "warnings": list(result.warnings)},
        "metrics": _by_scope(result.metrics),
        "curves": _by_scope(result.curves),
        "table_one": _by_scope(result.table_one),
    }
    items = [commit(name, content) for name, content in contents.items()]
    return SealedRecord(request=request.request, job=request.job, items=items, notes=notes(result, thresholds))


def commitments(record: SealedRecord) -> SealedResult:
    """All that the server learns of it."""
    return SealedResult(items=[item.commitment() for item in record.items])


def _by_scope(table: Mapping[str, Message]) -> dict[str, JsonValue]:
    return {scope: content.model_dump(mode="json") for scope, content in table.items()}


# ---- notes: what was suppressed or rounded, in words -----------------------------------------------------------------


def notes(result: ReleasedResult, thresholds: Thresholds) -> dict[ItemName, list[str]]:
    """By item, for the people who decide on a release."""
    counts = f"Counts of 1 to {thresholds.small_cell} are suppressed, others are multiples of {thresholds.round_to}."
    return {
        "coefficients": [
            "Coefficients and errors are rounded to a thousandth of the standard error, odds ratios to 4 digits.",
            *result.warnings,
        ],
        "metrics": [f"Metrics: {counts}", *_of_scopes("Metrics", result.metrics)],
        "curves": [
            f"Curves: each step holds at least {thresholds.curve_events} deaths and {thresholds.curve_events} "
            f"survivors; rates come from counts rounded to {thresholds.round_to}.",
            *_of_scopes("Curves", result.curves),
        ],
        "table_one": [
            f"Table 1 counts all patients of the pool's batches, held-out ones included. {counts}",
            *(note for scope, table in result.table_one.items() for note in _of_table(scope, table)),
        ],
    }


def _of_scopes(what: str, found: Mapping[str, Metrics] | Mapping[str, Curves]) -> Iterator[str]:
    for scope, content in found.items():
        if content.suppressed:
            yield f"{what} of {scope}: {content.suppressed}."


def _of_table(scope: str, table: TableOne) -> Iterator[str]:
    """One sentence for the table, and one per reason with the columns that it hides."""
    if table.suppressed:
        yield f"Table 1 of {scope}: {table.suppressed}."
    columns: dict[str, list[str]] = {}
    for variable in table.variables if table.n is not None else ():
        if variable.suppressed:
            columns.setdefault(variable.suppressed, []).append(variable.column)
    for reason, names in columns.items():
        yield f"Table 1 of {scope}, {', '.join(names)}: {reason}."
