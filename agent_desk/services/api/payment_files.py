"""Payments by file: the same as by `/api/v1/payments`, one row at a time.

Each row stands by itself and has its own id, so a file that was sent before, or again after a
mistake in it was corrected, enters only what is new.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import normalise
from agent_desk.services.lists.normalise import BadValue
from agent_desk.services.lists.spreadsheets import read_back

MOST_ROWS = 5_000
LARGEST_FILE = 4 * 1024 * 1024
ENCODINGS = ("utf-8-sig", "cp932", "euc_jp")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "customer": ("顧客番号", "顧客id", "customer", "customerid", "externalid"),
    "amount_yen": ("入金額", "金額", "amount", "amountyen"),
    "paid_on": ("入金日", "支払日", "paidon", "date"),
    "payment_id": ("入金番号", "入金id", "paymentid", "reference"),
    "product": ("商品", "商品名", "product"),
    "debt": ("債権番号", "契約番号", "debt", "debtid"),
    "reversed": ("取消", "取り消し", "reversed", "reverse"),
}
_COLUMNS = {name: column for column, names in _NAMES.items() for name in names}
NEEDED = ("customer", "amount_yen", "paid_on", "payment_id")
_YES = frozenset({"1", "true", "yes", "取消", "○"})

Ask = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]  # a request of `rules/requests.py`


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not entered; its number counts from 2, below the header."""

    row_no: int
    error_id: str
    cells: Sequence[str]


@dataclass(frozen=True)
class Entered:
    """What became of a file; `header` and the rows' `cells` are as they came."""

    header: Sequence[str]
    entered: int
    reversed: int
    again: int  # known already: nothing was changed
    refused: Sequence[RefusedRow]


def enter(data: bytes, *, source: str, ask: Ask) -> Entered:
    """Enter each row of a CSV file with a header, by `ask`.

    ServiceError: payments-too-large, payments-header, import-encoding, import-empty;
    then nothing was entered.
    """
    entered = taken_back = again = 0
    refused: list[RefusedRow] = []
    header, columns, lines = _table(data)
    for row_no, cells in lines:
        padded = [*cells, *[""] * (len(columns) - len(cells))]
        pairs = zip(columns, padded, strict=False)
        row = {column: cell for column, cell in pairs if column is not None}
        try:
            name, told = _request(row, source)
            if ask(name, told)["again"]:
                again += 1
            elif name == "payments":
                entered += 1
            else:
                taken_back += 1
        except ServiceError as error:
            refused.append(RefusedRow(row_no, error.error_id, cells))
    return Entered(header, entered, taken_back, again, refused)


def _request(row: Mapping[str, str], source: str) -> tuple[str, dict[str, Any]]:
    payment_id = row["payment_id"].strip()
    if row.get("reversed", "").strip().lower() in _YES:
        return "payments/reverse", {"source": source, "payment_id": payment_id}
    try:
        amount = normalise.yen(row["amount_yen"])
        paid_on = normalise.day(row["paid_on"], reason="paid-on-malformed")
    except BadValue as bad:
        raise ServiceError("bad-payload", reason=bad.reason) from None
    return "payments", {
        "customer": row["customer"].strip(),
        "amount_yen": amount,
        "paid_on": None if paid_on is None else paid_on.isoformat(),
        "source": source,
        "payment_id": payment_id,
        "product": row.get("product", "").strip(),
        "debt": row.get("debt", "").strip(),
    }


def _table(
    data: bytes,
) -> tuple[list[str], list[str | None], list[tuple[int, list[str]]]]:
    """The header, what each of its columns is called here, and the rows that hold anything."""
    if len(data) > LARGEST_FILE:
        raise ServiceError("payments-too-large", rows=MOST_ROWS)
    reader = csv.reader(io.StringIO(_decode(data), newline=""))
    header = next(reader, None)
    if header is None:
        raise ServiceError("import-empty")
    columns = [_COLUMNS.get(_plain(title)) for title in header]
    if not set(NEEDED) <= set(columns):
        raise ServiceError("payments-header")
    lines = []
    for row_no, cells in enumerate(reader, start=2):
        if row_no > MOST_ROWS + 1:
            raise ServiceError("payments-too-large", rows=MOST_ROWS)
        if any(cell.strip() for cell in cells):
            lines.append((row_no, [read_back(cell) for cell in cells]))
    return header, columns, lines


def _plain(title: str) -> str:
    return re.sub(r"[\s_\-・]", "", unicodedata.normalize("NFKC", title)).casefold()


def _decode(data: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ServiceError("import-encoding")
