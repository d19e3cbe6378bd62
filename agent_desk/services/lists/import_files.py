"""Files of customers read row by row: encoding, separator, header, and each row's values.

Runs in the worker and in the command line, never in the desk: parsing a hundred thousand numbers
takes ten seconds of CPU. It touches no database; what it yields goes through the desk's write
door, which matches it with what is known (`store/lists/importing.py`).

Columns are recognised by Japanese and English names; a column nobody recognises is kept as a
field of the customer under its own name.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.normalise import BadValue
from agent_desk.services.rules import areas
from agent_desk.store.lists.import_rows import Record, Row

ENCODINGS = ("utf-8-sig", "cp932", "euc_jp")
MAX_ROWS = 500_000
MAX_CELL = 10_000

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
COLUMNS: Mapping[str, str] = {name: column for column, names in _NAMES.items() for name in names}
# The address is compared in parts at 本人確認, yet shown whole among the fields.
_ALSO_FIELDS = ("address", "prefecture", "city", "postcode")
_PREFECTURE = re.compile(r"東京都|北海道|(?:京都|大阪)府|[一-鿿]{2,3}県")


@dataclass(frozen=True)
class ListFile:
    """A decoded file: its header, and its rows on demand."""

    encoding: str
    header: tuple[str, ...]
    text: str
    delimiter: str

    def rows(self, *, today: date, practice: bool) -> Iterator[Row]:
        """Every row below the header; raises ServiceError(import-too-many-rows) past the limit."""
        columns = recognise(self.header)
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)
        next(reader)
        for row_no, cells in enumerate(reader, start=2):
            if row_no > MAX_ROWS + 1:
                raise ServiceError("import-too-many-rows", rows=MAX_ROWS)
            if any(cell.strip() for cell in cells):
                yield self._row(row_no, tuple(cells), columns, today=today, practice=practice)

    def _row(
        self,
        row_no: int,
        cells: tuple[str, ...],
        columns: Sequence[str | None],
        *,
        today: date,
        practice: bool,
    ) -> Row:
        if len(cells) != len(self.header):
            return Row(row_no, cells, None, "row-length")
        if any(len(cell) > MAX_CELL or "\0" in cell for cell in cells):
            return Row(row_no, tuple(c[:100] for c in cells), None, "cell-unusable")
        try:
            record = _record(self.header, cells, columns, today=today, practice=practice)
        except BadValue as bad:
            return Row(row_no, cells, None, bad.reason)
        return Row(row_no, cells, record, None)


def open_file(data: bytes) -> ListFile:
    """Decode a file and read its header.

    Raises ServiceError: import-encoding, import-empty, import-header.
    """
    csv.field_size_limit(max(MAX_CELL * 100, len(data) + 1))
    encoding, text = _decode(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise ServiceError("import-empty")
    text = text[text.index(first) :]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    header = tuple(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    columns = recognise(header)
    if "name" not in columns or "number" not in columns:
        raise ServiceError("import-header", header=", ".join(header)[:200])
    return ListFile(encoding, header, text, delimiter)


def recognise(header: Sequence[str]) -> list[str | None]:
    """What each column holds; None for a column kept as a field. The first of two alike wins."""
    found: list[str | None] = []
    for title in header:
        plain = re.sub(r"[\s_\-・]", "", unicodedata.normalize("NFKC", title)).casefold()
        column = COLUMNS.get(plain)
        found.append(None if column in found else column)
    return found


def _decode(data: bytes) -> tuple[str, str]:
    for encoding in ENCODINGS:
        try:
            return encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ServiceError("import-encoding")


def _record(
    header: Sequence[str],
    cells: Sequence[str],
    columns: Sequence[str | None],
    *,
    today: date,
    practice: bool,
) -> Record:
    values = {column: cell for column, cell in zip(columns, cells, strict=True) if column}
    name = normalise.shown(values.get("name", ""))
    if not name:
        raise BadValue("name-missing")
    due = normalise.day(values.get("due", ""), reason="due-date-malformed")
    overdue = normalise.days(values.get("overdue", ""))
    if due is None and overdue is not None:
        due = today - timedelta(days=overdue)
    born = normalise.day(values.get("birth_date", ""), reason="birth-date-malformed")
    if born is not None and not date(1900, 1, 1) <= born <= today:
        raise BadValue("birth-date-malformed")
    fields = tuple(
        (normalise.shown(title), normalise.shown(cell))
        for title, cell, column in zip(header, cells, columns, strict=True)
        if (column is None or column in _ALSO_FIELDS) and title.strip() and cell.strip()
    )
    return Record(
        name=name,
        kana=normalise.kana(values.get("kana", "")) or None,
        numbers=_numbers(values, practice=practice),
        external_id=normalise.shown(values.get("external_id", "")) or None,
        birth_date=None if born is None else born.isoformat(),
        address_town=normalise.shown(values.get("town") or values.get("address", "")) or None,
        member_last4=normalise.last4(values.get("member", "")),
        product=normalise.shown(values.get("product", "")) or None,
        amount_yen=normalise.yen(values.get("amount", "")),
        due_on=None if due is None else due.isoformat(),
        fields=fields,
        areas=_areas(values),
    )


def _areas(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Where the person lives, as holds of areas name it; what cannot be told is left out."""
    texts = {kind: values.get(kind, "") for kind in areas.KINDS if kind != areas.NUMBER_PREFIX}
    found = _PREFECTURE.match(values.get("address", "").strip())
    if not texts[areas.PREFECTURE].strip() and found is not None:
        texts[areas.PREFECTURE] = found[0]
    plain = {kind: areas.plain(kind, text) for kind, text in texts.items()}
    return tuple((kind, value) for kind, value in plain.items() if value is not None)


def _numbers(values: Mapping[str, str], *, practice: bool) -> tuple[tuple[str, str], ...]:
    """The first number must be good; further ones may be missing, but not wrong."""
    texts = [values.get("number", "")]
    further = [values.get(column, "") for column in ("number2", "number3")]
    texts += [text for text in further if text.strip()]
    if not texts[0].strip() and len(texts) > 1:
        texts = texts[1:]
    found: dict[str, str] = {}
    for text in texts:
        number = normalise.number(text, practice=practice)
        found.setdefault(number.e164, number.kind)
    if values.get("work", "").strip():
        found[normalise.number(values["work"], practice=practice).e164] = "work"
    return tuple(found.items())
