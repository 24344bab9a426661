"""The vectorised encoding equals a row-by-row one written from the design's sentence, for any table."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hefed.core.dictionary.values import NUMBER, classify, read
from hefed.core.dictionary.variables import DataDictionary, Variable
from hefed.core.errors import RowsInvalid
from hefed.encryptor.blocks import Reader
from tests.encryptor.conftest import DICTIONARY, HEADER
from tests.words.raises import says

STUDY = DataDictionary.from_csv(DICTIONARY)
READER = Reader.of(STUDY, HEADER.split(","))

numbers = st.floats(-1e6, 1e6).map(repr)
rows = st.tuples(
    st.just("p"),
    numbers,
    st.one_of(numbers, st.just("")),
    st.sampled_from(["F", "M", ""]),
    st.sampled_from(["0", "1", "0.0", "1.0", " 1 "]),
    st.sampled_from(["none", "local", "metastatic", ""]),
    st.sampled_from(["0", "1"]),
)


def encoded_row(cells: tuple[str, ...]) -> list[float]:
    """DESIGN 3 for one patient of the test study, in plain words."""
    _, age, crp, sex, icu, cancer, _ = cells

    def scaled(value: str, centre: float, scale: float) -> float:
        return max(-4.0, min(4.0, (float(value) - centre) / scale))

    return [
        1.0,
        scaled(age, 65, 10),
        scaled(crp or "12.5", 20, 15),
        float(crp == ""),
        float(sex == "M"),
        float(icu),
        float(cancer == "local"),
        float(cancer == "metastatic"),
        float(cancer == ""),
    ]


@given(st.lists(rows, min_size=1, max_size=30))
def test_encoding_equals_the_design_row_by_row(records: list[tuple[str, ...]]) -> None:
    encoded = READER.encode(records)

    assert encoded.ok.all()
    np.testing.assert_allclose(encoded.columns.T, [encoded_row(cells) for cells in records], atol=1e-12)
    np.testing.assert_array_equal(encoded.outcome, [float(cells[-1]) for cells in records])
    assert len(encoded.columns) == len(STUDY.columns)


@given(st.lists(st.text(max_size=12), min_size=1, max_size=30))
def test_any_text_is_a_number_missing_or_a_named_fault(cells: list[str]) -> None:
    reading = read(Variable("age", "Age", "feature", "continuous"), cells)

    faulty = np.logical_or.reduce([np.zeros(len(cells), bool), *reading.faults.values()])
    assert (np.isfinite(reading.values) ^ faulty).all()
    for cell, value in zip(cells, reading.values, strict=True):
        assert math.isnan(value) or float(cell) == pytest.approx(value, rel=1e-15)


@given(st.text(min_size=1, max_size=20))
def test_class_of_a_cell_never_repeats_the_cell(cell: str) -> None:
    assert classify(cell).code in {
        "table.cell_text",
        "table.cell_number",
        "table.cell_negative",
        "table.cell_infinity",
        "table.cell_date",
        "table.cell_comma",
        "table.cell_comparison",
        "table.cell_unit",
        "table.cell_missing_word",
    }


def test_codes_that_differ_in_trailing_zeros_are_different_levels() -> None:
    code = Variable("icd", "ICD-9", "feature", "categorical", levels=("250.0", "250.00"))
    reading = read(code, ["250.00", "250.0", "250"])

    assert reading.values[:2].tolist() == [1.0, 0.0]
    assert list(reading.faults) == [NUMBER]


def test_decomposed_level_is_recognised() -> None:
    sex = Variable("sex", "Sex", "feature", "binary", levels=("여", "남"))
    assert read(sex, ["\u1102\u1161\u11b7"]).values.tolist() == [1.0]


@pytest.mark.parametrize("record", [["p", "x", "1", "F", "1", "none", "0"], ["p", "1"]])
def test_record_that_was_not_checked_is_never_encrypted(record: list[str]) -> None:
    with says("encryptor.table_changed", RowsInvalid):
        READER.encode_valid([record])
