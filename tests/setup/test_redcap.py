"""A REDCap export becomes a draft in which everything that REDCap does not know is left to a person."""

from pathlib import Path

import pytest

from hefed.core.dictionary.redcap import Imported, read_redcap
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import DictionaryInvalid
from hefed.core.words import Said
from tests.words.raises import says

EXPORT = (Path(__file__).parent / "redcap.csv").read_text()


@pytest.fixture(scope="module")
def imported() -> Imported:
    return read_redcap(EXPORT)


def row(imported: Imported, name: str) -> dict[str, str]:
    return next(cells for cells in imported.rows if cells["name"] == name)


def test_every_usable_field_becomes_a_variable_in_redcaps_order(imported: Imported):
    assert [cells["name"] for cells in imported.rows] == [
        "record_id", "age", "sex", "cancer", "diabetes", "stage", "risk___smk", "risk___htn", "creatinine", "bmi",
        "death30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "levels"),
    [
        ("age", "continuous", ""),
        ("sex", "binary", "1|2"),
        ("cancer", "categorical", "0|1|2"),
        ("diabetes", "binary", ""),
        ("stage", "categorical", "I|II|III"),
        ("risk___smk", "binary", ""),
        ("creatinine", "continuous", ""),
        ("bmi", "continuous", ""),
        ("death30", "binary", ""),
    ],
)
def test_kind_and_levels_follow_the_field_type(imported: Imported, name: str, kind: str, levels: str):
    assert (row(imported, name)["kind"], row(imported, name)["levels"]) == (kind, levels)


def test_first_field_is_the_id(imported: Imported):
    assert [cells["role"] for cells in imported.rows] == ["id"] + ["feature"] * 10


@pytest.mark.parametrize("name", ["age", "creatinine", "bmi"])
def test_centre_and_scale_are_never_guessed(imported: Imported, name: str):
    cells = row(imported, name)
    assert (cells["centre"], cells["scale"], cells["unit"]) == ("", "", "")
    assert Said("redcap.no_scale") in imported.notes[name]


def test_range_of_redcap_is_told(imported: Imported):
    assert Said("redcap.range", low="18", high="110") in imported.notes["age"]


def test_meaning_of_codes_and_the_reference_are_told(imported: Imported):
    meaning = ("0 = None", "1 = Localised, solid", "2 = Metastatic")
    assert Said("redcap.codes", meaning=meaning) in imported.notes["cancer"]
    assert Said("redcap.reference", level="0", label="None") in imported.notes["cancer"]


def test_missing_values_are_left_to_a_person(imported: Imported):
    assert imported.notes["stage"][-1] == Said("redcap.asked_only_if", condition="[cancer] > '0'")
    assert imported.notes["diabetes"] == [Said("redcap.may_be_empty")]
    assert row(imported, "stage")["fill"] == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("last_name", Said("redcap.identifier")),
        ("admitted_on", Said("redcap.date", kind="date")),
        ("comment", Said("redcap.type", kind="notes")),
    ],
)
def test_fields_that_cannot_be_columns_are_left_out_with_a_reason(imported: Imported, name: str, why: Said):
    assert imported.left_out[name] == why


def test_html_of_a_label_is_dropped(imported: Imported):
    assert row(imported, "age")["label"] == "Age at admission"


def test_draft_becomes_a_dictionary_once_a_person_filled_the_gaps(imported: Imported):
    rows = [dict(cells) for cells in imported.rows]
    for cells in rows:
        if cells["kind"] == "continuous":
            cells.update(centre="50", scale="10", unit="u")
        if cells["name"] == "death30":
            cells["role"] = "outcome"
    text = "\n".join([",".join(rows[0]), *(",".join(f'"{cell}"' for cell in cells.values()) for cells in rows)])
    assert DataDictionary.from_csv(text).outcome.name == "death30"


def test_excel_export_with_semicolons_and_byte_order_mark_is_read():
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(csv.reader(io.StringIO(EXPORT)))
    assert len(read_redcap("\ufeff" + out.getvalue()).rows) == 11


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "redcap.heading_missing"),
        ("name,label\nage,Age\n", "redcap.heading_missing"),
        (EXPORT.splitlines()[0], "redcap.fields"),
        ("x" * (1 << 20) + "x", "redcap.too_long"),
        ('"' + "x" * 200_000 + '",\n', "redcap.not_csv"),
    ],
)
def test_file_that_is_no_export_is_refused_in_words(text: str, code: str):
    with says(code, DictionaryInvalid):
        read_redcap(text)
