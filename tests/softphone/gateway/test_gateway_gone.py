"""The gateway is killed or stopped: no call is left, nobody is left without a word."""

from __future__ import annotations

import asyncio

import pytest

from softphone.protocol import (
    CallAnswered,
    CallEnded,
    CallRinging,
    OrphansCleared,
)
from tests.softphone.gateway.world import (
    DIALED,
    NUMBER,
    World,
)
from tests.softphone.gateway_process import GatewayProcess
from tests.waiting import await_until

pytestmark = pytest.mark.processes


async def test_after_kill_9_no_call_is_left_at_the_carrier(world: World) -> None:
    talk = await world.place("c1", number="+819000000001")
    await talk.answer(hz=None)
    ringing = await world.place("c2", number="+819000000002")
    ringing.sip.ring()
    await world.desk.event(CallRinging)
    await world.desk.event(CallAnswered)
    world.gateway.kill()
    assert world.carrier.dialogs == 2
    world.gateway.start()
    await await_until(lambda: (talk.ended, ringing.ended) == ("bye", "cancelled"))
    cleared = await world.desk.event(OrphansCleared)
    assert cleared.count == 2
    boots = {hello.boot_id for hello in world.desk.hellos}
    assert len(boots) == 2
    assert world.desk.snapshots[-1].calls == ()


async def test_a_stopped_gateway_says_good_bye_to_everybody(world: World) -> None:
    browser = await world.browser()
    talk = await world.talk()
    ringing = await world.place("c2", number="+819000000002")
    ringing.sip.ring()
    await world.desk.event(CallRinging)
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(None, world.gateway.stop) == 0
    assert (talk.ended, ringing.ended) == ("bye", "cancelled")
    await await_until(lambda: browser.lost is not None)
    causes = {event.call_id: event.cause for event in world.desk.events(CallEnded)}
    assert causes == {"c1": "gateway_stopping", "c2": "gateway_stopping"}


async def test_a_second_gateway_with_the_same_data_does_not_start(world: World) -> None:
    second = GatewayProcess(world.gateway.data_dir, world.desk, sip_port=world.carrier.port)
    second.start()
    loop = asyncio.get_running_loop()
    code = await loop.run_in_executor(None, second.wait)
    assert code == 1
    assert "another gateway is running" in second.log


async def test_the_log_is_json_and_names_no_number_and_no_sdp(world: World) -> None:
    await world.browser()
    call = await world.talk()
    call.hang_up()
    await world.desk.event(CallEnded)
    lines = world.gateway.log_lines()
    assert {line["what"] for line in lines} >= {"started", "linked to the desk"}
    for secret in (DIALED, NUMBER.removeprefix("+"), "m=audio", "a=candidate", "0312340000"):
        assert secret not in world.gateway.log
