"""What a changed dictionary changes: its digest, its encoded columns, and nothing a spelling could."""

from dataclasses import replace

import pytest

from hefed.core.dictionary.variables import (
    DataDictionary,
    Variable,
    VariableKind,
    clean,
    columns_of,
    detect_delimiter,
    number_fault,
)
from hefed.core.errors import DictionaryInvalid
from hefed.core.words import Said
from tests.words.raises import says

ID = Variable("pid", "Patient", "id", "")
AGE = Variable("age", "Age", "feature", "continuous", "years", (), 65.0, 12.5, "60", True)
SEX = Variable("sex", "Sex", "feature", "binary", levels=("F", "M"))
STAGE = Variable("stage", "Stage", "feature", "categorical", levels=("I", "II", "III"), fill="I")
DEAD = Variable("dead", "Died", "outcome", "binary")
WHOLE = DataDictionary((ID, AGE, SEX, STAGE, DEAD))

# ---- digest ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (0, {"name": "patient"}),
        (1, {"label": "Age at admission"}),
        (1, {"unit": "months"}),
        (1, {"centre": 65.00000000000001}),
        (1, {"scale": 12.500000000000002}),
        (1, {"fill": "61"}),
        (1, {"indicator": False}),
        (2, {"levels": ("M", "F")}),
        (2, {"levels": ()}),
        (3, {"levels": ("I", "III", "II")}),
        (3, {"levels": ("I", "II", "III", "IV")}),
        (3, {"fill": "II"}),
        (3, {"fill": ""}),
        (4, {"levels": ("no", "yes")}),
    ],
)
def test_every_change_of_meaning_changes_the_digest(place: int, change: dict[str, object]) -> None:
    variables = list(WHOLE.variables)
    variables[place] = replace(variables[place], **change)

    assert DataDictionary(tuple(variables)).digest != WHOLE.digest


def test_order_of_variables_changes_the_digest() -> None:
    assert DataDictionary((ID, SEX, AGE, STAGE, DEAD)).digest != WHOLE.digest


def test_fill_that_is_the_same_number_otherwise_spelt_is_another_digest_but_the_same_columns() -> None:
    other = DataDictionary((ID, replace(AGE, fill="60.0"), SEX, STAGE, DEAD))
    assert other.columns == WHOLE.columns and other.digest != WHOLE.digest


# ---- columns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "names"),
    [
        (AGE, ["age", "age=missing"]),
        (replace(AGE, indicator=False), ["age"]),
        (SEX, ["sex"]),
        (replace(SEX, fill="F", indicator=True), ["sex", "sex=missing"]),
        (STAGE, ["stage=II", "stage=III"]),
        (replace(STAGE, indicator=True), ["stage=II", "stage=III", "stage=missing"]),
        (replace(STAGE, levels=("II", "I")), ["stage=I"]),
    ],
)
def test_variable_becomes_these_columns(variable: Variable, names: list[str]) -> None:
    assert [column.name for column in columns_of(variable)] == names


@pytest.mark.parametrize("variable", [AGE, SEX, replace(STAGE, indicator=True)])
def test_only_a_continuous_column_is_scaled(variable: Variable) -> None:
    for column in columns_of(variable):
        scaled = column.kind == "continuous"
        assert (column.centre, column.scale) == ((65.0, 12.5) if scaled else (0.0, 1.0))
        assert scaled == (column.name == "age")
        assert column.variable == variable.name


def test_flag_column_names_what_its_one_means() -> None:
    assert [column.level for column in columns_of(replace(STAGE, indicator=True))] == ["II", "III", "missing"]
    assert columns_of(SEX)[0].level == "M"
    assert columns_of(replace(SEX, levels=()))[0].level == "1"


def test_outcome_and_id_are_no_columns() -> None:
    named = [column.variable for column in WHOLE.columns]
    assert named == ["", "age", "age", "sex", "stage", "stage"]


