"""Octets that are no text, in places where the gateway takes over what the trunk wrote."""

from __future__ import annotations

import logging

import orjson
import pytest

from softphone.health.logs import JsonFormatter
from softphone.protocol import TrunkChanged, decode, encode
from softphone.sip.calls.ladder import Ladders
from softphone.sip.messages.calling_party import to_e164
from softphone.sip.messages.message import parse
from tests.softphone.sip.torture import PLAIN

SHIFT_JIS = "話中".encode("shift_jis")


def test_the_desk_can_read_an_event_whatever_the_trunk_wrote_in_it() -> None:
    """One event that cannot be sent would hold up every one after it, for ever."""
    event = TrunkChanged("t1", up=False, reason=SHIFT_JIS.decode("utf-8", "surrogateescape"))
    sent = orjson.loads(orjson.dumps(encode(event)))
    assert decode(TrunkChanged, sent).reason.endswith("?")


def test_a_call_id_that_is_no_text_has_a_ladder_like_any_other() -> None:
    kept: list[tuple[str, int]] = []
    ladders = Ladders(keep=lambda call_id, passed: kept.append((call_id, len(passed))))
    invite = PLAIN.replace(b"c1@", b"\xff\xfe@")
    ladders.received(invite, ("127.0.0.1", 5060))
    sip_call_id = parse(invite).call_id
    ladders.begin(sip_call_id, "c1")
    ladders.end(sip_call_id)
    assert kept == [("c1", 1)]


@pytest.mark.parametrize("user", ["０９０１２３４５６７８", "+81９０12345678", "09012345٦78"])
def test_digits_of_other_scripts_are_no_number(user: str) -> None:
    assert to_e164(user) == ""


def test_a_log_line_is_written_whatever_is_in_it() -> None:
    text = SHIFT_JIS.decode("utf-8", "surrogateescape")
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "no SIP: %s", (text,), None)
    record.reason = text
    line = orjson.loads(JsonFormatter().format(record))
    assert line["what"].startswith("no SIP: ") and line["reason"].endswith("?")
