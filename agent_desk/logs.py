"""Structured logs: one JSON object a line, and nothing in it that points at a customer.

Messages are static sentences; what varies is in named fields. As a second line of defence a field
that looks like personal data is dropped by name, and long digit runs are cut from every text, so
that a library's message cannot leak a telephone number. What a database's error says is left out
altogether, for it quotes the row: its type and the places in the code say enough.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog

PRIVATE = frozenset(
    {"number", "phone", "name", "kana", "address", "amount_yen", "note", "text", "sdp", "password"}
)
QUOTE_ROWS = frozenset({"sqlalchemy", "sqlite3", "psycopg2", "alembic"})  # in their errors' texts
_DIGITS = re.compile(r"\+?\d[\d\-]{7,}\d")


def set_up(level: int = logging.INFO) -> None:
    """Send every logger of the process through the JSON renderer, to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.ExceptionRenderer(exception_text),
                drop_private,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("engineio", "socketio", "alembic", "geventwebsocket"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def exception_text(exc_info: ExcInfo) -> str:
    """An exception and those that led to it, the first one first: places, type, and text."""
    told = []
    for error in reversed(list(_chain(exc_info[1]))):
        kind = type(error)
        name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        quotes = kind.__module__.partition(".")[0] in QUOTE_ROWS
        last = name if quotes else f"{name}: {error}"
        told.append("".join(traceback.format_tb(error.__traceback__)) + last)
    return "\n\n".join(told)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def drop_private(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop fields that name a person, at any depth, and mask long digit runs in the rest."""
    for key, value in event.items():
        if key != "timestamp":
            event[key] = "…" if key in PRIVATE else _masked(value)
    return event


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _DIGITS.sub("…", value)
    if isinstance(value, Mapping):
        return {k: "…" if k in PRIVATE else _masked(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value
