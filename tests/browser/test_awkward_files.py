"""Files as hospitals have them: each ends in a right report, or in a message that a coordinator can act on."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hefed.core.words import Fact, Said
from hospitals.batches.models import Batch
from tests.browser.walk import HEADER, Walk, cohort, write_csv
from tests.browser.workbooks import Cell, Date, Formula, fill_template, write_workbook
from tests.words.raises import text

pytestmark = pytest.mark.browser


def fact(code: str, **facts: Fact) -> str:
    """What could not be done and why, which the page shows on a line of its own before what to do."""
    return text(code, **facts).partition("; ")[0]


def sentence(code: str) -> str:
    words = text(code)
    return f"{words[0].upper()}{words[1:]}."


def refused(value_class: str, *rows: int) -> str:
    return f"{text(value_class)} in {text('table.rows', rows=rows)}"


NO_TEXT = fact("table.encoding", name=Said("browser.the_file"))


@pytest.fixture
def walk(tab: Page, site: str, broker) -> Walk:
    return Walk(tab, site).open()


def numbers(rows: list[list[str]]) -> list[list[Cell]]:
    """Rows as Excel would hold them: numbers as numbers."""
    typed = [[row[0], *(float(cell) if cell else "" for cell in row[1:3]), *row[3:5], int(row[5])] for row in rows]
    return [list(HEADER), *typed]


def facts(walk: Walk) -> dict[str, int]:
    texts = walk.tab.locator("#report-facts > div").all_inner_texts()
    pairs = [text.strip().split("\n") for text in texts]
    return {label.strip(): int(number.replace(",", "")) for number, label in pairs}


def test_delimiter_that_is_unknown_is_named(walk: Walk, tmp_path: Path):
    walk.choose(write_csv(tmp_path / "t.csv", cohort(50), delimiter="|")).columns()
    assert fact("browser.columns_unknown", found=0, all=len(HEADER), n=1) in walk.problem("columns")


def test_delimiter_that_was_guessed_wrong_can_be_set(walk: Walk, tmp_path: Path):
    path = tmp_path / "t.csv"
    rows = "\n".join("\t".join(row) for row in cohort(50))
    path.write_text("\t".join(HEADER) + "\n" + rows, encoding="utf-8")
    walk.choose(path).columns()
    walk.tab.locator("#delimiter").select_option(",")
    assert fact("browser.columns_unknown", found=0, all=len(HEADER), n=1) in walk.problem("columns")
    walk.tab.locator("#delimiter").select_option("\t")
    walk.confirm_columns()
    assert facts(walk)["patients to send"] == 50


def test_decimal_commas_are_refused_until_a_person_says_what_they_mean(walk: Walk, tmp_path: Path):
    rows = [[*row[:1], row[1].replace(".", ","), row[2].replace(".", ","), *row[3:]] for row in cohort(60)]
    path = write_csv(tmp_path / "t.csv", rows, delimiter=";")
    walk.check(path)
    assert facts(walk)["patients to send"] == 0
    assert text("table.cell_comma") in walk.report()
    assert sentence("table.write_point_page") in walk.report()
    walk.tab.locator("#step-columns-change").click()
    expect(walk.tab.locator("#style-suggestion")).to_contain_text("decimals with a comma")
    walk.tab.locator("#style-suggestion button").click()
    walk.confirm_columns()
    assert facts(walk) == facts(walk) | {"patients to send": 60, "rows refused": 0}


def test_thousands_separators_are_read_when_a_person_says_so(walk: Walk, tmp_path: Path):
    rows = [[row[0], f"1,0{row[1].split('.')[0][-2:]}.5", *row[2:]] for row in cohort(60)]
    walk.choose(write_csv(tmp_path / "t.csv", rows)).columns()
    walk.tab.locator("#number-style").select_option("thousands")
    walk.confirm_columns()
    assert facts(walk)["patients to send"] == 60
    assert "values above 120 years become 120" in walk.report()


def test_headings_below_a_merged_title_are_found(walk: Walk, tmp_path: Path):
    rows = [["Vital signs of the year", "", "", "", "", ""], *numbers(cohort(40))]
    walk.choose(write_workbook(tmp_path / "t.xlsx", rows, merged="A1:F1")).columns()
    assert walk.tab.locator("#header-row").input_value() == "2"
    walk.confirm_columns()
    assert facts(walk)["patients to send"] == 40


def test_empty_headings_after_merged_cells_are_explained(walk: Walk, tmp_path: Path):
    rows = numbers(cohort(40))
    rows[0] = ["patient", "age", "", "sex", "", "died"]
    walk.choose(write_workbook(tmp_path / "t.xlsx", rows, merged="B1:C1")).columns()
    message = walk.problem("columns")
    assert fact("browser.columns_open", n=2) in message
    assert "2 headings are empty" in message


@pytest.mark.parametrize(("encoding", "delimiter"), [("cp949", ","), ("utf-16", "\t"), ("utf-8-sig", ";")])
def test_korean_tables_are_read_in_every_encoding(walk: Walk, tmp_path: Path, encoding: str, delimiter: str):
    rows = [[f"환자{row[0]}", *row[1:], "비고"] for row in cohort(80)]
    path = write_csv(tmp_path / "표.csv", rows, delimiter=delimiter, encoding=encoding, header=[*HEADER, "메모"])
    walk.check(path)
    assert facts(walk)["patients to send"] == 80
    assert "1 column of your file is not in the dictionary" in walk.report()


def test_excel_dates_are_never_read_as_numbers(walk: Walk, tmp_path: Path):
    rows = numbers(cohort(30))
    rows[3][1], rows[4][1] = Date(60), Date(45000)
    walk.check(write_workbook(tmp_path / "t.xlsx", rows))
    assert facts(walk) == facts(walk) | {"patients to send": 28, "rows refused": 2}
    assert f"age: {refused('table.cell_date', 4, 5)}. {sentence('table.write_number')}" in walk.report()


def test_leading_zeros_are_kept_and_mentioned(walk: Walk, tmp_path: Path):
    rows = cohort(30)
    for row, name in zip(rows, ("007", "7", "0007"), strict=False):
        row[0] = name
    walk.check(write_csv(tmp_path / "t.csv", rows))
    assert facts(walk)["patients to send"] == 30
    assert "2 values of Patient begin with 0 and are kept as written" in walk.report()


def test_ids_that_may_have_lost_zeros_are_mentioned(walk: Walk, tmp_path: Path):
    rows = numbers(cohort(30))
    for at, row in enumerate(rows[1:]):
        row[0] = 9990 + at
    walk.check(write_workbook(tmp_path / "t.xlsx", rows))
    assert "Excel may have dropped them" in walk.report()


def test_empty_lines_are_skipped_and_row_numbers_stay_the_files(walk: Walk, tmp_path: Path):
    rows = cohort(20)
    rows[9][1] = "old"
    lines = [",".join(row) for row in rows]
    path = tmp_path / "t.csv"
    path.write_text("\r\n".join([",".join(HEADER), *lines[:5], "", ",,,,,", "", *lines[5:], "", ""]), encoding="utf-8")
    walk.check(path)
    assert facts(walk) == facts(walk) | {"rows read": 20, "patients to send": 19}
    assert f"age: {refused('table.cell_text', 14)}." in walk.report()
    assert "4 empty rows skipped" in walk.report()


def test_every_row_of_a_duplicate_patient_is_refused(walk: Walk, tmp_path: Path):
    rows = cohort(20)
    rows[12][0] = rows[4][0]
    walk.check(write_csv(tmp_path / "t.csv", rows))
    assert facts(walk) == facts(walk) | {"patients to send": 18, "rows refused": 2}
    assert f"patient: {refused('table.id_twice', 6, 14)}. {sentence('table.keep_one')}" in walk.report()


def test_formulas_count_by_their_stored_result_or_are_refused(walk: Walk, tmp_path: Path):
    rows = numbers(cohort(30))
    rows[2][2], rows[3][2] = Formula("B3/50", "1.2"), Formula("B4/50")
    walk.check(write_workbook(tmp_path / "t.xlsx", rows))
    assert facts(walk)["patients to send"] == 29
    assert f"creatinine: {refused('table.cell_formula', 4)}." in walk.report()


def test_formula_text_in_a_csv_is_refused(walk: Walk, tmp_path: Path):
    rows = cohort(30)
    rows[3][1] = "=30+31"
    walk.check(write_csv(tmp_path / "t.csv", rows))
    assert f"age: {refused('table.cell_formula', 5)}." in walk.report()


def test_value_out_of_range_is_clipped_and_listed(walk: Walk, tmp_path: Path):
    rows = cohort(30)
    rows[3][1] = "999"
    walk.check(write_csv(tmp_path / "t.csv", rows))
    assert "Age: 1 value above 120 years becomes 120" in walk.report()
    with walk.tab.expect_download() as waiting:
        walk.tab.get_by_role("button", name="Download changed rows").click()
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    assert '5,age,"above the range, becomes its upper end"' in text
    assert "999" not in text


@pytest.mark.parametrize(("factor", "words"), [(10, "10 times too large"), (0.1, "10 times too small")])
def test_other_units_need_a_persons_word(walk: Walk, tmp_path: Path, factor: float, words: str):
    rows = cohort(200)
    for row in rows:
        row[1] = f"{float(row[1]) * factor:.3f}"
    walk.check(write_csv(tmp_path / "t.csv", rows))
    assert f"Age looks {words}" in walk.report()
    expect(walk.tab.locator("#check-confirm")).to_be_disabled()
    walk.tab.locator("#units").check()
    expect(walk.tab.locator("#check-confirm")).to_be_enabled()


def test_refused_rows_download_names_rows_and_reasons_and_no_value(walk: Walk, tmp_path: Path):
    rows = cohort(30)
    rows[3][1], rows[4][3] = "secret-value", "Male"
    walk.check(write_csv(tmp_path / "t.csv", rows))
    expect(walk.tab.locator("#check-confirm")).to_be_disabled()
    with walk.tab.expect_download() as waiting:
        walk.tab.get_by_role("button", name="Download refused rows").click()
    listed = waiting.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.reader(listed.splitlines()))
    assert rows[1] == ["5", "age", text("table.cell_text"), text("table.write_decimal")]
    level = text("table.write_level", n=2, values="female | male")
    assert rows[2] == ["6", "sex", text("table.cell_text"), level]
    assert "secret-value" not in listed


def test_quotation_mark_that_is_never_closed_is_named_by_row(walk: Walk, tmp_path: Path):
    path = write_csv(tmp_path / "t.csv", cohort(30))
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[7] = '"' + lines[7]
    path.write_text("\n".join(lines), encoding="utf-8")
    walk.choose(path)
    open_quote = {"name": Said("browser.the_file"), "row": 8, "fault": Said("table.quote_open")}
    assert fact("table.row_unreadable", **open_quote) in walk.problem("choose")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", fact("browser.file_empty")),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), fact("browser.old_excel")),
        (b"PK\x03\x04 not a workbook", text("browser.workbook").partition("…")[0]),
        (b"patient,age\n\xff\xff\xc3", NO_TEXT),
        (b"\x00\xd8" * 400 + b"\x00", NO_TEXT),
        (b"\xff\xfep\x00a\x00t", NO_TEXT),
    ],
    ids=["empty", "xls", "zip", "bytes", "zeros", "utf-16 cut in a character"],
)
def test_files_that_are_no_table_say_what_to_save(walk: Walk, tmp_path: Path, content: bytes, words: str):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    walk.choose(path)
    assert words in walk.problem("choose")


def test_million_rows_are_checked_and_planned(walk: Walk, tmp_path: Path):
    path = tmp_path / "t.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(",".join(HEADER) + "\n")
        stream.writelines(f"p{i},{40 + i % 50},1.{i % 10},male,none,{i % 97 == 0:d}\n" for i in range(1_000_000))
    walk.choose(path).columns()
    walk.tab.locator("#columns-confirm").click()
    expect(walk.tab.locator("#report")).to_be_visible(timeout=240_000)
    assert facts(walk)["patients to send"] == 1_000_000
    for box in walk.tab.locator("#report-parts input[type=checkbox]").all():
        box.check()
    walk.tab.locator("#check-confirm").click()
    expect(walk.tab.locator("#send")).to_be_enabled(timeout=240_000)
    assert walk.tab.locator("#plan-facts").inner_text().startswith("1,000,000")
    assert Batch.objects.count() == 0


def test_filled_template_is_read_back_whole(walk: Walk, tmp_path: Path):
    """Downloaded from the study, filled, chosen again: every heading matches and nothing is refused."""
    template = walk.tab.context.request.get(f"{walk.site}/studies/trial/table-template.xlsx").body()
    path = fill_template(template, tmp_path / "t.xlsx", numbers(cohort(60))[1:])
    walk.check(path)
    assert facts(walk) == facts(walk) | {"patients to send": 60, "rows refused": 0}
