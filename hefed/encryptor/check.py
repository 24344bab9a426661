"""The first pass over a table: every rule of the dictionary on every row, nothing guessed, nothing kept but places.

What later steps need of a patient is its place in the file and the keyed hash of its id: 50 bytes or so.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hefed.dictionary import DataDictionary, clean
from hefed.encryptor.encode import Encoded, Reader
from hefed.encryptor.report import Cause, Report
from hefed.encryptor.table import DELIMITER_NAMES, Chunk, Offsets, Table
from hefed.encryptor.values import EMPTY, Mask, remedy
from hefed.errors import RowsInvalid
from hefed.protocol.cohort import is_held_out, patient_hash
from hefed.protocol.messages import HoldoutRule

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
    problems += [f"heading {name!r} appears twice; keep one" for name in names if table.header.count(name) > 1]
    if problems:
        listed = "\n".join(f"  row 1: {problem}" for problem in problems)
        raise RowsInvalid(f"cannot use {table.path.name}: {len(problems)} headings are wrong; correct them\n{listed}")


def _missing_heading(name: str, header: Sequence[str]) -> str:
    near = [other for other in header if other.casefold().replace(" ", "_") == name.casefold()]
    if near:
        return f"heading {name!r} is written {near[0]!r}; rename it as the dictionary does"
    return f"heading {name!r} is missing; add the column (an empty cell is a missing value)"


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
        few = "fewer" if len(chunk.cells[at]) < reader.width else "more"
        cause = Cause("(row)", f"{few} cells than the header's {reader.width}", "put cells with a delimiter in quotes")
        report.refuse(cause, chunk.rows[at : at + 1])


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
        (EMPTY, "give every patient a pseudonymous id", lambda one: not one),
        ("duplicate id", "keep one row a patient", lambda one: times[one] > 1),
        ("patient of an earlier batch", "leave out patients already sent, or use --replace", rules.already_sent),
    ):
        where = np.fromiter(map(applies, hashes), bool, len(hashes)) & ~refused
        report.refuse_where(Cause(column, value_class, advice), rows, where)
        refused |= where
    return refused
