"""A57: a raised voice is a flag on the leads' board, and nothing but a flag."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone import protocol as wire
from tests.agent_desk.small_desk import Page, Shift

LEVEL = wire.SeatLiveness("operator1", True, 0.5, 0.02, -30.0, 0.0, 2.0, 20.0, mos=4.35)
LOUD, SPEECH = -8.0, -24.0


def seconds(shift: Shift, *levels: float) -> None:
    for level in levels:
        shift.gateway.live(replace(LEVEL, level_dbfs=level))
        shift.desk.tick(1.0)


def flagged(lead: Page) -> bool:
    lead.desk.desk.publisher.mark_floor()
    return bool(lead.follow()["seats"]["operator1"]["quality"]["loud"])


def test_a57_a_voice_above_the_threshold_for_over_a_second_is_flagged_on_the_board(
    shift: Shift,
) -> None:
    lead = shift.desk.page("lead1", "/floor")
    call_id = shift.talk()
    seconds(shift, SPEECH, LOUD, SPEECH, LOUD)
    assert not flagged(lead), "single seconds"
    seconds(shift, LOUD)
    assert flagged(lead)
    seconds(shift, SPEECH, SPEECH)
    assert flagged(lead), "until the call is off the seat"
    assert shift.desk.seat().state == "talking", "a flag only"
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="", counterpart="unknown")
    seconds(shift, SPEECH)
    assert not flagged(lead)


@pytest.mark.parametrize("muted", [True, False])
def test_a57_only_what_the_customer_hears_counts(shift: Shift, muted: bool) -> None:
    lead = shift.desk.page("lead1", "/floor")
    shift.talk()
    shift.page.do("mute", on=muted)
    seconds(shift, LOUD, LOUD)
    assert flagged(lead) is not muted


def test_a57_between_calls_nobody_is_loud(shift: Shift) -> None:
    lead = shift.desk.page("lead1", "/floor")
    seconds(shift, LOUD, LOUD, LOUD)
    assert not flagged(lead)