# ---- rules at the boundary -------------------------------------------------------------------------------------------


def test_dictionary_built_by_hand_is_held_to_the_same_rules_and_rows() -> None:
    with says("dictionary.problem", DictionaryInvalid, row=3, column="scale", what=Said("dictionary.scale_positive")):
        DataDictionary((ID, replace(AGE, scale=0.0), DEAD))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_centre_that_is_no_number_is_refused(value: float) -> None:
    with says("dictionary.problem", DictionaryInvalid, row=3, column="centre", what=Said("dictionary.not_a_number")):
        DataDictionary((ID, replace(AGE, centre=value), DEAD))


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1.7976931348623157e308])
def test_extreme_but_positive_scale_survives_its_text(scale: float) -> None:
    dictionary = DataDictionary((ID, replace(AGE, scale=scale), DEAD))
    assert DataDictionary.from_csv(dictionary.to_csv()).features[0].scale == scale


@pytest.mark.parametrize("kind", ["binary", "categorical"])
def test_level_of_one_variable_may_be_that_of_another(kind: VariableKind) -> None:
    twins = [Variable(name, name, "feature", kind, levels=("no", "yes")) for name in ("a", "b")]
    assert len(DataDictionary((ID, *twins, DEAD)).columns) == 3


def test_expanded_name_that_another_variable_has_is_refused_with_its_row() -> None:
    flag = replace(STAGE, levels=("I", "missing"), fill="I", indicator=True)
    with says("dictionary.name_taken", DictionaryInvalid, name="stage=missing", row=3):
        DataDictionary((ID, flag, DEAD))


def test_names_that_differ_in_case_are_two_variables() -> None:
    assert len(DataDictionary((ID, SEX, replace(SEX, name="Sex"), DEAD)).features) == 2


def test_missing_as_a_level_is_allowed_where_no_indicator_is() -> None:
    plain = replace(STAGE, levels=("I", "missing"))
    assert [column.name for column in columns_of(DataDictionary((ID, plain, DEAD)).features[0])] == ["stage=missing"]


# ---- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "dictionary.number_empty"),
        ("65,5", "dictionary.decimal_comma"),
        ("-65,5", "dictionary.decimal_comma"),
        ("1,234.5", "dictionary.not_a_number"),
        ("1_000", "dictionary.not_a_number"),
        ("0x10", "dictionary.not_a_number"),
        ("nan", "dictionary.not_a_number"),
        ("inf", "dictionary.not_a_number"),
        ("1e309", "dictionary.not_a_number"),
        (".", "dictionary.not_a_number"),
        ("1e", "dictionary.not_a_number"),
        ("1 000", "dictionary.not_a_number"),
        ("\u0663", "dictionary.not_a_number"),  # a digit, of another script
    ],
)
def test_cell_that_is_no_number_says_why(cell: str, code: str) -> None:
    assert number_fault(cell) == Said(code)


@pytest.mark.parametrize("cell", ["0", "-0", "+1", "1.", ".5", "-.5e-3", "1E308", "007"])
def test_number_in_any_plain_spelling_is_one(cell: str) -> None:
    assert number_fault(cell) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name,role\n1;2;3", ","),
        ("name;role\n1,2,3", ";"),
        ("name\trole", "\t"),
        ("name", ","),
        ("", ","),
        ("x;y;z", ","),
        ('"name";"role"', ";"),
        ("a,b;name;role", ";"),
        (" name ; role ", ";"),
    ],
)
def test_delimiter_is_the_one_that_shows_most_headings(text: str, expected: str) -> None:
    assert detect_delimiter(text, ("name", "role")) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(" a ", "a"), ("\u3000a\u00a0", "a"), ("\u1112\u1161\u11ab", "\ud55c"), ("e\u0301", "\u00e9")],
)
def test_cleaned_cell_is_trimmed_and_composed_once(cell: str, expected: str) -> None:
    assert clean(cell) == clean(clean(cell)) == expected
