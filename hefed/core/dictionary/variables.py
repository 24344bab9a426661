"""The data dictionary of a study: which variables a hospital sends and how each becomes encoded columns.

Source: DESIGN sections 3 (scaling) and 7 (``dictionary.csv``). Twin in the browser: static/encryptor (golden vectors).
"""

import csv
import hashlib
import io
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Literal, cast, get_args

from hefed.core.errors import DictionaryInvalid
from hefed.core.words import Said

VariableRole = Literal["id", "feature", "outcome"]
VariableKind = Literal["continuous", "binary", "categorical", ""]
ColumnKind = Literal["intercept", "continuous", "indicator01"]
Cells = dict[str, str]

HEADER = ("name", "label", "role", "kind", "unit", "levels", "centre", "scale", "fill", "indicator")
REQUIRED_HEADER = ("name", "role", "kind")
DELIMITERS = (",", ";", "\t")
INTERCEPT = "intercept"
MISSING = "missing"
MAX_TEXT = 1 << 20
_YES, _NO = ("yes", "1", "true"), ("no", "0", "false", "")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")


@dataclass(frozen=True)
class Variable:
    """One column of a hospital's table. ``fill`` is what a missing value becomes; empty: missing values are refused.

    ``kind`` is empty for the id, which is never encoded. ``levels``: the reference (or the 0 of a binary) comes first.
    """

    name: str
    label: str
    role: VariableRole
    kind: VariableKind
    unit: str = ""
    levels: tuple[str, ...] = ()
    centre: float = 0.0
    scale: float = 1.0
    fill: str = ""
    indicator: bool = False

    def cells(self) -> Cells:
        """This variable as a row of ``dictionary.csv``, in the one canonical spelling."""
        scaled = self.kind == "continuous"
        kind = "" if self.role == "id" else self.kind
        texts = (self.name, self.label or self.name, self.role, kind, self.unit, "|".join(self.levels))
        numbers = (repr(float(self.centre)), repr(float(self.scale))) if scaled else ("", "")
        return dict(zip(HEADER, (*texts, *numbers, self.fill, "yes" if self.indicator else ""), strict=True))


@dataclass(frozen=True)
class Column:
    """One encoded column, hence one ciphertext per block. 0/1 columns have centre 0 and scale 1."""

    name: str
    label: str
    variable: str
    kind: ColumnKind
    unit: str = ""
    level: str = ""
    centre: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class Problem:
    """What is wrong in which cell, and what to do. Rows count as a spreadsheet does: the header is row 1."""

    row: int
    column: str
    what: Said

    @property
    def said(self) -> Said:
        return Said("dictionary.problem", row=self.row, column=self.column, what=self.what)


