"""A report as a file: what is text stays text, what is a figure stays one."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.workbooks import Workbook
from agent_desk.services.reports import files
from agent_desk.services.reports.files import CSV_CP932, CSV_UTF8, XLSX
from agent_desk.services.reports.making import (
    DAY,
    INSTANT,
    SECONDS,
    SHARE,
    TEXT,
    YEN,
    Asked,
    Cancelled,
    Column,
    Made,
    Table,
)

NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)
ASKED = Asked("operators", {}, None, None, "manager1", "ja", NOON)
COLUMNS = (
    Column("username", TEXT),
    Column("talk_s", SECONDS),
    Column("utilisation", SHARE),
    Column("promises", YEN),
    Column("calls"),
    Column("due_on", DAY),
    Column("stay_began", INSTANT),
)
ROW = ("0081", 61.25, 0.12345, 1200, 7, date(2026, 11, 24), NOON)
MADE = Made([Table(COLUMNS, [ROW])], NOON)


def written(made: Made, form: str, folder: Path) -> bytes:
    path = folder / "report"
    files.write(made, ASKED, form, path)
    return path.read_bytes()


def rows(data: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))


def test_csv_keeps_zeros_rounds_figures_and_says_units(tmp_path: Path) -> None:
    header, row = rows(written(MADE, CSV_UTF8, tmp_path))
    assert header[1] == "通話（秒）"
    assert row == ["0081", "61.2", "0.1235", "1200", "7", "2026-11-24", "2026-11-24 12:00:00"]


def test_several_tables_are_apart_by_an_empty_line(tmp_path: Path) -> None:
    two = replace(MADE, tables=[*MADE.tables, *MADE.tables])
    found = rows(written(two, CSV_UTF8, tmp_path))
    assert [len(row) for row in found] == [7, 7, 0, 7, 7]


def test_cp932_counts_what_it_has_no_place_for(tmp_path: Path) -> None:
    names = [("髙橋?",), ("😀😀",), ("ソ表",)]
    made = Made([Table([Column("username", TEXT)], names)], NOON)
    path = tmp_path / "report"
    assert files.write(made, ASKED, CSV_CP932, path) == 2
    assert rows(path.read_bytes(), "cp932")[1:] == [["髙橋?"], ["??"], ["ソ表"]]
    assert files.write(made, ASKED, CSV_UTF8, path) == 0


@pytest.mark.parametrize("form", [CSV_UTF8, CSV_CP932])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_no_cell_of_csv_runs(form: str, start: str, tmp_path: Path) -> None:
    made = Made([Table([Column("username", TEXT, f"{start}1")], [(f"{start}cmd",)])], NOON)
    text = rows(written(made, form, tmp_path), "cp932" if form == CSV_CP932 else "utf-8-sig")
    assert text == [[f"'{start}1"], [f"'{start}cmd"]]


def test_a_workbook_has_text_as_text_and_a_sheet_for_each_table(tmp_path: Path) -> None:
    two = replace(MADE, tables=[*MADE.tables, *MADE.tables])
    book = Workbook(io.BytesIO(written(two, XLSX, tmp_path)))
    assert len(book.sheets) == 2
    (_, header), (_, row) = list(book.rows(book.sheets[1]))
    assert header[0] == "ユーザー名"
    assert row[0] == "0081"
    assert float(row[1]) == 61.2
    assert [each.name for each in tmp_path.iterdir()] == ["report"], "nothing is left lying about"


def test_more_rows_than_a_sheet_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_ROWS", 0)
    with pytest.raises(ServiceError, match="report-too-long"):
        written(MADE, XLSX, tmp_path)


@pytest.mark.parametrize("form", [CSV_UTF8, CSV_CP932, XLSX])
def test_a_long_file_says_how_far_it_is_and_ends_when_it_is_not_wanted(
    tmp_path: Path, form: str
) -> None:
    long = Made([Table(COLUMNS, [ROW] * 5000), Table(COLUMNS, [ROW] * 3000)], NOON)
    told: list[float] = []
    files.write(long, ASKED, form, tmp_path / "whole", tell=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]

    def not_wanted(share: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        files.write(long, ASKED, form, tmp_path / "part", tell=not_wanted)


def test_every_line_of_a_long_file_is_there_in_its_order(tmp_path: Path) -> None:
    lines = [[str(number), *ROW[1:]] for number in range(files.AT_ONCE * 2 + 7)]
    long = Made([Table(COLUMNS, lines), Table(COLUMNS, [ROW])], NOON)
    first, second = written(long, CSV_UTF8, tmp_path).decode("utf-8-sig").split("\r\n\r\n")
    _, *told = csv.reader(io.StringIO(first, newline=""))
    assert [row[0] for row in told] == [str(number) for number in range(len(lines))]
    assert len(second.splitlines()) == 2
