"""Small Excel workbooks, written cell by cell, so that a test can hold exactly the XML that makes trouble."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

_TYPES = """<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/></Types>"""
_RELATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>
{more}</Relationships>"""
_WORKBOOK = """<?xml version="1.0" encoding="UTF-8"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="Patients" sheetId="1" r:id="rId1"/></sheets></workbook>"""
_STYLES = """<?xml version="1.0" encoding="UTF-8"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"""
_STYLE_RELATION = """<Relationship Id="rId9"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>"""


@dataclass(frozen=True)
class Date:
    """A day as Excel counts: 60 is its 29 February 1900, which never was."""

    serial: int


@dataclass(frozen=True)
class Formula:
    """A formula; without ``value`` no result was stored, as programs that do not compute leave it."""

    text: str
    value: str = ""


Cell = str | float | int | Date | Formula


def write_workbook(path: Path, rows: list[list[Cell]], merged: str = "") -> Path:
    lines = "".join(
        f'<row r="{r}">{"".join(_cell(r, c, cell) for c, cell in enumerate(row))}</row>'
        for r, row in enumerate(rows, 1)
    )
    merge = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<?xml version="1.0"?><worksheet xmlns="{namespace}"><sheetData>{lines}</sheetData>{merge}</worksheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS.format(kind="officeDocument", target="xl/workbook.xml", more=""))
        archive.writestr("xl/workbook.xml", _WORKBOOK)
        relations = _RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml", more=_STYLE_RELATION)
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        archive.writestr("xl/styles.xml", _STYLES)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


def _cell(row: int, column: int, cell: Cell) -> str:
    place = f'r="{chr(ord("A") + column)}{row}"'
    if isinstance(cell, Date):
        return f'<c {place} s="1"><v>{cell.serial}</v></c>'
    if isinstance(cell, Formula):
        return f"<c {place}><f>{escape(cell.text)}</f>{f'<v>{cell.value}</v>' if cell.value else ''}</c>"
    if isinstance(cell, str):
        return f'<c {place} t="inlineStr"><is><t>{escape(cell)}</t></is></c>' if cell else ""
    return f"<c {place}><v>{cell!r}</v></c>"


def fill_template(data: bytes, path: Path, rows: list[list[Cell]]) -> Path:
    """The table template with patients below its headings, everything else in it as it was."""
    lines = "".join(
        f'<row r="{r}">{"".join(_cell(r, c, cell) for c, cell in enumerate(row))}</row>'
        for r, row in enumerate(rows, 2)
    )
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = text.replace(b"</sheetData>", f"{lines}</sheetData>".encode())
            new.writestr(name, text)
    return path
