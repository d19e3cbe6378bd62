"""What leads order for seats: after the call, never into it, and one order a seat."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent_desk.dialer import commands, effects, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import ResultRecorded, SeatOrdered, SeatOrderEnded, WrapUpFinished
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId, CampaignId, SeatId
from agent_desk.dialer.seat_order import SeatOrder
from tests.agent_desk.dialer.floors import CAMPAIGN, A, World, campaign

LEAD, OTHER_LEAD = SeatId("lead1"), SeatId("lead2")
SECOND = CampaignId(2)


def order(world: World, what: Any, *, now: bool = False, by: SeatId = LEAD, **more: Any) -> None:
    number = len(world.happened(SeatOrdered)) + 1
    made = SeatOrder(f"order-{number}", what, by, world.now, **more)
    world.run(commands.OrderSeat(A, made, now))


def ends(world: World) -> list[tuple[str, str]]:
    return [(each.order.order_id, each.how) for each in world.happened(SeatOrderEnded)]


def save(world: World, number: int = 1) -> None:
    world.run(commands.SaveResult(A, CallId(f"call-{number}"), ""))


@pytest.fixture
def world() -> World:
    made = World()
    made.ready(A)
    return made


@pytest.mark.parametrize(
    ("what", "more", "state"),
    [
        ("away", {"reason": "meeting"}, SeatState.AWAY),
        ("logout", {}, SeatState.OFFLINE),
        ("available", {}, SeatState.AVAILABLE),
    ],
)
def test_an_order_waits_for_call_and_wrap_up(
    world: World, what: Any, more: dict[str, Any], state: SeatState
) -> None:
    world.bridge()
    order(world, what, **more)
    assert world.state() is SeatState.TALKING
    assert not world.done(effects.HangUp)
    world.end()
    assert world.state() is SeatState.WRAP_UP
    assert ends(world) == []
    save(world)
    assert world.state() is state
    assert ends(world) == [("order-1", "done")]


def test_where_no_call_is_in_hand_it_is_carried_out_at_once(world: World) -> None:
    order(world, "away", reason="meeting")
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "meeting")
    assert world.seat().order is not None
    assert world.seat().order.done
    world.run(commands.GoAvailable(A))
    assert world.seat().order is None  # the seat is elsewhere for another reason


@pytest.mark.parametrize("point", ["reserved", "talking", "hold", "wrap_up"])
def test_now_never_cuts_a_call(world: World, point: str) -> None:
    world.lease(1)
    world.offer(1)
    if point != "reserved":
        world.run(gateway_facts.CallBridged(CallId("call-1"), A, world.now))
    if point == "hold":
        world.run(commands.SetHold(A, True))
    if point == "wrap_up":
        world.end()
    before = world.floor
    assert world.state() == point
    with pytest.raises(Refused) as refused:
        order(world, "logout", now=True)
    wanted = ErrorId.RESULT_MISSING if point == "wrap_up" else ErrorId.CALL_ON_SEAT
    assert refused.value.error_id is wanted
    assert world.floor is before


def test_away_ordered_while_reserved_follows_the_reservation_when_nobody_is_there(
    world: World,
) -> None:
    world.lease(1)
    world.offer(1)
    order(world, "away", reason="meeting")
    assert world.state() is SeatState.RESERVED
    world.end(abandoned=True)
    assert world.state() is SeatState.AWAY


def test_a_call_just_bridged_goes_on_and_the_next_waiting_customer_is_not_offered(
    world: World,
) -> None:
    world.lease(1, 2)
    world.offer(1)
    order(world, "away", reason="meeting")  # crosses the bridge on its way
    world.run(gateway_facts.CallBridged(CallId("call-1"), A, world.now))
    assert world.state() is SeatState.TALKING
    world.offer(2)  # waits for the only seat
    world.end()
    save(world)
    assert world.state() is SeatState.AWAY
    assert world.call(2).seat_id is None


def test_of_two_leads_the_later_holds_and_both_are_written(world: World) -> None:
    world.bridge()
    order(world, "logout")
    order(world, "away", by=OTHER_LEAD, reason="training")
    assert ends(world) == [("order-1", "replaced")]
    assert world.happened(SeatOrderEnded)[0].by == OTHER_LEAD
    world.end()
    save(world)
    assert (world.state(), world.seat().reason) == (SeatState.AWAY, "training")
    assert ends(world) == [("order-1", "replaced"), ("order-2", "done")]


def test_what_waits_can_be_taken_back_and_what_is_done_cannot(world: World) -> None:
    with pytest.raises(Refused) as refused:
        world.run(commands.CancelOrder(A, LEAD))
    assert refused.value.error_id is ErrorId.NOTHING_ORDERED
    world.bridge()
    order(world, "logout")
    world.run(commands.CancelOrder(A, LEAD))
    assert ends(world) == [("order-1", "cancelled")]
    world.end()
    save(world)
    assert world.state() is SeatState.AVAILABLE
    order(world, "away", reason="other")
    with pytest.raises(Refused):
        world.run(commands.CancelOrder(A, LEAD))


def test_nobody_is_made_available_who_would_not_be_heard(world: World) -> None:
    world.bridge()
    world.run(commands.GoAway(A, "break"))
    order(world, "available")
    world.end()
    world.wait(60)
    save(world)
    assert world.state() is SeatState.AWAY
    assert ends(world) == [("order-1", "failed")]
    assert world.done(effects.TellLeads)[-1].message_id == "order-failed"


def test_an_operator_who_logs_out_ends_what_was_ordered(world: World) -> None:
    world.bridge()
    order(world, "away", reason="break")
    world.end()
    world.run(commands.CloseSeat(A, "logout"))
    assert world.state() is SeatState.OFFLINE
    assert ends(world) == [("order-1", "closed")]


@pytest.mark.parametrize("policy", ["available", "away"])
def test_a_finished_wrap_up_keeps_the_draft_and_follows_the_policy(policy: str) -> None:
    world = World(after_wrap_up=policy)
    world.ready(A)
    with pytest.raises(Refused) as refused:
        world.run(commands.FinishWrapUp(A, LEAD))
    assert refused.value.error_id is ErrorId.NOT_IN_WRAP_UP
    world.bridge()
    world.run(commands.MarkStatus(A, CallId("call-1"), "contact", True))
    world.end()
    world.wait(1)
    world.run(commands.FinishWrapUp(A, LEAD, "席を離れたまま"))
    assert world.state() == policy
    [result] = world.happened(ResultRecorded)
    assert (result.recorded, result.codes, result.note) == (False, ("contact",), None)
    [finished] = world.happened(WrapUpFinished)
    assert (finished.by, finished.note, finished.at) == (LEAD, "席を離れたまま", world.now)
    with pytest.raises(Refused):
        world.run(commands.FinishWrapUp(A, OTHER_LEAD))  # a second lead comes too late


def test_a_reassigned_seat_works_there_after_its_call_and_reloads_into_it() -> None:
    world = World()
    world.serves = frozenset({CAMPAIGN, SECOND})
    world.run(commands.ConfigureCampaign(replace(campaign(), campaign_id=SECOND)))
    world.ready(A)
    world.bridge()
    order(world, "work_on", campaigns=(SECOND,))
    assert world.seat().campaign_id == CAMPAIGN
    world.end()
    save(world)
    seat = world.seat()
    assert (seat.campaign_id, seat.serves) == (SECOND, frozenset({SECOND}))
    world.open(A)
    world.run(commands.Serve(A, world.serves))
    assert world.seat().serves == frozenset({SECOND})
    world.run(commands.Serve(A, frozenset({CAMPAIGN})))  # the team does not work for it any more
    assert world.seat().serves == frozenset({CAMPAIGN})


def test_nobody_is_sent_to_a_campaign_that_is_not_there(world: World) -> None:
    with pytest.raises(Refused) as refused:
        order(world, "work_on", campaigns=(CampaignId(9),))
    assert refused.value.error_id is ErrorId.CAMPAIGN_UNKNOWN
