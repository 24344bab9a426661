"""A REDCap export becomes rows a person can finish: nothing is guessed, nothing is lost without a reason."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hefed.core.dictionary.redcap import COLUMNS, MAX_FIELDS, NEEDED, Imported, read_redcap
from hefed.core.dictionary.variables import HEADER, DataDictionary
from hefed.core.errors import DictionaryInvalid
from hefed.core.words import Said
from tests.words.raises import says

SHORT = ("name", "type", "label", "choices", "check", "low", "high", "identifier", "branching", "required")


def line(**cells: str) -> list[str]:
    """One field's ten cells by short name; required unless said otherwise, so that notes are those asked about."""
    return [{"required": "y", **cells}.get(name, "") for name in SHORT]


def export(*fields: list[str], heading: tuple[str, ...] = COLUMNS, delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([heading, line(name="record_id", type="text"), *fields])
    return out.getvalue()


def one(**cells: str) -> Imported:
    return read_redcap(export(line(name="x", **cells)))


def kinds(imported: Imported) -> dict[str, str]:
    return {row["name"]: row["kind"] for row in imported.rows[1:]}


# ---- what becomes a variable -----------------------------------------------------------------------------------------


def test_first_field_is_the_id_whatever_its_type() -> None:
    imported = read_redcap(export())

    assert [(row["name"], row["role"], row["kind"]) for row in imported.rows] == [("record_id", "id", "")]
    assert imported.notes == {"record_id": [Said("redcap.record_id")]}


@pytest.mark.parametrize(
    "check", ["number", "integer", "number_1dp", "number_12dp", "number_2dp_comma_decimal", "number_comma_decimal"]
)
def test_text_with_a_number_check_is_continuous_and_its_scale_stays_open(check: str) -> None:
    imported = one(type="text", check=check)

    assert kinds(imported) == {"x": "continuous"}
    assert imported.rows[1]["centre"] == imported.rows[1]["scale"] == imported.rows[1]["fill"] == ""
    assert Said("redcap.no_scale") in imported.notes["x"] and Said("redcap.no_unit") in imported.notes["x"]


@pytest.mark.parametrize(
    ("kind", "check", "reason"),
    [
        ("text", "", Said("redcap.free_text")),
        ("text", "email", Said("redcap.free_text")),
        ("text", "numbers", Said("redcap.free_text")),
        ("text", "number_dp", Said("redcap.free_text")),
        ("text", "date_ymd", Said("redcap.date", kind="date")),
        ("text", "datetime_seconds_ymd", Said("redcap.date", kind="datetime")),
        ("text", "time", Said("redcap.date", kind="time")),
        ("notes", "", Said("redcap.type", kind="notes")),
        ("file", "", Said("redcap.type", kind="file")),
        ("", "", Said("redcap.type", kind="(empty)")),
    ],
)
def test_field_that_cannot_be_a_variable_is_left_out_with_its_reason(kind: str, check: str, reason: Said) -> None:
    imported = one(type=kind, check=check)

    assert imported.left_out == {"x": reason}
    assert len(imported.rows) == 1 and "x" not in imported.notes


@pytest.mark.parametrize("mark", ["y", "Y"])
@pytest.mark.parametrize("kind", ["yesno", "calc", "radio", "text"])
def test_identifier_is_left_out_whatever_it_is(mark: str, kind: str) -> None:
    imported = one(type=kind, check="number", choices="1, A | 2, B", identifier=mark)
    assert imported.left_out == {"x": Said("redcap.identifier")} and len(imported.rows) == 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("calc", "continuous"), ("slider", "continuous"), ("yesno", "binary"), ("truefalse", "binary")],
)
def test_field_type_decides_the_kind(kind: str, expected: str) -> None:
    assert kinds(one(type=kind)) == {"x": expected}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("0", "120", [Said("redcap.range", low="0", high="120")]),
        ("0", "", [Said("redcap.at_least", low="0")]),
        ("", "120", [Said("redcap.at_most", high="120")]),
        ("", "", []),
    ],
)
def test_range_of_a_number_is_a_note(low: str, high: str, expected: list[Said]) -> None:
    notes = one(type="calc", low=low, high=high).notes["x"]
    assert notes == [Said("redcap.no_scale"), *expected, Said("redcap.no_unit")]


# ---- choices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["radio", "dropdown"])
def test_two_choices_are_a_binary_whose_first_counts_as_zero(kind: str) -> None:
    imported = one(type=kind, choices="1, Male | 2, Female")

    assert kinds(imported) == {"x": "binary"} and imported.rows[1]["levels"] == "1|2"
    assert imported.notes["x"] == [
        Said("redcap.codes", meaning=("1 = Male", "2 = Female")),
        Said("redcap.counts_as_0", level="1", label="Male"),
    ]


def test_three_choices_are_categorical_and_the_first_is_a_proposed_reference() -> None:
    imported = one(type="radio", choices="0, None | 1, Local | 2, Far, or unknown")

    assert kinds(imported) == {"x": "categorical"} and imported.rows[1]["levels"] == "0|1|2"
    assert Said("redcap.reference", level="0", label="None") in imported.notes["x"]
    assert Said("redcap.codes", meaning=("0 = None", "1 = Local", "2 = Far, or unknown")) in imported.notes["x"]


@pytest.mark.parametrize(("choices", "n"), [("", 0), (" | ", 0), ("1, Only", 1), ("1, Only | ", 1)])
def test_fewer_than_two_choices_are_no_variable(choices: str, n: int) -> None:
    imported = one(type="radio", choices=choices)
    assert imported.left_out == {"x": Said("redcap.few_choices", n=n)} and len(imported.rows) == 1


