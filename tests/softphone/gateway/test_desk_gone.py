"""The running gateway while its desk is away, restarts, or is an older one."""

from __future__ import annotations

import pytest

from softphone.protocol import (
    CallAnswered,
    CallEnded,
    CallNotPlaced,
    CallPlaced,
    CallTreated,
    HangUp,
)
from tests.softphone.gateway.world import (
    NUMBER,
    World,
    hear_each_other,
)
from tests.softphone.gateway_process import place_call
from tests.waiting import await_until

pytestmark = pytest.mark.processes


async def test_with_no_desk_an_answered_call_is_treated_and_reported_later(
    world: World,
) -> None:
    call = await world.place(bridge_within_s=0.5)
    await world.desk.event(CallPlaced)
    await world.desk.stop()
    await call.answer(hz=None)
    await await_until(lambda: call.customer.level_dbfs() > -40, what="the recording")
    await await_until(lambda: call.ended == "bye")
    await world.desk.start()
    ended = await world.desk.event(CallEnded)
    assert ended.abandoned
    assert world.desk.events(CallAnswered) and world.desk.events(CallTreated)
    assert world.desk.gaps == []


async def test_a_talk_goes_on_while_the_desk_restarts(world: World) -> None:
    browser = await world.browser()
    call = await world.talk()
    await world.desk.stop()
    world.desk.epoch += 1
    await hear_each_other(browser, call)
    await world.desk.start()
    snapshot = await world.desk.linked()
    assert [(each.call_id, each.seat_id) for each in snapshot.calls] == [("c1", "s1")]
    await hear_each_other(browser, call)
    await world.desk.send(HangUp("c1", "operator"))
    await world.desk.event(CallEnded)


async def test_events_are_neither_lost_nor_doubled_while_the_link_breaks(world: World) -> None:
    orders = 12
    for n in range(orders):
        command = place_call(f"c{n}", f"+8190000000{n:02}", desk=world.desk, ring_limit_s=0.3)
        reply = await world.desk.send(command)
        assert reply.refusal is None
        if n % 3 == 2:
            await world.desk.cut()
            await world.desk.linked()

    def over() -> list[str]:
        """The calls that had their last word; a burst above the trunk's pace is not placed."""
        ended = [event.call_id for event in world.desk.events(CallEnded)]
        return sorted(ended + [event.call_id for event in world.desk.events(CallNotPlaced)])

    await await_until(lambda: len(over()) == orders, what="all ends")
    boot_id = world.desk.hellos[-1].boot_id
    seqs = [each.seq for each in world.desk.stored if each.boot_id == boot_id]
    assert seqs == list(range(1, len(seqs) + 1))
    assert world.desk.gaps == []
    assert over() == sorted(f"c{n}" for n in range(orders))
    assert len(world.desk.hellos) == 1 + orders // 3


async def test_an_older_desk_is_refused_also_by_a_restarted_gateway(world: World) -> None:
    world.desk.epoch = 7
    await world.desk.cut()
    await world.desk.linked()
    stale = place_call("c1", NUMBER, desk=world.desk)
    reply = await world.desk.send(stale, epoch=6)
    assert reply.refusal is not None and reply.refusal.error_id == "stale_epoch"
    world.gateway.kill()
    world.gateway.start()
    await await_until(lambda: len(world.desk.hellos) == 3)
    await world.desk.linked()
    assert world.desk.hellos[-1].newest_epoch == 7
    reply = await world.desk.send(stale, epoch=6)
    assert reply.refusal is not None and reply.refusal.error_id == "stale_epoch"
    assert world.carrier.calls == []
