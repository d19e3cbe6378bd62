"""A report as a file: CSV for the spreadsheets of the house, a workbook.

No cell runs as a formula. What people typed is text and stays it: leading zeros are kept in
a workbook by its type, and in CSV by not being touched.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from agent_desk.dialer.business_time import JST
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.spreadsheets import inert
from agent_desk.services.reports import headings
from agent_desk.services.reports.making import (
    NUMBER,
    SCORE,
    SECONDS,
    SHARE,
    YEN,
    Asked,
    Cell,
    Column,
    Made,
    Table,
)

CSV_UTF8 = "csv"
CSV_CP932 = "csv-cp932"
XLSX = "xlsx"
EXTENSIONS = {CSV_UTF8: "csv", CSV_CP932: "csv", XLSX: "xlsx"}
CONTENT_TYPES = {
    CSV_UTF8: "text/csv; charset=utf-8",
    CSV_CP932: "text/csv; charset=shift_jis",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Digits behind the point: a share is 0.1234.
_DIGITS = {SHARE: 4, YEN: 2, NUMBER: 3, SCORE: 2}
_FORMATS = {SECONDS: "0.0", SHARE: "0.0%", YEN: "#,##0", NUMBER: "0.0##", SCORE: "0.00"}
_COLUMN_WIDTH = 14
# What a worksheet has room for.
MOST_ROWS = 1_048_000
AT_ONCE = 2_000  # lines

Tell = Callable[[float], None]


def write(
    made: Made, asked: Asked, form: str, path: Path, *, tell: Tell = lambda share: None
) -> int:
    """Write the file; how many characters CP932 has no place for and were written as "?".

    `tell` hears which share of the lines is written; what it raises ends the writing."""
    if form == XLSX:
        _write_workbook(made, asked, path, tell)
        return 0
    tables = [each for each in made.tables if each.in_csv]
    lines = _csv_lines(tables, asked.locale, tell)
    if form == CSV_CP932:
        return _write_cp932(lines, path)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        out.writelines(lines)
    return 0


def _write_cp932(lines: Iterable[str], path: Path) -> int:
    replaced = 0
    with path.open("wb") as out:
        for line in lines:
            data = line.encode("cp932", "replace")
            replaced += data.count(b"?") - line.count("?")
            out.write(data)
    return replaced


def _csv_lines(tables: Sequence[Table], locale: str, tell: Tell) -> Iterator[str]:
    """Some at a time, so that no large file is ever held; an empty line between two tables."""
    lines: list[str] = []
    writer = csv.writer(SimpleNamespace(write=lines.append))
    written, every = 0, sum(len(table.rows) for table in tables)
    for place, table in enumerate(tables):
        if place:
            lines.append("\r\n")
        writer.writerow([inert(headings.in_files(each, locale)) for each in table.columns])
        units = [column.unit for column in table.columns]
        for row in table.rows:
            cells = zip(row, units, strict=True)
            writer.writerow([_csv_cell(cell, unit) for cell, unit in cells])
            written += 1
            if not written % AT_ONCE:
                yield "".join(lines)
                lines.clear()
                tell(written / every)
    yield "".join(lines)


def _csv_cell(value: Cell, unit: str) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, datetime):
        return value.astimezone(JST).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return round(value, _DIGITS.get(unit, 1)) if isinstance(value, float) else value


def _write_workbook(made: Made, asked: Asked, path: Path, tell: Tell) -> None:
    """One sheet for each table; text is stored as text, which no program runs."""
    options = {
        "constant_memory": True,  # a row is on disk as soon as the next begins
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        written, every = 0, made.row_count
        formats = {unit: book.add_format({"num_format": told}) for unit, told in _FORMATS.items()}
        for place, table in enumerate(made.tables, start=1):
            if len(table.rows) > MOST_ROWS:
                raise ServiceError("report-too-long", rows=len(table.rows))
            sheet = book.add_worksheet(str(place))
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, len(table.columns), _COLUMN_WIDTH)
            for column, heading in enumerate(table.columns):
                sheet.write_string(0, column, headings.in_files(heading, asked.locale), bold)
            for line, row in enumerate(table.rows, start=1):
                _write_row(sheet, line, row, table.columns, formats)
                written += 1
                if not written % AT_ONCE:
                    tell(written / every)


def _write_row(
    sheet: Worksheet,
    line: int,
    row: Sequence[Cell],
    columns: Sequence[Column],
    formats: Mapping[str, object],
) -> None:
    for place, (value, column) in enumerate(zip(row, columns, strict=True)):
        if value is None:
            continue
        told = _csv_cell(value, column.unit)
        if isinstance(value, int | float):
            sheet.write_number(line, place, told, formats.get(column.unit))
        else:
            sheet.write_string(line, place, str(told))
