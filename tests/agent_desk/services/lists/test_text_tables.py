"""Files of text: encodings and separators guessed, hostile ones refused or made harmless (F36)."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import import_columns
from agent_desk.services.lists.import_files import ListFile, look, open_file
from agent_desk.services.lists.spreadsheets import inert, read_back
from agent_desk.services.lists.text_tables import guess_delimiter
from agent_desk.store.lists.import_rows import Row

JAPANESE = (
    "氏名,フリガナ,電話番号\n山田 太郎,ヤマダ タロウ,090-1234-5678\n"
    "鈴木 花子,スズキ ハナコ,03-1234-5678\n"
)
ENGLISH = "name,tel,memo\n山田,090-1234-5678,ひらがなとカナ\n"
HALF_WIDTH = "氏名,ｶﾅ,電話番号\n山田,ﾔﾏﾀﾞ ﾀﾛｳ,090-1234-5678\n"


def rows(table: ListFile) -> list[Row]:
    return list(table.rows(today=date(2026, 11, 24), practice=False))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp"])
@pytest.mark.parametrize("text", [JAPANESE, ENGLISH, HALF_WIDTH])
def test_the_encoding_is_told_from_the_head(encoding: str, text: str) -> None:
    table = open_file(text.encode(encoding))
    assert table.encoding == encoding.replace("utf-8-sig", "utf-8").replace("utf-8", "utf-8-sig")
    assert rows(table)[0].record is not None


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_separator_is_told_from_the_first_lines(delimiter: str) -> None:
    out = io.StringIO()
    body = [["氏名", "電話番号", "住所"], ["山田", "090-1234-5678", "東京都, 千代田区; 1|2"]]
    csv.writer(out, delimiter=delimiter).writerows(body)
    assert guess_delimiter(out.getvalue()) == delimiter
    assert rows(open_file(out.getvalue().encode()))[0].record is not None


def test_leading_zeros_stay_and_lost_ones_are_not_guessed() -> None:
    data = "氏名,電話番号,顧客番号\n山田,'090-1234-5678,000123\n佐藤,9012345679,7\n".encode()
    kept, lost = rows(open_file(data))
    assert kept.record is not None
    assert (kept.record.external_id, kept.record.numbers[0][0]) == ("000123", "+819012345678")
    assert lost.reason == "number-leading-zero"


def test_f36_nul_bytes_and_broken_characters_refuse_their_row_only() -> None:
    data = JAPANESE.encode("cp932") + b"\x00,a,090-1234-5678\n\xff\xfe,a,090-1234-5678\n"
    found = rows(open_file(data))
    assert [row.reason for row in found] == [None, None, "cell-unusable", "cell-unusable"]
    assert all("\0" not in "".join(row.cells) for row in found[2:])


def test_f36_a_ten_megabyte_cell_and_an_open_quote_refuse_the_file() -> None:
    huge = f"{JAPANESE}{'x' * 10_000_000},a,090-1234-5678\n".encode()
    with pytest.raises(ServiceError, match="import-cell-too-large"):
        rows(open_file(huge))
    open_quote = JAPANESE + '"山田,a,090-1234-5678\n' + "佐藤,b,090-1234-5678\n" * 20_000
    with pytest.raises(ServiceError, match="import-cell-too-large") as refused:
        rows(open_file(open_quote.encode()))
    assert refused.value.details["row"] == 4


def test_f36_a_long_cell_refuses_its_row_and_keeps_little_of_it() -> None:
    found = rows(open_file(f"{JAPANESE}{'x' * 20_000},a,090-1234-5678\n".encode()))
    assert found[2].reason == "cell-unusable" and len(found[2].cells[0]) == 100


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n" + bytes(500), bytes(2000), bytes(range(128, 256)) * 20]
)
def test_f36_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(ServiceError, match="import-e"):
        look(lambda: io.BytesIO(data))


@pytest.mark.parametrize("cell", ["=1+1", "+81", "-2", "@x", "\tx", "=HYPERLINK(1)"])
def test_f36_a_formula_is_inert_in_the_error_file_and_itself_when_it_comes_back(cell: str) -> None:
    assert inert(cell).startswith("'") and read_back(inert(cell)) == cell


def test_a_template_fits_columns_in_another_order_and_gives_nothing_twice() -> None:
    header, mapping = ("氏名", "TEL 1", "備考"), ("name", "number", "skip")
    template = import_columns.template_of(header, mapping)
    assert import_columns.fits(template, ("備考", "氏名", "tel1"))
    moved = import_columns.apply(template, ("備考", "電話番号", "氏名", "tel1"))
    assert moved == ["skip", "keep", "name", "number"]


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        (["name"], "columns"),
        (["name", "nonsense"], "unknown"),
        (["number", "number"], "twice"),
        (["keep", "number"], "name"),
        (["name", "skip"], "number"),
    ],
)
def test_a_mapping_that_lacks_something_says_what(mapping: list[str], reason: str) -> None:
    with pytest.raises(ServiceError) as refused:
        import_columns.check(mapping, ("a", "b"))
    assert refused.value.details["reason"] == reason
