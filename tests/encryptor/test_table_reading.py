"""Any file a hospital's spreadsheet writes is read the same, and each record is found again at its place."""

import codecs
import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hefed.core.errors import RowsInvalid
from hefed.encryptor.table import Table, detect_encoding
from tests.words.raises import says

NAMES = ("pid", "age", "이름")
RECORDS = [["p1", "70", "김"], ["p2", "", "박,이"], ["p3", "7\n1", '"최"']]


def spelt(records: list[list[str]], encoding: str, delimiter: str = ",", end: str = "\n") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([NAMES, *records])
    return out.getvalue().encode(encoding)


def opened(tmp_path: Path, data: bytes) -> Table:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    return Table.open(path, NAMES)


def records(table: Table, size: int = 8192) -> list[list[str]]:
    return [record for chunk in table.chunks(size) for record in chunk.cells]


def spans(table: Table, size: int = 8192) -> np.ndarray:
    return np.concatenate([np.zeros((0, 2), np.int64), *(chunk.spans for chunk in table.chunks(size))])


# ---- spelling --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be"])
def test_table_is_read_in_every_spelling(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    table = opened(tmp_path, spelt(RECORDS, encoding, delimiter, end))

    assert table.header == NAMES and table.delimiter == delimiter
    assert records(table) == RECORDS
    assert table.gather(spans(table)[::-1]) == RECORDS[::-1]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"pid,age\n", ("utf-8", 0)),
        (codecs.BOM_UTF8 + b"pid,age\n", ("utf-8", 3)),
        ("이름\n".encode(), ("utf-8", 0)),
        ("이름\n".encode("cp949"), ("cp949", 0)),
        ("pid\n".encode("utf-16"), ("utf-16", 2)),
        (codecs.BOM_UTF16_BE + "pid\n".encode("utf-16-be"), ("utf-16", 2)),
        ("pid,age\n".encode("utf-16-le"), ("utf-16-le", 0)),
        ("pid,age\n".encode("utf-16-be"), ("utf-16-be", 0)),
        (b"", ("utf-8", 0)),
    ],
)
def test_encoding_is_found(tmp_path: Path, data: bytes, expected: tuple[str, int]) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    assert detect_encoding(path) == expected


@pytest.mark.parametrize("data", [b"pid,\xff\xfe\xff\n", codecs.BOM_UTF8 + b"\xb1\xe8\n", b"pid\n\x80"])
def test_bytes_of_no_known_encoding_are_refused_by_name(tmp_path: Path, data: bytes) -> None:
    with says("table.encoding", RowsInvalid, name="table.csv"):
        opened(tmp_path, data)


@pytest.mark.parametrize("data", [codecs.BOM_UTF16_LE + b"p\0x", codecs.BOM_UTF16_LE + b"\x00\xd8a\0"])
def test_broken_utf16_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    with says("table.utf16", RowsInvalid, name="table.csv", kind="UnicodeDecodeError"):
        opened(tmp_path, data)


def test_encoding_is_judged_by_the_whole_file_not_by_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"pid,age\n" + b"p,70\n" * 300_000 + "이름,70\n".encode("cp949"))
    assert detect_encoding(path) == ("cp949", 0)


def test_character_that_lies_across_two_pieces_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"x" * (1024 * 1024 - 1) + "김".encode() + b"\n")
    assert detect_encoding(path) == ("utf-8", 0)


@pytest.mark.parametrize("name", ["\u1112\u1161\u11ab", " \ud55c ", "\ud55c"])
def test_heading_is_cleaned_as_a_dictionarys_name_is(tmp_path: Path, name: str) -> None:
    assert opened(tmp_path, f"pid,{name}\np1,1\n".encode()).header == ("pid", "\ud55c")


# ---- places ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_rows_are_counted_as_a_spreadsheet_does_whatever_the_chunk(tmp_path: Path, size: int) -> None:
    table = opened(tmp_path, spelt(RECORDS, "utf-8"))
    chunks = list(table.chunks(size))

    assert np.concatenate([chunk.rows for chunk in chunks]).tolist() == [2, 3, 4]
    assert all(len(chunk.cells) <= size for chunk in chunks)
    assert np.array_equal(spans(table, size), spans(table))


def test_spans_cover_the_file_behind_its_header_without_gap(tmp_path: Path) -> None:
    data = spelt(RECORDS, "utf-8-sig", end="\r\n")
    found = spans(opened(tmp_path, data))

    assert found[0, 0] == data.index(b"\r\n") + 2 and found[-1, 1] == len(data)
    assert (found[1:, 0] == found[:-1, 1]).all()


def test_header_alone_has_no_chunks_and_empty_lines_are_records(tmp_path: Path) -> None:
    assert list(opened(tmp_path, b"pid,age\n").chunks()) == []
    assert [len(cells) for cells in records(opened(tmp_path, b"pid,age\n\np1,70\n\n"))] == [0, 2, 0]


cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_records_gathered_in_any_order_are_those_that_were_read(tmp_path: Path, rows: list[list[str]], random) -> None:
    table = opened(tmp_path, spelt(rows, "utf-8"))
    order = list(range(len(rows)))
    random.shuffle(order)

    assert records(table, 2) == rows
    assert table.gather(spans(table)[order]) == [rows[at] for at in order]


# ---- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "row"),
    [(b'p1,"7\n', 2), (b'p1,7,x\np2,"7"8,x\n', 3), (b"p1,7\rp2,8\n", 2), (b'p1,"a\nb",x\np3,"7"8\n', 3)],
)
def test_broken_record_is_named_by_its_row(tmp_path: Path, body: bytes, row: int) -> None:
    table = opened(tmp_path, b"pid,age,x\n" + body)
    with says("table.row_unreadable", RowsInvalid, name="table.csv", row=row):
        records(table)


@pytest.mark.parametrize("change", [b"", b"pid,age\np1,\xff\n", b'pid,age\np1,"\n'])
def test_file_that_changed_behind_the_check_is_never_read_silently(tmp_path: Path, change: bytes) -> None:
    table = opened(tmp_path, b"pid,age\np1,70\n")
    places = spans(table)
    table.path.write_bytes(change)
    with says("encryptor.changed_while_read", RowsInvalid, name="table.csv"):
        table.gather(places)
