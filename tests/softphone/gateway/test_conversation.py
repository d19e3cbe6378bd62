"""Supervision, a third number and a transfer through the wire: who hears whom."""

from __future__ import annotations

import pytest

from softphone.protocol import (
    AddParty,
    CallBridged,
    CallEnded,
    EndedBy,
    PartyChanged,
    PartyMode,
    SetParties,
    StopSupervising,
    Supervise,
    SupervisionChanged,
    SupervisionMode,
)
from tests.fakes.carrier import CarrierCall
from tests.softphone.gateway.world import (
    CUSTOMER_HZ,
    OPERATOR_HZ,
    World,
    hear_each_other,
)
from tests.softphone.webrtc_client import BrowserClient, Ear
from tests.waiting import await_until

pytestmark = pytest.mark.processes

LEAD_HZ, THIRD_HZ = 1900, 2600
ALL_HZ = (OPERATOR_HZ, CUSTOMER_HZ, LEAD_HZ, THIRD_HZ)


async def hears(ear: Ear, *wanted: int) -> None:
    """Exactly these tones, as loud as they are hummed."""

    def does() -> bool:
        levels = {hz: ear.heard_dbfs(hz) for hz in ALL_HZ}
        return all(levels[hz] > -18 if hz in wanted else levels[hz] < -32 for hz in ALL_HZ)

    await await_until(does, what=f"hears exactly {wanted}")


async def lead_of(world: World) -> BrowserClient:
    lead = await world.browser("s9")
    lead.hum(LEAD_HZ)
    return lead


async def test_a_lead_goes_through_all_modes_and_takes_over(world: World) -> None:
    operator, lead = await world.browser(), await lead_of(world)
    call = await world.talk()
    await hear_each_other(operator, call)
    # That no switch makes a gap is proven where time is the test's own: test_conversation.py.
    for mode, to_operator, to_customer in (
        (SupervisionMode.LISTEN, (CUSTOMER_HZ,), (OPERATOR_HZ,)),
        (SupervisionMode.WHISPER, (CUSTOMER_HZ, LEAD_HZ), (OPERATOR_HZ,)),
        (SupervisionMode.BARGE, (CUSTOMER_HZ, LEAD_HZ), (OPERATOR_HZ, LEAD_HZ)),
    ):
        reply = await world.desk.send(Supervise("c1", "s9", mode))
        assert reply.refusal is None, reply
        await hears(lead, CUSTOMER_HZ, OPERATOR_HZ)
        await hears(operator, *to_operator)
        await hears(call.customer, *to_customer)
    await world.desk.send(StopSupervising("c1", "s9"))
    await hear_each_other(operator, call)
    await world.desk.send(Supervise("c1", "s9", SupervisionMode.TAKE_OVER))
    await world.desk.event(CallBridged, call_id="c1", seat_id="s9")
    await hears(call.customer, LEAD_HZ)
    await hears(lead, CUSTOMER_HZ)
    await await_until(lambda: operator.samples().size == 0, what="the operator is out")
    modes = [event.mode for event in world.desk.events(SupervisionChanged)]
    assert modes == [*SupervisionMode][:3] + [None, SupervisionMode.TAKE_OVER]


async def test_a_lead_whose_browser_is_killed_leaves_the_call_as_it_was(world: World) -> None:
    operator, lead = await world.browser(), await lead_of(world)
    call = await world.talk()
    await world.desk.send(Supervise("c1", "s9", SupervisionMode.BARGE))
    await hears(call.customer, OPERATOR_HZ, LEAD_HZ)
    await lead.close()
    await world.desk.event(SupervisionChanged, call_id="c1", mode=None)
    await hear_each_other(operator, call)
    assert not world.desk.events(CallEnded)


async def third_joins(world: World) -> CarrierCall:
    command = AddParty(
        call_id="c1",
        party_id="p1",
        trunk_id="trunk1",
        number="+81312345678",
        number_key="key of the third",
        caller_id="",
        not_after=world.desk.now(plus_s=60),
        ring_limit_s=20.0,
    )
    reply = await world.desk.send(command)
    assert reply.refusal is None, reply
    third = await world.carrier.call("0312345678")
    third.sip.ring()
    await world.desk.event(PartyChanged, state="ringing")
    await third.answer(hz=THIRD_HZ)
    await world.desk.event(PartyChanged, state="joined")
    return third


async def test_a_third_number_is_consulted_joined_and_left_with_the_customer(world: World) -> None:
    operator = await world.browser()
    call = await world.talk()
    third = await third_joins(world)
    await hears(operator, THIRD_HZ)
    await hears(third.customer, OPERATOR_HZ)
    await await_until(lambda: call.customer.level_dbfs() > -50, what="music")
    await hears(call.customer)
    await world.desk.send(SetParties("c1", PartyMode.CONFERENCE))
    await hears(operator, THIRD_HZ, CUSTOMER_HZ)
    await hears(third.customer, OPERATOR_HZ, CUSTOMER_HZ)
    await hears(call.customer, OPERATOR_HZ, THIRD_HZ)
    await world.desk.send(SetParties("c1", PartyMode.TRANSFERRED))
    await hears(call.customer, THIRD_HZ)
    await hears(third.customer, CUSTOMER_HZ)
    await await_until(lambda: operator.samples().size == 0, what="the operator is out")
    third.hang_up()
    ended = await world.desk.event(CallEnded)
    assert (ended.by, ended.cause) == (EndedBy.GATEWAY, "party_gone")
    await await_until(lambda: call.ended == "bye")


async def test_the_customer_hanging_up_ends_the_third_leg_too(world: World) -> None:
    await world.browser()
    call = await world.talk()
    third = await third_joins(world)
    call.hang_up()
    await world.desk.event(CallEnded)
    await await_until(lambda: third.ended == "bye")
