"""Snapshots and orders: what is placed, refused, lost, and sent to whom."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agent_desk.dialer.effects import BlockNumbers, HangUp, StopCampaign
from agent_desk.dialer.ids import CallId, CampaignId, GatewayId, SeatId
from agent_desk.models.calls import AttemptOutcome, Call
from agent_desk.services.ports import GatewayRefused, GatewayUnreachable
from softphone import protocol
from tests.agent_desk.gateway.newcomer import connected
from tests.agent_desk.small_desk import SECRET, Shift, SmallDesk, ended


def test_nothing_is_placed_before_the_snapshot(small_desk: SmallDesk) -> None:
    gateway = connected(small_desk)
    gateway.hello()
    assert small_desk.desk.link.linked == {"gw1": False}
    gateway.snapshot()
    assert small_desk.desk.link.linked == {"gw1": True}


def test_a_snapshot_waits_for_the_events_that_came_before_it(shift: Shift) -> None:
    """The call has ended in the gateway; its end is still in the outbox, and comes first."""
    gateway, desk = shift.gateway, shift.desk
    call_id = shift.talk()
    gateway.disconnect()
    last = gateway.envelope(ended(call_id))
    gateway.connect(SECRET)
    gateway.hello()

    gateway.snapshot(seats=("operator1",))
    assert desk.desk.link.linked == {"gw1": False}
    assert desk.seat().state == "talking", "not called unknown: its end is on the way"

    gateway.deliver(last)
    assert desk.desk.link.linked == {"gw1": True}
    assert desk.seat().state == "wrap_up"
    with desk.desk.database.read() as session:
        assert session.scalars(select(AttemptOutcome.outcome)).all() == ["human"]


def test_an_order_the_gateway_refuses_releases_the_attempt(each_desk: SmallDesk) -> None:
    shift = Shift.begin(each_desk)
    shift.gateway.refuse["PlaceCall"] = "no-line"
    call_id = shift.available()
    each_desk.settle()
    assert CallId(call_id) not in each_desk.desk.commits.floor.calls
    with each_desk.desk.database.read() as session:
        outcome = session.get(AttemptOutcome, call_id)
        assert outcome is not None
        assert (outcome.outcome, outcome.counts) == ("not_placed", False)


def test_an_order_nobody_answers_counts_as_placed_and_is_not_sent_again(shift: Shift) -> None:
    shift.gateway.answers = False
    call_id = shift.available()
    shift.gateway.disconnect()
    shift.desk.tick(0.2)
    assert shift.desk.call(call_id).place_asked_at is not None
    orders = [c for c in shift.gateway.commands if isinstance(c, protocol.PlaceCall)]
    assert [order.call_id for order in orders] == [call_id]


def test_a_placement_holds_all_the_gateway_needs_with_no_desk_present(shift: Shift) -> None:
    shift.available()
    order = shift.gateway.newest(protocol.PlaceCall)
    assert order.number.startswith("+8190")
    assert order.not_after > shift.desk.clock.now()
    assert order.ring_limit_s == 25.0
    assert order.screening is protocol.ScreeningMode.STRICT
    assert order.bridge_within_s == 1.9  # the recording has begun by 2.0 s (R21)
    assert order.if_not_bridged is protocol.Prompt.SAFE_HARBOUR


def test_a_lost_gateway_keeps_its_calls_and_gets_no_new_ones(shift: Shift) -> None:
    call_id = shift.talk()
    shift.gateway.disconnect()
    shift.desk.settle()
    assert shift.desk.call(call_id).state == "bridged"
    assert not shift.desk.desk.commits.floor.gateways[GatewayId("gw1")].linked
    with pytest.raises(GatewayUnreachable):
        shift.desk.desk.link.open_seat(SeatId("operator1"), "v=0")


def test_a_restarted_gateway_has_lost_its_calls(shift: Shift) -> None:
    call_id = shift.talk()
    shift.gateway.disconnect()
    again = shift.desk.gateway(boot_id="boot2")
    assert again.newest_epoch == 0
    shift.desk.settle()
    assert shift.desk.seat().state == "wrap_up"
    with shift.desk.desk.database.read() as session:
        assert session.scalars(select(AttemptOutcome.outcome)).all() == ["system_failure"]
        assert session.get(Call, call_id) is not None


def test_a_socket_that_was_replaced_does_not_take_the_link_down_with_it(
    small_desk: SmallDesk,
) -> None:
    old = small_desk.gateway()
    new = small_desk.gateway()
    old.disconnect()
    small_desk.settle()
    assert small_desk.desk.link.linked == {"gw1": True}
    assert small_desk.desk.commits.floor.gateways[GatewayId("gw1")].linked
    assert new.tell(protocol.SeatUp("operator1")) == 1


def test_effects_reach_the_gateway_they_name_or_all_of_them(small_desk: SmallDesk) -> None:
    first, second = small_desk.gateway("gw1"), small_desk.gateway("gw2")
    first.commands.clear()
    second.commands.clear()
    link = small_desk.desk.link
    link.perform(HangUp(CallId("c"), GatewayId("gw2"), "operator"))
    link.perform(BlockNumbers(("k",)))
    link.perform(StopCampaign(CampaignId(1)))
    link.perform(HangUp(CallId("c"), GatewayId("gone"), "operator"))
    assert [type(c).__name__ for c in first.commands] == ["BlockNumbers", "StopCampaign"]
    assert [type(c).__name__ for c in second.commands] == ["HangUp", "BlockNumbers", "StopCampaign"]


def test_the_leg_is_made_in_the_gateway_with_the_fewest_seats(small_desk: SmallDesk) -> None:
    first, second = small_desk.gateway("gw1"), small_desk.gateway("gw2")
    for name, gateway in (("operator1", first), ("operator2", second)):
        page = small_desk.page(name)
        answer = page.do("media_offer", sdp="v=0")
        assert answer["answer_sdp"] == "v=0 answer"
        gateway.tell(protocol.SeatUp(name))
        small_desk.settle()
        assert small_desk.seat(name).gateway_id == gateway.gateway_id
        assert gateway.newest(protocol.OpenSeat).seat_id == name


def test_a_refused_leg_is_a_named_error(small_desk: SmallDesk) -> None:
    gateway = small_desk.gateway()
    gateway.refuse["OpenSeat"] = "bad-offer"
    page = small_desk.page("operator1")
    assert page.refused("media_offer", sdp="v=0") == "bad-offer"
    with pytest.raises(GatewayRefused):
        small_desk.desk.link.open_seat(SeatId("operator1"), "v=0")
    assert page.refused("device_test", kind="whistle") == "bad-payload"
