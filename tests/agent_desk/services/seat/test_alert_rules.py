"""Which alerts stand at an instant, to the second, and when a look is needed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from agent_desk.dialer.floor import Call, CallState, Seat, SeatState
from agent_desk.services.seat.alert_rules import (
    DEFAULTS,
    Beside,
    Limit,
    next_change,
    spans,
)
from tests import builders
from tests.fakes.clock import NOON


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def seat_in(state: SeatState, **fields: Any) -> Seat:
    """In a state since noon, and heard of an hour later, so that its link is no subject."""
    link = replace(builders.working_link(NOON), pulse_at=after(3600))
    return builders.seat(state=state, since=NOON, link=link, **fields)


def bridged(**fields: Any) -> Call:
    return replace(builders.call(), state=CallState.BRIDGED, bridged_at=NOON, **fields)


def kinds(seat: Seat, at: float, call: Call | None = None, **more: Any) -> set[str]:
    found = spans(seat, call, more.pop("limits", DEFAULTS), Beside(**more))
    return {each.kind for each in found if each.stands(after(at))}


@pytest.mark.parametrize(
    ("state", "seconds"),
    [
        ("starting", 300),
        ("available", 300),
        ("talking", 300),
        ("hold", 180),
        ("wrap_up", 180),
        ("away", 900),
    ],
)
def test_the_second_threshold_of_a_state_is_an_alert_at_that_instant(
    state: str, seconds: int
) -> None:
    seat = seat_in(SeatState(state))
    assert kinds(seat, seconds - 0.001) == set()
    assert kinds(seat, seconds) == {"state"}


def test_the_first_threshold_is_none() -> None:
    limits = {"away": Limit(1, 3000)}
    assert kinds(seat_in(SeatState.AWAY), 2999, limits=limits) == set()


def test_a_talk_is_counted_whole_through_its_holds() -> None:
    limits = {"call": Limit(10, 20)}
    held = replace(seat_in(SeatState.HOLD), since=after(15))
    assert kinds(held, 19.9, bridged(), limits=limits) == set()
    assert kinds(held, 20, bridged(), limits=limits) == {"call"}


@pytest.mark.parametrize("own_s", [12, 40])
def test_a_campaigns_own_limit_goes_before_the_centres(own_s: int) -> None:
    limits, talking = {"call": Limit(10, 20)}, seat_in(SeatState.TALKING)
    assert kinds(talking, own_s - 0.1, bridged(), limits=limits, talk_limit_s=own_s) == set()
    assert kinds(talking, own_s, bridged(), limits=limits, talk_limit_s=own_s) == {"call"}


def test_of_what_an_alert_is_does_not_hang_on_where_its_threshold_lies() -> None:
    seat, call = seat_in(SeatState.TALKING), bridged()
    wide, narrow = ({"talking": Limit(1, n), "call": Limit(1, n)} for n in (500, 50))
    named = [[(each.kind, each.of) for each in spans(seat, call, it)] for it in (wide, narrow)]
    assert named[0] == named[1]


@pytest.mark.parametrize(
    ("seat", "call"),
    [
        (seat_in(SeatState.TALKING), replace(bridged(), state=CallState.ENDED)),
        (seat_in(SeatState.WRAP_UP), bridged()),  # a lead has it
        (seat_in(SeatState.TALKING), None),
        (seat_in(SeatState.TALKING), replace(bridged(), bridged_at=None)),
    ],
)
def test_where_nobody_talks_no_limit_is_passed(seat: Seat, call: Call | None) -> None:
    assert kinds(seat, 99, call, limits={"call": Limit(10, 20)}) == set()


def test_hands_poor_lines_and_results_nobody_saved_stand_from_their_instant() -> None:
    seat = seat_in(SeatState.TALKING)
    assert kinds(seat, 5, hand_at=after(6)) == set()
    assert kinds(seat, 6, hand_at=after(6), poor_at=after(3)) == {"hand", "audio"}
    assert kinds(seat_in(SeatState.AWAY, reason="break"), 1) == set()
    assert kinds(seat_in(SeatState.AWAY, reason="wrap_up_expired"), 0) == {"unrecorded"}


def test_a_page_is_late_by_the_rhythm_of_its_state_and_then_lost() -> None:
    for state, fresh in ((SeatState.AVAILABLE, 3), (SeatState.TALKING, 12)):
        link = builders.working_link(NOON)
        seat = replace(seat_in(state), link=link)
        assert kinds(seat, fresh - 0.1) == set()
        assert kinds(seat, fresh) == kinds(seat, 29.9) == {"link_stale"}
        assert kinds(seat, 30) == {"link_lost"}


def test_the_next_look_is_at_the_first_beginning_or_end_to_come() -> None:
    seat = replace(seat_in(SeatState.AVAILABLE), link=builders.working_link(NOON))
    known = list(spans(seat, None, DEFAULTS))
    instants, now = [], NOON
    while (when := next_change(known, now)) is not None:
        instants.append((when - NOON).total_seconds())
        now = when
    assert instants == [3, 30, 300]
