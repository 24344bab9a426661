"""CSV files for downloading run no formula, and a dictionary survives the way out and back."""

import csv
import io

import pytest

from hefed.core.dictionary.variables import DataDictionary
from hospitals.csv_files import csv_text, restored_csv, safe_csv
from tests.custodian.cohort import DICTIONARY_CSV


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\tx", "\rx", "'=1+1"])
def test_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str):
    text = csv_text([[cell]])
    assert text.strip('"').startswith("'")
    assert next(csv.reader(io.StringIO(restored_csv(text), newline=""))) == [cell]


@pytest.mark.parametrize("cell", [-0.5, "-0.5", "+3", "P-0001", "a=b", "", None])
def test_numbers_and_other_texts_stay_as_they_are(cell: object):
    assert csv_text([[cell, "x"]]) == f"{'' if cell is None else cell},x\r\n"


@pytest.mark.parametrize("label", ["=HYPERLINK(1)", "'=x", "''@x", "-x", "'plain"])
def test_dictionary_survives_the_way_out_and_back(label: str):
    lines = DICTIONARY_CSV.splitlines()
    names = lines[0].split(",")
    cells = lines[2].split(",")
    cells[names.index("label")] = label
    stored = DataDictionary.from_csv("\n".join([lines[0], lines[1], ",".join(cells), *lines[3:]])).to_csv()
    offered = safe_csv(stored)
    assert f",{label}," not in offered or label == "'plain"
    assert DataDictionary.from_csv(restored_csv(offered)).to_csv() == stored
