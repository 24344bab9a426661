"""What the encryptor's commands show: progress, the report of a checked table, exit codes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

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


class Screen:
    """Results go to standard output, progress and errors to standard error."""

    def __init__(self) -> None:
        self._out = Console(highlight=False)
        self._err = Console(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        self._out.print(Text(text), soft_wrap=True)

    def error(self, text: str) -> None:
        self._err.print(Text(text, style="red"), soft_wrap=True)

    def fingerprint(self, fingerprint: str) -> None:
        self.say(f"Public key fingerprint: {grouped(fingerprint)}")
        self.say("Compare it with the custodian's, read out on another way, before you send patients.")

    def report(self, report: Report, dictionary: DataDictionary) -> None:
        """What is fine, what will be changed, what is refused."""
        self.say(
            f"Table: {report.encoding}, {report.delimiter}, {report.rows} rows, {report.empty_rows} empty ones skipped"
        )
        if report.extra_columns:
            named = ", ".join(name or "(no heading)" for name in report.extra_columns)
            self.say(f"Not in the dictionary, stays here: {named}")
        self._out.print(_variable_table(report, dictionary))
        refused = len(report.refused_rows)
        held, events = report.holdout, report.events
        self.say(f"Ready: {report.patients} patients ({held} held out for testing), {events} with the outcome")
        if refused:
            self.say(f"Refused: {refused} rows")
            self._causes(report)

    @contextmanager
    def progress(self, title: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
        """A bar on standard error; yields the function that moves it."""
        with Progress(*_bar(unit), console=self._err, transient=True) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.advance(task, done)

    def _causes(self, report: Report) -> None:
        lines = list(report.lines())
        for line in lines[:SHOWN_CAUSES]:
            self.say(f"  {line}")
        if len(lines) > SHOWN_CAUSES:
            self.say(f"  and {len(lines) - SHOWN_CAUSES} further reasons; --refused-rows FILE lists all")


def _bar(unit: str) -> list[ProgressColumn]:
    shared: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn()]
    if unit == "bytes":
        return [*shared, DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()]
    return [*shared, MofNCompleteColumn(), TextColumn(unit), TimeElapsedColumn(), TimeRemainingColumn()]


def _variable_table(report: Report, dictionary: DataDictionary) -> Table:
    table = Table("variable", "kind")
    for heading in ("missing", "filled", "clipped", "refused"):
        table.add_column(heading, justify="right")
    for variable in (*dictionary.features, dictionary.outcome):
        counts = report.variables[variable.name]
        numbers = (counts.missing, counts.filled, counts.clipped, counts.refused)
        table.add_row(Text(variable.name), variable.kind, *(f"{number:,}" if number else "–" for number in numbers))
    return table
