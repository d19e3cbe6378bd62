"""How a conversation sounds: the bars, the side that is to blame, and the row at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from agent_desk.models.quality import CallQuality
from agent_desk.services.ports import LegFigures
from agent_desk.services.seat.line_quality import bars
from softphone import protocol as wire
from tests.agent_desk.small_desk import Page, Shift

FINE = LegFigures(loss=0.0, jitter_ms=3.0, rtt_ms=30.0, mos=4.35)
SEAT = wire.SeatLiveness("operator1", True, 0.5, 0.02, -30.0, 0.0, 2.0, 20.0, mos=4.35)
CALL = wire.CallQuality(
    "c1", loss=0.0, jitter_ms=2.0, rtt_ms=30.0, sent_loss=0.0, mos=4.35, noisy=False
)


@pytest.mark.parametrize(
    ("leg", "shown"),
    [
        (FINE, 5),
        (replace(FINE, mos=None), 5),
        (replace(FINE, loss=0.02), 4),
        (replace(FINE, mos=4.0), 4),
        (replace(FINE, jitter_ms=31.0), 3),
        (replace(FINE, rtt_ms=401.0), 3),
        (replace(FINE, loss=0.04, mos=3.9), 3),
        (replace(FINE, mos=3.4), 3),
        (replace(FINE, jitter_ms=50.0, rtt_ms=500.0), 2),
        (replace(FINE, loss=0.06, mos=3.6), 2),
        (replace(FINE, loss=0.12, mos=2.5), 1),
    ],
)
def test_bars_follow_the_limits(leg: LegFigures, shown: int) -> None:
    assert bars([leg] * 5) == shown


def test_nothing_measured_is_no_bar() -> None:
    assert bars([]) == 0


@pytest.mark.parametrize("bad", ["jitter_ms", "rtt_ms"])
def test_a_delay_counts_when_it_is_often_there(bad: str) -> None:
    spike = replace(FINE, **{bad: 900.0})
    assert bars([FINE, spike, FINE, spike, FINE]) == 5
    assert bars([FINE, spike, spike, spike, FINE]) == 3


def test_five_percent_of_loss_shows_within_five_samples() -> None:
    window = [FINE] * 5
    lossy = replace(FINE, loss=0.05, mos=3.82)
    shown = []
    for _ in range(5):
        window = [*window[1:], lossy]
        shown.append(bars(window))
    assert shown == sorted(shown, reverse=True)
    assert shown[2] < 5
    assert shown[-1] == 3


# --- on the pages -------------------------------------------------------------------------------


def second(shift: Shift, seat: wire.SeatLiveness = SEAT, call: wire.CallQuality = CALL) -> None:
    """A second of a talk goes by."""
    call_id = shift.desk.seat().call_id
    calls = (replace(call, call_id=call_id),) if call_id is not None else ()
    shift.gateway.live(seat, calls=calls)


def heard(shift: Shift) -> tuple[dict, dict]:
    """What the operator's page and the lead's tile say."""
    lead = shift.desk.page("lead1", "/floor").follow()
    page = shift.page.follow()["seat"]["quality"]
    return page, lead["seats"]["operator1"]["quality"]


def test_a_good_line_is_five_bars_on_both_pages(shift: Shift) -> None:
    shift.talk()
    for _ in range(5):
        second(shift)
    assert heard(shift) == ({"bars": 5, "poor": [], "noisy": [], "loud": False},) * 2


@pytest.mark.parametrize("side", ["operator", "customer"])
def test_a_bad_leg_is_named(shift: Shift, side: str) -> None:
    shift.talk()
    seat = replace(SEAT, loss=0.06, mos=3.6, noisy=True) if side == "operator" else SEAT
    call = replace(CALL, loss=0.06, mos=3.6, noisy=True) if side == "customer" else CALL
    for _ in range(5):
        second(shift, seat, call)
    assert heard(shift) == ({"bars": 2, "poor": [side], "noisy": [side], "loud": False},) * 2


def test_what_the_far_end_misses_of_us_counts_for_the_customers_leg(shift: Shift) -> None:
    shift.talk()
    for _ in range(5):
        second(shift, call=replace(CALL, sent_loss=0.2))
    assert heard(shift)[0]["poor"] == ["customer"]


def test_the_page_and_the_gateway_each_see_an_end_of_the_operators_leg(shift: Shift) -> None:
    shift.talk()
    pulse = Page(shift.desk, shift.page.who, "/pulse", sid="pulse", tab=shift.page.tab)
    pulse.connect()
    beat = {"track_live": True, "track_unmuted": True, "hidden": False, "loss": 0.01}
    for _ in range(5):
        pulse.ask("pulse", **beat, concealed=0.1, jitter_ms=4, rtt_ms=10)
        second(shift)
    assert heard(shift)[0]["poor"] == ["operator"]
    for _ in range(8):  # the page says nothing any more: its word is forgotten
        second(shift)
    assert heard(shift)[0] == {"bars": 5, "poor": [], "noisy": [], "loud": False}


def test_old_jitter_of_a_leg_that_is_silent_is_no_fault(shift: Shift) -> None:
    for _ in range(5):
        shift.gateway.live(replace(SEAT, jitter_ms=90.0, packet_age_s=40.0))
    assert heard(shift)[0]["bars"] == 5


def test_a_call_that_is_over_says_nothing_of_the_next(shift: Shift) -> None:
    call_id = shift.talk()
    for _ in range(5):
        second(shift, call=replace(CALL, loss=0.2, mos=1.5))
    shift.end(call_id)
    second(shift)
    assert heard(shift)[0]["poor"] == []


def test_a_second_measured_after_the_end_is_not_kept_for_ever(shift: Shift) -> None:
    call_id = shift.talk()
    second(shift)
    assert len(shift.desk.desk.link.quality) == 1
    shift.end(call_id)
    second(shift)  # the operator writes the result meanwhile
    assert len(shift.desk.desk.link.quality) == 0


def test_the_row_of_a_call_has_its_sums(shift: Shift) -> None:
    call_id = shift.talk()
    for _ in range(5):
        second(shift)
    for _ in range(5):
        second(shift, call=replace(CALL, loss=0.1, mos=3.15, noisy=True))
    shift.end(call_id)
    shift.desk.settle()
    with shift.desk.desk.database.read() as session:
        row = session.scalars(select(CallQuality)).one()
    assert (row.call_id, row.seconds) == (call_id, 10)
    assert row.mos_hundredths == pytest.approx(375, abs=1)
    assert row.worst_mos_hundredths == pytest.approx(315, abs=1)
    assert row.loss_permille == 50
    assert (row.poor_operator_s, row.noisy_operator_s, row.noisy_customer_s) == (0, 0, 5)
    assert 3 <= row.poor_customer_s <= 5


def talked_with(shift: Shift, *, seconds: int, call: wire.CallQuality = CALL, **beat: Any) -> Any:
    """The row of a call in which the page said `beat` every second."""
    call_id = shift.talk()
    pulse = Page(shift.desk, shift.page.who, "/pulse", sid="pulse", tab=shift.page.tab)
    pulse.connect()
    told = {"track_live": True, "track_unmuted": True, "hidden": False, "loss": 0.0, **beat}
    for _ in range(seconds):
        pulse.ask("pulse", **{"concealed": 0.0, "jitter_ms": 4, "rtt_ms": 10, **told})
        second(shift, call=call)
    shift.end(call_id)
    shift.desk.settle()
    with shift.desk.desk.database.read() as session:
        return session.scalars(select(CallQuality)).one()


def test_what_only_the_page_hears_lowers_the_opinion_too(shift: Shift) -> None:
    """A tenth of the sound was missing in the browser: no 4.4 beside a line that is poor."""
    row = talked_with(shift, seconds=6, concealed=0.1)
    assert row.poor_operator_s >= 5
    assert 290 < row.mos_hundredths < 320


@pytest.mark.parametrize(
    ("beat", "why"),
    [({"concealed": 0.1}, "loss"), ({"jitter_ms": 60}, "jitter"), ({"rtt_ms": 900}, "delay")],
)
def test_the_row_says_why_a_leg_was_poor(shift: Shift, beat: dict[str, Any], why: str) -> None:
    row = talked_with(shift, seconds=6, **beat)
    assert (row.poor_operator_why, row.poor_customer_why) == (why, None)


def test_each_side_has_its_own_reason(shift: Shift) -> None:
    late = replace(CALL, rtt_ms=900.0, mos=3.9)
    row = talked_with(shift, seconds=6, call=late, concealed=0.1)
    assert (row.poor_operator_why, row.poor_customer_why) == ("loss", "delay")


def test_a_call_nobody_talked_in_has_no_row(shift: Shift) -> None:
    call_id = shift.available()
    shift.end(call_id)
    shift.desk.settle()
    with shift.desk.desk.database.read() as session:
        assert session.scalars(select(CallQuality)).all() == []
