"""Session-Expires as written by many hands."""

from __future__ import annotations

import pytest

from softphone.sip.calls.session_timer import SessionInterval, agree, read_interval, read_least
from softphone.sip.messages.message import Message


@pytest.mark.parametrize(
    ("value", "interval"),
    [
        ("1800;refresher=uac", SessionInterval(1800, "uac")),
        ("90 ; Refresher=UAS", SessionInterval(90, "uas")),
        ("90;refresher=nobody", SessionInterval(90, None)),
        ("90", SessionInterval(90, None)),
        ("0", None),
        ("soon", None),
        ("", None),
    ],
)
def test_intervals_are_read(value, interval):
    message = Message(code=200, reason="OK")
    if value:
        message.set("session-expires", value)
    assert read_interval(message) == interval


def test_the_waiting_side_gives_up_before_the_refreshing_one():
    interval = SessionInterval(1800, "uas")
    assert interval.refresh_after() == 900
    assert interval.expires_after(ours=True) == 1800
    assert interval.expires_after(ours=False) == 1768
    assert SessionInterval(90, "uas").expires_after(ours=False) == 60


def test_the_least_interval_of_a_422():
    message = Message(code=422, reason="Session Interval Too Small")
    assert read_least(message) is None
    message.set("min-se", "120;generic=1")
    assert read_least(message) == 120


@pytest.mark.parametrize(
    ("expires", "supported", "agreed", "required"),
    [
        ("1800", "timer, 100rel", "1800;refresher=uac", True),
        ("1800;refresher=uas", "timer", "1800;refresher=uas", True),
        ("90;refresher=uac", "", "90;refresher=uac", True),
        ("1800", "100rel", "1800;refresher=uas", False),
    ],
)
def test_whoever_knows_timers_refreshes(expires, supported, agreed, required):
    request = Message("INVITE", "sip:us@198.51.100.7")
    request.set("session-expires", expires)
    request.set("supported", supported)
    interval, headers = agree(request)
    assert headers["session-expires"] == interval.header == agreed
    assert ("require" in headers) is required
