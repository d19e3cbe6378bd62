"""Logs as one JSON object a line, in which no personal data can stand.

Only fields of a known list are written beside the message, messages are static sentences, and
whatever looks like a phone number in one is struck out. A traceback is written as places in the
code without the exception's text, which may quote a SIP message.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

import orjson

FIELDS = frozenset(
    {
        "call_id",
        "seat_id",
        "trunk_id",
        "gateway_id",
        "boot_id",
        "kind",
        "reason",
        "loop_lag_ms",
        "count",
    }
)
_NUMBER = re.compile(r"\+?\d(?:[-\s.]?\d){8,}")
# Libraries that log every candidate, packet or message at INFO.
_CHATTY = ("aioice", "aiortc", "engineio", "socketio", "asyncio")


class JsonFormatter(logging.Formatter):
    """One line of JSON: at, level, where, what, and the known fields."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self._now = now

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "where": record.name,
            "what": redact(record.getMessage()),
        }
        for name in FIELDS & record.__dict__.keys():
            value = record.__dict__[name]
            line[name] = redact(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["places"] = _places(record.exc_info[2])
        return orjson.dumps(line, default=repr).decode()


def redact(text: str) -> str:
    """Strike out digits that could be a phone number, and what is no text (surrogates)."""
    return _NUMBER.sub("[number]", text.encode("utf-8", "replace").decode())


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def start_logging(stream: TextIO = sys.stderr) -> None:
    """Send everything to `stream` in this form."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
