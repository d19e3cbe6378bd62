"""The gateway against SIPp, which is not of our making: a call, and the end of an orphaned one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softphone.protocol import CallAnswered, CallEnded, CallTreated, EndedBy, HangUp, OrphansCleared
from tests.fakes.desk_server import FakeDesk
from tests.ports import free_udp_port
from tests.softphone.gateway_process import GatewayProcess, place_call
from tests.waiting import PATIENCE_S, await_until

pytestmark = [pytest.mark.sipp, pytest.mark.processes]

SCENARIOS = Path(__file__).parent.parent / "sip" / "scenarios"
NUMBER = "+819000001234"


class Peer:
    """SIPp playing one scenario once: it succeeds only if every message came as it should."""

    def __init__(self, folder: Path) -> None:
        self.port = free_udp_port()
        self._folder = folder

    async def start(self, scenario: str) -> None:
        arguments = ["-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1", "-m", "1"]
        arguments += ["-mi", "127.0.0.1", "-p", str(self.port), "-nostdin", "-deadcall_wait", "0"]
        arguments += ["-timeout", "40s", "-timeout_error"]
        arguments += ["-trace_msg", "-message_file", str(self.trace)]
        with (self._folder / "sipp.screen").open("wb") as screen:
            self._process = await asyncio.create_subprocess_exec(
                "sipp", *arguments, cwd=self._folder, stdout=screen, stderr=screen
            )

    @property
    def trace(self) -> Path:
        return self._folder / "sipp.messages"

    async def succeeds(self) -> None:
        code = await asyncio.wait_for(self._process.wait(), PATIENCE_S)
        assert code == 0, self.trace.read_text("utf-8", "replace")[-4000:]

    async def end(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@pytest.fixture
async def desk() -> AsyncIterator[FakeDesk]:
    desk = FakeDesk()
    await desk.start()
    yield desk
    await desk.stop()


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[Peer]:
    peer = Peer(tmp_path)
    await peer.start("answer")
    yield peer
    await peer.end()


@pytest.fixture
async def gateway(tmp_path: Path, desk: FakeDesk, peer: Peer) -> AsyncIterator[GatewayProcess]:
    gateway = GatewayProcess(tmp_path / "data", desk, sip_port=peer.port)
    gateway.start()
    await desk.linked()
    yield gateway
    gateway.end()


async def test_a_call_to_sipp_is_answered_and_hung_up(
    desk: FakeDesk, peer: Peer, gateway: GatewayProcess
) -> None:
    await desk.send(place_call("c1", NUMBER, desk=desk))
    await desk.event(CallAnswered)
    await desk.send(HangUp("c1", "operator"))
    ended = await desk.event(CallEnded)
    assert (ended.by, ended.rang) == (EndedBy.DESK, True)
    await peer.succeeds()


async def test_with_nobody_to_bridge_sipp_hears_the_recording_and_a_bye(
    desk: FakeDesk, peer: Peer, gateway: GatewayProcess
) -> None:
    await desk.send(place_call("c1", NUMBER, desk=desk, bridge_within_s=0.3))
    await desk.event(CallTreated)
    await desk.stop()
    await peer.succeeds()
    await desk.start()
    ended = await desk.event(CallEnded)
    assert ended.abandoned


async def test_kill_9_leaves_no_dialog_at_sipp(
    desk: FakeDesk, peer: Peer, gateway: GatewayProcess
) -> None:
    await desk.send(place_call("c1", NUMBER, desk=desk, bridge_within_s=60.0))
    await desk.event(CallAnswered)
    await await_until(lambda: "ACK sip:" in peer.trace.read_text("utf-8", "replace"))
    gateway.kill()
    gateway.start()
    await peer.succeeds()  # it got its BYE
    cleared = await desk.event(OrphansCleared)
    assert cleared.count == 1
