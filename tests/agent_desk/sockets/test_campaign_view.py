"""A campaign's panel: who waits after the answer and until when, and who is there for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from agent_desk.dialer.floor import CallState, SeatState
from agent_desk.dialer.ids import CampaignId, SeatId
from agent_desk.services.campaigns.census import NOBODY, Census, Crowd
from agent_desk.sockets.campaign_view import QUEUE_SHOWN, queue_view
from tests.builders import call, campaign, floor_of, seat
from tests.fakes.clock import NOON

LATER = NOON + timedelta(seconds=1)


def test_who_waits_is_told_with_the_instant_the_recording_begins() -> None:
    offered = call(
        "b" * 32,
        state=CallState.WAITING,
        answered_at=NOON,
        greeting_end_at=LATER,
        offered_at=LATER,
    )
    crowd = Crowd(calls=(offered,))
    [waits] = queue_view(campaign(bridge_within_s=2.0), crowd)
    assert waits == {
        "since": "2026-11-24T03:00:00.000Z",
        "until": "2026-11-24T03:00:02.900Z",
        "phase": "waiting",
    }


def test_a_call_keeps_the_patience_it_left_with() -> None:
    before = campaign(bridge_within_s=8.0)
    waiting = call(
        state=CallState.WAITING, answered_at=NOON, greeting_end_at=NOON, leased_under=before
    )
    [waits] = queue_view(campaign(bridge_within_s=2.0), Crowd(calls=(waiting,)))
    assert waits["until"] == "2026-11-24T03:00:07.900Z"


def test_the_queue_is_by_the_answer_and_says_who_has_no_deadline() -> None:
    joining = call("j" * 32, state=CallState.WAITING, answered_at=NOON, seat_id=SeatId("operator1"))
    screened = call("s" * 32, state=CallState.SCREENING, answered_at=NOON + timedelta(seconds=2))
    came_in = call("i" * 32, state=CallState.WAITING, answered_at=LATER, inbound=True)
    others = [call("r" * 32, state=CallState.RINGING), call("t" * 32, state=CallState.BRIDGED)]
    queue = queue_view(campaign(), Crowd(calls=(screened, came_in, joining, *others)))
    assert [(each["phase"], each["until"] is None) for each in queue] == [
        ("joining", False),
        ("inbound", True),
        ("screening", True),
    ]


def test_a_long_queue_is_cut_and_nobody_is_no_queue() -> None:
    many = [
        call(f"{n:032}", state=CallState.WAITING, answered_at=NOON, offered_at=NOON)
        for n in range(QUEUE_SHOWN + 5)
    ]
    assert len(queue_view(campaign(), Crowd(calls=tuple(many)))) == QUEUE_SHOWN
    assert queue_view(campaign(), NOBODY) == []


def test_a_seat_between_two_calls_is_there_for_all_it_serves() -> None:
    one, two = CampaignId(1), CampaignId(2)
    both = frozenset({one, two})
    floor = floor_of(
        seats=[
            seat("a", serves=both),
            seat("b", serves=both, state=SeatState.TALKING, campaign_id=two),
            seat("c", state=SeatState.AWAY),
        ],
        calls=[call("x" * 32), call("y" * 32, campaign_id=two)],
    )
    census = Census()
    assert census.of(floor, one).seats == {"available": 1, "away": 1}
    assert census.of(floor, two).seats == {"available": 1, "talking": 1}
    assert [each.call_id for each in census.of(floor, two).calls] == ["y" * 32]
    assert census.of(floor, CampaignId(9)) is NOBODY


def test_campaigns_on_the_same_seats_are_told_while_they_run() -> None:
    one, two, three = CampaignId(1), CampaignId(2), CampaignId(3)
    floor = floor_of(
        seats=[seat("a", serves=frozenset({one, two, three})), seat("b")],
        campaigns=[campaign(1), campaign(2), campaign(3, running="paused")],
    )
    census = Census()
    assert [census.beside(floor, each) for each in (one, two, three)] == [[two], [one], [one, two]]


def test_another_floor_is_counted_anew() -> None:
    floor, census = floor_of(seats=[seat("a")]), Census()
    assert census.of(floor, CampaignId(1)).seats == {"available": 1}
    away = replace(floor.seats[SeatId("a")], state=SeatState.AWAY)
    assert census.of(floor_of(seats=[away]), CampaignId(1)).seats == {"away": 1}
    assert census.of(floor, CampaignId(1)).seats == {"available": 1}
