"""Workbooks written by hand, well formed or made to hurt."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = (
    f"<styleSheet {MAIN}><numFmts><numFmt numFmtId='170' formatCode='000-0000-0000'/>"
    "<numFmt numFmtId='171' formatCode='[$-411]ggge&quot;年&quot;m&quot;月&quot;'/></numFmts>"
    "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='170'/><xf numFmtId='171'/>"
    "</cellXfs></styleSheet>"
)


def text(value: str) -> str:
    """An inline string."""
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def number(value: str, style: int = 0) -> str:
    """A number in a format of `STYLES`."""
    return f'<c s="{style}"><v>{value}</v></c>'


def sheet(rows: Sequence[Sequence[str]], prologue: str = "") -> str:
    """The XML of a sheet whose cells are XML already."""
    body = "".join(f"<row>{''.join(cells)}</row>" for cells in rows)
    return f"{prologue}<worksheet {MAIN}><sheetData>{body}</sheetData></worksheet>"


def workbook(
    sheet_xml: str | bytes, *, strings: str = "", names: Sequence[str] = ("表1",)
) -> bytes:
    """A workbook whose visible sheets all are this one."""
    tabs = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="r1"/>' for n, name in enumerate(names, 1)
    )
    parts: dict[str, str | bytes] = {
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="裏" sheetId="9" state="hidden" r:id="r1"/>{tabs}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships><Relationship Id='r1' "
        "Target='worksheets/sheet1.xml'/></Relationships>",
        "xl/styles.xml": STYLES,
        "xl/worksheets/sheet1.xml": sheet_xml,
    }
    if strings:
        parts["xl/sharedStrings.xml"] = f"<sst {MAIN}>{strings}</sst>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, content in parts.items():
            packed.writestr(path, content)
    return out.getvalue()
