"""CSV files for downloading. A spreadsheet would run a cell that begins like a formula; such a cell gets an apostrophe.

Every CSV that a page offers is written here, so that none forgets it.
"""

import csv
import io
import re
from collections.abc import Iterable

from hefed.core.dictionary.variables import HEADER, detect_delimiter

_RUNS = re.compile(r"'*[=+\-@\t\r]")  # what was given apostrophes already gets one more, so that one can be taken back
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def safe_cell(cell: object) -> object:
    """The cell itself, or its text behind an apostrophe. Numbers stay numbers, negative ones too."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell) or not _RUNS.match(cell):
        return cell
    return f"'{cell}"


def safe_csv(text: str) -> str:
    """A ``dictionary.csv`` as it is stored, for downloading."""
    return csv_text(_rows(text))


def restored_csv(text: str) -> str:
    """A ``dictionary.csv`` that somebody uploads, as it was before it was made safe for downloading."""
    out = io.StringIO()
    csv.writer(out).writerows([_restored(cell) for cell in row] for row in _rows(text))
    return out.getvalue()


def _restored(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell) else cell


def _rows(text: str) -> Iterable[list[str]]:
    text = text.removeprefix("\ufeff")
    return csv.reader(io.StringIO(text, newline=""), delimiter=detect_delimiter(text, HEADER))
