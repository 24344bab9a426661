"""A hospital's CSV file: which encoding, delimiter and header it has, and its records one chunk at a time.

The first pass remembers where each record lies, so that a block of patients in random order can be gathered later
without holding the table in memory. Nothing is written anywhere.
"""

import codecs
import csv
import io
import mmap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hefed.core.dictionary.variables import clean, detect_delimiter
from hefed.core.errors import RowsInvalid
from hefed.core.words import Said

CHUNK_ROWS = 8192
DELIMITER_NAMES = {",": Said("table.comma"), ";": Said("table.semicolon"), "\t": Said("table.tab")}
_PIECE_BYTES = 1024 * 1024
_UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
Offsets = npt.NDArray[np.int64]
Cells = list[str]


@dataclass(frozen=True)
class Chunk:
    """Consecutive records; ``rows`` counts as a spreadsheet does, ``spans`` are their first and last byte + 1."""

    rows: Offsets
    spans: Offsets
    cells: list[Cells]


@dataclass(frozen=True)
class Table:
    """One CSV file as it was found. ``encoding`` is a Python codec; the text of a UTF-16 file is held as UTF-8."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    start: int  # the byte behind a byte order mark
    text: bytes | None = field(default=None, repr=False)

    @classmethod
    def open(cls, path: Path, names: Sequence[str]) -> "Table":
        """Detect encoding and delimiter; ``names`` are the headings to look for. Raises RowsInvalid."""
        encoding, start = detect_encoding(path)
        text = _transcoded(path, encoding) if encoding.startswith("utf-16") else None
        found = cls(path, encoding, ",", (), start if text is None else 0, text)
        with found._stream() as stream:
            first = found._decoded(stream.readline())
        delimiter = detect_delimiter(first, names)
        table = cls(path, encoding, delimiter, (), found.start, text)
        header = next((record for record, _ in table._records()), [])
        return cls(path, encoding, delimiter, tuple(map(clean, header)), found.start, text)

    def chunks(self, size: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """The records behind the header, empty lines included, ``size`` at a time."""
        records = self._records()
        _, begin = next(records, ([], self.start))
        row = 2
        while batch := list(islice(records, size)):
            ends = np.array([end for _, end in batch], np.int64)
            starts = np.concatenate([[begin], ends[:-1]])
            yield Chunk(
                np.arange(row, row + len(batch)), np.stack([starts, ends], axis=1), [cells for cells, _ in batch]
            )
            row, begin = row + len(batch), int(ends[-1])

    def gather(self, spans: Offsets) -> list[Cells]:
        """The records at these places, in this order; raises RowsInvalid when the file is no longer the one read."""
        try:
            with self._bytes() as data:
                lines = b"\n".join(data[begin:end].rstrip(b"\r\n") for begin, end in spans.tolist())
            return list(self._reader(iter(io.StringIO(self._decoded(lines), newline=""))))
        except (csv.Error, UnicodeDecodeError, ValueError) as error:
            kind = type(error).__name__
            raise RowsInvalid("encryptor.changed_while_read", name=self.path.name, kind=kind) from error

    def _records(self) -> Iterator[tuple[Cells, int]]:
        """Each record with the byte at which it ends; raises RowsInvalid where quotes or line ends are broken."""
        row = 1
        with self._stream() as stream:
            feed = _Feed(self, stream)
            try:
                for record in self._reader(feed):
                    yield record, feed.position
                    row += 1
            except csv.Error as error:
                fault = _quoting_fault(error)
                raise RowsInvalid("table.row_unreadable", name=self.path.name, row=row, fault=fault) from error

    def _reader(self, lines: Iterator[str]) -> "Iterator[Cells]":
        return csv.reader(lines, delimiter=self.delimiter, strict=True)

    def _decoded(self, data: bytes) -> str:
        return data.decode("utf-8" if self.text is not None else self.encoding)

    @contextmanager
    def _stream(self) -> Iterator[io.BufferedIOBase]:
        with self.path.open("rb") if self.text is None else io.BytesIO(self.text) as stream:
            stream.seek(self.start)
            yield stream

    @contextmanager
    def _bytes(self) -> Iterator[bytes | mmap.mmap]:
        if self.text is not None:
            yield self.text
            return
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped


class _Feed:
    """Hands lines to the CSV reader and knows how many bytes it has handed out."""

    def __init__(self, table: Table, stream: io.BufferedIOBase) -> None:
        self._table, self._stream = table, stream
        self.position = table.start

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self._stream.readline()
        if not line:
            raise StopIteration
        self.position += len(line)
        return self._table._decoded(line)


def detect_encoding(path: Path) -> tuple[str, int]:
    """(codec, length of the byte order mark) among UTF-8, UTF-16 and CP949; raises RowsInvalid for anything else."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(codecs.BOM_UTF8):
        return _decodable(path, ["utf-8"]), len(codecs.BOM_UTF8)
    if head.startswith(_UTF16_BOMS):
        return "utf-16", 2
    if b"\0" in head:
        little = head[1::2].count(0) > head[::2].count(0)  # the high halves of delimiters and digits are 0
        return ("utf-16-le" if little else "utf-16-be"), 0
    return _decodable(path, ["utf-8", "cp949"]), 0


def _decodable(path: Path, encodings: list[str]) -> str:
    for encoding in encodings:
        if _decodes(path, encoding):
            return encoding
    raise RowsInvalid("table.encoding", name=path.name)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as stream:
        try:
            while piece := stream.read(_PIECE_BYTES):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _transcoded(path: Path, encoding: str) -> bytes:
    try:
        return path.read_bytes().decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeError as error:
        raise RowsInvalid("table.utf16", name=path.name, kind=type(error).__name__) from error


def _quoting_fault(error: csv.Error) -> Said:
    """Python's CSV reader tells its faults by text only."""
    if "new-line" in str(error):
        return Said("table.line_ends")
    return Said("table.quote_open" if "end of data" in str(error) else "table.quote_wrong")
