"""Table 1 of a released result: who the pool's patients are, pooled and per hospital, by variable."""

from dataclasses import dataclass

from django.utils.translation import gettext

from hefed.core.dictionary.variables import Column, DataDictionary
from hefed.core.protocol.results import Reason, TableOne, VariableSummary
from hefed.core.words import words as english
from hospitals.csv_files import csv_text
from hospitals.dictionaries.models import DictionaryVersion
from hospitals.institutions.marks import HospitalMark
from hospitals.words import page_words
from training.results import words
from training.results.selectors import POOLED, ReadableResult

_CSV_HEADER = ("group", "variable", "unit", "patients", "events", "mean", "sd", "count", "share", "suppressed")


@dataclass(frozen=True)
class Group:
    """One column of the table: all hospitals together (no mark), or one."""

    scope: str
    mark: HospitalMark | None
    table: TableOne


@dataclass(frozen=True)
class Cell:
    """What stands in one place: a number as text, or why there is none."""

    text: str
    suppressed: str = ""


@dataclass(frozen=True)
class Row:
    label: str
    unit: str
    cells: list[Cell]
    groups: list[Group]

    @property
    def named(self) -> list[tuple[Cell, str]]:
        """Each cell with its hospital's name, empty for the pool's: on a narrow screen a row stands alone."""
        return [
            (cell, "" if of.mark is None else of.mark.name) for cell, of in zip(self.cells, self.groups, strict=True)
        ]


@dataclass(frozen=True)
class Table:
    groups: list[Group]
    rows: list[Row]


def table_of(result: ReadableResult, version: DictionaryVersion | None, marks: list[HospitalMark]) -> Table | None:
    """None while Table 1 is sealed."""
    groups = _groups(result, marks)
    if not groups:
        return None
    columns = _columns(version)
    names = [variable.column for variable in groups[0].table.variables]
    rows = [_row(name, columns.get(name), groups) for name in names]
    return Table(groups, [_counts(groups, "n"), _counts(groups, "events"), *rows])


def _groups(result: ReadableResult, marks: list[HospitalMark]) -> list[Group]:
    named = [(POOLED, None), *((mark.slug, mark) for mark in marks)]
    return [Group(scope, mark, result.table_one[scope]) for scope, mark in named if scope in result.table_one]


def _columns(version: DictionaryVersion | None) -> dict[str, Column]:
    columns = () if version is None else DataDictionary.from_csv(version.csv).columns
    return {column.name: column for column in columns}


def _counts(groups: list[Group], name: str) -> Row:
    label = gettext("Patients") if name == "n" else gettext("With the outcome")
    counts = [(getattr(group.table, name), group.table.suppressed) for group in groups]
    return Row(label, "", [_count_cell(count, reason) for count, reason in counts], groups)


def _count_cell(count: int | None, reason: Reason) -> Cell:
    return Cell("", page_words(reason) or gettext("suppressed")) if count is None else Cell(f"{count:,}")


def _row(name: str, column: Column | None, groups: list[Group]) -> Row:
    label, unit = (name, "") if column is None else (column.label, column.unit)
    return Row(label, unit, [_cell(_summary(group.table, name), group.table.n) for group in groups], groups)


def _summary(table: TableOne, name: str) -> VariableSummary | None:
    return next((variable for variable in table.variables if variable.column == name), None)


def _cell(summary: VariableSummary | None, n: int | None) -> Cell:
    """Mean (SD) of a continuous variable; count (share) of a 0/1 column."""
    if summary is None or summary.suppressed:
        return Cell("", gettext("suppressed") if summary is None else page_words(summary.suppressed))
    if summary.count is not None:
        return Cell(f"{summary.count:,}" + (f" ({words.percent(summary.count / n)})" if n else ""))
    if summary.mean is None:
        return Cell("", gettext("suppressed"))
    spread = "" if summary.sd is None else f" ({words.number(summary.sd, 2)})"
    return Cell(words.number(summary.mean, 2) + spread)


def table_csv(result: ReadableResult, version: DictionaryVersion | None) -> str:
    """One line per group and variable; an absent number is empty and its reason stands in the last column."""
    columns, rows = _columns(version), list[tuple[object, ...]]([_CSV_HEADER])
    for scope, table in result.table_one.items():
        for variable in table.variables:
            column = columns.get(variable.column)
            rows.append(_csv_row(scope, table, variable, "" if column is None else column.unit))
    return csv_text(rows)


def _csv_row(scope: str, table: TableOne, variable: VariableSummary, unit: str) -> tuple[object, ...]:
    share = variable.mean if variable.count is not None else None
    mean = variable.mean if variable.count is None else None
    numbers = (table.n, table.events, mean, variable.sd, variable.count, share)
    return (scope, variable.column, unit, *numbers, _in_english(variable.suppressed or table.suppressed))


def _in_english(reason: Reason) -> str:
    """A download reads the same whoever asks for it (docs/translation.md)."""
    return reason if isinstance(reason, str) else english(reason)