def test_choice_without_a_label_is_its_own() -> None:
    notes = one(type="radio", choices="A | B, ").notes["x"]
    assert Said("redcap.codes", meaning=("A = A", "B = B")) in notes


def test_checkbox_is_one_flag_a_choice_under_the_name_redcap_exports() -> None:
    imported = one(type="checkbox", label="Risks", choices="A, Smoking | b2, <b>High</b> pressure")

    assert kinds(imported) == {"x___a": "binary", "x___b2": "binary"}
    assert [row["label"] for row in imported.rows[1:]] == ["Risks: Smoking", "Risks: High pressure"]
    assert all(row["levels"] == "" for row in imported.rows)


# ---- gaps and labels -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("branching", "required", "notes"),
    [
        ("", "y", None),
        ("", "Y", None),
        ("", "", [Said("redcap.may_be_empty")]),
        ("", "n", [Said("redcap.may_be_empty")]),
        ("[sex] = 2", "y", [Said("redcap.asked_only_if", condition="[sex] = 2")]),
        ("[sex] = 2", "", [Said("redcap.asked_only_if", condition="[sex] = 2")]),
    ],
)
def test_field_that_may_be_empty_asks_for_a_decision(branching: str, required: str, notes: list[Said] | None) -> None:
    assert one(type="yesno", branching=branching, required=required).notes.get("x") == notes


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Age", "Age"),
        ("<div class='rich'>Age<br>in years</div>", "Age in years"),
        ("Age\n  in\tyears", "Age in years"),
        ("<b></b>", "x"),
        ("", "x"),
        ("a < b", "a < b"),
    ],
)
def test_label_is_plain_text_on_one_line(label: str, expected: str) -> None:
    assert one(type="yesno", label=label).rows[1]["label"] == expected


# ---- the file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_export_saved_by_any_spreadsheet_reads_the_same(delimiter: str, mark: str) -> None:
    field = line(name="x", type="radio", label="Stage", choices="1, A | 2, B")
    assert read_redcap(mark + export(field, delimiter=delimiter)) == read_redcap(export(field))


def test_columns_may_stand_in_any_order_beside_unknown_ones() -> None:
    cells = (COLUMNS, line(name="r", type="text"), line(name="x", type="calc"))
    turned = [["Form Name", *reversed(row)] for row in cells]
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in turned)

    assert kinds(read_redcap(text)) == {"x": "continuous"}


@pytest.mark.parametrize("heading", NEEDED)
def test_missing_needed_column_is_named(heading: str) -> None:
    text = export(heading=tuple(name if name != heading else "Other" for name in COLUMNS))
    with says("redcap.heading_missing", DictionaryInvalid, heading=heading):
        read_redcap(text)


def test_empty_text_misses_the_first_column() -> None:
    with says("redcap.heading_missing", DictionaryInvalid, heading=NEEDED[0]):
        read_redcap("")


def test_header_alone_has_no_field() -> None:
    with says("redcap.fields", DictionaryInvalid, fields=0, most=MAX_FIELDS):
        read_redcap(",".join(f'"{name}"' for name in COLUMNS) + "\n\n")


def test_largest_export_is_read_and_one_field_more_is_refused() -> None:
    fields = [line(name=f"f{i}", type="yesno") for i in range(MAX_FIELDS)]

    assert len(read_redcap(export(*fields[1:])).rows) == MAX_FIELDS
    with says("redcap.fields", DictionaryInvalid, fields=MAX_FIELDS + 1):
        read_redcap(export(*fields))


def test_text_past_a_mebibyte_is_refused_before_it_is_read() -> None:
    with says("redcap.too_long", DictionaryInvalid, length=(1 << 20) + 1, limit=1 << 20):
        read_redcap("x" * ((1 << 20) + 1))


def test_cell_longer_than_a_table_allows_is_no_table() -> None:
    with says("redcap.not_csv", DictionaryInvalid):
        read_redcap(export(line(name="x", type="yesno", label="y" * 200_000)))


names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in ("record_id", "dead", "y")
)
types = st.sampled_from(["text", "calc", "slider", "radio", "dropdown", "yesno", "truefalse", "checkbox", "notes"])


@given(st.lists(st.tuples(names, types), unique_by=lambda pair: pair[0], max_size=6))
def test_every_field_becomes_rows_or_a_reason_and_completed_rows_are_a_dictionary(pairs: list[tuple[str, str]]) -> None:
    fields = [line(name=name, type=kind, choices="1, A | 2, B | 3, C") for name, kind in pairs]
    imported = read_redcap(export(*fields, line(name="dead", type="yesno"), line(name="y", type="yesno")))

    placed = {row["name"] for row in imported.rows} | set(imported.left_out)
    columns = [[f"{name}___{code}" for code in "123"] if kind == "checkbox" else [name] for name, kind in pairs]
    assert placed == {"record_id", "dead", "y"}.union(*columns)
    assert all(tuple(row) == HEADER for row in imported.rows)
    rows = {row["name"]: dict(row) for row in imported.rows}
    rows["dead"]["role"] = "outcome"
    for row in rows.values():
        if row["kind"] == "continuous":
            row |= {"centre": "0", "scale": "1"}
    text = "\n".join([",".join(HEADER), *(",".join(row.values()) for row in rows.values())])
    assert {variable.name for variable in DataDictionary.from_csv(text).variables} == set(rows)
