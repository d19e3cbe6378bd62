"""A desk that is about to be replaced starts no calls, and says what is still under way."""

from __future__ import annotations

import pytest

from agent_desk.desk import worker_key
from agent_desk.services.dialing.draining import LASTS_S, Draining, UnderWay, under_way
from softphone import protocol
from tests.agent_desk.small_desk import Shift, SmallDesk


def under(desk: SmallDesk) -> UnderWay:
    return under_way(desk.desk.commits.floor)


def ask(desk: SmallDesk, **told: object) -> tuple[int, dict[str, int]]:
    key = f"Bearer {worker_key(desk.config.secret_key)}"
    answer = desk.client().post("/internal/drain", json=told, headers={"Authorization": key})
    return answer.status_code, answer.get_json()


def test_a_draining_desk_calls_nobody_and_says_why_and_begins_again(shift: Shift) -> None:
    desk = shift.desk
    assert ask(desk, on=True) == (200, {"unbridged": 0, "talks": 0})
    shift.page.do("go_available")
    desk.tick(1)
    assert shift.gateway.newest(protocol.PlaceCall) is None
    assert desk.desk.commits.floor.why[desk.campaign_id].dry_reason == "desk-draining"
    assert ask(desk, on=False)[0] == 200
    desk.clock.advance(5)
    shift.alive()
    assert shift.placed()


def test_what_waits_for_a_seat_needs_the_desk_and_a_talk_does_not(shift: Shift) -> None:
    desk = shift.desk
    call_id = shift.available()
    assert under(desk) == UnderWay(unbridged=1, talks=0)
    shift.answer(call_id)
    assert under(desk) == UnderWay(unbridged=1, talks=0)
    shift.gateway.tell(protocol.CallBridged(call_id, shift.seat_id, 800))
    desk.settle()
    assert under(desk) == UnderWay(unbridged=0, talks=1)
    shift.end(call_id)
    assert under(desk) == UnderWay(unbridged=0, talks=0)


def test_it_ends_by_itself_when_nobody_asks_any_more() -> None:
    now = [0.0]
    draining = Draining(elapsed=lambda: now[0])
    assert not draining.on
    draining.begin()
    now[0] = LASTS_S - 1
    assert draining.on
    draining.begin()
    now[0] += LASTS_S - 1
    assert draining.on
    now[0] += 1
    assert not draining.on


@pytest.mark.parametrize("told", [{}, {"on": 1}, {"on": "yes"}])
def test_what_is_neither_on_nor_off_is_refused(
    small_desk: SmallDesk, told: dict[str, object]
) -> None:
    assert ask(small_desk, **told)[0] == 400
