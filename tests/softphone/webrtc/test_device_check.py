"""Test tone, echo and level, as the device check uses them."""

from __future__ import annotations

from softphone.audio.ticker import Ticker
from softphone.webrtc.device_check import DeviceCheck
from tests.softphone.webrtc.test_leg import Seat
from tests.waiting import await_until


async def test_the_operator_hears_the_test_tone() -> None:
    seat = await Seat().open()
    check = DeviceCheck(seat.leg, Ticker())
    check.play_tone()
    for hz in (523, 659, 784):
        await await_until(lambda hz=hz: seat.browser.heard_dbfs(hz) > -30)  # type: ignore[misc]
    await await_until(lambda: seat.browser.samples().size == 0, what="the tone ends by itself")
    await seat.close()


async def test_the_operators_own_voice_comes_back_and_then_stops() -> None:
    seat = await Seat().open()
    check = DeviceCheck(seat.leg, Ticker())
    seat.browser.hum(700)
    check.echo(1.2)
    await await_until(lambda: seat.browser.heard_dbfs(700) > -20)
    assert check.level_dbfs > -30
    await await_until(lambda: seat.browser.samples().size == 0, what="the echo ends by itself")
    assert seat.leg.sink is None
    await seat.close()


async def test_stopping_leaves_alone_what_took_the_leg_over() -> None:
    seat = await Seat().open()
    check = DeviceCheck(seat.leg, Ticker())
    check.echo(5)
    seat.leg.sink = sink = lambda payload, timestamp: None
    check.stop()
    assert seat.leg.sink is sink
    await seat.close()
