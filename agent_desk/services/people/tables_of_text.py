"""Small tables people bring along as CSV: users, shifts. Read whole, answered row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.spreadsheets import inert

MOST_ROWS = 1000
MOST_BYTES = 1024 * 1024
_ENCODINGS = ("utf-8-sig", "cp932")


@dataclass(frozen=True)
class TableRow:
    """One row of a file: its line for people (the header is 1) and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class RowAnswer:
    """What became of a row; `error_id` None: it was taken. `told` goes into the file."""

    row: TableRow
    error_id: str | None
    told: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def read_table(
    data: bytes, columns: Mapping[str, Sequence[str]], *, optional: Collection[str] = ()
) -> list[TableRow]:
    """Rows by column; `columns` are ids with the headings they may have, in any language.

    A file may lack the `optional` ones; their cells are "" then.

    ServiceError `table-unreadable`, `table-header` (details: columns), `table-too-long`.
    """
    if len(data) > MOST_BYTES:
        raise ServiceError("table-too-long", most=MOST_ROWS)
    try:
        lines = list(csv.reader(io.StringIO(_text(data)), strict=True))
    except csv.Error:
        raise ServiceError("table-unreadable") from None
    header = [cell.strip().lower() for cell in lines[0]] if lines else []
    places = {
        column: next((header.index(name) for name in names if name in header), None)
        for column, names in columns.items()
    }
    if any(place is None for column, place in places.items() if column not in optional):
        wanted = ", ".join(names[0] for names in columns.values())
        raise ServiceError("table-header", columns=wanted)
    if len(lines) > MOST_ROWS + 1:
        raise ServiceError("table-too-long", most=MOST_ROWS)
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = {
            column: line[place].strip() if place is not None and place < len(line) else ""
            for column, place in places.items()
        }
        if any(cells.values()):
            rows.append(TableRow(number, cells))
    return rows


def answer_file(header: Sequence[str], answers: Iterable[Sequence[str]]) -> bytes:
    """The same columns plus what became of each row; no cell runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([inert(cell) for cell in header])
    for cells in answers:
        writer.writerow([inert(cell) for cell in cells])
    return ("\ufeff" + out.getvalue()).encode()


def _text(data: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ServiceError("table-unreadable")