@dataclass(frozen=True)
class DataDictionary:
    """A checked dictionary: exactly one id, exactly one binary outcome, at least one feature, no clashing names."""

    variables: tuple[Variable, ...]

    def __post_init__(self) -> None:
        _refuse(_check([(row, variable.cells()) for row, variable in enumerate(self.variables, start=2)]))

    @classmethod
    def from_csv(cls, text: str) -> "DataDictionary":
        """Read ``dictionary.csv``; raises DictionaryInvalid, which lists every problem with row, column and remedy."""
        rows = _read(text)
        _refuse(_check(rows))
        return cls(tuple(_variable(cells) for _, cells in rows))

    def to_csv(self) -> str:
        """The canonical text: comma, line feed, ten columns, numbers as Python's shortest repr."""
        out = io.StringIO()
        writer = csv.DictWriter(out, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(variable.cells() for variable in self.variables)
        return out.getvalue()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical text, in hex."""
        return hashlib.sha256(self.to_csv().encode()).hexdigest()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The encoded columns in order: the intercept, then each feature's columns. The outcome is not among them."""
        intercept = Column(INTERCEPT, "Intercept", "", "intercept")
        return (intercept, *chain.from_iterable(columns_of(feature) for feature in self.features))

    @property
    def features(self) -> tuple[Variable, ...]:
        return tuple(variable for variable in self.variables if variable.role == "feature")

    @property
    def outcome(self) -> Variable:
        return next(variable for variable in self.variables if variable.role == "outcome")

    @property
    def id_variable(self) -> Variable:
        return next(variable for variable in self.variables if variable.role == "id")


def columns_of(variable: Variable) -> list[Column]:
    """The encoded columns of one feature: itself or one per non-reference level, then ``name=missing`` if asked for."""
    levels = [*variable.levels[1:]] if variable.kind == "categorical" else []
    extra = [*levels, MISSING] if variable.indicator else levels
    shared = [
        Column(f"{variable.name}={level}", f"{variable.label}: {level}", variable.name, "indicator01", level=level)
        for level in extra
    ]
    return shared if variable.kind == "categorical" else [_own_column(variable), *shared]


def _own_column(variable: Variable) -> Column:
    name, label = variable.name, variable.label
    if variable.kind == "binary":
        one = variable.levels[1] if variable.levels else "1"
        return Column(name, label, name, "indicator01", variable.unit, level=one)
    return Column(name, label, name, "continuous", variable.unit, centre=variable.centre, scale=variable.scale)


def clean(cell: str) -> str:
    """Surrounding blanks go, and letters are composed: a Mac writes one Korean syllable as several code points."""
    return unicodedata.normalize("NFC", cell.strip())


def detect_delimiter(text: str, known: Sequence[str]) -> str:
    """The delimiter under which the first line shows most known names; a comma if none does."""

    def hits(delimiter: str) -> int:
        try:
            cells = next(csv.reader(text.splitlines()[:1], delimiter=delimiter), [])
        except csv.Error:
            return 0
        return sum(clean(cell) in known for cell in cells)

    return max(DELIMITERS, key=hits)


# ---- reading ---------------------------------------------------------------------------------------------------------


def _read(text: str) -> list[tuple[int, Cells]]:
    if len(text) > MAX_TEXT:
        raise DictionaryInvalid("dictionary.too_long", length=len(text), limit=MAX_TEXT)
    text = text.removeprefix("\ufeff")
    delimiter = detect_delimiter(text, HEADER)
    try:
        rows = [[clean(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise DictionaryInvalid("dictionary.not_csv", message=str(error)) from error
    return _by_name(rows)


def _by_name(rows: list[list[str]]) -> list[tuple[int, Cells]]:
    header = rows[0] if rows else []
    filled = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    ragged = [_ragged(number, row, header) for number, row in filled if len(row) > len(header)]
    _refuse([*_header_problems(header), *ragged])
    return [(number, {**dict.fromkeys(HEADER, ""), **dict(zip(header, row, strict=False))}) for number, row in filled]


def _ragged(number: int, row: list[str], header: list[str]) -> Problem:
    return Problem(number, header[-1], Said("dictionary.ragged", cells=len(row), known=len(header)))


def _header_problems(header: list[str]) -> list[Problem]:
    missing = [name for name in REQUIRED_HEADER if name not in header]
    unknown, twice = Said("dictionary.heading_unknown", known=HEADER), Said("dictionary.heading_twice")
    return [
        *(Problem(1, name or "(empty)", unknown) for name in header if name not in HEADER),
        *(Problem(1, name, twice) for name, n in Counter(header).items() if n > 1 and name),
        *(Problem(1, name, Said("dictionary.heading_missing", known=HEADER)) for name in missing),
    ]


def _refuse(problems: list[Problem]) -> None:
    if problems:
        listed = tuple(problem.said for problem in sorted(problems, key=lambda p: p.row))
        raise DictionaryInvalid("dictionary.invalid", count=len(problems), problems=listed)


def _variable(cells: Cells) -> Variable:
    """From checked cells only."""
    role = cast(VariableRole, cells["role"])
    kind = cast(VariableKind, _kind(cells))
    scaled = kind == "continuous"
    return Variable(
        name=cells["name"],
        label=cells["label"] or cells["name"],
        role=role,
        kind=kind,
        unit=cells["unit"],
        levels=_levels(cells),
        centre=float(cells["centre"]) if scaled else 0.0,
        scale=float(cells["scale"]) if scaled else 1.0,
        fill=cells["fill"],
        indicator=cells["indicator"].lower() in _YES,
    )


def _kind(cells: Cells) -> str:
    """An id has no kind, whatever the cell says; an outcome without one is binary, the only kind it may have."""
    if cells["role"] == "id":
        return ""
    return cells["kind"] or ("binary" if cells["role"] == "outcome" else "")


def _levels(cells: Cells) -> tuple[str, ...]:
    return tuple(clean(level) for level in cells["levels"].split("|")) if cells["levels"] else ()


# ---- rules -----------------------------------------------------------------------------------------------------------


def _check(rows: list[tuple[int, Cells]]) -> list[Problem]:
    single = [Problem(number, column, what) for number, cells in rows for column, what in _row_problems(cells)]
    return [*single, *_role_problems(rows), *_clashes(rows)]


def _row_problems(cells: Cells) -> Iterator[tuple[str, Said]]:
    yield from _name_problems(cells["name"])
    yield from (
        (column, Said("dictionary.unprintable"))
        for column, cell in cells.items()
        if column != "name" and not cell.isprintable()
    )
    if cells["role"] not in get_args(VariableRole):
        yield "role", Said("dictionary.role")
        return
    if cells["role"] == "id":
        yield from _must_be_empty(cells, "levels", "centre", "scale", "fill", "indicator")
        return
    yield from _kind_problems(cells)


def _name_problems(name: str) -> Iterator[tuple[str, Said]]:
    if not name:
        yield "name", Said("dictionary.name_empty")
    elif any(mark in name for mark in "=|") or not name.isprintable():
        yield "name", Said("dictionary.name_marks")


def _kind_problems(cells: Cells) -> Iterator[tuple[str, Said]]:
    kind = _kind(cells)
    if kind not in ("continuous", "binary", "categorical"):
        yield "kind", Said("dictionary.kind")
        return
    if cells["role"] == "outcome":
        if kind != "binary":
            yield "kind", Said("dictionary.outcome_kind")
        yield from _must_be_empty(cells, "fill", "indicator")
    yield from _level_problems(kind, cells)
    yield from _scale_problems(cells) if kind == "continuous" else _no_scale_problems(cells)
    yield from _fill_problems(kind, cells)


def _must_be_empty(cells: Cells, *columns: str) -> Iterator[tuple[str, Said]]:
    for column in columns:
        unused = column == "indicator" and cells[column].lower() in _NO
        if cells[column] and not unused:
            yield column, Said("dictionary.must_be_empty", role=cells["role"])


def _level_problems(kind: str, cells: Cells) -> Iterator[tuple[str, Said]]:
    levels = _levels(cells)
    if kind == "continuous" and levels:
        yield "levels", Said("dictionary.levels_of_number")
    if kind == "categorical" and len(levels) < 2:
        yield "levels", Said("dictionary.levels_few", n=len(levels))
    if kind == "binary" and len(levels) not in (0, 2):
        yield "levels", Said("dictionary.levels_of_binary", n=len(levels))
    if "" in levels:
        yield "levels", Said("dictionary.level_empty")
    if any("=" in level for level in levels):
        yield "levels", Said("dictionary.level_marks")
    if len(set(levels)) < len(levels):
        yield "levels", Said("dictionary.level_twice")


def _scale_problems(cells: Cells) -> Iterator[tuple[str, Said]]:
    for column in ("centre", "scale"):
        if fault := number_fault(cells[column]):
            yield column, fault
    if not number_fault(cells["scale"]) and float(cells["scale"]) <= 0:
        yield "scale", Said("dictionary.scale_positive")


def _no_scale_problems(cells: Cells) -> Iterator[tuple[str, Said]]:
    for column, neutral in (("centre", 0.0), ("scale", 1.0)):
        if cells[column] and (number_fault(cells[column]) or float(cells[column]) != neutral):
            yield column, Said("dictionary.not_scaled")


def number_fault(cell: str) -> Said | None:
    """Why a cell is not a finite number, with the remedy; none if it is one."""
    if not cell:
        return Said("dictionary.number_empty")
    if _DECIMAL_COMMA.fullmatch(cell):
        return Said("dictionary.decimal_comma")
    if not _NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
        return Said("dictionary.not_a_number")
    return None


def _fill_problems(kind: str, cells: Cells) -> Iterator[tuple[str, Said]]:
    fill, wanted = cells["fill"], cells["indicator"].lower()
    if wanted not in (*_YES, *_NO):
        yield "indicator", Said("dictionary.yes_no")
    if wanted in _YES and not fill:
        yield "fill", Said("dictionary.fill_empty")
    if not fill:
        return
    if kind == "continuous":
        if fault := number_fault(fill):
            yield "fill", fault
    elif fill not in (_levels(cells) or ("0", "1")):
        yield "fill", Said("dictionary.fill_level")


def _role_problems(rows: list[tuple[int, Cells]]) -> Iterator[Problem]:
    counts = Counter(cells["role"] for _, cells in rows)
    for role in ("id", "outcome"):
        if counts[role] == 0:
            yield Problem(1, "role", Said("dictionary.role_missing", role=role))
        elif counts[role] > 1:
            last = max(number for number, cells in rows if cells["role"] == role)
            yield Problem(last, "role", Said("dictionary.role_twice", role=role, n=counts[role]))
    if counts["feature"] == 0:
        yield Problem(1, "role", Said("dictionary.no_feature"))


def _clashes(rows: list[tuple[int, Cells]]) -> Iterator[Problem]:
    seen = {INTERCEPT: 0}
    for number, cells in rows:
        for name in (cells["name"], *_expanded_names(cells)):
            if name and name in seen:
                constant = Said("dictionary.name_of_constant", name=name)
                taken = Said("dictionary.name_taken", name=name, row=seen[name])
                yield Problem(number, "name", taken if seen[name] else constant)
            seen.setdefault(name, number)


def _expanded_names(cells: Cells) -> list[str]:
    extra = list(_levels(cells)[1:]) if _kind(cells) == "categorical" else []
    names = [f"{cells['name']}={level}" for level in dict.fromkeys(extra)]
    indicator = f"{cells['name']}={MISSING}"
    wanted = cells["indicator"].lower() in _YES
    return [*names, indicator] if wanted else names
