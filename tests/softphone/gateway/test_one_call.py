"""One call through the running gateway, from the order to its end."""

from __future__ import annotations

import pytest

from softphone.protocol import (
    BlockNumbers,
    Bridge,
    CallBridged,
    CallEnded,
    CallNotPlaced,
    CallRinging,
    CallScreened,
    CallTreated,
    EndedBy,
    HangUp,
    Hold,
    Mute,
    Prompt,
    ScreeningMode,
    SeatUp,
    TrunkShare,
    Verdict,
)
from tests.softphone.gateway.world import (
    CUSTOMER_HZ,
    NUMBER,
    OPERATOR_HZ,
    World,
    hear_each_other,
)
from tests.softphone.gateway_process import place_call
from tests.waiting import await_until

pytestmark = pytest.mark.processes


async def test_a_call_is_placed_bridged_heard_both_ways_and_hung_up(world: World) -> None:
    browser = await world.browser()
    call = await world.place()
    call.sip.ring()
    await world.desk.event(CallRinging)
    await call.answer(hz=CUSTOMER_HZ)
    offered = await world.desk.event(CallScreened)
    assert offered.offered and offered.verdict is Verdict.NOT_SCREENED
    await world.desk.send(Bridge("c1", "s1", True))
    bridged = await world.desk.event(CallBridged)
    assert bridged.after_ms > 0
    await hear_each_other(browser, call)
    await world.desk.send(HangUp("c1", "operator"))
    ended = await world.desk.event(CallEnded)
    assert (ended.by, ended.answered, ended.rang) == (EndedBy.DESK, True, True)
    await await_until(lambda: call.ended == "bye")
    await await_until(lambda: browser.level_dbfs() < -60, what="silence after the call")
    assert world.desk.kinds() == [
        "TrunkChanged",
        "SeatUp",
        "CallPlaced",
        "CallRinging",
        "CallAnswered",
        "CallScreened",
        "CallBridged",
        "CallEnded",
    ]


async def test_a_customer_who_hangs_up_ends_the_call_and_the_operator_hears_it(
    world: World,
) -> None:
    browser = await world.browser()
    call = await world.talk()
    await hear_each_other(browser, call)
    call.hang_up()
    ended = await world.desk.event(CallEnded)
    assert (ended.by, ended.abandoned) == (EndedBy.CUSTOMER, False)
    await await_until(lambda: browser.heard_dbfs(740, ms=60) > -35, what="the falling tone")
    await await_until(lambda: browser.level_dbfs() < -60)


async def test_hold_plays_music_and_mute_keeps_the_operators_voice_back(world: World) -> None:
    browser = await world.browser()
    call = await world.talk()
    await hear_each_other(browser, call)
    await world.desk.send(Hold("c1", True))
    await await_until(lambda: call.customer.heard_dbfs(OPERATOR_HZ) < -40)
    await await_until(lambda: call.customer.level_dbfs() > -50, what="music")
    await world.desk.send(Hold("c1", False))
    await hear_each_other(browser, call)
    await world.desk.send(Mute("s1", True))
    await await_until(lambda: call.customer.hears_silence())
    await await_until(lambda: browser.hears_only(CUSTOMER_HZ, but_not=OPERATOR_HZ))
    await world.desk.send(Mute("s1", False))
    await hear_each_other(browser, call)


async def test_the_next_call_needs_no_new_leg(world: World) -> None:
    browser = await world.browser()
    for n in (1, 2, 3):
        call = await world.talk(f"c{n}")
        await hear_each_other(browser, call)
        call.hang_up()
        await world.desk.event(CallEnded, call_id=f"c{n}")
    assert len(world.desk.events(SeatUp)) == 1


@pytest.mark.parametrize(("code", "cause"), [(486, 17), (404, 1), (503, 34)])
async def test_a_refusal_reaches_the_desk_with_its_codes(
    world: World, code: int, cause: int
) -> None:
    call = await world.place()
    call.sip.reject(code, q850=cause)
    ended = await world.desk.event(CallEnded)
    assert (ended.by, ended.sip_code, ended.q850) == (EndedBy.TRUNK, code, cause)
    assert not ended.answered


async def test_nobody_picking_up_ends_at_the_ring_limit(world: World) -> None:
    call = await world.place(ring_limit_s=0.5)
    call.sip.ring()
    ended = await world.desk.event(CallEnded)
    assert (ended.by, ended.sip_code, ended.rang) == (EndedBy.GATEWAY, 487, True)
    assert call.ended == "cancelled"


async def test_blocking_a_number_cancels_its_ringing(world: World) -> None:
    call = await world.place()
    call.sip.ring()
    await world.desk.event(CallRinging)
    await world.desk.send(BlockNumbers((f"key of {NUMBER}",)))
    await await_until(lambda: call.ended == "cancelled")
    await world.desk.send(place_call("c2", NUMBER, desk=world.desk))
    refused = await world.desk.event(CallNotPlaced, call_id="c2")
    assert refused.refusal.error_id == "number_blocked"


async def test_a_late_order_never_reaches_the_carrier(world: World) -> None:
    await world.desk.send(place_call("c1", NUMBER, desk=world.desk, not_after_s=-1.0))
    refused = await world.desk.event(CallNotPlaced)
    assert refused.refusal.error_id == "too_late"
    assert world.carrier.calls == []


async def test_more_calls_than_lines_are_refused(world: World) -> None:
    world.desk.shares = (TrunkShare("trunk1", 2, 50.0),)
    await world.desk.cut()
    await world.desk.linked()
    for n in range(3):
        await world.desk.send(place_call(f"c{n}", f"+81900000000{n}", desk=world.desk))
    refused = await world.desk.event(CallNotPlaced)
    assert refused.refusal.error_id == "no_line"
    await await_until(lambda: len(world.carrier.calls) == 2)


async def test_a_customer_who_answers_a_silent_desk_is_told_who_called(world: World) -> None:
    call = await world.place(bridge_within_s=0.5)
    await call.answer(hz=None)
    treated = await world.desk.event(CallTreated)
    assert treated.prompt is Prompt.SAFE_HARBOUR
    assert treated.after_ms >= 500
    await await_until(lambda: call.customer.level_dbfs() > -40, what="the recording")
    call.hang_up()
    ended = await world.desk.event(CallEnded)
    assert ended.abandoned


async def test_strict_screening_lets_go_of_a_silent_line(world: World) -> None:
    call = await world.place(screening=ScreeningMode.STRICT)
    await call.answer(silent=True)
    ended = await world.desk.event(CallEnded)
    assert (ended.verdict, ended.cause, ended.abandoned) == (Verdict.SILENCE, "silence", False)
    assert not world.desk.events(CallScreened)[0].offered


async def test_watching_offers_a_silent_line_after_a_moment(world: World) -> None:
    call = await world.place(screening=ScreeningMode.WATCH)
    await call.answer(hz=None)
    screened = await world.desk.event(CallScreened)
    assert screened.offered
    call.hang_up()
    await world.desk.event(CallEnded)
