"""What the encryptor's commands show: progress, the report of a checked table, exit codes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Literal

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import (
    BadInput,
    BatchFileInvalid,
    BatchQuarantined,
    CiphertextInvalid,
    Conflict,
    DictionaryInvalid,
    EnvelopeInvalid,
    HEFedError,
    KeyInvalid,
    RemoteFailed,
    RowsInvalid,
    WrongKey,
)
from hefed.core.protocol.fingerprint import grouped
from hefed.core.words import Said, words
from hefed.encryptor.check import Report


class ExitCode(IntEnum):
    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    TABLE_REFUSED = 3
    STUDY_OR_KEY = 4
    SERVER = 5
    QUARANTINED = 6
    BATCH_FILE = 7
    CONFLICT = 8


_CODES: tuple[tuple[type[HEFedError], ExitCode], ...] = (
    (RowsInvalid, ExitCode.TABLE_REFUSED),
    (DictionaryInvalid, ExitCode.STUDY_OR_KEY),
    (WrongKey, ExitCode.STUDY_OR_KEY),
    (KeyInvalid, ExitCode.STUDY_OR_KEY),
    (EnvelopeInvalid, ExitCode.STUDY_OR_KEY),
    (CiphertextInvalid, ExitCode.STUDY_OR_KEY),
    (BatchQuarantined, ExitCode.QUARANTINED),
    (BatchFileInvalid, ExitCode.BATCH_FILE),
    (Conflict, ExitCode.CONFLICT),
    (RemoteFailed, ExitCode.SERVER),
    (BadInput, ExitCode.USAGE),
)


def code_of(error: HEFedError) -> ExitCode:
    """The first class in the table that the error is; anything else is unexpected."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.UNEXPECTED)


SHOWN_CAUSES = 40
Unit = Literal["bytes", "blocks"]
_NAMES = (Said("encryptor.variable"), Said("encryptor.kind"))
_COUNTS = (
    Said("encryptor.missing"),
    Said("encryptor.filled"),
    Said("encryptor.clipped"),
    Said("encryptor.refused"),
)


class Screen:
    """Results go to standard output, progress and errors to standard error, in one language."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self._out = Console(highlight=False)
        self._err = Console(stderr=True, highlight=False)

    def say(self, said: Said) -> None:
        self._out.print(Text(words(said, self.language)), soft_wrap=True)

    def error(self, said: Said) -> None:
        self._err.print(Text(words(said, self.language), style="red"), soft_wrap=True)

    def fingerprint(self, fingerprint: str) -> None:
        self.say(Said("encryptor.fingerprint", groups=grouped(fingerprint)))
        self.say(Said("encryptor.compare_fingerprint"))

    def report(self, report: Report, dictionary: DataDictionary) -> None:
        """What is fine, what will be changed, what is refused."""
        encoding, delimiter = report.encoding, report.delimiter
        rows, empty = report.rows, report.empty_rows
        self.say(Said("encryptor.table_read", encoding=encoding, delimiter=delimiter, rows=rows, empty=empty))
        if report.extra_columns:
            names = tuple(name or words(Said("encryptor.no_heading"), self.language) for name in report.extra_columns)
            self.say(Said("encryptor.columns_stay", names=names))
        self._out.print(self._variables(report, dictionary))
        patients, held, events = report.patients, report.holdout, report.events
        self.say(Said("encryptor.ready", patients=patients, held=held, events=events))
        if refused := len(report.refused_rows):
            self.say(Said("encryptor.refused_count", rows=refused))
            self._causes(report)

    @contextmanager
    def progress(self, title: Said, total: int, unit: Unit) -> Iterator[Callable[[int], None]]:
        """A bar on standard error; yields the function that moves it."""
        with Progress(*self._bar(unit), console=self._err, transient=True) as bar:
            task = bar.add_task(words(title, self.language), total=total)
            yield lambda done: bar.advance(task, done)

    def _causes(self, report: Report) -> None:
        lines = list(report.lines())
        shown = lines[:SHOWN_CAUSES]
        if len(lines) > SHOWN_CAUSES:
            shown.append(Said("encryptor.more_causes", n=len(lines) - SHOWN_CAUSES))
        for line in shown:
            self._out.print(Text(f"  {words(line, self.language)}"), soft_wrap=True)

    def _bar(self, unit: Unit) -> list[ProgressColumn]:
        shared: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn()]
        if unit == "bytes":
            return [*shared, DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()]
        blocks = TextColumn(words(Said("encryptor.blocks"), self.language))
        return [*shared, MofNCompleteColumn(), blocks, TimeElapsedColumn(), TimeRemainingColumn()]

    def _variables(self, report: Report, dictionary: DataDictionary) -> Table:
        names, numbers = ([words(one, self.language) for one in some] for some in (_NAMES, _COUNTS))
        table = Table(*names)
        for heading in numbers:
            table.add_column(heading, justify="right")
        for variable in (*dictionary.features, dictionary.outcome):
            counts = report.variables[variable.name]
            found = (counts.missing, counts.filled, counts.clipped, counts.refused)
            table.add_row(Text(variable.name), variable.kind, *(f"{number:,}" if number else "–" for number in found))
        return table
