"""Every rule of ``dictionary.csv`` is refused by its row, its column and a remedy, and all at once."""

import pytest

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import DictionaryInvalid
from hefed.core.words import Fact
from tests.words.raises import says, text

HEAD = "name,label,role,kind,unit,levels,centre,scale,fill,indicator\n"
FRAME = "pid,Patient,id,,,,,,,\ndead,Died,outcome,binary,,,,,,\n"


def problems(csv: str) -> list[tuple[Fact, Fact, str]]:
    """Row, column and code of each."""
    with says("dictionary.invalid", DictionaryInvalid) as refused:
        DataDictionary.from_csv(csv)
    said = refused.value.facts["problems"]
    assert isinstance(said, tuple) and refused.value.facts["count"] == len(said)
    return [(one.facts["row"], one.facts["column"], one.facts["what"].code) for one in said]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ('age,,feature,continuous,,,"65,5",1,,', (4, "centre", "dictionary.decimal_comma")),
        ("age,,feature,continuous,,,,1,,", (4, "centre", "dictionary.number_empty")),
        ("age,,feature,continuous,,,65,0,,", (4, "scale", "dictionary.scale_positive")),
        ("age,,feature,continuous,,,65,-2,,", (4, "scale", "dictionary.scale_positive")),
        ("age,,feature,continuous,,,inf,1,,", (4, "centre", "dictionary.not_a_number")),
        ("age,,feature,continuous,,,1e400,1,,", (4, "centre", "dictionary.not_a_number")),
        ("age,,feature,continuous,,a|b,0,1,,", (4, "levels", "dictionary.levels_of_number")),
        ("age,,feature,continuous,,,0,1,old,", (4, "fill", "dictionary.not_a_number")),
        ("age,,feature,continuous,,,0,1,,yes", (4, "fill", "dictionary.fill_empty")),
        ("age,,feature,continuous,,,0,1,0,maybe", (4, "indicator", "dictionary.yes_no")),
        ("age,,feature,number,,,0,1,,", (4, "kind", "dictionary.kind")),
        ("age,,predictor,continuous,,,0,1,,", (4, "role", "dictionary.role")),
        (",,feature,binary,,,,,,", (4, "name", "dictionary.name_empty")),
        ("a=b,,feature,binary,,,,,,", (4, "name", "dictionary.name_marks")),
        ("a|b,,feature,binary,,,,,,", (4, "name", "dictionary.name_marks")),
        ("x,,feature,binary,,a,,,,", (4, "levels", "dictionary.levels_of_binary")),
        ("x,,feature,binary,,a|b|c,,,,", (4, "levels", "dictionary.levels_of_binary")),
        ("x,,feature,binary,,,0.5,0.5,,", (4, "scale", "dictionary.not_scaled")),
        ("x,,feature,binary,,,,,2,", (4, "fill", "dictionary.fill_level")),
        ("x,,feature,categorical,,a,,,,", (4, "levels", "dictionary.levels_few")),
        ("x,,feature,categorical,,a|b|a,,,,", (4, "levels", "dictionary.level_twice")),
        ("x,,feature,categorical,,a||b,,,,", (4, "levels", "dictionary.level_empty")),
        ("x,,feature,categorical,,a|b=c,,,,", (4, "levels", "dictionary.level_marks")),
        ("x,,feature,categorical,,a|b,,,c,", (4, "fill", "dictionary.fill_level")),
        ("x,,feature,categorical,,a|missing,,,a,yes", (4, "name", "dictionary.name_taken")),
        ("intercept,,feature,binary,,,,,,", (4, "name", "dictionary.name_of_constant")),
        ("dead,,feature,binary,,,,,,", (4, "name", "dictionary.name_taken")),
        ("pid2,,id,,,,,,,", (4, "role", "dictionary.role_twice")),
        ("x,,outcome,binary,,,,,,", (4, "role", "dictionary.role_twice")),
        ('x,"two\nlines",feature,binary,,,,,,', (4, "label", "dictionary.unprintable")),
        ("x,,feature,binary,,,,,,,,", (4, "indicator", "dictionary.ragged")),
    ],
)
def test_broken_rule_is_named_with_row_and_column(row: str, expected: tuple[int, str, str]) -> None:
    assert expected in problems(HEAD + FRAME + row + "\n")


@pytest.mark.parametrize(
    ("csv", "expected"),
    [
        ("", (1, "name", "dictionary.heading_missing")),
        ("name,role\n", (1, "kind", "dictionary.heading_missing")),
        ("name,role,kind,colour\n", (1, "colour", "dictionary.heading_unknown")),
        ("name,role,kind,kind\n", (1, "kind", "dictionary.heading_twice")),
        (HEAD + "x,,feature,binary,,,,,,\ndead,,outcome,binary,,,,,,\n", (1, "role", "dictionary.role_missing")),
        (HEAD + "pid,,id,,,,,,,\nx,,feature,binary,,,,,,\n", (1, "role", "dictionary.role_missing")),
        (HEAD + FRAME, (1, "role", "dictionary.no_feature")),
        (HEAD + "pid,,id,,,,,,7,\n", (2, "fill", "dictionary.must_be_empty")),
        (HEAD + "d,,outcome,binary,,,,,0,yes\n", (2, "indicator", "dictionary.must_be_empty")),
        (HEAD + "d,,outcome,continuous,,,0,1,,\n", (2, "kind", "dictionary.outcome_kind")),
    ],
)
def test_dictionary_without_its_frame_is_refused(csv: str, expected: tuple[int, str, str]) -> None:
    assert expected in problems(csv)


@pytest.mark.parametrize(
    ("csv", "code"),
    [
        (HEAD + "x" * (1 << 20), "dictionary.too_long"),
        (HEAD + '"' + "x" * 200_000 + '",\n', "dictionary.not_csv"),
    ],
)
def test_text_that_is_no_table_is_refused(csv: str, code: str) -> None:
    with says(code, DictionaryInvalid):
        DataDictionary.from_csv(csv)


def test_all_problems_are_listed_at_once_in_row_order() -> None:
    found = problems(HEAD + "age,,feature,continuous,,,x,0,,\nage,,feature,nominal,,,,,,\n")

    assert [row for row, _column, _code in found] == [1, 1, 2, 2, 3, 3]


def test_blank_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    assert (5, "kind", "dictionary.kind") in problems(HEAD + "\n" + FRAME + "x,,feature,nominal,,,,,,\n")


def test_problems_stand_on_lines_of_their_own() -> None:
    with says("dictionary.invalid", count=1) as refused:
        DataDictionary.from_csv(HEAD + FRAME)

    role = text("dictionary.no_feature")
    assert str(refused.value).splitlines()[1:] == [f"  {text('dictionary.problem', row=1, column='role', what=role)}"]
