"""What must not be called is not called, whatever was decided a moment ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from softphone.protocol import PlaceCall, Prompt, ScreeningMode
from softphone.routing.send_gate import SendGate

NOW = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
CALL = PlaceCall(
    call_id="c1",
    trunk_id="t1",
    campaign_id=3,
    number="+819000000001",
    number_key="key1",
    caller_id="0312345678",
    not_after=NOW,
    ring_limit_s=25.0,
    screening=ScreeningMode.OFF,
    bridge_within_s=2.0,
    if_not_bridged=Prompt.SAFE_HARBOUR,
)


def error_id(gate: SendGate, *, now: datetime = NOW, call: PlaceCall = CALL) -> str | None:
    refusal = gate.refusal(call, now)
    return refusal.error_id if refusal else None


def test_a_call_may_leave_up_to_its_last_instant_and_not_after() -> None:
    gate = SendGate()
    assert error_id(gate) is None
    assert error_id(gate, now=NOW + timedelta(milliseconds=1)) == "too_late"


def test_a_blocked_number_is_refused_until_it_is_unblocked() -> None:
    gate = SendGate()
    gate.block(("key1", "key2"))
    assert error_id(gate) == "number_blocked"
    assert error_id(gate, call=replace(CALL, number_key="key3")) is None
    gate.unblock(("key1",))
    assert error_id(gate) is None


def test_a_stopped_campaign_is_refused_until_it_is_resumed() -> None:
    gate = SendGate()
    gate.stop(3)
    assert error_id(gate) == "campaign_stopped"
    assert error_id(gate, call=replace(CALL, campaign_id=4)) is None
    gate.resume(3)
    assert error_id(gate) is None


@pytest.mark.parametrize("known_before", [True, False])
def test_a_welcome_replaces_what_was_known(*, known_before: bool) -> None:
    gate = SendGate()
    if known_before:
        gate.block(("key1",))
        gate.stop(3)
        gate.replace(blocked=(), stopped=())
        assert error_id(gate) is None
    else:
        gate.replace(blocked=("key1",), stopped=())
        assert error_id(gate) == "number_blocked"
        gate.replace(blocked=(), stopped=(3,))
        assert error_id(gate) == "campaign_stopped"
