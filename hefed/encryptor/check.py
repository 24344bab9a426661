"""Checking a hospital's table before anything is encrypted, and the report of it."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hefed.core.dictionary.values import EMPTY, Mask, remedy
from hefed.core.dictionary.variables import DataDictionary, clean
from hefed.core.errors import RowsInvalid
from hefed.core.protocol.uploads import HoldoutRule, is_held_out, patient_hash
from hefed.core.words import Said, words
from hefed.encryptor.blocks import Encoded, Reader
from hefed.encryptor.table import DELIMITER_NAMES, Chunk, Offsets, Table

SHOWN_ROWS = 8


class Cause(NamedTuple):
    """Why rows are refused: the column, the class of what stands there, and the remedy."""

    column: str
    value_class: Said
    remedy: Said


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
    delimiter: Said
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

    def lines(self) -> Iterator[Said]:
        """What is said of each cause, with the first rows."""
        for cause, found in self.causes.items():
            where = _listed(np.sort(np.concatenate(found)))
            yield Said("encryptor.cause", column=cause.column, cell=cause.value_class, where=where, remedy=cause.remedy)

    def write_refused(self, path: Path, language: str = "en") -> None:
        """Row numbers and reasons as CSV: the only thing about patients that the encryptor ever writes in clear."""
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(("row", "column", "value_class", "remedy"))
            told = {cause: (cause.column, *(words(said, language) for said in cause[1:])) for cause in self.causes}
            listed = ((int(row), *told[cause]) for cause, found in self.causes.items() for row in np.concatenate(found))
            writer.writerows(sorted(listed))


def _listed(rows: Offsets) -> Said:
    shown, more = tuple(rows[:SHOWN_ROWS].tolist()), len(rows) - SHOWN_ROWS
    return Said("table.rows_more", rows=shown, more=more) if more > 0 else Said("table.rows", rows=shown)


Advance = Callable[[int], object]


@dataclass(frozen=True)
class Rules:
    """What a table is checked against. ``already_sent`` tells which patient hashes an earlier batch holds."""

    dictionary: DataDictionary
    holdout: HoldoutRule
    missing_words: frozenset[str] = frozenset()
    already_sent: Callable[[bytes], bool] = lambda _: False


@dataclass(frozen=True)
class Checked:
    """A table's valid patients, in the file's order."""

    table: Table
    reader: Reader
    report: Report
    spans: Offsets
    hashes: list[bytes]


@dataclass
class _Found:
    """Grows by one chunk at a time; all lists run over the same rows. An empty hash stands for an empty id."""

    rows: list[Offsets] = field(default_factory=lambda: [np.zeros(0, np.int64)])
    spans: list[Offsets] = field(default_factory=lambda: [np.zeros((0, 2), np.int64)])
    events: list[Mask] = field(default_factory=lambda: [np.zeros(0, bool)])
    ok: list[Mask] = field(default_factory=lambda: [np.zeros(0, bool)])
    hashes: list[bytes] = field(default_factory=list)


def check(path: Path, rules: Rules, advance: Advance = lambda _: None) -> Checked:
    """Read the whole table; ``advance`` is told the bytes done. Raises RowsInvalid if it is no table at all."""
    names = [variable.name for variable in rules.dictionary.variables]
    table = Table.open(path, names)
    _check_header(table, names)
    reader = Reader.of(rules.dictionary, table.header, rules.missing_words)
    extra = tuple(name for name in table.header if name not in names)
    report = Report(table.encoding, DELIMITER_NAMES[table.delimiter], extra)
    found = _Found()
    for chunk in table.chunks():
        _check_chunk(chunk, reader, rules, (report, found))
        advance(int(chunk.spans[-1, 1] - chunk.spans[0, 0]))
    return _finish(table, reader, rules, (report, found))


def _check_header(table: Table, names: Sequence[str]) -> None:
    problems = [_missing_heading(name, table.header) for name in names if name not in table.header]
    problems += [Said("table.heading_twice", name=name) for name in names if table.header.count(name) > 1]
    if problems:
        raise RowsInvalid("table.headings", name=table.path.name, count=len(problems), problems=tuple(problems))


def _missing_heading(name: str, header: Sequence[str]) -> Said:
    near = [other for other in header if other.casefold().replace(" ", "_") == name.casefold()]
    if near:
        return Said("table.heading_spelt", name=name, found=near[0])
    return Said("table.heading_missing", name=name)


def _check_chunk(chunk: Chunk, reader: Reader, rules: Rules, into: tuple[Report, _Found]) -> None:
    report, found = into
    keep = np.fromiter((any(map(str.strip, record)) for record in chunk.cells), bool, len(chunk.cells))
    fits = np.fromiter((len(record) == reader.width for record in chunk.cells), bool, len(chunk.cells))
    report.rows += int(keep.sum())
    report.empty_rows += int((~keep).sum())
    _refuse_ragged(chunk, keep & ~fits, reader, report)
    keep &= fits
    rows, spans = chunk.rows[keep], chunk.spans[keep]
    records = [record for record, kept in zip(chunk.cells, keep, strict=True) if kept]
    cells = reader.cells(records)
    encoded = reader.encode_cells(cells, len(records))
    _count(encoded, reader, rows, report)
    ids = map(clean, cells[reader.dictionary.id_variable.name])
    found.rows.append(rows)
    found.spans.append(spans)
    found.events.append(encoded.outcome == 1)
    found.ok.append(encoded.ok)
    found.hashes.extend(patient_hash(rules.holdout.salt, one) if one else b"" for one in ids)


def _refuse_ragged(chunk: Chunk, where: Mask, reader: Reader, report: Report) -> None:
    for at in np.flatnonzero(where):
        few = len(chunk.cells[at]) < reader.width
        ragged = Said("table.cells_few" if few else "table.cells_many", width=reader.width)
        report.refuse(Cause("(row)", ragged, Said("table.quote_cells")), chunk.rows[at : at + 1])


def _count(encoded: Encoded, reader: Reader, rows: Offsets, report: Report) -> None:
    for variable in (*reader.dictionary.features, reader.dictionary.outcome):
        reading, counts = encoded.readings[variable.name], report.variables[variable.name]
        missing = int(reading.missing.sum())
        counts.missing += missing
        counts.filled += missing if variable.fill else 0
        counts.clipped += encoded.clipped.get(variable.name, 0)
        for value_class, where in reading.faults.items():
            counts.refused += int(where.sum())
            report.refuse_where(Cause(variable.name, value_class, remedy(variable, value_class)), rows, where)


def _finish(table: Table, reader: Reader, rules: Rules, parts: tuple[Report, _Found]) -> Checked:
    """Drop patients that appear more than once or were sent before, then count."""
    report, found = parts
    rows, ok = np.concatenate(found.rows), np.concatenate(found.ok)
    keep = ok & ~_refuse_by_id(rows, found.hashes, reader, rules, report)
    hashes = [one for one, kept in zip(found.hashes, keep, strict=True) if kept]
    report.patients, report.events = len(hashes), int(np.concatenate(found.events)[keep].sum())
    report.holdout = sum(is_held_out(one, rules.holdout.fraction) for one in hashes)
    return Checked(table, reader, report, np.concatenate(found.spans)[keep], hashes)


def _refuse_by_id(rows: Offsets, hashes: list[bytes], reader: Reader, rules: Rules, report: Report) -> Mask:
    """Empty ids, *every* row of a patient with several (none can be guessed to be right), patients sent before."""
    column, times = reader.dictionary.id_variable.name, Counter(hashes)
    refused = np.zeros(len(hashes), bool)
    for value_class, advice, applies in (
        (EMPTY, Said("table.give_id"), lambda one: not one),
        (Said("table.id_twice"), Said("table.keep_one"), lambda one: times[one] > 1),
        (Said("table.id_sent"), Said("table.leave_sent"), rules.already_sent),
    ):
        where = np.fromiter(map(applies, hashes), bool, len(hashes)) & ~refused
        report.refuse_where(Cause(column, value_class, advice), rows, where)
        refused |= where
    return refused
