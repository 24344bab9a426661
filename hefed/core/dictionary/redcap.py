"""A REDCap data dictionary (its CSV export) as the start of a study's data dictionary. Pure.

REDCap knows names, kinds and levels. It does not know what a study needs beside that: which variable is the outcome,
centre and scale of a continuous variable, which level is the reference, what a missing value becomes. These are never
guessed: their cells stay empty, or a note says what a person has to look at.
Source: REDCap "Data Dictionary" export, 18 columns; checkbox fields are exported as one 0/1 column per choice.
"""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from hefed.core.dictionary.variables import HEADER, MAX_TEXT, Cells, clean, detect_delimiter
from hefed.core.errors import DictionaryInvalid
from hefed.core.words import Said

NAME, KIND, LABEL = "Variable / Field Name", "Field Type", "Field Label"
CHOICES = "Choices, Calculations, OR Slider Labels"
VALIDATION = "Text Validation Type OR Show Slider Number"
MINIMUM, MAXIMUM = "Text Validation Min", "Text Validation Max"
IDENTIFIER, BRANCHING, REQUIRED = "Identifier?", "Branching Logic (Show field only if...)", "Required Field?"
COLUMNS = (NAME, KIND, LABEL, CHOICES, VALIDATION, MINIMUM, MAXIMUM, IDENTIFIER, BRANCHING, REQUIRED)
NEEDED = (NAME, KIND, LABEL, CHOICES, VALIDATION)
MAX_FIELDS = 2000
_TAG = re.compile(r"<[^>]*>")
_NUMBERS = re.compile(r"number|integer|number_\d+dp(_comma_decimal)?|number_comma_decimal")


@dataclass
class Imported:
    """``rows``: cells of ``dictionary.csv``. ``notes``: by variable, what a person must decide or check.
    ``left_out``: by REDCap field, why it did not become a variable."""

    rows: list[Cells] = field(default_factory=list)
    notes: dict[str, list[Said]] = field(default_factory=dict)
    left_out: dict[str, Said] = field(default_factory=dict)


def read_redcap(text: str) -> Imported:
    """Read the export; raises DictionaryInvalid when it is not one. Its first field is the record's id."""
    fields, imported = _fields(text), Imported()
    for place, cells in enumerate(fields):
        name = cells[NAME]
        if place == 0:
            imported.rows.append(_row(name, cells, "id", ""))
            imported.notes[name] = [Said("redcap.record_id")]
        elif reason := _unusable(cells):
            imported.left_out[name] = reason
        else:
            _READERS[cells[KIND]](cells, imported)
    return imported


def _fields(text: str) -> list[Cells]:
    if len(text) > MAX_TEXT:
        raise DictionaryInvalid("redcap.too_long", length=len(text), limit=MAX_TEXT)
    text = text.removeprefix("\ufeff")
    delimiter = detect_delimiter(text, COLUMNS)
    try:
        rows = [[clean(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise DictionaryInvalid("redcap.not_csv", message=str(error)) from error
    header = rows[0] if rows else []
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise DictionaryInvalid("redcap.heading_missing", heading=missing[0])
    return _filled(header, rows[1:])


def _filled(header: list[str], rows: list[list[str]]) -> list[Cells]:
    cells = [{**dict.fromkeys(COLUMNS, ""), **dict(zip(header, row, strict=False))} for row in rows if any(row)]
    if not cells or len(cells) > MAX_FIELDS:
        raise DictionaryInvalid("redcap.fields", fields=len(cells), most=MAX_FIELDS)
    return cells


def _unusable(cells: Cells) -> Said | None:
    """Why a field cannot be a variable; none if it can."""
    kind, check = cells[KIND], cells[VALIDATION]
    if cells[IDENTIFIER].lower() == "y":
        return Said("redcap.identifier")
    if kind == "text" and check.startswith(("date", "datetime", "time")):
        return Said("redcap.date", kind=check.split("_")[0])
    if kind == "text" and not _NUMBERS.fullmatch(check):
        return Said("redcap.free_text")
    if kind not in _READERS:
        return Said("redcap.type", kind=kind or "(empty)")
    return None


def _number(cells: Cells, imported: Imported) -> None:
    notes = [Said("redcap.no_scale"), *_range(cells[MINIMUM], cells[MAXIMUM]), Said("redcap.no_unit")]
    _add(imported, cells, "continuous", notes=notes)


def _range(low: str, high: str) -> list[Said]:
    if low and high:
        return [Said("redcap.range", low=low, high=high)]
    if low:
        return [Said("redcap.at_least", low=low)]
    return [Said("redcap.at_most", high=high)] if high else []


def _yes_no(cells: Cells, imported: Imported) -> None:
    _add(imported, cells, "binary")


def _choice(cells: Cells, imported: Imported) -> None:
    choices = _choices(cells)
    if len(choices) < 2:
        imported.left_out[cells[NAME]] = Said("redcap.few_choices", n=len(choices))
        return
    (level, label), binary = choices[0], len(choices) == 2
    notes = [
        Said("redcap.codes", meaning=tuple(f"{code} = {meaning}" for code, meaning in choices)),
        Said("redcap.counts_as_0" if binary else "redcap.reference", level=level, label=label),
    ]
    _add(imported, cells, "binary" if binary else "categorical", "|".join(code for code, _ in choices), notes)


def _checkbox(cells: Cells, imported: Imported) -> None:
    """REDCap exports one column per choice, named field___code."""
    for code, label in _choices(cells):
        name = f"{cells[NAME]}___{code.lower()}"
        _add(imported, {**cells, NAME: name, LABEL: f"{_plain(cells[LABEL])}: {label}"}, "binary")


_READERS: dict[str, Callable[[Cells, Imported], None]] = {
    "text": _number,
    "calc": _number,
    "slider": _number,
    "radio": _choice,
    "dropdown": _choice,
    "yesno": _yes_no,
    "truefalse": _yes_no,
    "checkbox": _checkbox,
}


def _add(imported: Imported, cells: Cells, kind: str, levels: str = "", notes: list[Said] | None = None) -> None:
    imported.rows.append(_row(cells[NAME], cells, "feature", kind, levels))
    every = [*(notes or []), *_gaps(cells)]
    if every:
        imported.notes[cells[NAME]] = every


def _gaps(cells: Cells) -> list[Said]:
    """A field that may be empty needs a decision on missing values."""
    if cells[BRANCHING]:
        return [Said("redcap.asked_only_if", condition=cells[BRANCHING])]
    return [] if cells[REQUIRED].lower() == "y" else [Said("redcap.may_be_empty")]


def _row(name: str, cells: Cells, role: str, kind: str, levels: str = "") -> Cells:
    label = _plain(cells[LABEL]) or name
    return {**dict.fromkeys(HEADER, ""), "name": name, "label": label, "role": role, "kind": kind, "levels": levels}


def _choices(cells: Cells) -> list[tuple[str, str]]:
    """``1, Male | 2, Female`` as pairs; a choice without a label is its own."""
    pairs = [choice.partition(",") for choice in cells[CHOICES].split("|") if choice.strip()]
    return [(clean(code), _plain(label) or clean(code)) for code, _, label in pairs]


def _plain(text: str) -> str:
    """Without the HTML that REDCap labels may carry, on one line."""
    return " ".join(_TAG.sub(" ", text).split())
