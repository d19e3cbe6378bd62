"""Seats of the running gateway: device check, reload, second tab, loss."""

from __future__ import annotations

import pytest

from softphone.protocol import (
    CallEnded,
    CallTreated,
    CloseSeat,
    OpenSeat,
    Prompt,
    SeatDown,
    SeatSilent,
    TestSeat,
)
from tests.softphone.gateway.world import (
    OPERATOR_HZ,
    World,
    hear_each_other,
)
from tests.waiting import await_until

pytestmark = pytest.mark.processes


async def test_the_device_check_gives_a_tone_and_ones_own_voice(world: World) -> None:
    browser = await world.browser()
    await world.desk.send(TestSeat("s1", "tone"))
    await await_until(lambda: browser.heard_dbfs(523) > -30)
    await world.desk.send(TestSeat("s1", "echo"))
    await await_until(lambda: browser.heard_dbfs(OPERATOR_HZ) > -30)
    await world.desk.send(TestSeat("s1", "stop"))
    await await_until(lambda: browser.level_dbfs() < -60)


async def test_a_bad_offer_is_refused_by_name(world: World) -> None:
    reply = await world.desk.send(OpenSeat("s1", "v=0\r\n"))
    assert reply.refusal is not None and reply.refusal.error_id == "bad_offer"


async def test_a_page_reload_in_a_talk_goes_on_with_the_same_customer(world: World) -> None:
    browser = await world.browser()
    call = await world.talk()
    await hear_each_other(browser, call)
    await browser.close()
    await world.desk.event(SeatDown)
    await world.desk.event(SeatSilent, silent=True)
    await await_until(lambda: call.customer.level_dbfs() > -50, what="a prompt or music")
    reloaded = await world.browser()
    await world.desk.event(SeatSilent, silent=False)
    await hear_each_other(reloaded, call)
    assert call.ended is None


async def test_a_second_tab_takes_the_talk_over_without_a_pause(world: World) -> None:
    first = await world.browser()
    call = await world.talk()
    await hear_each_other(first, call)
    second = await world.browser()
    await hear_each_other(second, call)
    await await_until(lambda: first.lost is not None, what="the first tab to be let go")
    assert world.desk.events(SeatSilent) == []
    assert world.desk.events(SeatDown) == []


async def test_a_seat_that_does_not_come_back_ends_in_an_apology(world: World) -> None:
    browser = await world.browser()
    call = await world.talk()
    await browser.vanish()
    treated = await world.desk.event(CallTreated)
    assert treated.prompt is Prompt.APOLOGY
    await await_until(lambda: call.customer.level_dbfs() > -40, what="the apology")
    call.hang_up()
    ended = await world.desk.event(CallEnded)
    assert ended.seat_lost and not ended.abandoned


async def test_a_closed_seat_is_down(world: World) -> None:
    browser = await world.browser()
    await world.desk.send(CloseSeat("s1"))
    await world.desk.event(SeatDown)
    await await_until(lambda: browser.lost is not None)


async def test_liveness_shows_the_seat_and_the_line(world: World) -> None:
    await world.browser()
    await world.talk()
    live = await await_until(
        lambda: [
            each
            for each in world.desk.liveness
            if each.seats
            and each.trunks[0].lines_in_use == 1
            and each.seats[0].level_dbfs > -30
            and each.seats[0].packet_age_s < 1.0
            and each.seats[0].consent_age_s < 10.0
        ]
    )
    assert live[-1].seats[0].connected
    assert live[-1].loop_lag_ms >= 0.0
