"""One spelling for many, and nothing guessed."""

from __future__ import annotations

from datetime import date

import pytest

from agent_desk.services.lists import normalise
from agent_desk.services.lists.normalise import BadValue


@pytest.mark.parametrize(
    ("text", "e164", "kind"),
    [
        ("090-1234-5678", "+819012345678", "mobile"),
        ("０９０ー１２３４ー５６７８", "+819012345678", "mobile"),
        ("(03) 3212-2323", "+81332122323", "fixed"),
        ("+81 90 1234 5678", "+819012345678", "mobile"),
        ("+81(0)90-1234-5678", "+819012345678", "mobile"),
        ("050-3123-4567", "+815031234567", "ip"),
        ("0120-123-456", "+81120123456", "other"),
        ("０６−６２３４−５６７８", "+81662345678", "fixed"),
    ],
)
def test_a_number_in_any_spelling(text: str, e164: str, kind: str) -> None:
    found = normalise.number(text, practice=False)
    assert (found.e164, found.kind) == (e164, kind)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "number-missing"),
        (" ー ", "number-missing"),
        ("9012345678", "number-leading-zero"),
        ("332122323", "number-leading-zero"),
        ("110", "number-emergency"),
        ("119", "number-emergency"),
        ("104", "number-emergency"),
        ("0570-012-345", "number-premium"),
        ("0990-123-456", "number-premium"),
        ("+1 212 555 0100", "number-abroad"),
        ("010-1-212-555-0100", "number-abroad"),
        ("090-1234-567", "number-malformed"),
        ("03-3212", "number-malformed"),
        ("自宅", "number-malformed"),
        ("090-1234-5678 / 03-3212-2323", "number-malformed"),
        ("090-0123-4567", "number-unassigned"),
    ],
)
def test_a_number_that_cannot_be_called_says_why(text: str, reason: str) -> None:
    with pytest.raises(BadValue) as bad:
        normalise.number(text, practice=False)
    assert bad.value.reason == reason


def test_practice_numbers_pass_only_in_practice() -> None:
    assert normalise.number("090-0123-4567", practice=True).e164 == "+819001234567"


@pytest.mark.parametrize("text", ["ヤマダ タロウ", "やまだ　たろう", "ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ・タロウ"])
def test_kana_in_any_spelling(text: str) -> None:
    assert normalise.kana(text) == "ヤマダタロウ"


def test_kanji_is_no_reading() -> None:
    with pytest.raises(BadValue):
        normalise.kana("山田")


@pytest.mark.parametrize(
    "text",
    [
        "1980-01-02",
        "1980/1/2",
        "1980年1月2日",
        "昭和55年1月2日",
        "S55.1.2",
        "19800102",
        "１９８０／１／２",
    ],
)
def test_a_date_in_any_spelling(text: str) -> None:
    assert normalise.day(text, reason="r") == date(1980, 1, 2)


def test_the_first_year_of_an_era_and_no_date_at_all() -> None:
    assert normalise.day("令和元年5月1日", reason="r") == date(2019, 5, 1)
    assert normalise.day("", reason="r") is None
    for text in ("1980-02-30", "きのう", "1/2"):
        with pytest.raises(BadValue):
            normalise.day(text, reason="r")


@pytest.mark.parametrize(
    ("text", "yen"), [("12,800円", 12800), ("¥12800", 12800), ("１２８００", 12800), ("", None)]
)
def test_an_amount_in_any_spelling(text: str, yen: int | None) -> None:
    assert normalise.yen(text) == yen


@pytest.mark.parametrize("text", ["-100", "12.5", "1,28,00", "一万円", "9" * 20])
def test_an_amount_that_is_none(text: str) -> None:
    with pytest.raises(BadValue):
        normalise.yen(text)


def test_days_last_four_and_names() -> None:
    assert (normalise.days("30日"), normalise.days("")) == (30, None)
    assert (normalise.last4("A-123-45678"), normalise.last4("12")) == ("5678", None)
    assert normalise.name("山田　太郎") == normalise.name("山田 太郎") == "山田太郎"
    assert normalise.shown(" 山田　 太郎\x00 ") == "山田 太郎"
