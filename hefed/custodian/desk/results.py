"""What an evaluation's result consists of: its Table 1, and the items of a release with notes on what they hide."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput
from hefed.core.learning.disclosure import Thresholds
from hefed.core.learning.table_one import pool_tables
from hefed.core.protocol.base import ItemName, Message
from hefed.core.protocol.releases import commit
from hefed.core.protocol.requests import CohortPart, Request
from hefed.core.protocol.results import Curves, Metrics, Reason, ReleasedResult, SealedResult, TableOne
from hefed.core.words import Said
from hefed.custodian.desk.opening import Opening, ScoreBlock, Slots
from hefed.custodian.keeping.records import BatchRecord, SealedRecord


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
        "coefficients": {
            "model": result.model.model_dump(mode="json"),
            "warnings": result.model_dump(mode="json", include={"warnings"})["warnings"],
        },
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


# ---- notes: what was suppressed or rounded --------------------------------------------------------------------------


def notes(result: ReleasedResult, thresholds: Thresholds) -> dict[ItemName, list[Reason]]:
    """By item, for the people who decide on a release."""
    counts = {"small_cell": thresholds.small_cell, "round_to": thresholds.round_to}
    curves = Said("releases.note_curves", events=thresholds.curve_events, round_to=thresholds.round_to)
    return {
        "coefficients": [Said("releases.note_estimates"), *result.warnings],
        "metrics": [Said("releases.note_metrics", **counts), *_of_scopes(result.metrics)],
        "curves": [curves, *_of_scopes(result.curves)],
        "table_one": [
            Said("releases.note_table_one", **counts),
            *(note for scope, table in result.table_one.items() for note in _of_table(scope, table)),
        ],
    }


def _of_scopes(found: Mapping[str, Metrics] | Mapping[str, Curves]) -> Iterator[Said]:
    for scope, content in found.items():
        if content.suppressed:
            metrics = isinstance(content, Metrics)
            why = content.suppressed
            yield Said("releases.note_of_metrics" if metrics else "releases.note_of_curves", scope=scope, why=why)


def _of_table(scope: str, table: TableOne) -> Iterator[Said]:
    """A note for the table, and one per reason with the columns that it hides."""
    if table.suppressed:
        yield Said("releases.note_of_table", scope=scope, why=table.suppressed)
    columns: dict[Reason, list[str]] = {}
    for variable in table.variables if table.n is not None else ():
        if variable.suppressed:
            columns.setdefault(variable.suppressed, []).append(variable.column)
    for reason, names in columns.items():
        yield Said("releases.note_of_columns", scope=scope, columns=tuple(names), why=reason)


NEAR = 0.25  # how far an opened 0 or 1 may lie from it; the noise is below 1e-3


@dataclass(frozen=True)
class HoldoutRows:
    """Linear predictor and outcome per patient, by hospital. ``repr`` shows neither."""

    by_institution: dict[str, tuple[Slots, NDArray[np.float64]]]

    def __repr__(self) -> str:
        return f"HoldoutRows({', '.join(f'{name}: {len(y)}' for name, (_, y) in self.by_institution.items())})"


def collect_rows(blocks: Iterable[ScoreBlock], opening: Opening, parts: Sequence[CohortPart]) -> HoldoutRows:
    """Open the blocks, keep the real rows; raises BadInput when they are not the cohort that the request declares."""
    scores: dict[str, list[Slots]] = {part.institution: [] for part in parts}
    outcomes: dict[str, list[Slots]] = {part.institution: [] for part in parts}
    for block in blocks:
        if block.institution not in scores:
            raise BadInput("desk.stranger_block", institution=block.institution)
        real = _zero_or_one(opening.open_slots(block.mask), Said("desk.row_mask")) == 1
        scores[block.institution].append(opening.open_slots(block.score)[real])
        outcomes[block.institution].append(_zero_or_one(opening.open_slots(block.outcome)[real], Said("desk.outcome")))
    rows = {name: (np.concatenate([*scores[name], []]), np.concatenate([*outcomes[name], []])) for name in scores}
    _check_counts(rows, parts)
    return HoldoutRows(rows)


def _zero_or_one(slots: Slots, what: Said) -> Slots:
    rounded = np.clip(np.round(slots), 0.0, 1.0)
    wrong = int(np.sum(~(np.abs(slots - rounded) <= NEAR)))
    if wrong:
        raise BadInput("desk.not_zero_or_one", what=what, wrong=wrong, slots=len(slots))
    return rounded


def _check_counts(rows: dict[str, tuple[Slots, Slots]], parts: Sequence[CohortPart]) -> None:
    for name, (_, outcomes) in rows.items():
        declared = sum(part.rows for part in parts if part.institution == name)
        if len(outcomes) != declared:
            raise BadInput("desk.held_out_rows", institution=name, rows=declared)
