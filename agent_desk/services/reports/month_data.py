"""The figures of a month on their way to the desk, which keeps them and opens none of them.

One line of JSON says what they were made of; each further line is a campaign and its figures.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.reports import month_figures


@dataclass(frozen=True)
class MonthFigures:
    """What a version of a month is made from."""

    as_of: datetime
    definitions: Mapping[str, Any]
    known: Mapping[str, int]
    parts: Mapping[int, bytes]


def days(month: str) -> tuple[date, date]:
    """First and last day; ServiceError month-unknown."""
    try:
        return month_figures.days_of(month)
    except ValueError:
        raise ServiceError("month-unknown") from None


def read(data: bytes) -> MonthFigures:
    """What was handed to the desk."""
    head, *lines = data.split(b"\n")
    told = json.loads(head)
    parts = (line.split(b" ") for line in lines)
    return MonthFigures(
        as_of=datetime.fromisoformat(told["as_of"]),
        definitions=told["definitions"],
        known=told["known"],
        parts={int(campaign): b64decode(figures) for campaign, figures in parts},
    )


def told(found: MonthFigures) -> bytes:
    """As they are handed to the desk."""
    head = {
        "as_of": found.as_of.isoformat(),
        "definitions": found.definitions,
        "known": found.known,
    }
    lines = [b"%d %s" % (key, b64encode(part)) for key, part in found.parts.items()]
    return b"\n".join([json.dumps(head).encode(), *lines])
