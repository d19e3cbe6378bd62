"""How many calls to start, and the reason a lead reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_desk.dialer.events import CallPromptPlayed
from agent_desk.dialer.floor import Answers, CallState, SeatState
from agent_desk.dialer.ids import CallId, SeatId
from agent_desk.dialer.pacing import (
    Decision,
    LineView,
    PacingSnapshot,
    PreviewPacer,
    ProgressivePacer,
    RatioPacer,
    SeatView,
    pacer_for,
)
from agent_desk.dialer.why_codes import WhyCode
from tests.agent_desk.dialer.floors import CAMPAIGN, A, B, instant

NOW = instant(0)
TALK = SeatState.TALKING


def seats(count: int, phase: SeatState = SeatState.AVAILABLE, *, ready: bool = True) -> Any:
    return tuple(
        SeatView(SeatId(f"{phase}-{number}"), phase, NOW, ready and phase is SeatState.AVAILABLE)
        for number in range(count)
    )


def lines(count: int, phase: CallState = CallState.RINGING, **facts: Any) -> Any:
    plain: dict[str, Any] = {"since": NOW, "rang_since": NOW, "answered_at": None, "seat_id": None}
    return tuple(
        LineView(CallId(f"{phase}-{number}"), phase, **{**plain, **facts})
        for number in range(count)
    )


def view(**facts: Any) -> PacingSnapshot:
    plain = PacingSnapshot(
        campaign_id=CAMPAIGN,
        mode="progressive",
        ratio=1.0,
        running="running",
        abandon_target=0.01,
        answers=Answers(),
        seats=seats(4),
        lines=(),
        leasing=0,
        gateways_linked=1,
        trunks_up=1,
        lines_room=100,
        calls_now=100,
        calls_per_second=10.0,
    )
    return replace(plain, **facts)


def progressive(**facts: Any) -> Decision:
    return ProgressivePacer().decide(view(**facts), NOW)


def ratio(lines_per_seat: float, **facts: Any) -> Decision:
    return RatioPacer(lines_per_seat).decide(view(**facts), NOW)


def test_progressive_is_one_line_per_idle_ready_seat() -> None:
    assert progressive() == Decision(4, WhyCode.NOTHING, expected_free=4.0)


def test_lines_in_flight_serve_seats_already() -> None:
    mixed = lines(1, CallState.LEASED) + lines(1, CallState.PLACED) + lines(1, CallState.WAITING)
    assert progressive(lines=mixed).count == 1
    assert progressive(lines=mixed, leasing=1).reason is WhyCode.ENOUGH_LINES


def test_lines_with_an_operator_or_at_their_end_serve_nobody_else() -> None:
    others = (
        lines(3, CallState.BRIDGED, seat_id=A)
        + lines(1, CallState.WAITING, seat_id=B)
        + lines(2, CallState.WAITING, ending=True)
    )
    assert progressive(lines=others).count == 4


@pytest.mark.parametrize(
    ("lines_per_seat", "idle", "count"),
    [(1.0, 4, 4), (1.5, 1, 2), (1.4, 1, 1), (2.5, 3, 8), (3.0, 4, 12), (5.0, 2, 10)],
)
def test_a_ratio_is_lines_per_idle_seat_rounded_half_up(
    lines_per_seat: float, idle: int, count: int
) -> None:
    others = seats(3, SeatState.TALKING)
    assert ratio(lines_per_seat, seats=seats(idle) + others).count == count


def test_seats_that_talk_are_not_dialed_for() -> None:
    others = seats(1) + seats(5, SeatState.TALKING) + seats(3, SeatState.WRAP_UP)
    assert ratio(3.0, seats=others).count == 3


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"answers": Answers(live_24h=100, abandoned_24h=3)}, WhyCode.BUDGET_SPENT),
        ({"answers": Answers(live_24h=5, abandoned_24h=1)}, WhyCode.BUDGET_SPENT),
        ({"seats": seats(2) + seats(4, SeatState.AWAY)}, WhyCode.FEW_SEATS),
        ({"safe_harbour": False}, WhyCode.NO_SAFE_HARBOUR),
    ],
)
def test_a_ratio_is_one_line_per_idle_seat_while_nobody_may_be_dialed_ahead(
    facts: Any, reason: WhyCode
) -> None:
    snapshot = view(**facts)
    idle = sum(seat.ready for seat in snapshot.seats)
    held_back = RatioPacer(3.0).decide(snapshot, NOW)
    assert (held_back.count, held_back.reason) == (idle, reason)
    assert ProgressivePacer().decide(snapshot, NOW).reason is WhyCode.NOTHING


def test_a_ratio_dials_ahead_when_it_may() -> None:
    facts = {"answers": Answers(live_24h=101, abandoned_24h=3), "seats": seats(2) + seats(1, TALK)}
    assert ratio(3.0, **facts) == Decision(6, WhyCode.NOTHING, expected_free=2.0)


def test_a_ratio_outside_its_limits_is_a_mistake() -> None:
    for lines_per_seat in (0.9, 5.1):
        with pytest.raises(ValueError, match="ratio"):
            RatioPacer(lines_per_seat)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"running": "paused"}, WhyCode.CAMPAIGN_PAUSED),
        ({"running": "draining"}, WhyCode.CAMPAIGN_DRAINING),
        ({"running": "stopped"}, WhyCode.CAMPAIGN_STOPPED),
        ({"gateways_linked": 0}, WhyCode.GATEWAY_DOWN),
        ({"trunks_up": 0}, WhyCode.TRUNK_DOWN),
        ({"seats": ()}, WhyCode.NO_SEATS),
        (
            {"nothing_until": instant(5), "nothing_reason": WhyCode.OUTSIDE_HOURS},
            WhyCode.OUTSIDE_HOURS,
        ),
    ],
)
@pytest.mark.parametrize("mode", ["preview", "progressive", "ratio", "predictive"])
def test_what_forbids_any_call_is_named(mode: Any, facts: Any, reason: WhyCode) -> None:
    snapshot = view(**{"requests": (A,), **facts})
    assert pacer_for(mode, 2.0).decide(snapshot, NOW) == Decision(0, reason)


def test_a_list_that_had_nobody_is_asked_again_in_time() -> None:
    facts = {"nothing_until": instant(5), "nothing_reason": WhyCode.NO_DIALABLE}
    assert ProgressivePacer().decide(view(**facts), instant(5)).count == 4


@pytest.mark.parametrize("pacer", [ProgressivePacer(), RatioPacer(3.0)])
def test_seats_that_are_all_busy_or_not_ready_are_named(pacer: Any) -> None:
    busy = view(seats=seats(3, SeatState.TALKING) + seats(1, SeatState.AWAY))
    assert pacer.decide(busy, NOW) == Decision(0, WhyCode.NO_SEAT_AVAILABLE)
    unready = view(seats=seats(1, ready=False) + seats(2, SeatState.TALKING))
    assert pacer.decide(unready, NOW) == Decision(0, WhyCode.NO_SEAT_READY)


def counted(**facts: Any) -> tuple[int, WhyCode]:
    decision = progressive(**facts)
    return decision.count, decision.reason


def test_the_trunk_and_the_rate_cut_the_wish() -> None:
    assert counted(lines_room=3) == (3, WhyCode.TRUNK_FULL)
    assert counted(calls_now=2) == (2, WhyCode.CALLS_PER_SECOND)
    assert counted(lines_room=3, calls_now=2) == (2, WhyCode.CALLS_PER_SECOND)
    assert counted(lines_room=-2) == (0, WhyCode.TRUNK_FULL)
    assert counted(calls_now=-1) == (0, WhyCode.CALLS_PER_SECOND)


def test_preview_serves_the_seat_that_asked_first() -> None:
    pacer = PreviewPacer()
    assert pacer.decide(view(requests=(B, A)), NOW) == Decision(1, WhyCode.NOTHING, B)
    assert pacer.decide(view(), NOW) == Decision(0, WhyCode.AWAITING_OPERATOR)
    away = view(seats=seats(1, SeatState.AWAY))
    assert pacer.decide(away, NOW) == Decision(0, WhyCode.NO_SEAT_AVAILABLE)


def test_each_mode_has_its_pacer() -> None:
    assert isinstance(pacer_for("preview", 1.0), PreviewPacer)
    assert isinstance(pacer_for("progressive", 3.0), ProgressivePacer)
    chosen = pacer_for("ratio", 2.5)
    assert isinstance(chosen, RatioPacer)
    assert chosen.ratio == 2.5


@pytest.mark.parametrize("pacer", [PreviewPacer(), ProgressivePacer(), RatioPacer(2.0)])
def test_what_is_observed_does_not_move_a_fixed_pacer(pacer: Any) -> None:
    before = pacer.decide(view(requests=(A,)), NOW)
    pacer.observe(CallPromptPlayed(CallId("call-1"), "safe_harbour", NOW), NOW)
    assert pacer.decide(view(requests=(A,)), NOW) == before


@given(
    idle=st.integers(0, 50),
    flying=st.integers(0, 200),
    leasing=st.integers(0, 20),
    lines_per_seat=st.floats(1.0, 5.0),
    lines_room=st.integers(-5, 100),
    calls_now=st.integers(-5, 100),
)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_no_cap_is_ever_exceeded(
    idle: int,
    flying: int,
    leasing: int,
    lines_per_seat: float,
    lines_room: int,
    calls_now: int,
) -> None:
    decision = ratio(
        lines_per_seat,
        seats=seats(idle) + seats(1, SeatState.AWAY),
        lines=lines(flying),
        leasing=leasing,
        lines_room=lines_room,
        calls_now=calls_now,
    )
    assert 0 <= decision.count <= max(0, lines_room)
    assert decision.count <= max(0, calls_now)
    if idle < 3:
        lines_per_seat = 1.0
    if decision.count:
        assert decision.count + flying + leasing <= idle * lines_per_seat + 0.5
    else:
        assert decision.reason is not WhyCode.NOTHING
