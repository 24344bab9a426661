"""A cell becomes exactly its number, is missing, or is named by its class: at every edge between the three."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hefed.core.dictionary.values import EMPTY, INFINITY, MISSING_WORD, NEGATIVE, NUMBER, TEXT, classify, read, remedy
from hefed.core.dictionary.variables import Variable
from hefed.core.words import Said

DATE, COMMA = Said("table.cell_date"), Said("table.cell_comma")
COMPARISON, UNIT = Said("table.cell_comparison"), Said("table.cell_unit")

AGE = Variable("age", "Age", "feature", "continuous", "years")
FILLED = Variable("age", "Age", "feature", "continuous", fill="60")
FLAG = Variable("icu", "ICU", "feature", "binary")
SEX = Variable("sex", "Sex", "feature", "binary", levels=("F", "M"))
STAGE = Variable("stage", "Stage", "feature", "categorical", levels=("I", "II", "III"), fill="I")

# ---- classes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("65", NUMBER),
        ("+65", NUMBER),
        ("65.", NUMBER),
        (".5", NUMBER),
        ("1e3", NUMBER),
        ("-65", NEGATIVE),
        ("-.5", NEGATIVE),
        ("-1e-3", NEGATIVE),
        ("inf", INFINITY),
        ("-Infinity", INFINITY),
        ("1e999", INFINITY),
        ("-1e999", INFINITY),
        ("NA", MISSING_WORD),
        ("#N/A", MISSING_WORD),
        ("nan", MISSING_WORD),
        ("-", MISSING_WORD),
        (".", MISSING_WORD),
        ("?", MISSING_WORD),
        ("Unknown", MISSING_WORD),
        ("2024-01-31", DATE),
        ("31/01/2024", DATE),
        ("31.01.24", DATE),
        ("2024-01-31T08:15", DATE),
        ("2024. 1. 31", TEXT),
        ("08:15", DATE),
        ("08:15:30", DATE),
        ("65,5", COMMA),
        ("-65,5", COMMA),
        ("1,234,567", COMMA),
        ("1.234,5", COMMA),
        ("1,234.5", COMMA),
        ("<5", COMPARISON),
        (">= 5.5", COMPARISON),
        ("≤5", COMPARISON),
        ("~5", COMPARISON),
        ("<", TEXT),
        ("65 kg", UNIT),
        ("65kg", UNIT),
        ("65%", UNIT),
        ("65세", UNIT),
        ("kg 65", TEXT),
        ("--5", TEXT),
        ("1e", UNIT),
        ("five", TEXT),
        ("", TEXT),
    ],
)
def test_cell_has_one_class(cell: str, expected: Said) -> None:
    assert classify(cell) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_python_writes_is_a_number_of_its_sign(value: float) -> None:
    assert classify(repr(value)) == (NEGATIVE if math.copysign(1, value) < 0 else NUMBER)


@given(st.text(max_size=12))
def test_a_class_names_no_part_of_the_cell(cell: str) -> None:
    assert not classify(cell).facts


# ---- numbers ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_are_read_to_the_last_bit(values: list[float]) -> None:
    reading = read(AGE, [repr(value) for value in values])

    assert reading.values.tolist() == values
    assert not reading.missing.any() and not reading.faults


@pytest.mark.parametrize("cell", [" 65 ", "\t65", "65\u3000", "065", "+65", "65.0", "6.5e1", "650E-1"])
def test_number_may_be_spelt_in_any_way_that_means_it(cell: str) -> None:
    assert read(AGE, [cell]).values.tolist() == [65.0]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("1e999", INFINITY),
        ("inf", INFINITY),
        ("nan", MISSING_WORD),
        ("NaN", MISSING_WORD),
        ("65,5", COMMA),
        ("1,000", COMMA),
        ("<5", COMPARISON),
        ("65 years", UNIT),
        ("2024-01-31", DATE),
        ("old", TEXT),
        ("True", TEXT),
        ("\u0663", TEXT),  # a digit, of another script
    ],
)
def test_cell_that_is_no_finite_number_is_a_fault_and_never_a_value(cell: str, fault: Said) -> None:
    reading = read(FILLED, [cell])

    assert np.isnan(reading.values).all()
    assert {said: where.tolist() for said, where in reading.faults.items()} == {fault: [True]}
    assert not reading.missing.any()


def test_faults_are_kept_apart_by_class_and_place() -> None:
    reading = read(AGE, ["1", "<2", "x", "<3", "4"])

    assert {said: np.flatnonzero(where).tolist() for said, where in reading.faults.items()} == {
        COMPARISON: [1, 3],
        TEXT: [2],
    }
    assert np.flatnonzero(~np.isnan(reading.values)).tolist() == [0, 4]


def test_no_cells_are_no_values() -> None:
    reading = read(AGE, [])
    assert len(reading.values) == len(reading.missing) == 0 and not reading.faults


# ---- missing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["", " ", "\t", "\u3000"])
def test_blank_cell_is_missing_and_a_fault_where_nothing_fills_it(cell: str) -> None:
    filled, refused = read(FILLED, [cell, "1"]), read(AGE, [cell, "1"])

    assert filled.missing.tolist() == refused.missing.tolist() == [True, False]
    assert not filled.faults
    assert {said: where.tolist() for said, where in refused.faults.items()} == {EMPTY: [True, False]}


def test_only_the_declared_word_is_missing_in_its_exact_spelling() -> None:
    reading = read(FILLED, ["NA", "na", " NA ", "n/a"], frozenset({"NA"}))

    assert reading.missing.tolist() == [True, False, True, False]
    assert reading.faults[MISSING_WORD].tolist() == [False, True, False, True]


def test_number_declared_as_a_missing_word_is_missing_not_a_value() -> None:
    reading = read(FILLED, ["-9", "-9.0", "9"], frozenset({"-9"}))

    assert reading.missing.tolist() == [True, False, False]
    assert np.isnan(reading.values[0]) and reading.values[1:].tolist() == [-9.0, 9.0]


def test_level_declared_as_a_missing_word_is_missing_not_a_level() -> None:
    reading = read(STAGE, ["I", "III"], frozenset({"III"}))

    assert reading.missing.tolist() == [False, True]
    assert reading.values[0] == 0.0 and np.isnan(reading.values[1])


# ---- levels ----------------------------------------------------------------------------------------------------------


def test_levels_are_their_places_in_the_dictionary() -> None:
    assert read(STAGE, ["III", "I", "II", " II "]).values.tolist() == [2.0, 0.0, 1.0, 1.0]
    assert read(SEX, ["F", "M"]).values.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("cell", ["i", "IV", "1", "I I", "I,II"])
def test_anything_but_a_level_is_a_fault(cell: str) -> None:
    reading = read(STAGE, [cell, "I"])

    assert np.isnan(reading.values[0]) and reading.values[1] == 0.0
    assert [where.tolist() for where in reading.faults.values()] == [[True, False]]


@pytest.mark.parametrize(("cell", "value"), [("0", 0.0), ("1", 1.0), ("1.0", 1.0), ("0.00", 0.0), ("+1", 1.0)])
def test_flag_without_levels_is_zero_or_one_as_a_number(cell: str, value: float) -> None:
    assert read(FLAG, [cell]).values.tolist() == [value]


@pytest.mark.parametrize(("cell", "fault"), [("2", NUMBER), ("0.5", NUMBER), ("-1", NEGATIVE), ("yes", TEXT)])
def test_flag_that_is_neither_is_a_fault(cell: str, fault: Said) -> None:
    assert list(read(FLAG, [cell]).faults) == [fault]


def test_code_levels_are_texts_not_numbers() -> None:
    coded = Variable("v", "V", "feature", "binary", levels=("1", "2"))
    reading = read(coded, ["1", "2", "1.0", "02"])

    assert reading.values[:2].tolist() == [0.0, 1.0]
    assert np.isnan(reading.values[2:]).all()
    assert reading.faults[NUMBER].tolist() == [False, False, True, True]


# ---- remedies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value_class", "code"),
    [
        (EMPTY, "table.write_value"),
        (MISSING_WORD, "table.name_word"),
        (COMMA, "table.write_point"),
        (INFINITY, "table.write_measured"),
        (DATE, "table.write_number"),
        (COMPARISON, "table.write_limit"),
        (UNIT, "table.write_alone"),
        (TEXT, "table.write_decimal"),
    ],
)
def test_remedy_of_a_number_follows_the_class(value_class: Said, code: str) -> None:
    assert remedy(AGE, value_class) == Said(code)


@pytest.mark.parametrize("value_class", [TEXT, NUMBER, NEGATIVE, COMMA, DATE, UNIT, COMPARISON, INFINITY])
def test_remedy_of_a_level_lists_the_levels(value_class: Said) -> None:
    assert remedy(STAGE, value_class) == Said("table.write_level", n=3, values="I | II | III")
    assert remedy(FLAG, value_class) == Said("table.write_level", n=2, values="0 | 1")


@pytest.mark.parametrize(("value_class", "code"), [(EMPTY, "table.write_value"), (MISSING_WORD, "table.name_word")])
def test_remedy_of_a_missing_level_is_that_of_a_missing_number(value_class: Said, code: str) -> None:
    assert remedy(SEX, value_class) == Said(code)
