"""What only pages read: lines of lists and steps of timelines, ready to be drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.protocol.results import TableOne, VariableSummary
from hospitals.batches.models import Batch
from hospitals.batches.selectors import BatchProgress, progress_of, table_one_of
from hospitals.institutions.marks import HospitalMark
from hospitals.studies.facts import StudyFacts

_STEP_LABELS = (_("Uploading"), _("Checking"), _("Custodian"), _("Admitted"))


@dataclass(frozen=True)
class BatchLine:
    batch: Batch
    mark: HospitalMark
    progress: BatchProgress


@dataclass(frozen=True)
class Step:
    """One step of a batch's way into the pool; ``look``: done, now, bad or empty."""

    label: str
    look: str
    at: datetime | None


@dataclass(frozen=True)
class SummaryLine:
    label: str
    unit: str
    summary: VariableSummary
    binary: bool
    share: float | None


@dataclass(frozen=True)
class Summary:
    """A batch's Table 1 with the dictionary's labels."""

    table: TableOne
    lines: list[SummaryLine]


def batch_lines(facts: StudyFacts, batches: Iterable[Batch]) -> list[BatchLine]:
    rows = list(batches)
    progress = progress_of(rows)
    return [BatchLine(batch, facts.mark_of(batch.institution), progress[batch.pk]) for batch in rows]


def batch_steps(batch: Batch) -> list[Step]:
    """The four steps; the one a batch was stopped at is marked bad."""
    ended = {"admitted": 4, "quarantined": 2, "outdated": 4, "withdrawn": 4}
    reached = {"uploading": 0, "checking": 1, "custodian": 2, **ended}
    stopped = batch.state == Batch.State.QUARANTINED
    now = reached[batch.state]
    times = (batch.created_at, batch.completed_at, batch.completed_at, batch.decided_at)
    ends = {Batch.State.WITHDRAWN: _("Withdrawn"), Batch.State.OUTDATED: _("Outdated")}
    labels = (*_STEP_LABELS[:3], ends.get(Batch.State(batch.state), _("Admitted")))
    return [
        Step(str(label), _look(place, now, stopped), at if place <= now else None)
        for place, (label, at) in enumerate(zip(labels, times, strict=True))
    ]


def _look(place: int, now: int, stopped: bool) -> str:
    if place < now:
        return "done"
    if place > now:
        return ""
    return "bad" if stopped else "now"


def summary_lines(batch: Batch) -> Summary | None:
    """Table 1 of an admitted batch; None before the custodian released it."""
    table = table_one_of(batch)
    if table is None:
        return None
    columns = {column.name: column for column in DataDictionary.from_csv(batch.dictionary.csv).columns}
    known = [(columns[row.column], row) for row in table.variables if row.column in columns]
    return Summary(
        table,
        [
            SummaryLine(column.label, column.unit, row, column.kind == "indicator01", _share(row, table))
            for column, row in known
        ],
    )


def _share(row: VariableSummary, table: TableOne) -> float | None:
    return row.count / table.n if row.count is not None and table.n else None
