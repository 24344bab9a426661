"""From the cells of one variable to numbers, and for cells that are none, what *kind* of thing stands there.

A value itself never leaves these functions: problems name its class only, as a code.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import numpy.typing as npt
import pandas as pd

from hefed.core.dictionary.variables import Variable, clean
from hefed.core.words import Said

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

EMPTY = Said("table.cell_empty")
MISSING_WORD = Said("table.cell_missing_word")
INFINITY = Said("table.cell_infinity")
NUMBER = Said("table.cell_number")
NEGATIVE = Said("table.cell_negative")
TEXT = Said("table.cell_text")
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_MISSING_WORDS = frozenset(
    ("na", "n/a", "#n/a", "nan", "null", "none", "nil", ".", "-", "?", "missing", "unknown", "<na>")
)
_CLASSES: tuple[tuple[Said, str], ...] = (
    (INFINITY, r"[+-]?(?:inf|infinity)"),
    (
        Said("table.cell_date"),
        r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}\.?(?:[ T].*)?|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?",
    ),
    (Said("table.cell_comma"), r"[+-]?[0-9][0-9.]*(?:,[0-9]+)+(?:\.[0-9]+)?"),
    (NEGATIVE, rf"-(?=[0-9.]){_NUMBER.removeprefix('[+-]?')}"),
    (NUMBER, _NUMBER),
    (Said("table.cell_comparison"), rf"[<>≤≥~]=?\s*{_NUMBER}"),
    (Said("table.cell_unit"), rf"{_NUMBER}\s*[^0-9\s.,;:/-]+.*"),
)
_PATTERNS = tuple((value_class, re.compile(pattern, re.IGNORECASE)) for value_class, pattern in _CLASSES)
_REMEDIES = {
    EMPTY: Said("table.write_value"),
    MISSING_WORD: Said("table.name_word"),
    Said("table.cell_comma"): Said("table.write_point"),
    INFINITY: Said("table.write_measured"),
    Said("table.cell_date"): Said("table.write_number"),
    Said("table.cell_comparison"): Said("table.write_limit"),
    Said("table.cell_unit"): Said("table.write_alone"),
}


@dataclass(frozen=True)
class Reading:
    """``values``: the number, the 0/1, or the index of the level; nan where ``missing`` or in one of ``faults``."""

    values: Floats
    missing: Mask
    faults: dict[Said, Mask]  # value class -> where


def read(variable: Variable, cells: Iterable[str], missing_words: frozenset[str] = frozenset()) -> Reading:
    """Read one variable's cells. A cell is missing when it is empty or one of the words that the caller declared."""
    trimmed = list(map(str.strip, cells))
    missing = np.fromiter(map((missing_words | {""}).__contains__, trimmed), bool, len(trimmed))
    values = _numbers(trimmed) if variable.kind == "continuous" else _levels(variable, trimmed)
    values[missing] = np.nan
    faults = _by_class(np.isnan(values) & ~missing, trimmed)
    if missing.any() and not variable.fill:
        faults[EMPTY] = missing
    return Reading(values, missing, faults)


def classify(cell: str) -> Said:
    """The class of a cell that is not what its variable wants; never the value."""
    if cell.lower() in _MISSING_WORDS:
        return MISSING_WORD
    for value_class, pattern in _PATTERNS:
        if pattern.fullmatch(cell):
            return INFINITY if value_class in (NUMBER, NEGATIVE) and np.isinf(float(cell)) else value_class
    return TEXT


def remedy(variable: Variable, value_class: Said) -> Said:
    """What to do about a value of that class in this variable."""
    if variable.kind != "continuous" and value_class not in (EMPTY, MISSING_WORD):
        allowed = variable.levels or ("0", "1")
        return Said("table.write_level", n=len(allowed), values=" | ".join(allowed))
    return _REMEDIES.get(value_class, Said("table.write_decimal"))


def _numbers(cells: list[str]) -> Floats:
    numbers = pd.to_numeric(np.array(cells, dtype=object), errors="coerce")
    values = np.array(numbers, dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def _levels(variable: Variable, cells: list[str]) -> Floats:
    """The index of each level, matched exactly: codes such as 250.0 and 250.00 may mean different things."""
    levels = variable.levels or ("0", "1")
    index: Callable[[str, float], float] = {level: float(at) for at, level in enumerate(levels)}.get
    values = np.fromiter(map(index, cells, repeat(np.nan)), np.float64, len(cells))
    unknown = np.flatnonzero(np.isnan(values))
    rest = [cells[at] for at in unknown]
    values[unknown] = [index(clean(cell), np.nan) for cell in rest] if variable.levels else _zero_or_one(rest)
    return values


def _zero_or_one(cells: list[str]) -> Floats:
    """Without levels a binary is a number, so 1.0 is 1."""
    values = _numbers(cells)
    values[~np.isin(values, (0.0, 1.0))] = np.nan
    return values


def _by_class(bad: Mask, cells: list[str]) -> dict[Said, Mask]:
    faults: dict[Said, Mask] = {}
    for at in np.flatnonzero(bad):
        faults.setdefault(classify(cells[at]), np.zeros(len(cells), bool))[at] = True
    return faults
