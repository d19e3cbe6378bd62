"""The gateway and the practice carrier: people are offered, machines are not, in strict mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softphone.practice_carrier.server import PracticeCarrier
from softphone.protocol import CallEnded, CallScreened, HangUp, ScreeningMode, Verdict
from tests.fakes.desk_server import FakeDesk
from tests.softphone.gateway_process import GatewayProcess, place_call

pytestmark = pytest.mark.processes

BUSY, MACHINE, HUMAN, SILENT = (f"+8190000090{last}" for last in ("01", "06", "08", "14"))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[FakeDesk]:
    """A desk whose gateway calls the practice carrier."""
    desk, carrier = FakeDesk(), PracticeCarrier()
    await desk.start()
    await carrier.start()
    gateway = GatewayProcess(tmp_path, desk, sip_port=carrier.address[1])
    gateway.start()
    await desk.linked()
    yield desk
    gateway.end()
    await carrier.stop()
    await desk.stop()


async def test_of_four_numbers_only_the_person_is_offered(desk: FakeDesk) -> None:
    numbers = {"busy": BUSY, "machine": MACHINE, "human": HUMAN, "silent": SILENT}
    for call_id, number in numbers.items():
        await desk.send(
            place_call(
                call_id,
                number,
                desk=desk,
                screening=ScreeningMode.STRICT,
                bridge_within_s=30.0,
            )
        )
    offered = await desk.event(CallScreened, offered=True)
    assert (offered.call_id, offered.verdict) == ("human", Verdict.HUMAN)
    machine = await desk.event(CallEnded, call_id="machine")
    assert machine.verdict in (Verdict.MACHINE, Verdict.ANNOUNCEMENT)
    assert not machine.abandoned
    assert (await desk.event(CallEnded, call_id="silent")).verdict is Verdict.SILENCE
    assert (await desk.event(CallEnded, call_id="busy")).sip_code == 486
    await desk.send(HangUp("human", "operator"))
    await desk.event(CallEnded, call_id="human")
    assert [event.call_id for event in desk.events(CallScreened, offered=True)] == ["human"]
