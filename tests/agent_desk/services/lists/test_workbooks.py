"""Workbooks: what a person sees in a cell is read, and what would hurt is refused (F36)."""

from __future__ import annotations

import io
import struct
from datetime import date

import pytest

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import workbooks
from agent_desk.services.lists.import_files import look, open_file, open_table
from agent_desk.services.lists.workbook_cells import CellFormats
from agent_desk.services.lists.workbooks import Workbook
from tests.agent_desk.services.lists.workbook_files import number, sheet, text, workbook

HEAD = [text("氏名"), text("電話番号"), text("生年月日"), text("金額")]
# The beginning of a part's line in the directory, with the bit that says it is encrypted.
LOCKED = b"PK\x01\x02\x14\x03\x14\x00\x01"


def rows_of(data: bytes) -> list[list[str]]:
    book = Workbook(io.BytesIO(data))
    return [cells for _, cells in book.rows(book.sheets[0])]


def refusal(data: bytes) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        rows_of(data)
    return refused.value


def test_cells_say_what_a_person_sees_in_them() -> None:
    shown = [
        text("山田 太郎"),
        number("9012345678", 2),  # a format of zeros shows the leading one
        number("29221", 1),
        number("1.28E4"),
    ]
    plain = [text("佐藤"), number("9012345678"), number("29221", 3), number("0.5")]
    found = rows_of(workbook(sheet([HEAD, shown, [], plain])))
    assert found[1] == ["山田 太郎", "090-1234-5678", "1980-01-01", "12800"]
    assert found[2] == ["佐藤", "9012345678", "1980-01-01", "0.5"]  # the zero is lost for good


def test_a_workbook_is_imported_as_a_file_of_text_is() -> None:
    data = workbook(sheet([HEAD, [text("山田"), number("9012345678", 2)], [text("佐藤")]]))
    table = open_file(data)
    assert table.shape.format == "workbook" and table.mapping[:2] == ("name", "number")
    rows = list(table.rows(today=date(2026, 11, 24), practice=False))
    assert rows[0].record is not None and rows[0].record.numbers == (("+819012345678", "mobile"),)
    assert rows[1].reason == "number-missing"  # cells that are not written are empty


def test_shared_strings_come_without_how_they_are_read() -> None:
    strings = (
        "<si><t>氏名</t></si><si><r><t>山</t></r><r><t>田</t></r><rPh><t>ヤマダ</t></rPh></si>"
    )
    cells = ['<c t="s"><v>0</v></c>'], ['<c t="s"><v>1</v></c>', '<c t="s"><v>9</v></c>']
    assert rows_of(workbook(sheet(cells), strings=strings)) == [["氏名"], ["山田", ""]]


def test_only_sheets_somebody_can_see_are_offered_and_one_is_chosen() -> None:
    data = workbook(sheet([HEAD]), names=("四月", "五月"))
    assert look(lambda: io.BytesIO(data)).sheets == ("四月", "五月")
    shape = look(lambda: io.BytesIO(data))
    chosen = open_table(lambda: io.BytesIO(data), shape)
    assert chosen.header == ("氏名", "電話番号", "生年月日", "金額")
    with pytest.raises(ServiceError, match="import-sheet-unknown"):
        list(Workbook(io.BytesIO(data)).rows("裏"))


def test_f36_a_bomb_is_refused_before_it_has_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = workbook(b"<worksheet><sheetData>" + b" " * 50_000_000)
    assert len(bomb) < 100_000
    assert refusal(bomb).details["reason"] == "unpacked"  # by its density
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1_000_000)
    monkeypatch.setattr(workbooks, "MOST_RATIO", 10_000)
    assert refusal(bomb).details["reason"] == "unpacked"  # by its size


def test_f36_entities_and_outside_files_are_refused() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    for prologue in (laughs, outside, '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'):
        assert refusal(workbook(sheet([HEAD], prologue))).details["reason"] == "doctype"


def test_f36_a_directory_nobody_needs_is_refused_before_it_is_read() -> None:
    data = bytearray(workbook(sheet([HEAD])))
    place = data.rfind(b"PK\x05\x06")
    struct.pack_into("<H", data, place + 10, 65_000)
    assert refusal(bytes(data)).details["reason"] == "directory"


def test_f36_wide_rows_huge_cells_and_tokens_end_the_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wide = sheet([['<c r="ZZZ1"><v>1</v></c>']])
    assert refusal(workbook(wide)).error_id == "import-too-many-columns"
    data = workbook(sheet([HEAD, [text("x" * 10_000_000), text("090-1234-5678")]]))
    monkeypatch.setattr(workbooks, "MOST_RATIO", 100_000)
    assert len(rows_of(data)[1][0]) == workbooks.LONGEST_KEPT
    token = workbook(f'<worksheet a="{"x" * 9_000_000}"/>')
    assert refusal(token).details["reason"] == "token"
    monkeypatch.setattr(workbooks, "MOST_STRINGS", 1_000)
    many = workbook(sheet([HEAD]), strings="<si><t>abcdefgh</t></si>" * 20_000)
    assert refusal(many).details["reason"] == "strings"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\0" * 500,
        workbook("<worksheet><sheetData><row></sheetData>"),
        workbook(sheet([HEAD]))[:-300],
    ],
)
def test_f36_a_workbook_that_is_none_is_refused(data: bytes) -> None:
    assert refusal(data).error_id == "import-workbook-broken"


def test_f36_old_and_locked_workbooks_are_told_apart_from_text() -> None:
    with pytest.raises(ServiceError, match="import-workbook-old"):
        open_file(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    locked = workbook(sheet([HEAD])).replace(b"PK\x01\x02\x14\x03\x14\x00\x00", LOCKED)
    assert refusal(locked).error_id == "import-workbook-broken"


@pytest.mark.parametrize("value", ["1E999999", "NaN", "x", "9" * 200, "-1", ""])
def test_numbers_that_are_none_stay_texts(value: str) -> None:
    assert CellFormats().shown(value, "7") == value
