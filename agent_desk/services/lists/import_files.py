"""Files of customers read row by row: the head shows how, a mapping says what each column holds.

Runs in the worker and in the command line, never in the desk: parsing a hundred thousand numbers
takes seconds of CPU. It touches no database; what it yields is matched and written behind the
desk's write door (`store/lists/importing.py`). Text and workbooks come as rows of texts alike.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import BinaryIO

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists import import_columns, normalise, text_tables
from agent_desk.services.lists.import_columns import KEEP, LONGEST_HEADING, MOST_COLUMNS
from agent_desk.services.lists.normalise import BadValue
from agent_desk.services.lists.spreadsheets import read_back
from agent_desk.services.lists.text_tables import TextShape
from agent_desk.services.lists.workbooks import MAGIC, OLD_MAGIC, Workbook
from agent_desk.services.rules import areas
from agent_desk.store.lists.import_rows import Record, Row

MAX_ROWS = 1_000_000
MAX_CELL = 10_000
# The address is compared in parts at 本人確認, yet shown whole among the fields.
_SHOWN = (KEEP, "address", "prefecture", "city", "postcode")
_PREFECTURE = re.compile(r"東京都|北海道|(?:京都|大阪)府|[一-鿿]{2,3}県")
# The last are what CP932 makes of bytes that are nothing.
_UNUSABLE = re.compile("[\0\ud800-\udfff\uf8f0-\uf8f3]")

Opener = Callable[[], BinaryIO]


@dataclass(frozen=True)
class FileShape:
    """How a file is read: as text in an encoding, or as a sheet of a workbook."""

    encoding: str | None = None
    delimiter: str | None = None
    sheets: tuple[str, ...] = ()
    sheet: str | None = None

    @property
    def format(self) -> str:
        """`text` or `workbook`."""
        return "workbook" if self.sheets else "text"


@dataclass(frozen=True)
class ListFile:
    """A file with its headings and what its columns hold; its rows on demand."""

    open: Opener
    shape: FileShape
    header: tuple[str, ...]
    mapping: tuple[str, ...]

    @property
    def encoding(self) -> str:
        """Python's name of the encoding; a workbook's own is nobody's business."""
        return self.shape.encoding or "utf-8-sig"

    def rows(self, *, today: date, practice: bool, after: int = 1) -> Iterator[Row]:
        """The rows numbered above `after`; the first below the header is number 2.

        Raises ServiceError import-too-many-rows past the limit, and what reading raises.
        """
        for row_no, cells in _numbered(self.open, self.shape):
            if row_no > MAX_ROWS + 1:
                raise ServiceError("import-too-many-rows", rows=MAX_ROWS)
            if row_no > after and any(cell.strip() for cell in cells):
                yield self._row(row_no, tuple(cells), today=today, practice=practice)

    def _row(self, row_no: int, cells: tuple[str, ...], *, today: date, practice: bool) -> Row:
        if self.shape.sheets:
            cells = _even(cells, len(self.header))
        if len(cells) != len(self.header):
            return Row(row_no, _kept(cells)[: len(self.header) + 1], None, "row-length")
        if max(map(len, cells)) > MAX_CELL or _UNUSABLE.search("".join(cells)):
            return Row(row_no, _kept(cells), None, "cell-unusable")
        try:
            plain = tuple(map(read_back, cells))
            record = _record(self.header, plain, self.mapping, today=today, practice=practice)
        except BadValue as bad:
            return Row(row_no, cells, None, bad.reason)
        return Row(row_no, cells, record, None)


def look(opener: Opener) -> FileShape:
    """How a file wants to be read; ServiceError where it cannot be."""
    with opener() as stream:
        head = stream.read(text_tables.HEAD)
        if head.startswith(OLD_MAGIC):
            raise ServiceError("import-workbook-old")
        if head.startswith(MAGIC):
            sheets = Workbook(stream).sheets
            return FileShape(sheets=sheets, sheet=sheets[0])
    shape = text_tables.guess(head, import_columns.known_headings)
    return FileShape(encoding=shape.encoding, delimiter=shape.delimiter)


def open_table(opener: Opener, shape: FileShape, mapping: Sequence[str] | None = None) -> ListFile:
    """The file read in a shape; without a mapping, as its headings suggest.

    ServiceError: import-empty, import-too-many-columns, import-mapping, and what reading raises.
    """
    with closing(_numbered(opener, shape)) as numbered:
        first = next(numbered, None)
    if first is None:
        raise ServiceError("import-empty")
    header = tuple(_kept(first[1], LONGEST_HEADING))
    while header and not header[-1].strip() and shape.sheets:
        header = header[:-1]
    if len(header) > MOST_COLUMNS:
        raise ServiceError("import-too-many-columns", columns=MOST_COLUMNS)
    chosen = import_columns.guess(header) if mapping is None else mapping
    return ListFile(opener, shape, header, tuple(chosen))


def open_file(data: bytes) -> ListFile:
    """A file nobody looks at first: its shape and its columns as guessed.

    Raises ServiceError: import-encoding, import-empty, import-header, and what `look` does.
    """

    def opener() -> BinaryIO:
        return io.BytesIO(data)

    return open_unseen(opener)


def open_unseen(opener: Opener) -> ListFile:
    """As `open_file`, of a file that is somewhere else."""
    table = open_table(opener, look(opener))
    try:
        import_columns.check(table.mapping, table.header)
    except ServiceError:
        raise ServiceError("import-header", header=", ".join(table.header)[:200]) from None
    return table


def head_rows(table: ListFile, most: int) -> list[list[str]]:
    """The first rows below the header as they stand in the file."""
    with closing(_numbered(table.open, table.shape)) as numbered:
        return [list(_kept(cells)) for _, cells in islice(numbered, 1, most + 1)]


def _numbered(opener: Opener, shape: FileShape) -> Generator[tuple[int, list[str]], None, None]:
    with opener() as stream:
        if shape.sheets:
            yield from Workbook(stream).rows(shape.sheet or shape.sheets[0])
        else:
            text = TextShape(shape.encoding or "utf-8-sig", shape.delimiter or ",")
            yield from text_tables.rows(stream, text)


def _even(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    """A workbook's row as wide as its header: empty cells at the end are not written there."""
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width]
    return cells + ("",) * (width - len(cells))


def _kept(cells: Sequence[str], most: int = 100) -> tuple[str, ...]:
    """Cells as an error file can hold them: short, and without what is no character."""
    return tuple(_UNUSABLE.sub("\ufffd", cell)[:most] for cell in cells)


def _record(
    header: Sequence[str],
    cells: Sequence[str],
    columns: Sequence[str],
    *,
    today: date,
    practice: bool,
) -> Record:
    values = dict(zip(columns, cells, strict=True))
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
        if column in _SHOWN and title.strip() and cell.strip()
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
