"""Logs that machines can read and that hold nothing about a person."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime

import orjson
import pytest

from softphone.health.logs import JsonFormatter, redact


@pytest.fixture
def log() -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter(lambda: datetime(2026, 4, 1, tzinfo=UTC)))
    logger = logging.Logger("softphone.test")
    logger.addHandler(handler)
    return logger, stream


def test_a_line_is_one_json_object(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("a call was not placed", extra={"call_id": "c1", "reason": "too_late"})
    assert orjson.loads(stream.getvalue()) == {
        "at": "2026-04-01T00:00:00.000Z",
        "level": "warning",
        "where": "softphone.test",
        "what": "a call was not placed",
        "call_id": "c1",
        "reason": "too_late",
    }


def test_fields_that_are_not_known_are_not_written(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, stream = log
    logger.warning("news", extra={"number": "+819012345678", "sdp": "v=0"})
    assert "90123" not in stream.getvalue()
    assert "v=0" not in stream.getvalue()


def test_an_exceptions_text_is_not_written_but_its_place_is(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, stream = log
    try:
        raise ValueError("INVITE sip:09012345678@carrier")
    except ValueError:
        logger.exception("a message could not be handled")
    line = orjson.loads(stream.getvalue())
    assert line["error"] == "ValueError"
    assert "test_logs.py" in line["places"][0]
    assert "INVITE" not in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("no route to +819012345678 today", "no route to [number] today"),
        ("090-1234-5678", "[number]"),
        ("sip:0312345678@host", "sip:[number]@host"),
        ("event 1234567 after 42", "event 1234567 after 42"),
        ("127.0.0.1:5070", "127.0.0.1:5070"),
    ],
)
def test_what_looks_like_a_phone_number_is_struck_out(text: str, safe: str) -> None:
    assert redact(text) == safe
