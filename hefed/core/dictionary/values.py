"""From the cells of one variable to numbers, and for cells that are none, what *kind* of thing stands there.

A value itself never leaves these functions in words: problems name its class only.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import numpy.typing as npt
import pandas as pd

from hefed.core.dictionary.variables import Variable, clean

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

EMPTY = "empty cell"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_MISSING_WORDS = frozenset(
    ("na", "n/a", "#n/a", "nan", "null", "none", "nil", ".", "-", "?", "missing", "unknown", "<na>")
)
_CLASSES: tuple[tuple[str, str], ...] = (
    ("infinity", r"[+-]?(?:inf|infinity)"),
    ("date or time", r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\.?(?:[ T].*)?|\d{1,2}:\d{2}(?::\d{2})?"),
    ("number with a comma", r"[+-]?\d[\d.]*(?:,\d+)+(?:\.\d+)?"),
    ("negative number", rf"-(?=[\d.]){_NUMBER.removeprefix('[+-]?')}"),
    ("number", _NUMBER),
    ("number with a comparison sign", rf"[<>≤≥~]=?\s*{_NUMBER}"),
    ("number with a unit", rf"{_NUMBER}\s*[^\d\s.,;:/-]+.*"),
)
_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _CLASSES)
_REMEDIES = {
    EMPTY: "write the value, or ask the study to document a fill value for it in the dictionary",
    "a word for a missing value": "leave the cell empty, or name the word with --missing",
    "number with a comma": "write 1234.5: a point for decimals and no separators of thousands",
    "infinity": "write the value that was measured, or leave the cell empty",
    "date or time": "write a number in the dictionary's unit",
    "number with a comparison sign": "write the number alone; agree in the study how limits of detection are written",
    "number with a unit": "write the number alone, in the dictionary's unit",
}


@dataclass(frozen=True)
class Reading:
    """``values``: the number, the 0/1, or the index of the level; nan where ``missing`` or in one of ``faults``."""

    values: Floats
    missing: Mask
    faults: dict[str, Mask]  # value class -> where


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


def classify(cell: str) -> str:
    """The class of a cell that is not what its variable wants; never the value."""
    if cell.lower() in _MISSING_WORDS:
        return "a word for a missing value"
    for name, pattern in _PATTERNS:
        if pattern.fullmatch(cell):
            return "infinity" if name.endswith("number") and np.isinf(float(cell)) else name
    return "text"


def remedy(variable: Variable, value_class: str) -> str:
    """What to do about a value of that class in this variable."""
    if variable.kind != "continuous" and value_class not in (EMPTY, "a word for a missing value"):
        allowed = variable.levels or ("0", "1")
        return f"write one of the {len(allowed)} values of the dictionary, exactly: {' | '.join(allowed)}"
    return _REMEDIES.get(value_class, "write a number with a point for decimals, or leave the cell empty")


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


def _by_class(bad: Mask, cells: list[str]) -> dict[str, Mask]:
    faults: dict[str, Mask] = {}
    for at in np.flatnonzero(bad):
        faults.setdefault(classify(cells[at]), np.zeros(len(cells), bool))[at] = True
    return faults
