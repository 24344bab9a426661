"""Every rule of ``dictionary.csv`` is refused by its row, its column and a remedy, and all at once."""

import pytest

from hefed.dictionary import DataDictionary
from hefed.errors import DictionaryInvalid

HEAD = "name,label,role,kind,unit,levels,centre,scale,fill,indicator\n"
FRAME = "pid,Patient,id,,,,,,,\ndead,Died,outcome,binary,,,,,,\n"


def refusal(text: str) -> str:
    with pytest.raises(DictionaryInvalid) as refused:
        DataDictionary.from_csv(text)
    return str(refused.value)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ('age,,feature,continuous,,,"65,5",1,,', "row 4, column centre: has a decimal comma"),
        ("age,,feature,continuous,,,,1,,", "row 4, column centre: is empty"),
        ("age,,feature,continuous,,,65,0,,", "row 4, column scale: must be above 0"),
        ("age,,feature,continuous,,,65,-2,,", "row 4, column scale: must be above 0"),
        ("age,,feature,continuous,,,inf,1,,", "row 4, column centre: is not a finite number"),
        ("age,,feature,continuous,,,1e400,1,,", "row 4, column centre: is not a finite number"),
        ("age,,feature,continuous,,a|b,0,1,,", "row 4, column levels: must be empty for a continuous"),
        ("age,,feature,continuous,,,0,1,old,", "row 4, column fill: is not a finite number"),
        ("age,,feature,continuous,,,0,1,,yes", "row 4, column fill: is empty, but an indicator"),
        ("age,,feature,continuous,,,0,1,0,maybe", "row 4, column indicator: must be yes, no or empty"),
        ("age,,feature,number,,,0,1,,", "row 4, column kind: must be continuous, binary or categorical"),
        ("age,,predictor,continuous,,,0,1,,", "row 4, column role: must be id, feature or outcome"),
        (",,feature,binary,,,,,,", "row 4, column name: is empty"),
        ("a=b,,feature,binary,,,,,,", "row 4, column name: holds '='"),
        ("a|b,,feature,binary,,,,,,", "row 4, column name: holds '='"),
        ("x,,feature,binary,,a,,,,", "row 4, column levels: has 1, a binary needs 2"),
        ("x,,feature,binary,,a|b|c,,,,", "row 4, column levels: has 3, a binary needs 2"),
        ("x,,feature,binary,,,0.5,0.5,,", "row 4, column scale: 0/1 columns are not scaled"),
        ("x,,feature,binary,,,,,2,", "row 4, column fill: is not one of the levels"),
        ("x,,feature,categorical,,a,,,,", "row 4, column levels: has 1, needs at least 2"),
        ("x,,feature,categorical,,a|b|a,,,,", "row 4, column levels: names a level twice"),
        ("x,,feature,categorical,,a||b,,,,", "row 4, column levels: holds an empty level"),
        ("x,,feature,categorical,,a|b=c,,,,", "row 4, column levels: a level holds '='"),
        ("x,,feature,categorical,,a|b,,,c,", "row 4, column fill: is not one of the levels"),
        ("x,,feature,categorical,,a|missing,,,a,yes", "row 4, column name: column name 'x=missing' is taken"),
        ("intercept,,feature,binary,,,,,,", "row 4, column name: column name 'intercept' is taken"),
        ("dead,,feature,binary,,,,,,", "row 4, column name: column name 'dead' is taken: row 3 has it too"),
        ("pid2,,id,,,,,,,", "row 4, column role: 2 variables are the id"),
        ("x,,outcome,binary,,,,,,", "row 4, column role: 2 variables are the outcome"),
        ('x,"two\nlines",feature,binary,,,,,,', "row 4, column label: holds a line break"),
        ("x,,feature,binary,,,,,,,,", "row 4, column indicator: 12 cells, the header has 10"),
    ],
)
def test_broken_rule_is_named_with_row_and_column(row: str, expected: str) -> None:
    assert expected in refusal(HEAD + FRAME + row + "\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "row 1, column name: heading is missing"),
        ("name,role\n", "row 1, column kind: heading is missing"),
        ("name,role,kind,colour\n", "row 1, column colour: unknown heading"),
        ("name,role,kind,kind\n", "row 1, column kind: heading appears twice"),
        (HEAD + "x,,feature,binary,,,,,,\ndead,,outcome,binary,,,,,,\n", "no variable is the id"),
        (HEAD + "pid,,id,,,,,,,\nx,,feature,binary,,,,,,\n", "no variable is the outcome"),
        (HEAD + FRAME, "no variable is a feature"),
        (HEAD + "pid,,id,,,,,,7,\n", "row 2, column fill: must be empty for the id"),
        (HEAD + "d,,outcome,binary,,,,,0,yes\n", "row 2, column indicator: must be empty for the outcome"),
        (HEAD + "d,,outcome,continuous,,,0,1,,\n", "row 2, column kind: must be binary for the outcome"),
        (HEAD + "x" * (1 << 20), "limit 1048576"),
        (HEAD + '"' + "x" * 200_000 + '",\n', "cannot read the dictionary: field larger"),
    ],
)
def test_dictionary_without_its_frame_is_refused(text: str, expected: str) -> None:
    assert expected in refusal(text)


def test_all_problems_are_listed_at_once_in_row_order() -> None:
    text = refusal(HEAD + "age,,feature,continuous,,,x,0,,\nage,,feature,nominal,,,,,,\n")

    assert text.startswith("cannot use the dictionary: 6 problems")
    rows = [int(line.split()[1].rstrip(",")) for line in text.splitlines()[1:]]
    assert rows == [1, 1, 2, 2, 3, 3]


def test_blank_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    assert "row 5, column kind" in refusal(HEAD + "\n" + FRAME + "x,,feature,nominal,,,,,,\n")
