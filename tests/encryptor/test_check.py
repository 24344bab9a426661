"""Awkward tables: every problem has its row, column, class and remedy; a value is never repeated."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import RowsInvalid
from hefed.core.protocol.uploads import HoldoutRule, holdout_ids, patient_hash
from hefed.core.words import Fact, Said, words
from hefed.encryptor.check import Checked, Rules, check
from tests.encryptor.conftest import HEADER, patients
from tests.words.raises import says, text

Write = Callable[..., Path]
RULE = HoldoutRule(salt="5a" * 16)
QUOTE_OPEN, QUOTE_WRONG, LINE_ENDS = Said("table.quote_open"), Said("table.quote_wrong"), Said("table.line_ends")
GOOD = "p1,70,30,F,1,local,0\n"


@pytest.fixture
def checked(dictionary: DataDictionary) -> Callable[..., Checked]:
    def run(path: Path, **more: object) -> Checked:
        return check(path, Rules(dictionary, RULE, **more))

    return run


def test_valid_table_is_counted_and_nothing_is_refused(checked: Callable[..., Checked], table: Path) -> None:
    report = checked(table).report

    assert (report.rows, report.patients, report.events, report.refused_rows) == (40, 40, 6, [])
    assert report.holdout == len(holdout_ids([f"p{n}" for n in range(40)], RULE))
    assert (report.variables["crp"].missing, report.variables["crp"].filled) == (8, 8)
    assert report.variables["crp"].clipped == 10
    assert report.variables["age"].missing == 0


@pytest.mark.parametrize(
    ("row", "column", "value_class"),
    [
        ("p2,SECRET,30,F,1,local,0", "age", "table.cell_text"),
        ('p2,"71,5",30,F,1,local,0', "age", "table.cell_comma"),
        ('p2,"1,234",30,F,1,local,0', "age", "table.cell_comma"),
        ("p2,inf,30,F,1,local,0", "age", "table.cell_infinity"),
        ("p2,-Infinity,30,F,1,local,0", "age", "table.cell_infinity"),
        ("p2,1e999,30,F,1,local,0", "age", "table.cell_infinity"),
        ("p2,2019-04-01,30,F,1,local,0", "age", "table.cell_date"),
        ("p2,1.4.2019,30,F,1,local,0", "age", "table.cell_date"),
        ("p2,NA,30,F,1,local,0", "age", "table.cell_missing_word"),
        ("p2,nan,30,F,1,local,0", "age", "table.cell_missing_word"),
        ("p2,<5,30,F,1,local,0", "age", "table.cell_comparison"),
        ("p2,71 y,30,F,1,local,0", "age", "table.cell_unit"),
        ("p2,,30,F,1,local,0", "age", "table.cell_empty"),
        ("p2,71,30,male,1,local,0", "sex", "table.cell_text"),
        ("p2,71,30,F,2,local,0", "icu", "table.cell_number"),
        ("p2,71,30,F,-1,local,0", "icu", "table.cell_negative"),
        ("p2,71,30,F,yes,local,0", "icu", "table.cell_text"),
        ("p2,71,30,F,1,Local,0", "cancer", "table.cell_text"),
        ("p2,71,30,F,1,local,3", "dead", "table.cell_number"),
        ("p2,71,30,F,1,local,", "dead", "table.cell_empty"),
        (",71,30,F,1,local,0", "pid", "table.cell_empty"),
        ("  ,71,30,F,1,local,0", "pid", "table.cell_empty"),
        ("p2,71,30,F,1,local", "(row)", "table.cells_few"),
        ("p2,71,30,F,1,local,0,9", "(row)", "table.cells_many"),
    ],
)
def test_bad_cell_is_reported_by_class_and_never_by_value(
    checked: Callable[..., Checked], write_table: Write, row: str, column: str, value_class: str
) -> None:
    report = checked(write_table(f"{GOOD}{row}\n")).report

    (cause,) = report.causes
    assert (cause.column, cause.value_class.code) == (column, value_class)
    assert report.refused_rows == [3]
    assert report.patients == 1
    told = "".join(map(words, report.lines()))
    assert "SECRET" not in told and "71" not in told


def test_all_problems_of_a_row_are_reported_together(checked: Callable[..., Checked], write_table: Write) -> None:
    report = checked(write_table(f"{GOOD}p2,x,y,z,8,w,7\n")).report

    assert {cause.column for cause in report.causes} == {"age", "crp", "sex", "icu", "cancer", "dead"}
    assert report.refused_rows == [3]


def test_every_row_of_a_duplicate_patient_is_refused(checked: Callable[..., Checked], write_table: Write) -> None:
    report = checked(write_table(f"{GOOD}p2,71,30,F,1,local,0\n p1 ,x,30,F,1,local,0\n")).report

    where = Said("table.rows", rows=(2, 4))
    twice = {"cell": Said("table.id_twice"), "remedy": Said("table.keep_one")}
    assert list(report.lines())[1] == Said("encryptor.cause", column="pid", where=where, **twice)
    assert report.patients == 1


def test_duplicates_are_found_across_chunks(checked: Callable[..., Checked], write_table: Write) -> None:
    report = checked(write_table(patients(9000) + patients(1))).report

    assert report.refused_rows == [2, 9002]
    assert report.patients == 8999


def test_patients_of_an_earlier_batch_are_refused(checked: Callable[..., Checked], write_table: Write) -> None:
    sent = {patient_hash(RULE.salt, "p2")}
    report = checked(write_table(GOOD + "p2,71,30,F,1,local,0\n"), already_sent=sent.__contains__).report

    (cause,) = report.causes
    assert (cause.value_class, report.refused_rows, report.patients) == (Said("table.id_sent"), [3], 1)


def test_declared_missing_word_is_filled_and_others_stay_refused(
    checked: Callable[..., Checked], write_table: Write
) -> None:
    rows = "p1,70,NA,F,1,local,0\np2,70,.,F,1,local,0\n"
    report = checked(write_table(rows), missing_words=frozenset({"NA"})).report

    assert report.variables["crp"].filled == 1
    assert report.refused_rows == [3]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp949", "cp949"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_korean_table_is_read_in_every_spelling(
    write_table: Write, encoding: str, found: str, delimiter: str, newline: str
) -> None:
    dictionary = DataDictionary.from_csv(
        "name,role,kind,levels,centre,scale\n번호,id,,,,\n나이,feature,continuous,,65,10\n"
        "성별,feature,binary,여|남,,\n사망,outcome,binary,,,\n"
    )
    text = f"번호,나이,성별,사망\n환자1,70,남,0\n{',,,'}\n환자2,81.5,여,1\n"
    path = write_table("", name="raw.csv")
    path.write_bytes(text.replace(",", delimiter).replace("\n", newline).encode(encoding))

    result = check(path, Rules(dictionary, RULE))

    assert (result.report.encoding, result.report.patients, result.report.empty_rows) == (found, 2, 1)
    assert result.table.gather(result.spans[::-1]) == [["환자2", "81.5", "여", "1"], ["환자1", "70", "남", "0"]]
    assert result.hashes == [patient_hash(RULE.salt, "환자1"), patient_hash(RULE.salt, "환자2")]


def test_decimal_commas_in_a_semicolon_table_are_reported_not_guessed(
    checked: Callable[..., Checked], write_table: Write
) -> None:
    report = checked(write_table("p1;70,5;30;F;1;local;0\n", header=HEADER.replace(",", ";"))).report

    assert [cause.value_class for cause in report.causes] == [Said("table.cell_comma")]
    assert report.delimiter == Said("table.semicolon")


def test_empty_lines_are_skipped_and_counted(checked: Callable[..., Checked], write_table: Write) -> None:
    report = checked(write_table(f"\n{GOOD}\n,,,,,,\np2,71,30,X,1,local,0\n\n")).report

    assert (report.rows, report.empty_rows, report.patients, report.refused_rows) == (2, 4, 1, [6])


def test_quoted_cells_may_hold_delimiters_and_line_breaks(checked: Callable[..., Checked], write_table: Write) -> None:
    result = checked(
        write_table('"p1","70",30,"F",1,local,0,"a,\nb"\np2,71,30,F,1,local,0,c\n', header=HEADER + ",note")
    )

    assert result.report.patients == 2
    assert result.report.extra_columns == ("note",)
    assert result.table.gather(result.spans)[0][-1] == "a,\nb"


def test_last_row_may_lack_its_line_end(checked: Callable[..., Checked], write_table: Write) -> None:
    result = checked(write_table(GOOD + "p2,71,30,F,1,local,0"))

    assert [record[0] for record in result.table.gather(result.spans[::-1])] == ["p2", "p1"]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("pid,age,crp,sex,icu,cancer", Said("table.heading_missing", name="dead")),
        ("pid,age,crp,sex,icu,cancer,Dead", Said("table.heading_spelt", name="dead", found="Dead")),
        ("pid,age,crp,sex,icu,cancer,dead,age", Said("table.heading_twice", name="age")),
    ],
)
def test_wrong_headings_stop_the_check(
    checked: Callable[..., Checked], write_table: Write, header: str, problem: Said
) -> None:
    with says("table.headings", RowsInvalid, name="table.csv", count=1, problems=(problem,)):
        checked(write_table(GOOD, header=header))


def test_all_missing_headings_are_reported_together(checked: Callable[..., Checked], write_table: Write) -> None:
    with says("table.headings", RowsInvalid, count=7):
        checked(write_table(GOOD, header=""))


@pytest.mark.parametrize(
    ("content", "code", "facts"),
    [
        (f"{HEADER}\n".encode() + b"p1,70,30,\xff\xff\xff,1,local,0\n", "table.encoding", {}),
        (b"\xff\xfe\x00\xd8p", "table.utf16", {"kind": "UnicodeDecodeError"}),
        (
            f'{HEADER}\np1,"70,30,F,1,local,0\n'.encode(),
            "table.row_unreadable",
            {"row": 2, "fault": Said("table.quote_open")},
        ),
        (
            f'{HEADER}\np1,"7"0,30,F,1,local,0\n'.encode(),
            "table.row_unreadable",
            {"row": 2, "fault": Said("table.quote_wrong")},
        ),
        (
            f"{HEADER}\r{GOOD}".replace("\n", "\r").encode(),
            "table.row_unreadable",
            {"row": 1, "fault": Said("table.line_ends")},
        ),
        (b"", "table.headings", {"count": 7}),
    ],
)
def test_file_that_is_no_table_is_refused_with_the_fault_and_its_row(
    checked: Callable[..., Checked], tmp_path: Path, content: bytes, code: str, facts: dict[str, Fact]
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with says(code, RowsInvalid, **facts):
        checked(path)


def test_header_alone_has_no_patients(checked: Callable[..., Checked], write_table: Write) -> None:
    report = checked(write_table("")).report

    assert (report.rows, report.patients) == (0, 0)


def test_refused_rows_file_gives_its_reasons_in_the_language_of_the_command(
    checked: Callable[..., Checked], write_table: Write, tmp_path: Path
) -> None:
    report = checked(write_table(f"{GOOD}p2,x,30,F,1,local,0\n")).report
    report.write_refused(tmp_path / "refused.csv", "ko")

    reason = [text("table.cell_text", "ko"), text("table.write_decimal", "ko")]
    assert (tmp_path / "refused.csv").read_text(encoding="utf-8").splitlines()[1].split(",") == ["3", "age", *reason]


def test_many_refused_rows_are_counted_and_the_first_are_named(
    checked: Callable[..., Checked], write_table: Write
) -> None:
    report = checked(write_table(GOOD + "".join(f"q{n},x,30,F,1,local,0\n" for n in range(11)))).report

    (line,) = report.lines()
    assert line.facts["where"] == Said("table.rows_more", rows=tuple(range(3, 11)), more=3)


def test_refused_rows_file_holds_numbers_and_reasons_only(
    checked: Callable[..., Checked], write_table: Write, tmp_path: Path
) -> None:
    report = checked(write_table(f"{GOOD}p2,SECRET,30,F,1,local,0\np3,71,30,SECRET,1,local,0\n")).report
    report.write_refused(tmp_path / "refused.csv")

    lines = (tmp_path / "refused.csv").read_text().splitlines()
    assert [line.split(",")[:3] for line in lines] == [
        ["row", "column", "value_class"],
        ["3", "age", text("table.cell_text")],
        ["4", "sex", text("table.cell_text")],
    ]
    assert "SECRET" not in "".join(lines)
