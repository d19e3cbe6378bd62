"""The rows of a file on their way from the worker to the write door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Record:
    """One row's values in normal form. `numbers` are (E.164, kind); dates are ISO texts."""

    name: str
    kana: str | None
    numbers: tuple[tuple[str, str], ...]
    external_id: str | None
    birth_date: str | None
    address_town: str | None
    member_last4: str | None
    product: str | None
    amount_yen: int | None
    due_on: str | None
    fields: tuple[tuple[str, str], ...]
    areas: tuple[tuple[str, str], ...] = ()  # kind (prefecture, city, postcode) and value


@dataclass(frozen=True)
class Row:
    """One row: a record, or the reason why it is none. `row_no` counts from 2, below the header."""

    row_no: int
    cells: tuple[str, ...]
    record: Record | None
    reason: str | None

    def to_wire(self) -> dict[str, Any]:
        """As JSON types."""
        return asdict(self)

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Row:
        """Back from JSON; raises KeyError, TypeError or ValueError for what is no row."""
        record = data["record"]
        if record is not None:
            record = Record(
                **{
                    **record,
                    "numbers": tuple((str(e164), str(kind)) for e164, kind in record["numbers"]),
                    "fields": tuple((str(name), str(value)) for name, value in record["fields"]),
                    "areas": tuple((str(k), str(value)) for k, value in record.get("areas", ())),
                }
            )
        cells = tuple(str(cell) for cell in data["cells"])
        return cls(int(data["row_no"]), cells, record, data["reason"])
