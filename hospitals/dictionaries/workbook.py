"""A dictionary as people work on it: drafts, the spreadsheet with its template.

Everything is written as text or number, never as formula: names and labels come from people.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from hefed.core.dictionary.variables import HEADER, Cells, DataDictionary, Variable


def draft_csv(rows: Sequence[Cells]) -> str:
    """The rows as a ``dictionary.csv``, checked by nobody."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


CHECKED_ROWS = 100_000  # Excel checks typed values down to here; the encryptor checks every row
_FIRST_LEVEL = 5  # the dictionary sheet's column of the first allowed level, counted from 0
_TITLE, _MESSAGE = 32, 255  # Excel's limits
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True)
class _Looks:
    """Cell formats of one workbook."""

    heading: Any
    text: Any
    wrapped: Any


def table_workbook(dictionary: DataDictionary) -> bytes:
    """Sheet 1 is the table to fill, sheet 2 says what belongs into it."""
    stream = io.BytesIO()
    with Workbook(stream, _OPTIONS) as book:
        looks = _Looks(
            heading=book.add_format({"bold": True, "bottom": 1}),
            text=book.add_format({"num_format": "@"}),
            wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
        )
        table, words = book.add_worksheet(_("Patients")), book.add_worksheet(_("Data dictionary"))
        _write_table(table, words.get_name(), dictionary, looks)
        _write_dictionary(words, dictionary, looks)
    return stream.getvalue()


def _write_table(sheet: Worksheet, words: str, dictionary: DataDictionary, looks: _Looks) -> None:
    sheet.freeze_panes(1, 0)
    for column, variable in enumerate(dictionary.variables):
        # An id is text: a number would lose leading zeros.
        sheet.set_column(column, column, max(len(variable.name) + 2, 12), looks.text if variable.role == "id" else None)
        sheet.write_string(0, column, variable.name, looks.heading)
        checks = _checks(variable, words, row=column + 1)
        if checks:
            sheet.data_validation(1, column, CHECKED_ROWS, column, checks | _hints(variable))


def _checks(variable: Variable, words: str, row: int) -> dict[str, Any]:
    """A choice among the levels, which stand in the variable's row of the dictionary sheet, or any number."""
    if variable.role == "id":
        return {}
    levels = _levels(variable)
    if levels:
        source = xl_range_abs(row, _FIRST_LEVEL, row, _FIRST_LEVEL + len(levels) - 1)
        sheet = words.replace("'", "''")
        return {"validate": "list", "source": f"='{sheet}'!{source}"}
    return {"validate": "decimal", "criteria": "between", "minimum": -1e300, "maximum": 1e300}


def _hints(variable: Variable) -> dict[str, Any]:
    """What Excel shows beside the cell, and when something else is typed."""
    title = (variable.label or variable.name)[:_TITLE]
    wanted = _one_of(variable) if _levels(variable) else _number(variable)
    missing = _if_missing(variable)
    return {
        "input_title": title,
        "input_message": f"{wanted} {missing}"[:_MESSAGE],
        "error_title": title,
        "error_message": wanted[:_MESSAGE],
    }


def _one_of(variable: Variable) -> str:
    named = _("One of: %(levels)s.") % {"levels": ", ".join(_levels(variable))}
    return named if len(named) < _MESSAGE // 2 else _("One of the levels on the second sheet.")


def _number(variable: Variable) -> str:
    if not variable.unit:
        return _("A number, with nothing else in the cell.")
    return _("A number in %(unit)s, with nothing else in the cell.") % {"unit": variable.unit}


def _if_missing(variable: Variable) -> str:
    if variable.role == "feature" and variable.fill != "":
        return _("Leave it empty when it is missing.")
    return _("It may not be missing.")


def _levels(variable: Variable) -> tuple[str, ...]:
    if variable.kind == "binary":
        return variable.levels or ("0", "1")
    return variable.levels


def _write_dictionary(sheet: Worksheet, dictionary: DataDictionary, looks: _Looks) -> None:
    headings = (_("Column"), _("Meaning"), _("Kind"), _("Unit"), _("If missing"), _("Allowed levels"))
    for column, (heading, width) in enumerate(zip(headings, (20, 44, 14, 14, 32, 16), strict=True)):
        sheet.set_column(column, column, width, looks.wrapped)
        sheet.write_string(0, column, heading, looks.heading)
    sheet.freeze_panes(1, 1)
    for row, variable in enumerate(dictionary.variables, start=1):
        texts = (variable.name, variable.label, _kind(variable), variable.unit, _if_missing(variable))
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, looks.wrapped)
        for column, level in enumerate(_levels(variable), start=_FIRST_LEVEL):
            _write_level(sheet, row, column, level)


def _kind(variable: Variable) -> str:
    if variable.role == "id":
        return _("pseudonym of the patient")
    kinds = {"continuous": _("number"), "binary": _("one of two"), "categorical": _("one of several")}
    return kinds[variable.kind]


def _write_level(sheet: Worksheet, row: int, column: int, level: str) -> None:
    """A level that is a plain whole number is one, or Excel would refuse it when it is typed; 01 stays text."""
    if level.isdecimal() and level.isascii() and str(int(level)) == level and len(level) < 16:
        sheet.write_number(row, column, int(level))
    else:
        sheet.write_string(row, column, level)
