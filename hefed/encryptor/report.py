"""What a check found: which rows are refused and why, and what will be changed in the others. No value is in it."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hefed.encryptor.table import Offsets
from hefed.encryptor.values import Mask

SHOWN_ROWS = 8


class Cause(NamedTuple):
    """Why rows are refused: the column, the class of what stands there, and the remedy."""

    column: str
    value_class: str
    remedy: str


@dataclass
class VariableCounts:
    """Over all rows read: ``filled`` of the ``missing`` ones have a fill value in the dictionary."""

    missing: int = 0
    filled: int = 0
    clipped: int = 0
    refused: int = 0


@dataclass
class Report:
    """The outcome of one check; stays at the hospital."""

    encoding: str
    delimiter: str
    extra_columns: tuple[str, ...] = ()
    rows: int = 0
    empty_rows: int = 0
    patients: int = 0
    holdout: int = 0
    events: int = 0
    variables: dict[str, VariableCounts] = field(default_factory=lambda: defaultdict(VariableCounts))
    causes: dict[Cause, list[Offsets]] = field(default_factory=lambda: defaultdict(list))

    def refuse(self, cause: Cause, rows: Offsets) -> None:
        if len(rows):
            self.causes[cause].append(rows)

    def refuse_where(self, cause: Cause, rows: Offsets, where: Mask) -> None:
        self.refuse(cause, rows[where])

    @property
    def refused_rows(self) -> list[int]:
        pieces = [piece for found in self.causes.values() for piece in found]
        return [int(row) for row in np.unique(np.concatenate(pieces))] if pieces else []

    def lines(self) -> Iterator[str]:
        """One sentence a cause, with the first rows."""
        for cause, found in self.causes.items():
            rows = np.sort(np.concatenate(found))
            yield f"column {cause.column}: {cause.value_class} in {_listed(rows)}; {cause.remedy}"

    def write_refused(self, path: Path) -> None:
        """Row numbers and reasons as CSV: the only thing about patients that the encryptor ever writes in clear."""
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(("row", "column", "value_class", "remedy"))
            listed = ((int(row), *cause) for cause, found in self.causes.items() for row in np.concatenate(found))
            writer.writerows(sorted(listed))


def _listed(rows: Offsets) -> str:
    shown = ", ".join(map(str, rows[:SHOWN_ROWS].tolist()))
    rest = f" and {len(rows) - SHOWN_ROWS} more" if len(rows) > SHOWN_ROWS else ""
    return f"{'rows' if len(rows) > 1 else 'row'} {shown}{rest}"
