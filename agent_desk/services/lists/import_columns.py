"""What the columns of a file hold: guessed from Japanese and English headings, said by a person.

A mapping has one word per column: a field's name, `keep` for a column that is shown with the
customer under its own heading, `skip` for one that is not wanted. A template keeps the words with
the headings, so that it fits the next file even when its columns come in another order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from agent_desk.services.errors import ServiceError

KEEP, SKIP = "keep", "skip"
LONGEST_HEADING = 100
MOST_COLUMNS = 300

_NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("氏名", "名前", "顧客名", "お名前", "name", "fullname", "customername"),
    "kana": (
        "フリガナ",
        "ふりがな",
        "カナ",
        "氏名カナ",
        "カナ氏名",
        "kana",
        "namekana",
        "furigana",
    ),
    "number": ("電話番号", "電話", "電話番号1", "tel", "tel1", "phone", "phone1", "phonenumber"),
    "number2": ("電話番号2", "電話2", "携帯", "携帯電話", "携帯番号", "tel2", "phone2", "mobile"),
    "number3": ("電話番号3", "電話3", "tel3", "phone3"),
    "work": ("勤務先電話番号", "勤務先電話", "勤務先番号", "worktel", "workphone"),
    "external_id": ("顧客番号", "顧客id", "顧客コード", "customerid", "customerno", "externalid"),
    "member": ("会員番号", "会員id", "memberno", "memberid", "membernumber"),
    "birth_date": ("生年月日", "誕生日", "birthdate", "birthday", "dateofbirth"),
    "town": ("町名", "town"),
    "address": ("住所", "address"),
    "prefecture": ("都道府県", "prefecture"),
    "city": ("市区町村", "city"),
    "postcode": ("郵便番号", "postcode", "postalcode", "zip", "zipcode"),
    "product": ("商品", "商品名", "商材", "product"),
    "amount": ("金額", "請求額", "請求金額", "残高", "延滞金額", "amount", "balance"),
    "due": ("支払期日", "支払日", "期日", "支払期限", "duedate", "dueon"),
    "overdue": ("延滞日数", "daysoverdue", "overduedays"),
}
_COLUMNS: Mapping[str, str] = {name: column for column, names in _NAMES.items() for name in names}
FIELDS = tuple(_NAMES)
NUMBERS = ("number", "number2", "number3")


def recognise(header: Sequence[str]) -> list[str | None]:
    """What each column holds; None for one nobody recognises. The first of two alike wins."""
    found: list[str | None] = []
    for title in header:
        column = _COLUMNS.get(plain(title))
        found.append(None if column in found else column)
    return found


def guess(header: Sequence[str]) -> list[str]:
    """The mapping the headings suggest; what nobody recognises is kept as it is."""
    return [column or (KEEP if title.strip() else SKIP) for column, title in _told(header)]


def known_headings(header: Sequence[str]) -> int:
    """How many columns are recognised."""
    return sum(column is not None for column in recognise(header))


def check(mapping: Sequence[str], header: Sequence[str]) -> list[str]:
    """A mapping that can be used; ServiceError import-mapping says what it lacks.

    `reason` is columns, unknown, twice, name or number.
    """
    if len(mapping) != len(header):
        raise ServiceError("import-mapping", reason="columns")
    if not set(mapping) <= {KEEP, SKIP, *FIELDS}:
        raise ServiceError("import-mapping", reason="unknown")
    fields = [each for each in mapping if each not in (KEEP, SKIP)]
    if len(fields) != len(set(fields)):
        raise ServiceError("import-mapping", reason="twice")
    if "name" not in fields:
        raise ServiceError("import-mapping", reason="name")
    if not set(NUMBERS) & set(fields):
        raise ServiceError("import-mapping", reason="number")
    return list(mapping)


def template_of(header: Sequence[str], mapping: Sequence[str]) -> list[list[str]]:
    """What a template keeps: each heading with its word."""
    return [[plain(title), word] for title, word in zip(header, mapping, strict=True)]


def apply(template: Sequence[Sequence[str]], header: Sequence[str]) -> list[str]:
    """A template's mapping of a file; columns it does not know are guessed, none is given twice."""
    known = {heading: word for heading, word in template}
    free = set(FIELDS) - {known[plain(title)] for title in header if plain(title) in known}
    found: list[str] = []
    for title, guessed in zip(header, guess(header), strict=True):
        word = known.get(plain(title))
        if word is None:
            word = guessed if guessed in free or guessed not in FIELDS else KEEP
        found.append(KEEP if word in FIELDS and word in found else word)
    return found


def fits(template: Sequence[Sequence[str]], header: Sequence[str]) -> bool:
    """Whether a template was made for a file with these headings, in whatever order."""
    return {heading for heading, _ in template} == {plain(title) for title in header}


def plain(title: str) -> str:
    """A heading as headings are compared."""
    return re.sub(r"[\s_\-・]", "", unicodedata.normalize("NFKC", title)).casefold()


def _told(header: Sequence[str]) -> list[tuple[str | None, str]]:
    return list(zip(recognise(header), header, strict=True))
