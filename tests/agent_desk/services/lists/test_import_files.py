"""Files of customers: encodings, separators, headers, and a reason for every refused row."""

from __future__ import annotations

from datetime import date

import pytest

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_columns import recognise
from agent_desk.services.lists.import_files import Row, open_file

TODAY = date(2026, 11, 24)
TEXT = "氏名,フリガナ,電話番号,顧客番号\n山田 太郎,ヤマダ タロウ,090-1234-5678,A1\n"


def rows(text: str, encoding: str = "utf-8", practice: bool = False) -> list[Row]:
    return list(open_file(text.encode(encoding)).rows(today=TODAY, practice=practice))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    (row,) = rows(TEXT, encoding)
    assert row.record is not None
    assert (row.record.name, row.record.kana, row.record.external_id) == (
        "山田 太郎",
        "ヤマダタロウ",
        "A1",
    )


def test_tabs_separate_too_and_blank_lines_are_passed_over() -> None:
    (row,) = rows("\n" + TEXT.replace(",", "\t") + "\n\t\t\t\n")
    assert row.record is not None and row.record.numbers == (("+819012345678", "mobile"),)


def test_columns_are_known_by_japanese_and_english_names_in_any_form() -> None:
    header = ["Name", "ｶﾅ", "TEL", "Phone 2", "customer_id", "Birth-Date", "備考", "氏名"]
    assert recognise(header) == [
        "name",
        "kana",
        "number",
        "number2",
        "external_id",
        "birth_date",
        None,
        None,
    ]


def test_a_row_with_everything() -> None:
    text = (
        "氏名,電話番号,電話番号2,生年月日,住所,町名,会員番号,商品,金額,延滞日数,備考,担当店\n"
        '鈴木 花子,03-3212-2323,090-1234-5678,昭和55年1月2日,"東京都, 港区1-2",青葉町,'
        '99-1234567,カード,"12,800円",30,夜間希望,本店\n'
    )
    (row,) = rows(text)
    record = row.record
    assert record is not None
    assert [kind for _, kind in record.numbers] == ["fixed", "mobile"]
    assert (record.birth_date, record.address_town) == ("1980-01-02", "青葉町")
    assert (record.member_last4, record.product, record.amount_yen) == ("4567", "カード", 12800)
    assert record.due_on == "2026-10-25"
    assert record.fields == (
        ("住所", "東京都, 港区1-2"),
        ("備考", "夜間希望"),
        ("担当店", "本店"),
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",ヤマダ,090-1234-5678,A1", "name-missing"),
        ("山田,ヤマダ,,A1", "number-missing"),
        ("山田,ヤマダ,9012345678,A1", "number-leading-zero"),
        ("山田,山田,090-1234-5678,A1", "kana-malformed"),
        ("山田,ヤマダ,090-1234-5678", "row-length"),
        ("山田,ヤマダ,090-1234-5678,A\x00", "cell-unusable"),
        ("山田,ヤマダ,090-1234-5678," + "x" * 10_001, "cell-unusable"),
    ],
)
def test_a_refused_row_keeps_its_cells_and_says_why(line: str, reason: str) -> None:
    header = TEXT.splitlines()[0]
    refused, good = rows(f"{header}\n{line}\n{TEXT.splitlines()[1]}\n")
    assert (refused.record, refused.reason, refused.row_no) == (None, reason, 2)
    assert good.record is not None


def test_a_row_survives_the_wire() -> None:
    for row in rows(TEXT + "x\n"):
        assert Row.from_wire(row.to_wire()) == row


@pytest.mark.parametrize(
    ("data", "error_id"),
    [
        (b"", "import-empty"),
        (b" \n\n", "import-empty"),
        (b"\xff\xfe\x00\x81", "import-encoding"),
        ("氏名,住所\n山田,東京\n".encode(), "import-header"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(data: bytes, error_id: str) -> None:
    with pytest.raises(ServiceError) as refused:
        open_file(data)
    assert refused.value.error_id == error_id


def test_more_rows_than_a_list_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_desk.services.lists.import_files.MAX_ROWS", 1)
    with pytest.raises(ServiceError):
        rows(TEXT + TEXT.splitlines()[1] + "\n")
