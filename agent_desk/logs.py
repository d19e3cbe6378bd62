"""Structured logs: one JSON object a line, and nothing in it that points at a customer.

Messages are static sentences; what varies is in named fields. As a second line of defence a field
that looks like personal data is dropped by name, and long digit runs are cut from every text, so
that a library's message cannot leak a telephone number.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

PRIVATE = frozenset(
    {"number", "phone", "name", "kana", "address", "amount_yen", "note", "text", "sdp", "password"}
)
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
                structlog.processors.format_exc_info,
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
