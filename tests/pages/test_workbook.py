"""The Excel template: headings in the dictionary's order, checks on the cells, and no formula from a label."""

import io
import re
import zipfile

from hefed.core.dictionary.variables import DataDictionary
from hospitals.dictionaries.workbook import table_workbook
from tests.custodian.cohort import DICTIONARY_CSV
from tests.pages.conftest import signed_in
from tests.pages.factory import World

DICTIONARY = DataDictionary.from_csv(DICTIONARY_CSV)
ODD = """name,label,role,kind,unit,levels,centre,scale,fill,indicator
id,,id,,,,,,,
stage,=HYPERLINK("http://x"),feature,categorical,,"I, early|II|03|4",,,,
long,Site,feature,categorical,,{levels},,,,
died,Died,outcome,binary,,,,,,
"""


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def checks(sheet: str) -> list[str]:
    return re.findall(r"<dataValidation .*?</dataValidation>", sheet)


def test_download_is_a_workbook_named_after_the_study(world: World):
    answer = signed_in(world, "coordinator").get("/studies/icu-death/table-template.xlsx")

    assert 'filename="icu-death-table-template.xlsx"' in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert set(parts(answer.content)) >= {"xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}


def test_levels_are_chosen_and_numbers_are_numbers():
    _, age, _, sex, _, died = ["", *checks(parts(table_workbook(DICTIONARY))["xl/worksheets/sheet1.xml"])]

    assert 'type="decimal"' in age and "A number in years" in age
    assert 'type="list"' in sex and "One of: female, male." in sex and "It may not be missing." in sex
    assert "'Data dictionary'!$F$7:$G$7" in died


def test_dictionary_sheet_holds_labels_units_and_levels():
    files = parts(table_workbook(DICTIONARY))

    for text in ("Creatinine", "mg/dl", "metastatic", "Leave it empty when it is missing."):
        assert f">{text}<" in files["xl/sharedStrings.xml"]


def test_no_label_becomes_a_formula_and_levels_keep_their_spelling():
    odd = DataDictionary.from_csv(ODD.format(levels="|".join(f"site {n} of the body" for n in range(40))))

    files = parts(table_workbook(odd))

    assert "<f>" not in files["xl/worksheets/sheet1.xml"] + files["xl/worksheets/sheet2.xml"]
    assert "=HYPERLINK" in files["xl/sharedStrings.xml"]
    assert ">I, early<" in files["xl/sharedStrings.xml"]
    assert ">03<" in files["xl/sharedStrings.xml"]
    assert "<v>4</v>" in files["xl/worksheets/sheet2.xml"]
    assert "One of the levels on the second sheet." in files["xl/worksheets/sheet1.xml"]
    assert "$F$4:$AS$4" in files["xl/worksheets/sheet1.xml"]
